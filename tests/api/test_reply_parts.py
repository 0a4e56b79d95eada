"""What a delta holds, wherever and in whatever type a server puts it: nothing that can be read is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepseek_magic.api.events import ToolCallDelta
from deepseek_magic.api.reply_parts import LONGEST_NAME, Parts, json_text, name, tool_calls

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["type", "text", "content", "think", "x"]), inner),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("delta", "text", "thinking"),
    [
        ({"content": "a"}, "a", ""),
        ({"content": None, "reasoning_content": "t"}, "", "t"),
        ({"content": "a", "reasoning": "t", "thinking": "t"}, "a", "t"),
        ({"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}, "ab", ""),
        ({"content": [{"type": "thinking", "thinking": "t"}, "a"]}, "a", "t"),
        ({"content": {"type": "output_text", "text": "a"}}, "a", ""),
        ({"content": {"value": "a"}}, "a", ""),
        ({"content": 5}, "5", ""),
        ({"content": True}, "true", ""),
        ({"refusal": "no"}, "no", ""),
        ({"reasoning_details": [{"type": "reasoning.text", "text": "t"}]}, "", "t"),
        ("a", "a", ""),
        (None, "", ""),
        ({}, "", ""),
        ([], "", ""),
    ],
)
def test_text_and_thinking(delta, text, thinking):
    parts = Parts(delta)
    assert ("".join(parts.text), "".join(parts.thinking)) == (text, thinking)
    assert parts.unread == []


@pytest.mark.parametrize(
    ("delta", "unread"),
    [
        ({"content": [{"type": "image_url", "image_url": {}}]}, ["image_url"]),
        ({"content": {"x": 1}}, ["unknown"]),
        ({"audio": {"data": "…"}}, ["audio"]),
        ({"content": [{"type": "redacted_thinking", "data": "x"}]}, []),
        ({"content": [{"type": "\x1b[2J" * 20, "x": 1}]}, None),
    ],
)
def test_what_holds_neither_is_named(delta, unread):
    found = Parts(delta).unread
    if unread is None:
        assert len(found[0]) <= 40
        assert "\x1b" not in found[0]
    else:
        assert found == unread


@given(JSON)
def test_any_delta_is_read_without_an_error_and_all_of_it_is_text(delta):
    for one in (delta, {"content": delta}, {"reasoning": delta}):
        parts = Parts(one)
        assert all(isinstance(text, str) for text in (*parts.text, *parts.thinking, *parts.unread))
        assert all(isinstance(call, dict) for call in parts.calls)


def test_nesting_ends():
    deep = "bottom"
    for _ in range(5_000):
        deep = [deep]
    assert "".join(Parts({"content": deep}).text)[:1] in ("[", "{")


@pytest.mark.parametrize(
    ("call", "delta"),
    [
        ({"index": 2, "id": "c", "function": {"name": "f", "arguments": '{"a'}}, ToolCallDelta(2, "c", "f", '{"a')),
        (
            {"index": "2", "id": 7, "function": {"name": "f", "arguments": {"a": 1}}},
            ToolCallDelta(2, "7", "f", '{"a": 1}'),
        ),
        ({"name": "f", "input": {"a": "ä"}}, ToolCallDelta(0, "", "f", '{"a": "ä"}')),
        ({"function": "f", "parameters": "{}"}, ToolCallDelta(0, "", "f", "{}")),
        ({"function": {"name": "f", "arguments": {}}}, ToolCallDelta(0, "", "f", "{}")),
        ({"function": {"name": "f"}}, ToolCallDelta(0, "", "f", "")),
        ({"id": "x" * 999}, ToolCallDelta(0, "x" * LONGEST_NAME, "", "")),
        ({}, ToolCallDelta(0, "", "", "")),
    ],
)
def test_a_call_in_every_spelling(call, delta):
    assert list(tool_calls([call], whole=False)) == [delta]


def test_calls_of_a_whole_message_are_not_pieces_of_each_other():
    calls = [{"index": 0, "name": "f"}, {"index": 0, "name": "g"}]
    assert [one.index for one in tool_calls(calls, whole=True)] == [0, 1]
    assert [one.index for one in tool_calls(calls, whole=False)] == [0, 0]


def test_calls_are_found_among_the_parts_and_beside_them():
    parts = Parts({"content": [{"type": "tool_use", "name": "f"}, "a"], "function_call": {"name": "g"}})
    assert [call["name"] for call in parts.calls] == ["f", "g"]
    assert parts.text == ["a"]


def test_names_and_json_hold_no_lone_surrogates():
    assert name("a\ud800") == "a\ufffd"
    assert name(7) == name("") == name(None) == ""
    assert len(name("x" * 999)) == LONGEST_NAME
    assert json_text({"a": "\udfff"}) == '{"a": "\ufffd"}'
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    assert json_text(deep) == "{"
    while deep:
        deep = deep[0]
