"""What is asked of an endpoint, and what comes back, through the engine and over real HTTP."""

from __future__ import annotations

import datetime
import json
import pickle
import uuid
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal, TypedDict

import numpy
import pandas
import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepseek_magic.app.mapping import Wanted, job_of, key_here
from deepseek_magic.batch.engine import task_of
from deepseek_magic.batch.values import Values
from deepseek_magic.errors import OptionError, QuestionError, SecretFound
from deepseek_magic.render.progress import say_nothing
from deepseek_magic.settings.keys import environment_key
from deepseek_magic.settings.parameters import IN_REQUEST, MOST_REPLY
from tests.batch.asking import KEY, answering, asked, first_of, prompt_of, prompts, session
from tests.faults import FaultServer, chunk, error, finish, reply, stream, usage
from tests.structured.test_python_types import Item, Page, Strict


@pytest.fixture
def server():
    with FaultServer() as server:
        server.repeat(answering)
        yield server
        assert all(request.headers["authorization"] == f"Bearer {KEY}" for request in server.requests)
        assert not any(KEY.encode() in request.body for request in server.requests)


@dataclass
class Review:
    topic: str
    stars: int


class Labelled(TypedDict):
    label: Literal["good", "bad"]


class Model(pydantic.BaseModel):
    topic: str
    stars: int

    @pydantic.field_validator("stars")
    @classmethod
    def few(cls, value: int) -> int:
        if value > 5:
            raise ValueError("five at most")
        return value


def test_results_come_in_order_and_equal_values_are_asked_once(server):
    values = ["b", "a", "b", "c", "a", "b"]
    mapped = asked(session(server), values, "Say {value} or {value}")
    assert mapped == [f"answer to Say {value} or {value}" for value in values]
    assert sorted(prompts(server)) == [f"Say {value} or {value}" for value in "abc"]
    assert (mapped.asked, mapped.errors, mapped.waiting, mapped.missing) == (3, {}, 0, 0)
    assert mapped.summary() == "6 values · 3 asked · 30 + 60 tokens"


@settings(max_examples=15, deadline=None)
@given(values=st.lists(st.none() | st.text(max_size=8), max_size=12), jobs=st.integers(1, 5))
def test_whatever_the_values_order_and_count_are_kept(values, jobs):
    with FaultServer() as server:
        server.repeat(answering)
        mapped = asked(session(server), values, "<{value}>", jobs=jobs)
        assert mapped == [None if value is None else f"answer to <{value}>" for value in values]
        assert len(server.requests) == len({value for value in values if value is not None})


def test_every_setting_that_changes_the_request_makes_another_question(server):
    """A new parameter is one of them by its row alone; how long to wait and what to spend change no answer."""
    job = job_of(session(server), {}, Values(["a"]), Wanted("{value}", {}), say_nothing)
    others = {name: getattr(job.settings, name) for name in ("timeout", "max_cost")}
    for name in (*IN_REQUEST, *others):
        changed = replace(job, settings=replace(job.settings, **{name: "changed"}))
        assert (changed.digests() == job.digests()) == (name in others), name


def test_missing_values_are_not_asked(server):
    values = ["a", None, float("nan"), pandas.NA, pandas.NaT, numpy.nan, ""]
    mapped = asked(session(server), values, "<{value}>")
    assert mapped == ["answer to <a>", None, None, None, None, None, "answer to <>"]
    assert len(server.requests) == 2
    assert (mapped.missing, mapped.waiting) == (5, 0)
    assert "5 missing" in mapped.summary()


def test_nothing_to_ask_asks_nothing(server):
    assert asked(session(server), []) == []
    assert asked(session(server), [None]) == [None]
    assert server.requests == []


def test_every_other_brace_stays_as_it_is_typed(server):
    asked(session(server), ["{x} {value}"], 'As {"value": "{value}"}, {other}, {{value}} and {0}')
    assert prompts(server) == ['As {"value": "{x} {value}"}, {other}, {{x} {value}} and {0}']


def test_values_that_are_no_text_are_described(server):
    asked(session(server), [5, 2.5, [1, 2], {"a": 1}, pandas.Timestamp("2024-01-02")], "<{value}>", jobs=1)
    assert prompts(server) == ["<5>", "<2.5>", "<[1, 2]>", "<{'a': 1}>", "<2024-01-02 00:00:00>"]


def test_a_prompt_without_a_place_is_refused(server):
    with pytest.raises(QuestionError, match=r"no \{value\}"):
        asked(session(server), ["a"], "no place")
    assert server.requests == []


@pytest.mark.parametrize("jobs", [0, -1, 2.5, "4", True, None])
def test_a_wrong_number_of_jobs_is_refused(server, jobs):
    with pytest.raises(OptionError, match="whole number from 1"):
        asked(session(server), ["a"], jobs=jobs)
    assert server.requests == []


@pytest.mark.thorough
@pytest.mark.parametrize("jobs", [1, 3])
def test_no_more_are_asked_at_a_time_than_jobs(server, jobs):
    most = []

    def watched(request):
        most.append(server.open_connections)
        return reply("yes", delay=0.005)

    server.repeat(watched)
    asked(session(server), map(str, range(12)), jobs=jobs)
    assert len(most) == 12
    assert max(most) <= jobs


def test_secrets_in_values_and_prompts_are_masked(server):
    token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    mapped = asked(session(server), [f"my token is {token}", "plain", KEY], "{value}, password = 'hunter2-and-more'")
    assert len(mapped) == 3
    sent = " ".join(prompts(server))
    assert token not in sent
    assert "hunter2-and-more" not in sent
    assert "plain" in sent
    assert " · 3 secrets masked in 3 values · " in mapped.summary()


def test_the_summary_counts_secrets_and_the_values_that_held_them(server):
    token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    mapped = asked(session(server), [f"mine: {token}", f"yours: {token}", "plain"])
    assert (mapped.secrets, mapped.masked) == (1, 2)
    assert " · 1 secret masked in 2 values · " in mapped.summary()
    assert "masked" not in asked(session(server), ["plain"]).summary()


def test_a_guard_that_refuses_asks_nothing(server):
    token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    with pytest.raises(SecretFound, match="value 1 holds a secret"):
        asked(session(server), ["plain", token], config={"guard": "refuse"})
    assert server.requests == []


def test_the_system_text_and_the_settings_go_along(server):
    asked(session(server), ["a"], system="Be brief.", temperature=0.0, max_tokens=7, stop=("x",), thinking="off")
    body = server.requests[0].json
    assert body["messages"] == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "a"}]
    assert (body["temperature"], body["max_tokens"], body["stop"]) == (0.0, 7, ["x"])


GIVEN = '{"topic": "price", "stars": 2}'


@pytest.mark.parametrize(
    ("schema", "text", "result", "columns"),
    [
        (Review, GIVEN, Review("price", 2), {"topic": ["price"], "stars": [2]}),
        (Model, GIVEN, Model(topic="price", stars=2), {"topic": ["price"], "stars": [2]}),
        (Labelled, '{"label": "bad"}', {"label": "bad"}, {"label": ["bad"]}),
        (
            {"type": "object", "properties": {"b": {"type": "integer"}, "a": {}}, "required": ["b"]},
            '{"b": 1}',
            {"b": 1},
            {"b": [1], "a": [None]},
        ),
        (int, '{"value": 7}', 7, {"value": [7]}),
        (Literal["good", "bad"], '{"value": "bad"}', "bad", {"value": ["bad"]}),
        (list[str], '{"items": ["x", "y"]}', ["x", "y"], {"value": [["x", "y"]]}),
        (int | None, '{"value": null}', None, {"value": [None]}),
    ],
)
def test_a_schema_makes_typed_results(server, schema, text, result, columns):
    server.repeat(reply(text))
    mapped = asked(session(server), ["a"], "About {value}", schema=schema)
    assert mapped == [result]
    assert mapped.columns() == columns
    assert (mapped.errors, mapped.waiting) == ({}, 0)
    (request,) = server.requests
    assert request.json["response_format"] == {"type": "json_object"}
    assert prompt_of(request).endswith("\n\nAbout a")
    assert "JSON" in prompt_of(request)


def test_generic_and_strict_types_keep_what_they_say_in_a_map(server):
    server.repeat(reply('{"items": [{"items": [{"name": "a", "price": "1.50"}]}]}'))
    (page,) = asked(session(server), ["x"], schema=Page[Page[Item]])
    assert page == Page([Page([Item("a", Decimal("1.50"))])])
    server.repeat(reply('{"number": 5, "when": "2026-01-31", "tags": ["a"]}'))
    assert asked(session(server), ["x"], schema=Strict) == [
        Strict(number=5, when=datetime.date(2026, 1, 31), tags=frozenset("a"))
    ]


def test_a_wrong_value_is_corrected_or_told_apart(server):
    def answer(request):
        first, last = request.json["messages"][0]["content"], prompt_of(request)
        if first.endswith("wrong"):
            return reply('{"topic": 1}')
        again = "Reply again" in last
        return reply(GIVEN if again or first.endswith("right") else '{"topic": "price", "stars": "two"}')

    server.repeat(answer)
    mapped = asked(session(server), ["right", "twice", "wrong"], schema=Review)
    assert mapped == [Review("price", 2), Review("price", 2), None]
    assert list(mapped.errors) == [2]
    assert "DoesNotFit: " in mapped.errors[2]
    assert "topic: expected a string" in mapped.errors[2] or "topic" in mapped.errors[2]
    assert len(server.requests) == 5
    assert (mapped.usage.prompt, mapped.usage.completion) == (50, 100)


def test_a_value_that_its_class_refuses_is_told_apart_wherever_it_stands(server):
    server.repeat(reply('{"topic": "price", "stars": 9}'))
    mapped = asked(session(server), ["a", "b", "a"], schema=Model)
    assert mapped == [None, None, None]
    assert [place for place, words in mapped.errors.items() if "five at most" in words] == [0, 1, 2]
    assert mapped.columns() == {"topic": [None] * 3, "stars": [None] * 3}


class Unspeakable(Exception):
    def __str__(self):
        raise RuntimeError


@dataclass
class Moody:
    mood: str
    later: int = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        if Moody.refusing and self.mood == "bad":
            raise Moody.refusing


Moody.refusing = None  # what it raises


@pytest.mark.parametrize(
    ("schema", "good", "bad", "words"),
    [
        (
            list[Model],
            {"items": []},
            {"items": [{"topic": "x", "stars": 9}]},
            "[0].stars: expected another value (five",
        ),
        (Moody, {"mood": "good"}, {"mood": "bad"}, "expected another value (KeyError: 'gone')"),
        (Moody, {"mood": "good"}, {"mood": "bad"}, "expected another value (Unspeakable: its text cannot be shown)"),
        (Moody, {"mood": "good"}, {"mood": "bad"}, "expected another value (SystemExit: 3)"),
    ],
)
def test_a_row_that_cannot_be_built_costs_no_other_row(server, monkeypatch, schema, good, bad, words):
    """It is asked again once with the reason, as with ``--schema``, and is not kept as answered."""
    refusing = {"KeyError": KeyError("gone"), "Unspeakable": Unspeakable(), "SystemExit": SystemExit(3)}
    monkeypatch.setattr(Moody, "refusing", next((one for name, one in refusing.items() if name in words), None))
    server.repeat(lambda request: reply(json.dumps(bad if first_of(request).endswith("bad") else good)))
    within = session(server)
    mapped = asked(within, ["a", "bad", "b"], schema=schema)
    assert list(mapped.errors) == [1]
    assert words in mapped.errors[1]
    assert mapped[0] == mapped[2]
    assert mapped[0] is not None
    assert (mapped.asked, len(server.requests)) == (3, 4)
    assert any(words in request.json["messages"][-1]["content"] for request in server.requests)
    assert len(mapped.to_frame()) == 3
    again = asked(within, ["a", "bad", "b"], schema=schema)
    assert (again[0], again.asked) == (mapped[0], 1)
    assert [first_of(request)[-3:] for request in server.requests[4:]] == ["bad"] * 2
    assert words in again.errors[1]


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        (dict[datetime.date, int], {"2026-01-31": 1}, {"Monday": 1}),
        (dict[uuid.UUID, int], {str(uuid.UUID(int=7)): 1}, {"x": 1}),
    ],
)
def test_a_key_that_does_not_fit_is_corrected(server, schema, good, bad):
    server.repeat(lambda request: reply(json.dumps(bad if prompt_of(request).endswith("bad") else good)))
    mapped = asked(session(server), ["a", "bad"], schema=schema)
    assert not mapped.errors
    assert mapped[0] == mapped[1] is not None
    assert (mapped.asked, len(server.requests)) == (2, 3)


def test_what_a_class_refused_is_asked_again_when_it_was_mended(server, monkeypatch):
    server.repeat(lambda request: reply(json.dumps({"mood": first_of(request)[-3:]})))
    within = session(server)
    monkeypatch.setattr(Moody, "refusing", KeyError("a defect of the user's class"))
    assert list(asked(within, ["bad", "sad"], schema=Moody).errors) == [0]
    monkeypatch.setattr(Moody, "refusing", None)
    mended = asked(within, ["bad", "sad"], schema=Moody)
    assert [one.mood for one in mended] == ["bad", "sad"]
    assert (mended.errors, mended.asked, len(server.requests)) == ({}, 1, 4)


class Lax(pydantic.BaseModel):
    """A model of the user's, which is not strict."""

    stars: int


def test_a_model_that_is_not_strict_is_not_in_a_map_either(server):
    server.repeat(reply('{"stars": "5", "more": true}'))
    mapped = asked(session(server), ["a", "b"], schema=Lax)
    assert (list(mapped), mapped.errors, len(server.requests)) == ([Lax(stars=5)] * 2, {}, 2)


class Raising:
    """A value that cannot be looked at."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        if self.name == "repr":
            raise ValueError("no words")
        return f"Raising({self.name})"

    def __getattr__(self, name):
        if name != "name" and self.name == "attribute":
            raise ValueError(f"no {name}")
        raise AttributeError(name)


def test_a_value_that_cannot_be_described_is_its_own_error_and_is_not_paid_for(server):
    values = ["a", Raising("repr"), Raising("fine"), Raising("attribute"), None]
    mapped = asked(session(server), values, "<{value}>", jobs=1)
    assert prompts(server) == ["<a>", "<Raising(fine)>"]
    assert [mapped[0], mapped[2]] == ["answer to <a>", "answer to <Raising(fine)>"]
    assert list(mapped.errors) == [1, 3]
    assert "a Raising cannot be asked about: its __repr__ raised ValueError" in mapped.errors[1]
    assert mapped.errors[3] == "ValueError: no __len__"
    assert (mapped.missing, mapped.waiting) == (1, 0)


def test_what_a_library_raises_is_the_error_of_a_row_and_is_paid_for_once(server):
    """The check of ``divisibleBy``, a keyword of old, fails for an infinite number."""
    server.repeat(lambda request: reply('{"a": 1e999}' if prompt_of(request).endswith("bad") else '{"b": 1}'))
    old = "http://json-schema.org/draft-03/schema#"
    schema = {"$schema": old, "type": "object", "properties": {"a": {"type": "number", "divisibleBy": 0.5}}}
    mapped = asked(session(server), ["a", "bad", "b"], schema=schema)
    assert mapped == [{"b": 1}, None, {"b": 1}]
    assert list(mapped.errors) == [1]
    assert mapped.errors[1].startswith("DoesNotFit: the reply could not be made the value that was asked for (")
    assert "stream" not in mapped.errors[1]
    assert len(server.requests) == 3


def test_a_row_that_fails_does_not_stop_the_rest(server):
    def answer(request):
        return error(400, {"error": {"message": "too long"}}) if "bad" in prompt_of(request) else answering(request)

    server.repeat(answer)
    mapped = asked(session(server), ["a", "bad", "b", "bad", "c"])
    assert mapped == ["answer to a", None, "answer to b", None, "answer to c"]
    assert list(mapped.errors) == [1, 3]
    assert all("too long" in words and "\n" not in words for words in mapped.errors.values())
    assert "2 failed (the first at position 1: BadRequest" in mapped.summary()


@pytest.mark.thorough
def test_what_may_pass_is_tried_again_and_its_tokens_are_counted(server):
    broken = stream(chunk({"role": "assistant", "content": "half"}))
    empty = stream(chunk({"role": "assistant", "content": ""}), *finish(used=usage(3, 1)))
    busy = error(503, {"error": {"message": "busy"}})
    gave_up = reply("half", finish="insufficient_system_resource")
    for odd in (broken, empty, busy, gave_up):
        server.enqueue(odd)
        mapped = asked(session(server), [odd.name or "a"], "What of {value}?")
        assert mapped == ["answer to What of a?"]
        assert mapped.errors == {}
    assert len(server.requests) == 8
    assert (mapped.usage.prompt, mapped.usage.completion) == (20, 40)


def test_a_reply_that_is_cut_is_kept_and_told(server):
    server.repeat(lambda request: reply("half of it", finish="length" if prompt_of(request) == "b" else "stop"))
    mapped = asked(session(server), ["a", "b", "c", "b"])
    assert mapped == ["half of it"] * 4
    assert mapped.cut == (1, 3)
    assert "2 cut at the token limit (the first at position 1)" in mapped.summary()


@pytest.mark.parametrize(
    ("whole", "words"),
    [
        (
            stream(*[chunk({"content": "x" * 1_000_000})] * (MOST_REPLY // 1_000_000 + 1), *finish()),
            "1 cut at the most that is read of one reply (the first at position 1)",
        ),
        (reply("half", finish="some_new_reason"), "1 cut for a reason unknown to this version (some_new_reason)"),
    ],
    ids=["too long", "unknown"],
)
def test_a_reply_that_ended_early_for_whatever_reason_is_marked(server, whole, words):
    server.repeat(lambda request: whole if prompt_of(request) == "b" else answering(request))
    mapped = asked(session(server), ["a", "b"])
    assert mapped.cut == (1,)
    assert words in mapped.summary()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (reply("", "long thoughts", finish="length"), "its thinking used up the token limit"),
        (reply("part", finish="content_filter"), "the endpoint's filter withheld the reply"),
        (reply("", finish="content_filter"), "the endpoint's filter withheld the reply"),
        pytest.param(reply(""), "the reply is empty", marks=pytest.mark.thorough),  # asked three times
    ],
    ids=["thinking", "filter", "filtered whole", "empty"],
)
def test_a_reply_that_is_none_is_told_apart(server, fault, words):
    server.repeat(lambda request: fault if prompt_of(request) == "b" else answering(request))
    mapped = asked(session(server), ["a", "b"])
    assert mapped == ["answer to a", None]
    assert words in mapped.errors[1]


def test_a_second_run_asks_only_what_failed_or_is_new(server):
    within = session(server)
    server.enqueue(*[error(400, "no")] * 1)
    first = asked(within, ["a", "b"], jobs=1)
    assert first == [None, "answer to b"]
    again = asked(within, ["b", "a", "c"], jobs=1)
    assert again == ["answer to b", "answer to a", "answer to c"]
    assert (again.asked, again.errors) == (2, {})
    assert prompts(server) == ["a", "b", "a", "c"]


@pytest.mark.parametrize("change", [{"model": "another"}, {"system": "Brief."}, {"temperature": 0.5}, {"schema": str}])
def test_another_question_is_asked_anew(server, change):
    within = session(server)
    server.repeat(reply('{"value": "x"}'))
    asked(within, ["a"])
    asked(within, ["a"], **change)
    asked(within, ["a"], **change)
    assert len(server.requests) == 2


def test_fresh_asks_all_anew(server):
    within = session(server)
    asked(within, ["a", "b"])
    asked(within, ["a"], fresh=True)
    assert sorted(prompts(server)) == ["a", "a", "b"]


def test_what_a_user_wrote_survives_in_a_task_and_the_key_does_not():
    """All that goes to another process is pickled; the key is in none of it."""
    with FaultServer() as server:
        job = job_of(session(server), {}, Values(["a"]), Wanted("{value}", {}, Review), say_nothing)
        task = task_of(job)
        pickled = pickle.dumps(task)
        assert job.settings.key is not None
        assert KEY.encode() not in pickled
        assert pickle.loads(pickled) == task
        assert task.find_key is key_here
        environ = {"DEEPSEEK_API_KEY": KEY, "DEEPSEEK_BASE_URL": server.url}
        assert environment_key(environ, task.settings.base_url) == job.settings.key
