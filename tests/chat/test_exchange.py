"""A reply cut anywhere and gone on with ends equal to the whole, and nothing is lost on the way."""

from __future__ import annotations

import ast
import contextlib
from dataclasses import replace

import pytest

from deepseek_magic.api.client import Client
from deepseek_magic.api.dialects import COMPATIBLE, DEEPSEEK
from deepseek_magic.api.events import TextDelta
from deepseek_magic.api.pricelist import load
from deepseek_magic.chat.code_only import CodeOnly, code_of
from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.chat.question import Question
from deepseek_magic.errors import BadRequest, CostLimit, DeepSeekError, InternalError, QuestionError
from deepseek_magic.render.renderer import Silent
from deepseek_magic.settings.parameters import Settings
from tests.chat.scripted import asker
from tests.faults import Close, api_error, deltas, error, reply, stream, usage
from tests.sizes import part_of, scaled
from tests.strict_endpoint import StrictEndpoint

QUESTION = "Explain the method of least squares, with code and a table"


@pytest.fixture(scope="module")
def endpoint():
    with StrictEndpoint() as endpoint:
        yield endpoint


class Asked:
    """A conversation with one endpoint."""

    def __init__(self, url, dialect=DEEPSEEK, **options):
        self.client = Client(url, None, dialect, sleep=lambda _: None)
        self.conversation = Conversation()
        self.settings = Settings(base_url=url, dialect=dialect.name, **options)

    def ask(self, text, plan=None, **more):
        return self.conversation.ask(
            Question(text, self.settings, **more), self.client, Silent(), lambda: True, plan=plan
        )

    def resume(self, **changes):
        settings = replace(self.conversation.unfinished(), **{"max_tokens": None, **changes})
        return self.conversation.resume(settings, self.client, Silent())


@pytest.fixture(scope="module")
def whole(endpoint):
    text = Asked(endpoint.url, thinking="off").ask(QUESTION).text
    assert len(text) > 2_000
    assert all(part in text for part in ("\n## ", "```python\n", "\n|:---", "\n   - ", "$$\n", "\n> "))
    return text


@pytest.mark.slow
def test_a_reply_cut_at_every_tenth_character_and_continued_is_the_whole(endpoint, whole):
    cuts = []
    every = part_of(range(3, len(whole) * 3 // 10 + 1, 3))
    for tokens in every:
        asked = Asked(endpoint.url, thinking="off", max_tokens=tokens)
        begun = asked.ask(QUESTION)
        cuts.append(len(begun.text))
        assert begun.finish_reason == "length"
        assert begun.text == whole[: len(begun.text)]
        went_on = asked.resume()
        assert went_on.text == whole
        assert went_on.finish_reason == "stop"
        assert went_on.notices == ()
    assert cuts == sorted(cuts)
    assert len(set(cuts)) > 0.9 * len(cuts)  # a piece of more than three tokens ends two of them at one place
    assert len(cuts) >= scaled(200)


@pytest.mark.thorough
def test_a_reply_in_pieces_of_ten_characters_is_the_whole(endpoint, whole):
    asked = Asked(endpoint.url, thinking="off", max_tokens=6)
    text, pieces = asked.ask(QUESTION).text, 1
    while text != whole:
        longer = asked.resume(max_tokens=6).text
        assert whole.startswith(longer.rstrip())
        assert len(longer) > len(text.rstrip())
        text, pieces = longer, pieces + 1
    assert pieces > 100
    with pytest.raises(QuestionError, match="is complete"):
        asked.resume()


def test_the_next_question_is_asked_with_the_whole_reply(server):
    asked = Asked(server.url)
    server.enqueue(reply("One two", finish="length"), reply(" three."), reply("Four."))
    asked.ask("Count.")
    asked.resume()
    asked.ask("Go on.")
    assert server.requests[-1].json["messages"] == [
        {"role": "user", "content": "Count."},
        {"role": "assistant", "content": "One two three."},
        {"role": "user", "content": "Go on."},
    ]


FAILURES = {
    "refused": [error(400, api_error("no"))],
    "no money": [error(402, api_error("Insufficient Balance"))],
    "broken at once": [stream(*deltas(""), Close())] * 5,
    "no text": [reply("", finish="length")],
    "overloaded": [error(503, "busy")] * 5,
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_second_request_that_fails_loses_nothing(server, name):
    asked = Asked(server.url)
    server.enqueue(reply("One two \n", finish="length"), *FAILURES[name], reply(" three."))
    asked.ask("Count.")
    kept = asked.conversation.last_reply
    with contextlib.suppress(DeepSeekError):
        asked.resume()
    assert asked.conversation.last_reply.text == "One two \n"
    ending = asked.conversation.last_ending
    assert "%deepseek_continue" in ending.notices[-1]
    assert kept.text == "One two \n"
    assert asked.resume().text == "One two three."
    later = server.requests[1:]
    assert {request.path for request in later} == {"/beta/chat/completions"}
    assert {request.body for request in later} == {later[0].body}


def test_a_rest_that_breaks_is_kept_and_gone_on_with(server):
    asked = Asked(server.url)
    server.enqueue(reply("One", finish="length"), stream(*deltas(" two"), Close()), reply(" three."))
    asked.ask("Count.")
    with pytest.raises(DeepSeekError) as broken:
        asked.resume()
    assert broken.value.reply.text == "One two"
    assert asked.resume().text == "One two three."
    assert [request.json["messages"][-1]["content"] for request in server.requests[1:]] == ["One", "One two"]


def test_tokens_and_cost_of_the_parts_add_up(server):
    asked = Asked(server.url)
    prices = load(
        {
            "as_of": "2026-01-01",
            "models": {"dear": {"cache_miss": 0, "output": 10}},
            "hosts": {f"127.0.0.1:{server.port}": {"deepseek-flash": {"cache_miss": 0, "output": 1}}},
        }
    )
    server.enqueue(
        reply("One", finish="length", usage=usage(10, 1_000_000)),
        error(400, api_error("no")),
        reply(" two", usage=usage(20, 500_000)),
    )
    assert asked.ask("Count.", prices=prices).cost.high == 1.0
    with pytest.raises(BadRequest) as refused:
        asked.resume()
    assert refused.value.reply.cost.high == 1.0
    went_on = asked.resume()
    assert (went_on.usage.prompt, went_on.usage.completion) == (30, 1_500_000)
    assert went_on.cost.high == 1.5


def test_another_model_for_the_rest_has_its_own_price(server):
    asked = Asked(server.url)
    host = {"cheap": {"cache_miss": 0, "output": 1}, "dear": {"cache_miss": 0, "output": 10}}
    prices = load({"as_of": "2026-01-01", "hosts": {f"127.0.0.1:{server.port}": host}})

    def served_by(model, text, ends):
        made = reply(text, usage=usage(0, 1_000_000), finish=ends)
        return stream(*(step.replace(b'"deepseek-flash"', f'"{model}"'.encode()) for step in made.steps))

    server.enqueue(served_by("cheap", "One", "length"), served_by("dear", " two", "stop"))
    asked.ask("Count.", prices=prices)
    assert asked.resume(model="dear").cost.high == 11.0


def test_elsewhere_the_rest_is_asked_for_in_words_and_joined(server):
    asked = Asked(f"{server.url}/v1", COMPATIBLE)
    start = "The sum of the squared distances is as small as it can be, and that sum has one lowe"
    server.enqueue(reply(start, finish="length"), reply(f"Sure:\n\n{start[10:]}st point.", pieces=5))
    asked.ask("Why?")
    went_on = asked.resume()
    assert went_on.text == f"{start}st point."
    assert went_on.notices == (
        "This server cannot continue a partial reply: the rest was asked for in words and joined to it.",
    )
    roles = [message["role"] for message in server.requests[-1].json["messages"]]
    assert roles == ["user", "assistant", "user"]
    assert server.requests[-1].path == "/v1/chat/completions"
    assert "prefix" not in server.requests[-1].body.decode()


class Failing:
    """An endpoint whose second event is a defect."""

    def stream(self, request, timeout, sent=None, gather=None):
        yield [TextDelta(" three")]
        raise ValueError("a defect")


@pytest.mark.parametrize("dialect", [DEEPSEEK, COMPATIBLE])
def test_a_defect_of_ours_loses_nothing_of_the_rest(server, dialect):
    asked = Asked(f"{server.url}/v1", dialect)
    server.enqueue(reply("One two", finish="length"))
    asked.ask("Count.")
    asked.client = Failing()
    with pytest.raises(InternalError, match="ValueError: a defect") as broken:
        asked.resume()
    assert broken.value.reply.text == "One two three"


def problem_of(text):
    try:
        ast.parse(code_of(text))
    except SyntaxError as wrong:
        return wrong.msg
    return ""


def test_code_that_was_cut_is_gone_on_with_and_closed(server):
    asked = Asked(server.url)
    server.enqueue(reply("def f(x):\n    ret", finish="length"), reply("urn x\n"))
    begun = asked.ask("Code!", CodeOnly(DEEPSEEK, problem_of))
    assert begun.text == "```python\ndef f(x):\n    ret"
    assert begun.code == "def f(x):\n    ret"
    went_on = asked.resume()
    assert went_on.text == "```python\ndef f(x):\n    return x\n```\n"
    assert went_on.code == "def f(x):\n    return x"
    body = server.requests[-1].json
    assert body["messages"][1:] == [
        {"role": "assistant", "content": "```python\ndef f(x):\n    ret", "prefix": True},
    ]
    assert body["stop"] == ["\n```"]
    assert body["thinking"] == {"type": "disabled"}


def test_code_that_does_not_compile_when_it_is_whole_is_repaired_from_its_beginning(server):
    asked = Asked(server.url)
    server.enqueue(reply("x = (", finish="length"), reply("1\n"), reply("x = (1)\n"))
    asked.ask("Code!", CodeOnly(DEEPSEEK, problem_of))
    went_on = asked.resume()
    assert went_on.text == "```python\nx = (1)\n```\n"
    messages = server.requests[-1].json["messages"]
    assert [message["content"] for message in messages[:2]] == ["Code!", "```python\nx = (1\n```\n"]
    assert messages[2]["content"].startswith("This does not compile: ")
    assert messages[3] == {"role": "assistant", "content": "```python\n", "prefix": True}


def test_a_fence_that_the_first_version_left_open_is_ended_above_the_second(server):
    with asker(server.url) as user:
        first, second = "```python\nx = (", "```python\nx = 1\n```\n"
        server.enqueue(reply(first), reply(second))
        assert user.ask("Code!", CodeOnly(COMPATIBLE, problem_of)).text == second
        shown = "".join(event.text for event in user.shown.events if isinstance(event, TextDelta))
        assert shown == f"{first}\n```\n\n{second}"


def test_a_repair_that_fails_leaves_the_first_version_and_can_be_tried_again(server):
    asked = Asked(server.url)
    server.enqueue(reply("x = (\n"), error(400, api_error("no")), error(400, api_error("no")), reply("x = 1\n"))
    with pytest.raises(BadRequest) as refused:
        asked.ask("Code!", CodeOnly(DEEPSEEK, problem_of))
    assert refused.value.reply.text == "```python\nx = (\n```\n"
    with pytest.raises(BadRequest) as refused:
        asked.resume()
    assert refused.value.reply.text == "```python\nx = (\n```\n"
    assert asked.resume().text == "```python\nx = 1\n```\n"
    assert server.requests[1].body == server.requests[3].body.replace(b',"max_tokens":null', b"")


def test_a_limit_on_the_cost_of_the_rest_counts_what_is_sent_again(server):
    prices = load({"as_of": "2026-01-01", "hosts": {f"127.0.0.1:{server.port}": {"*": {"cache_miss": 1, "output": 0}}}})
    asked = Asked(server.url, max_cost=0.0009)
    server.enqueue(reply("word " * 1_000, finish="length", pieces=1000))
    asked.ask("Go!", prices=prices)
    with pytest.raises(CostLimit, match="not asked"):
        asked.resume()
    assert len(server.requests) == 1
    server.enqueue(reply(" end."))
    assert asked.resume(max_cost=None).text == f"{('word ' * 1_000).rstrip()} end."
