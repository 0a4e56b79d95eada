"""JSON to events; the bodies of requests are in test_bodies."""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepseek_magic.api.decode import ChatDecoder
from deepseek_magic.api.error_words import error_words
from deepseek_magic.api.events import Finished, ReasoningDelta, Served, TextDelta, ToolCallDelta, Usage, UsageReport
from deepseek_magic.api.reply_parts import tool_calls
from deepseek_magic.errors import StreamBroken, StreamError


def events(*bodies: object, flush: bool = True) -> list[object]:
    decoder = ChatDecoder()
    found = [event for body in bodies for event in decoder.feed(body if isinstance(body, str) else json.dumps(body))]
    return found + (list(decoder.flush()) if flush else [])


def delta(**fields: object) -> dict[str, object]:
    return {"choices": [{"index": 0, "delta": fields}]}


def text_of(found: list[object]) -> str:
    return "".join(event.text for event in found if isinstance(event, TextDelta))


def test_reasoning_then_text():
    assert events(delta(reasoning_content="think", content=None), delta(content="say", reasoning_content=None)) == [
        ReasoningDelta("think"),
        TextDelta("say"),
    ]


def test_both_in_one_delta_come_in_order():
    assert events(delta(content="say", reasoning_content="think")) == [ReasoningDelta("think"), TextDelta("say")]


def test_reasoning_under_the_name_of_other_servers():
    assert events(delta(reasoning="think")) == [ReasoningDelta("think")]
    assert events(delta(reasoning="twice", reasoning_content="twice")) == [ReasoningDelta("twice")]


@pytest.mark.parametrize(
    "body",
    [
        *(delta(content=None), delta(content=""), delta(reasoning_content=""), delta(role="assistant"), delta()),
        *({"choices": None}, {"choices": []}, {}, {"choices": [None]}, {"choices": [{"index": 0, "delta": None}]}),
        *({"choices": [{"index": 0}]}, {"usage": None}, delta(content=[]), delta(content={})),
        *(delta(tool_calls=None), delta(tool_calls=[None])),
        "",
        "  ",
    ],
)
def test_chunks_that_hold_nothing(body):
    assert events(body) == []


def test_the_second_of_several_choices_is_not_mixed_in():
    assert events(
        {"choices": [{"index": 1, "delta": {"content": "other"}}, {"index": 0, "delta": {"content": "a"}}]}
    ) == [TextDelta("a")]


def test_a_choice_without_an_index_is_the_first():
    assert events({"choices": [{"delta": {"content": "a"}}]}) == [TextDelta("a")]


def test_a_whole_completion():
    body = {"id": "i", "choices": [{"message": {"content": "a", "reasoning_content": "t"}, "finish_reason": "stop"}]}
    assert events(body) == [Served("i"), ReasoningDelta("t"), TextDelta("a"), Finished("stop")]


def filled(text, reason=None, **more):
    choice = {"index": 0, "text": text, "logprobs": None, "finish_reason": reason}
    return {"id": "i", "object": "text_completion", "choices": [choice], **more}


def test_the_chunks_of_a_filled_gap():
    used = {"prompt_tokens": 10, "completion_tokens": 20}
    assert events(filled("a"), filled("b"), filled("", "length", usage=used)) == [
        Served("i"),
        TextDelta("a"),
        TextDelta("b"),
        Finished("length"),
        UsageReport(Usage(10, 20)),
    ]
    assert text_of(events(filled("x\ud83d"), filled("\ude80"))) == "x🚀"


def test_a_filled_gap_that_is_not_streamed():
    assert events(filled("a", "stop")) == [Served("i"), TextDelta("a"), Finished("stop")]


def test_a_text_beside_a_delta_is_not_the_answer():
    assert events({"choices": [{"delta": {"content": "a"}, "text": "b"}]}) == [TextDelta("a")]


def test_who_serves_is_told_once_and_again_when_it_changes():
    first = {"id": "1", "model": "m", "system_fingerprint": "f"}
    assert events(first, first, {}, {**first, "model": "n"}) == [Served("1", "m", "f"), Served("1", "n", "f")]


def test_done_and_finished_are_noticed():
    decoder = ChatDecoder()
    assert list(decoder.feed('{"choices":[{"delta":{},"finish_reason":"length"}]}')) == [Finished("length")]
    assert (decoder.finished, decoder.done, decoder.spoke) == (True, False, False)
    assert list(decoder.feed(" [DONE] ")) == []
    assert decoder.done


FULL = {
    "prompt_tokens": 10,
    "completion_tokens": 20,
    "prompt_cache_hit_tokens": 4,
    "prompt_cache_miss_tokens": 6,
    "completion_tokens_details": {"reasoning_tokens": 8},
}


@pytest.mark.parametrize(
    ("raw", "usage"),
    [
        (FULL, Usage(10, 20, 4, 6, 8)),
        ({"prompt_tokens": 10, "completion_tokens": 20}, Usage(10, 20)),
        ({"prompt_tokens": 10, "prompt_tokens_details": {"cached_tokens": 3}}, Usage(10, cache_hit=3)),
        ({"reasoning_tokens": 5}, Usage(reasoning=5)),
        ({"prompt_tokens": -1, "completion_tokens": True, "prompt_cache_hit_tokens": "7"}, Usage()),
        ({"completion_tokens_details": None, "prompt_tokens_details": 3}, Usage()),
    ],
)
def test_usage_in_every_shape(raw, usage):
    assert events({"usage": raw}) == [UsageReport(usage)]
    assert events({"choices": [], "usage": raw}) == [UsageReport(usage)]


def test_tool_calls():
    first = {"index": 1, "id": "c", "function": {"name": "f", "arguments": ""}}
    more = {"index": 1, "function": {"arguments": '{"a":'}}
    assert events(delta(tool_calls=[first]), delta(tool_calls=[more]), delta(tool_calls=[{}])) == [
        ToolCallDelta(1, "c", "f", ""),
        ToolCallDelta(1, arguments='{"a":'),
        ToolCallDelta(0),
    ]


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ({"arguments": {"a": "ü\n", "b": [1, None]}}, '{"a": "ü\\n", "b": [1, null]}'),
        ({"arguments": {}}, "{}"),
        ({"arguments": [1]}, "[1]"),
        ({"arguments": 5}, "5"),
        ({"arguments": 0}, "0"),
        ({"arguments": True}, "true"),
        ({"arguments": False}, "false"),
        ({"arguments": None}, ""),
        ({"parameters": {"a": 1}}, '{"a": 1}'),
        ({"arguments": "", "input": {"a": 1}}, '{"a": 1}'),
    ],
)
def test_arguments_of_any_type_reach_the_caller(function, arguments):
    """What is overlooked here would let a function run on its defaults."""
    call = {"index": 0, "id": "c", "function": {"name": "f", **function}}
    flat = {"index": 0, "id": "c", "name": "f", **function}
    for one in (call, flat, {**flat, "function": {"name": "f"}}):
        assert events(delta(tool_calls=[one])) == [ToolCallDelta(0, "c", "f", arguments)]
        assert events(delta(tool_calls=one)) == [ToolCallDelta(0, "c", "f", arguments)]
        message = {"choices": [{"message": {"tool_calls": [one, one]}}]}
        assert events(message) == [ToolCallDelta(0, "c", "f", arguments), ToolCallDelta(1, "c", "f", arguments)]


def test_arguments_nested_too_deep_to_be_written_are_not_taken_for_none():
    deep: object = 1
    for _ in range(150_000):
        deep = [deep]
    calls = tool_calls([{"function": {"name": "f", "arguments": {"a": deep}}}], whole=False)
    assert [call.arguments for call in calls] == ["{"]


def test_half_a_character_waits_for_the_other_half():
    decoder = ChatDecoder()
    assert list(decoder.feed('{"choices":[{"delta":{"content":"a\\ud83d"}}]}')) == [TextDelta("a")]
    assert list(decoder.feed('{"choices":[{"delta":{"content":"\\ude80b"}}]}')) == [TextDelta("🚀b")]


def test_half_a_character_that_stays_alone():
    assert text_of(events(delta(content="a\ud83d"), delta(content="b"))) == "a\ufffdb"
    assert text_of(events(delta(content="a\ude80b"))) == "a\ufffdb"
    assert text_of(events(delta(content="a\ud83d"))) == "a\ufffd"
    assert text_of(events(delta(content="\ud83d\ud83d"), delta(content="\ude80"))) == "\ufffd🚀"


def test_half_a_character_is_not_joined_across_thinking_and_text():
    found = events(delta(reasoning_content="\ud83d"), delta(content="\ude80"))
    assert TextDelta("\ufffd") in found
    assert ReasoningDelta("\ufffd") in found


def test_what_is_held_back_comes_before_the_finish():
    body = {"choices": [{"delta": {"content": "a\ud83d"}, "finish_reason": "stop"}]}
    assert events(body) == [TextDelta("a"), TextDelta("\ufffd"), Finished("stop")]


@given(st.text(), st.lists(st.integers(0, 60)))
def test_text_in_utf_16_pieces_is_the_same_as_whole(text, cuts):
    units = text.encode("utf-16-le", "surrogatepass")
    places = [0, *sorted(min(2 * cut, len(units)) for cut in cuts), len(units)]
    pieces = [units[a:b].decode("utf-16-le", "surrogatepass") for a, b in itertools.pairwise(places)]
    whole = units.decode("utf-16-le", "replace")
    assert text_of(events(*(delta(content=piece) for piece in pieces))) == whole


@pytest.mark.parametrize("text", ["17", "null", '"text"', "[]", "{", "nonsense", '{"a": 1} x', "[" * 100_000])
def test_an_event_that_is_no_chunk(text):
    with pytest.raises(StreamBroken):
        events(text)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": {"message": "Oh no", "type": "t"}}, "Oh no"),
        ({"error": "Oh no"}, "Oh no"),
        ({"error": {"detail": "Oh no"}}, "Oh no"),
        ({"object": "error", "message": "Oh no", "code": 500}, "Oh no"),
        ({"error": {"code": 3}}, "code 3"),
        ({"error": {"code": None}}, "no reason given"),
    ],
)
def test_an_error_in_mid_stream(body, words):
    with pytest.raises(StreamError, match=words):
        events(body)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": {"message": "a\nb"}}, "a b"),
        ({"error_msg": "a"}, "a"),
        ({"detail": [{"loc": ["body"], "msg": "a"}]}, "a"),
        ({"detail": "a"}, "a"),
        (["a"], "a"),
        ({"error": {}}, ""),
        ({}, ""),
        (17, ""),
        (None, ""),
        ({"message": "\x1b[2J"}, "\\x1b[2J"),
    ],
)
def test_the_servers_own_words(body, words):
    assert error_words(body) == words
