"""Shapes on the wire that are not the documented ones: each is read, or fails with the server's words; none is empty.

Each is sent whole, one byte at a time and at random cuts; in a stream and as a reply in one piece.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from itertools import chain
from typing import Any

import pytest

from deepseek_magic.api.client import Client
from deepseek_magic.api.decode import UNSAID
from deepseek_magic.api.dialects import COMPATIBLE
from deepseek_magic.api.events import Finished, ReasoningDelta, Remark, TextDelta, ToolCallDelta
from deepseek_magic.api.messages import Message
from deepseek_magic.errors import DeepSeekError, StreamBroken, StreamError, UnexpectedResponse
from tests.faults import DONE, Fault, FaultServer, document, error, event, finish, stream
from tests.requesting import chat

ASKED = chat("some-model", (Message("user", "hello"),))


class Came:
    """What came of one question."""

    def __init__(self, server: FaultServer, fault: Fault) -> None:
        server.enqueue(fault)
        client = Client(server.url, None, COMPATIBLE, sleep=id)
        self.events: list[object] = []
        self.error: DeepSeekError | None = None
        try:
            for batch in client.stream(ASKED, 20):
                self.events += batch
        except DeepSeekError as failed:
            self.error = failed
        client.close()
        self.text = "".join(one.text for one in self.events if isinstance(one, TextDelta))
        self.thought = "".join(one.text for one in self.events if isinstance(one, ReasoningDelta))
        self.calls = [one for one in self.events if isinstance(one, ToolCallDelta)]
        self.remarks = [one.text for one in self.events if isinstance(one, Remark)]
        self.reasons = [one.reason for one in self.events if isinstance(one, Finished)]


def cuts(data: bytes, seed: str) -> Iterable[tuple[bytes, ...]]:
    """The bytes whole, one at a time, and at random places."""
    yield (data,)
    yield tuple(bytes([byte]) for byte in data)
    chance = random.Random(seed)
    places = sorted(chance.randrange(len(data)) for _ in range(6))
    yield tuple(filter(None, (data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True))))


def each(server: FaultServer, *events: bytes) -> Iterable[Came]:
    """What comes of the stream of ``events``, however it is cut."""
    data = b"".join(events)
    for writes in cuts(data, repr(data)):
        yield Came(server, stream(*writes))


def choice(**fields: Any) -> bytes:
    return event({"choices": [{"index": 0, **fields}]})


DELTAS = {
    "a list of parts": ({"content": [{"type": "text", "text": "ab"}, {"type": "text", "text": "c"}]}, "", "abc"),
    "strings in a list": ({"content": ["a", "bc"]}, "", "abc"),
    "one part": ({"content": {"type": "text", "text": "abc"}}, "", "abc"),
    "a part whose text is an object": ({"content": [{"type": "text", "text": {"value": "abc"}}]}, "", "abc"),
    "output parts": ({"content": [{"type": "output_text", "text": "abc"}]}, "", "abc"),
    "thinking among the parts": (
        {"content": [{"type": "thinking", "thinking": "t"}, {"type": "text", "text": "abc"}]},
        "t",
        "abc",
    ),
    "thinking in parts of parts": (
        {
            "content": [
                {"type": "thinking", "thinking": [{"type": "text", "text": "t"}]},
                {"type": "text", "text": "abc"},
            ]
        },
        "t",
        "abc",
    ),
    "reasoning among the parts": ({"content": [{"type": "reasoning", "summary": ["t"]}, "abc"]}, "t", "abc"),
    "a number": ({"content": 17}, "", "17"),
    "nought": ({"content": 0}, "", "0"),
    "a boolean": ({"content": True}, "", "true"),
    "a refusal": ({"content": None, "refusal": "I will not."}, "", "I will not."),
    "a refusal among the parts": ({"content": [{"type": "refusal", "refusal": "I will not."}]}, "", "I will not."),
    "reasoning": ({"reasoning": "t", "content": "abc"}, "t", "abc"),
    "reasoning beside an empty field": ({"reasoning_content": "", "reasoning": "t", "content": "abc"}, "t", "abc"),
    "reasoning beside a null": ({"reasoning_content": None, "reasoning": "t", "content": "abc"}, "t", "abc"),
    "reasoning twice": ({"reasoning_content": "t", "reasoning": "t", "content": "abc"}, "t", "abc"),
    "reasoning details": (
        {"reasoning_details": [{"type": "reasoning.text", "text": "t"}, {"type": "reasoning.encrypted", "data": "x"}]},
        "t",
        "",
    ),
    "a summary in the details": ({"reasoning_details": [{"type": "reasoning.summary", "summary": "t"}]}, "t", ""),
    "details beside reasoning": (
        {"reasoning": "t", "reasoning_details": [{"text": "t"}], "content": "abc"},
        "t",
        "abc",
    ),
    "thinking": ({"thinking": "t", "content": "abc"}, "t", "abc"),
    "reasoning as an object": ({"reasoning": {"content": "t"}, "content": "abc"}, "t", "abc"),
    "a string for the delta": ("abc", "", "abc"),
    "a list for the delta": ([{"type": "text", "text": "abc"}], "", "abc"),
}


@pytest.mark.parametrize("name", DELTAS)
def test_text_and_thinking_are_read_from_any_shape(server, name):
    delta, thought, text = DELTAS[name]
    for came in each(server, choice(delta=delta), choice(delta=delta), *finish()):
        assert (came.thought, came.text, came.error, came.reasons) == (thought * 2, text * 2, None, ["stop"])
        assert came.remarks == []
    body = json.dumps({"choices": [{"message": delta, "finish_reason": "stop"}]}).encode()
    for writes in cuts(body, name):
        came = Came(server, Fault(writes, content_type="application/json"))
        assert (came.thought, came.text, came.error) == (thought, text, None)


BODIES = {
    "one choice that is not in a list": {"choices": {"delta": {"content": "abc"}, "finish_reason": "stop"}},
    "a choice that counts from one": {"choices": [{"index": 1, "delta": {"content": "abc"}, "finish_reason": "stop"}]},
    "an index in quotes": {"choices": [{"index": "0", "delta": {"content": "abc"}, "finish_reason": "stop"}]},
    "a message without choices": {"message": {"role": "assistant", "content": "abc"}, "finish_reason": "stop"},
    "a reason that is an object": {"choices": [{"delta": {"content": "abc"}, "finish_reason": {"type": "stop"}}]},
    "chunks in a list": [{"choices": [{"delta": {"content": "abc"}, "finish_reason": "stop"}]}],
}


@pytest.mark.parametrize("name", BODIES)
def test_a_reply_in_another_place_is_read(server, name):
    body = BODIES[name]
    for came in each(server, event(body)):
        assert (came.text, came.error, came.reasons) == ("abc", None, ["stop"])
    came = Came(server, document(body))
    assert (came.text, came.error) == ("abc", None)


def test_a_part_that_is_no_text_is_said_once(server):
    parts = [{"type": "image_url", "image_url": {"url": "data:…"}}, {"type": "text", "text": "abc"}]
    for came in each(server, choice(delta={"content": parts}), choice(delta={"content": parts}), *finish()):
        assert came.text == "abcabc"
        assert came.remarks == ["The reply also contains a part of type image_url, which cannot be shown here."]
    for delta in ({"audio": {"id": "x"}}, {"images": [{"type": "image_url"}]}, {"content": [{"odd": 1}]}):
        (remark,) = Came(server, stream(choice(delta={"content": "a"}), choice(delta=delta), *finish())).remarks
        assert "cannot be shown here" in remark


F = ToolCallDelta(0, "c", "f", '{"a": 1}')
CALLS = {
    "arguments as an object": {
        "tool_calls": [{"index": 0, "id": "c", "function": {"name": "f", "arguments": {"a": 1}}}]
    },
    "one call that is not in a list": {"tool_calls": {"id": "c", "function": {"name": "f", "arguments": '{"a": 1}'}}},
    "the name beside": {"tool_calls": [{"id": "c", "function": "f", "arguments": {"a": 1}}]},
    "a call among the parts": {"content": [{"type": "tool_use", "id": "c", "name": "f", "input": {"a": 1}}]},
    "the old field": {"function_call": {"id": "c", "name": "f", "arguments": '{"a": 1}'}},
    "an index in quotes": {"tool_calls": [{"index": "0", "id": "c", "function": {"name": "f", "arguments": {"a": 1}}}]},
}


@pytest.mark.parametrize("name", CALLS)
def test_a_call_is_read_from_any_shape(server, name):
    for came in each(server, choice(delta=CALLS[name]), *finish("tool_calls")):
        assert (came.calls, came.error) == ([F], None)


def test_an_id_of_any_type_and_length_is_read_and_bounded(server):
    for given, kept in ((17, "17"), ("x" * 1_000_000, "x" * 300), (None, ""), ([1], "")):
        call = {"index": 0, "id": given, "function": {"name": "f", "arguments": "{}"}}
        came = Came(server, stream(choice(delta={"tool_calls": [call]}), *finish("tool_calls")))
        assert [one.call_id for one in came.calls] == [kept]


ERRORS = {
    "an error in the choice": {
        "choices": [{"delta": {}, "error": {"message": "Oh no", "code": 502}, "finish_reason": "error"}]
    },
    "an error in the choice as a string": {"choices": [{"delta": {}, "error": "Oh no"}]},
    "a bare code and message": {"code": "x", "message": "Oh no"},
    "a bare number and message": {"code": 500, "message": "Oh no"},
    "a bare msg": {"code": 1001, "msg": "Oh no"},
    "names of Baidu": {"error_code": 336, "error_msg": "Oh no"},
    "a detail": {"detail": "Oh no"},
    "details of FastAPI": {"detail": [{"loc": ["body"], "msg": "Oh no", "type": "missing"}]},
    "with empty choices": {"choices": [], "code": 500, "message": "Oh no"},
    "in a list": [{"error": {"code": 400, "message": "Oh no", "status": "INVALID_ARGUMENT"}}],
    "Anthropic's": {"type": "error", "error": {"type": "overloaded_error", "message": "Oh no"}},
    "an empty message": {"error": {"message": "", "type": "Oh no", "code": None}},
    "errors": {"errors": [{"message": "Oh no"}]},
}


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_in_any_shape_fails_with_the_servers_words(server, name):
    for before in ((), (choice(delta={"content": "abc"}),)):
        for came in each(server, *before, event(ERRORS[name]), DONE):
            assert type(came.error) is StreamError
            assert "Oh no" in str(came.error)
            assert came.text == "abc" * len(before)
            assert came.reasons == []
    came = Came(server, document(ERRORS[name]))
    assert type(came.error) is StreamError
    assert "Oh no" in str(came.error)


def test_what_stands_beside_an_error_is_kept(server):
    both = {"content": "abc"}
    for came in each(server, choice(delta=both, error={"message": "Oh no"}, finish_reason="error"), DONE):
        assert (came.text, type(came.error)) == ("abc", StreamError)
    for came in each(server, choice(delta=both, finish_reason="error"), DONE):
        assert (came.text, type(came.error)) == ("abc", StreamError)


def test_done_without_a_reason_ends_the_reply(server):
    for came in each(server, choice(delta={"content": "abc"}), DONE):
        assert (came.text, came.error, came.reasons) == ("abc", None, [UNSAID])
    came = Came(server, stream(choice(delta={"content": "abc"})))
    assert (came.text, type(came.error)) == ("abc", StreamBroken)
    assert isinstance(Came(server, stream(choice(delta={"content": ""}), DONE)).error, UnexpectedResponse)


@pytest.mark.parametrize("control", ["\t", "\x01", "\x1b[0m", "\x7f", "\n", "\r", "\r\n"])
def test_control_characters_that_are_not_escaped_are_read(server, control):
    raw = choice(delta={"content": "a@b", "reasoning_content": "c@d"}).replace(b"@", control.encode())
    ends = control.replace("\r\n", "\n").replace("\r", "\n")
    for came in each(server, raw, *finish()):
        assert (came.text, came.thought, came.error) == (f"a{ends}b", f"c{ends}d", None)
    body = json.dumps({"choices": [{"message": {"content": "a@b"}, "finish_reason": "stop"}]}).replace("@", control)
    assert Came(server, document(body)).text == f"a{control}b"


def test_a_blank_line_in_a_string_ends_the_event_and_that_is_said(server):
    """The standard has a blank line end an event, wherever it stands; what came before is kept."""
    raw = choice(delta={"content": "a@b"}).replace(b"@", b"\n\n")
    for came in each(server, choice(delta={"content": "before"}), raw, *finish()):
        assert (came.text, type(came.error)) == ("before", StreamBroken)
        assert "the stream contains an event that is not JSON: " in str(came.error)


WORDS = [
    "upstream connect error or disconnect",
    '{"foo": 1}',
    '{"data": {"choices": []}}',
    'event: x\ndata: {"k": 1}\n\n',
]


@pytest.mark.parametrize("body", WORDS)
def test_what_is_not_a_reply_is_quoted_not_called_empty(server, body):
    for writes in cuts(body.encode(), body):
        came = Came(server, Fault(writes))
        assert type(came.error) is UnexpectedResponse
        assert "not a reply" in str(came.error)
        assert any(word in str(came.error) for word in ("upstream", "foo", "choices", '"k"'))


REFUSALS = {
    '{"error": {"message": "", "type": "server_error", "code": "overloaded"}}': "(server_error, overloaded)",
    '{"error": {"message": null, "code": 17}}': "(code 17)",
    '{"message": "", "code": "InvalidKey"}': "(InvalidKey)",
    '{"error": {"message": "  "}}': "HTTP 400: ",
    "{}": "HTTP 400: ",
    '{"title": "Bad", "status": 400}': "(Bad)",
    '[{"error": {"message": "Oh no"}}]': "(Oh no)",
    "\ufeff" + '{"error": {"message": "Oh no"}}': "(Oh no)",
}


@pytest.mark.parametrize("body", REFUSALS)
def test_a_refusal_is_told_in_words_never_as_json(server, body):
    came = Came(server, error(400, body))
    assert REFUSALS[body] in str(came.error)
    assert "{" not in str(came.error)


def test_names_without_end_are_bounded(server):
    for field in ("id", "model", "system_fingerprint"):
        body = {field: "x" * 1_000_000, "choices": [{"index": 0, "delta": {"content": "abc"}}]}
        came = Came(server, stream(event(body), *finish()))
        assert came.text == "abc"
        assert max(map(len, map(repr, chain(came.events)))) < 1000
