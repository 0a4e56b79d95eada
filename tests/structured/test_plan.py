"""Structured answers through the loop: what is sent, every trap of JSON mode, the one retry, and what is seen."""

from __future__ import annotations

import datetime
import json
import math
import uuid
from dataclasses import dataclass

import pytest
from pydantic import BaseModel, field_validator

from deepseek_magic.api.events import TextDelta
from deepseek_magic.errors import DoesNotFit, StreamBroken
from deepseek_magic.structured.frames import to_frame
from deepseek_magic.structured.instructions import wrapped, wrapping_key
from deepseek_magic.structured.live_view import markdown_of
from deepseek_magic.structured.plan import Structured
from deepseek_magic.structured.shape import Shape
from tests.chat.scripted import Asker, accepted, asker
from tests.faults import Close, FaultServer, Hang, chunk, deltas, finish, reply, stream
from tests.structured.schemas import schema_of
from tests.structured.shapes import CASES, Point, Positive

NAMED = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
BLANK = " " * 50


@pytest.fixture(scope="module")
def server():
    with FaultServer() as server:
        yield server


@pytest.fixture
def user(server):
    server.requests.clear()
    with asker(server.url) as user:
        yield user


def ask(user: Asker, spec: object = None):
    shape = Shape.of(spec)
    return user.ask(f"Give it.\n\n{shape.instructions}", Structured(shape, user.dialect))


def bodies(server):
    return [request.json for request in server.requests]


def travelling(case, value):
    """``value`` as JSON mode gives it: in an object where it is none itself."""
    key = wrapping_key(schema_of(case.spec))
    return value if key == "" or (isinstance(value, dict) and value.keys() == {key}) else {key: value}


def seen(user: Asker) -> str:
    return "".join(event.text for event in user.shown.events if isinstance(event, TextDelta))


@NAMED
def test_each_shape_comes_through(server, user, case):
    server.enqueue(reply(json.dumps(travelling(case, case.right)), pieces=5))
    answer = ask(user, case.spec)
    (body,) = bodies(server)
    assert body["response_format"] == {"type": "json_object"}
    assert body["thinking"] == {"type": "disabled"}
    assert "json" in body["messages"][-1]["content"].lower()
    assert json.dumps(wrapped(schema_of(case.spec)), ensure_ascii=False) in body["messages"][-1]["content"]
    assert answer.value == case.built
    assert type(answer.value) is type(case.built)
    assert travelling(case, answer.json) == travelling(case, case.right)
    key = wrapping_key(schema_of(case.spec))
    data = travelling(case, case.right)[key] if key else case.right
    assert answer.text == json.dumps(travelling(case, case.right))
    assert not answer.notices
    assert user.conversation.transcript.turns[-1].state == "complete"
    view = user.shown.ending.view
    assert view == markdown_of(data, schema_of(case.spec))
    assert seen(user) in (view, "")


@NAMED
def test_a_wrong_reply_of_each_shape_is_corrected(server, user, case):
    wrong, right = json.dumps(travelling(case, case.wrong)), json.dumps(travelling(case, case.right))
    server.enqueue(reply(wrong, pieces=9), reply(right, pieces=9))
    answer = ask(user, case.spec)
    first, second = bodies(server)
    assert second["response_format"] == {"type": "json_object"}
    *before, said, correction = second["messages"]
    assert before == first["messages"]
    assert said == {"role": "assistant", "content": wrong}
    assert correction["role"] == "user"
    assert case.place in correction["content"]
    assert "json" in correction["content"].lower()
    assert answer.value == case.built
    assert (answer.text, answer.attempts) == (right, (wrong,))
    assert any(case.place in notice and "this is the second" in notice for notice in answer.notices)
    assert user.shown.ending.view.startswith(markdown_of(answer.json, schema_of(case.spec))) or answer.value is None
    assert answer.usage.completion == 40
    assert accepted(second["messages"], response_format={"type": "json_object"}, thinking={"type": "disabled"})


@NAMED
def test_a_wrong_reply_that_is_not_corrected_is_an_error_with_its_place(server, user, case):
    wrong = json.dumps(travelling(case, case.wrong))
    server.enqueue(reply(wrong), reply(wrong))
    with pytest.raises(DoesNotFit) as caught:
        ask(user, case.spec)
    assert len(server.requests) == 2
    said = str(caught.value)
    assert said.startswith(f"the reply does not fit what was asked for: {case.place}: expected ")
    assert said.endswith("; its text is kept, and it was asked for twice: run the cell again, or ask for less")
    assert "\n" not in said
    kept = caught.value.reply
    assert (kept.text, kept.value) == (wrong, None)
    assert user.shown.ending.view == f"```json\n{wrong}\n```\n"
    user.ask("And now?")
    assert accepted(bodies(server)[-1]["messages"])


def test_thinking_is_on_where_the_user_says_so(server):
    with asker(server.url, thinking="high") as user:
        server.enqueue(reply('{"a": 1}', reasoning="Hm."))
        answer = ask(user)
    body = server.requests[-1].json
    assert (body["thinking"], body["reasoning_effort"]) == ({"type": "enabled"}, "high")
    assert (answer.value, answer.reasoning) == ({"a": 1}, "Hm.")


@pytest.mark.parametrize("dialect", ["vllm", "sglang"])
def test_servers_with_a_template_are_told_not_to_think(server, dialect):
    with asker(f"{server.url}/v1", model="deepseek-ai/DeepSeek-V4.1-Flash", dialect=dialect) as user:
        server.enqueue(reply('{"a": 1}'))
        assert ask(user).value == {"a": 1}
    assert server.requests[-1].json["chat_template_kwargs"] == {"thinking": False}


def test_elsewhere_thinking_is_not_spoken_of(server):
    with asker(f"{server.url}/v1", model="qwen", dialect="compatible") as user:
        server.enqueue(reply('{"a": 1}'))
        assert ask(user).value == {"a": 1}
    body = server.requests[-1].json
    assert body["response_format"] == {"type": "json_object"}
    assert "thinking" not in json.dumps({**body, "messages": []})


@pytest.mark.parametrize("empty", ["", "  \n", "\ufeff"])
def test_an_empty_reply_is_asked_for_again_without_json_mode(server, user, empty):
    server.enqueue(reply(empty), reply('Here it is:\n```json\n{"a": 1}\n```\nFine?'))
    answer = ask(user)
    first, second = bodies(server)
    assert first["response_format"] == {"type": "json_object"}
    assert "response_format" not in second
    assert second["messages"] == first["messages"]  # an empty turn would be refused ever after
    assert answer.value == {"a": 1}
    assert any("an empty reply" in notice or "blank characters" in notice for notice in answer.notices)


def test_two_empty_replies_are_an_error_and_no_turn(server, user):
    server.enqueue(reply(""), reply(""))
    with pytest.raises(DoesNotFit) as caught:
        ask(user)
    assert (
        str(caught.value)
        == "the reply does not fit what was asked for: the reply: expected a JSON value, found an empty reply; "
        "it was asked for twice: run the cell again, or ask for less"
    )
    user.ask("And now?")
    assert bodies(server)[-1]["messages"] == [{"role": "user", "content": "And now?"}]


def test_a_flood_of_blank_space_is_ended_early(server, user):
    flood = stream(*deltas(""), *[chunk({"content": BLANK})] * 4_000, Hang())  # it would go on for ever
    server.enqueue(flood, reply('{"a": 1}'))
    answer = ask(user)
    assert server.wait_disconnect()
    assert server.abandoned
    assert answer.value == {"a": 1}
    assert "response_format" not in bodies(server)[1]


def test_a_flood_behind_a_whole_value_does_no_harm(server, user):
    server.enqueue(stream(*deltas('{"a": 1}'), *[chunk({"content": BLANK})] * 4_000, *finish("length")))
    answer = ask(user)
    assert answer.value == {"a": 1}
    assert len(server.requests) == 1
    assert user.conversation.transcript.turns[-1].state == "complete"
    assert not answer.notices


def test_blank_space_inside_of_a_value_is_no_flood(server, user):
    text = json.dumps({"a": list(range(300))}, indent=40)
    server.enqueue(reply(text, pieces=20))
    assert ask(user).value == {"a": list(range(300))}


@pytest.mark.parametrize(
    ("text", "value", "note"),
    [
        ('```json\n{"a": 1}\n```', {"a": 1}, "The code fence around the value was taken away."),
        ('Sure!\n\n{"a": 1}\n\nAnything else?', {"a": 1}, "The text around the value was ignored."),
        ('{"a": 1, "a": 2}', {"a": 2}, 'The key "a" appears twice in one object: the last one counts.'),
        ('{"a": Infinity}', {"a": float("inf")}, "Infinity is not JSON: it was read as Python reads it."),
        ('\ufeff{"a": 1}', {"a": 1}, None),
    ],
)
def test_what_is_read_generously_is_told(server, user, text, value, note):
    server.enqueue(reply(text))
    answer = ask(user)
    assert answer.value == answer.json == value
    assert answer.notices == (() if note is None else (note,))
    assert answer.text == text.lstrip("\ufeff") or answer.text == text
    assert len(server.requests) == 1


def test_not_a_number_is_read(server, user):
    server.enqueue(reply('{"a": NaN}'))
    assert math.isnan(ask(user).value["a"])
    assert "NaN is not JSON" in user.conversation.last_reply.notices[0]


@pytest.mark.parametrize("end", ["length", "insufficient_system_resource", "stop"])
def test_a_cut_value_is_asked_for_again(server, user, end):
    server.enqueue(reply('{"rows": [1, 2, 3', finish=end), reply('{"rows": [1]}'))
    answer = ask(user)
    assert answer.value == {"rows": [1]}
    told = bodies(server)[1]["messages"][-1]["content"]
    assert told.startswith("The reply was cut off at rows[2]. Reply again")
    assert "Keep it shorter" in told


def test_two_values_are_asked_for_again(server, user):
    server.enqueue(reply('{"a": 1}\n\n{"a": 2}'), reply('{"a": [1, 2]}'))
    assert ask(user).value == {"a": [1, 2]}
    assert "more than one JSON value" in bodies(server)[1]["messages"][-1]["content"]


def test_a_class_that_refuses_its_values_is_corrected(server, user):
    server.enqueue(reply('{"items": [{"x": -1, "y": 2}]}'), reply('{"items": [{"x": 1, "y": 2}]}'))
    assert ask(user, list[Positive]).value == [Positive(1, 2)]
    assert "items[0]: expected another value (x is out of range)" in bodies(server)[1]["messages"][-1]["content"]


class Odd(Exception):
    """An error whose text is an error, as that of a broken library."""

    def __str__(self):
        raise RuntimeError


class ValidationError(Exception):
    """Named as pydantic's, and not like it."""

    def errors(self):
        """Return nothing."""
        return []


class Picky(BaseModel):
    """A model whose validator raises what pydantic does not catch."""

    name: str

    @field_validator("name")
    @classmethod
    def known(cls, value: str) -> str:
        """Look ``value`` up."""
        return {"right": value}[value]


@dataclass
class Raising:
    """Raises what its field says."""

    error: str

    def __post_init__(self):
        """Raise it."""
        if self.error != "none":
            raise {"key": KeyError("gone"), "odd": Odd(), "listed": ValidationError(), "exit": SystemExit(3)}[
                self.error
            ]


@pytest.mark.parametrize(
    ("spec", "wrong", "right", "place"),
    [
        (
            dict[datetime.date, int],
            {"Monday": 1},
            {"2026-01-31": 1},
            "Monday: expected as a key a string in the format",
        ),
        (
            dict[uuid.UUID, int],
            {"x": 1},
            {str(uuid.UUID(int=7)): 1},
            "x: expected as a key a string in the format uuid",
        ),
        (
            dict[int, str],
            {"1": "a", "01": "b"},
            {"1": "a", "2": "b"},
            '["01"]: expected as a key a string that matches "^(0|-?[1-9]',
        ),
        (
            list[Picky],
            {"items": [{"name": "x"}]},
            {"items": [{"name": "right"}]},
            "items[0]: expected another value (KeyError",
        ),
        (list[Raising], {"items": [{"error": "key"}]}, {"items": []}, "items[0]: expected another value (KeyError"),
        (
            Raising,
            {"error": "odd"},
            {"error": "none"},
            "the reply: expected another value (Odd: its text cannot be shown)",
        ),
        (Raising, {"error": "listed"}, {"error": "none"}, "the reply: expected another value (ValidationError"),
        (Raising, {"error": "exit"}, {"error": "none"}, "the reply: expected another value (SystemExit: 3)"),
    ],
)
def test_whatever_raises_while_the_value_is_built_is_corrected_once(server, user, spec, wrong, right, place):
    server.enqueue(reply(json.dumps(wrong)), reply(json.dumps(right)))
    answer = ask(user, spec)
    assert place in bodies(server)[1]["messages"][-1]["content"]
    assert answer.value is not None
    server.enqueue(reply(json.dumps(wrong)), reply(json.dumps(wrong)))
    with pytest.raises(DoesNotFit) as caught:
        ask(user, spec)
    assert place in str(caught.value)
    assert caught.value.reply.text == json.dumps(wrong)
    assert len(server.requests) == 4


def test_what_the_reply_is_not_to_blame_for_is_not_asked_again(server, user):
    def build(_value):
        raise ZeroDivisionError("in a library")

    shape = Shape.of(list[Point])
    server.enqueue(reply('{"items": []}'))
    with pytest.raises(DoesNotFit, match=r"ZeroDivisionError: in a library\); ask again, or without the format"):
        user.ask("json", Structured(shape, user.dialect, build))
    assert len(server.requests) == 1


def test_a_frame_is_built_of_the_plain_json(server, user):
    shape = Shape.of(list[Point])
    server.enqueue(reply('{"items": [{"x": 1, "y": 2}, {"x": 3, "y": 4}]}'))
    answer = user.ask("json", Structured(shape, user.dialect, lambda value: to_frame(value, shape.schema)))
    assert answer.value.to_dict("list") == {"x": [1.0, 3.0], "y": [2.0, 4.0]}
    assert answer.json == [{"x": 1, "y": 2}, {"x": 3, "y": 4}]


def test_rows_are_shown_while_they_stream(server, user):
    rows = [{"x": number, "y": number + 0.5} for number in range(20)]
    server.enqueue(reply(json.dumps({"items": rows}), pieces=3))
    ask(user, list[Point])
    texts = [event.text for event in user.shown.events if isinstance(event, TextDelta)]
    assert len(texts) == 20  # the head comes with the first
    assert texts[0] == "| x | y |\n|---|---|\n| 0 | 0&#46;5 |\n"
    assert "".join(texts) == user.shown.ending.view


def test_the_second_reply_stands_apart_from_the_first(server, user):
    server.enqueue(reply('{"items": [{"x": 1, "y": 2}, {"x": 1, "y": "b"}]}'), reply('{"items": [{"x": 1, "y": 2}]}'))
    ask(user, list[Point])
    table = "| x | y |\n|---|---|\n| 1 | 2 |\n"
    assert seen(user) == f"{table}| 1 | b |\n\n\n{table}"
    assert user.shown.ending.view == table


def test_a_fence_that_the_first_reply_left_open_is_not_ended_in_the_table(server, user):
    """None of it is shown: its end alone would begin a block of code, with the second reply in it."""
    server.enqueue(reply('```json\n{"items": [{"x": 1, "y": "b"}]}'), reply('{"items": [{"x": 1, "y": 2}]}'))
    ask(user, list[Point])
    head = "| x | y |\n|---|---|\n"
    assert seen(user) == f"{head}| 1 | b |\n\n\n{head}| 1 | 2 |\n"


def test_a_stream_that_breaks_keeps_its_text_and_has_no_value(server, user):
    server.enqueue(stream(*deltas('{"items": [{"x": 1, "y": 2}, {"x": 3'), Close()))
    with pytest.raises(StreamBroken) as caught:
        ask(user, list[Point])
    kept = caught.value.reply
    assert (kept.text, kept.value) == ('{"items": [{"x": 1, "y": 2}, {"x": 3', None)
    assert "```json" in user.shown.ending.view


def test_a_fence_in_a_reply_that_does_not_fit_stays_inside(server, user):
    text = "no\n```\n<b>JSON</b>\n````\nat all"
    server.enqueue(reply(text), reply(text))
    with pytest.raises(DoesNotFit):
        ask(user)
    assert user.shown.ending.view == f"`````json\n{text}\n`````\n"


def test_no_schema_is_ever_sent_as_a_response_format(server, user):
    server.enqueue(reply("x"), reply('{"items": []}'))
    ask(user, list[Point])
    assert [body["response_format"] for body in bodies(server)] == [{"type": "json_object"}] * 2
    assert '"json_schema"' not in json.dumps(bodies(server))
