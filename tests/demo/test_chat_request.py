"""A chat request as it is read: the conversation, the prefix, the level of thinking, the budget."""

from __future__ import annotations

import json
from typing import Any

import pytest

from deepseek_magic.demo.chat_request import EFFORTS, ChatRequest, read
from deepseek_magic.demo.documented_errors import Refused

TOOL = {"type": "function", "function": {"name": "add"}}
ASKED = {"role": "user", "content": "Why?"}


def parsed(*messages: dict[str, Any], beta: bool = False, **fields: Any) -> ChatRequest:
    """The request with these messages; the user's question where none are given."""
    body = {"model": "deepseek-flash", "messages": messages or [ASKED], **fields}
    return read(json.dumps(body).encode(), beta=beta)


@pytest.mark.parametrize(("effort", "level"), EFFORTS.items())
def test_every_effort_stands_for_a_level(effort: str, level: str | None) -> None:
    assert parsed(reasoning_effort=effort).thinking == level


def test_thinking_that_is_disabled_overrides_the_effort() -> None:
    assert parsed(thinking={"type": "disabled"}, reasoning_effort="max").thinking is None
    assert parsed().thinking == "high"


@pytest.mark.parametrize(("effort", "budget"), [("none", 8_192), ("low", 65_536), ("high", 65_536), ("max", 131_072)])
def test_without_a_limit_the_budget_follows_the_level(effort: str, budget: int) -> None:
    assert parsed(reasoning_effort=effort).budget == budget
    assert parsed(reasoning_effort=effort, max_tokens=7).budget == 7


def test_a_prefix_is_taken_off_the_conversation() -> None:
    begun = {"role": "assistant", "content": "Because", "prefix": True}
    request = parsed(ASKED, begun, beta=True)
    assert (request.messages, request.prefix, request.last_role) == ([ASKED], begun, "user")
    alone = parsed(begun, beta=True)
    assert (alone.messages, alone.question, alone.last_role) == ([], "", "user")


@pytest.mark.parametrize(
    ("messages", "fields", "words"),
    [
        ([{"role": "assistant", "content": "So"}], {}, "must not be an assistant message"),
        ([{"role": "assistant", "content": "So", "prefix": True}], {}, "prefix"),
        ([ASKED], {"response_format": {"type": "xml"}}, "response_format type is unavailable"),
    ],
)
def test_what_cannot_be_answered_is_refused(messages: list[Any], fields: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused) as refused:
        parsed(*messages, **fields)
    assert refused.value.status == 400
    assert words in refused.value.body.decode()


def test_an_empty_conversation_is_refused() -> None:
    with pytest.raises(Refused, match="Empty input messages"):
        read(b'{"model": "deepseek-flash", "messages": []}', beta=False)


def test_the_question_is_that_of_the_last_user_message() -> None:
    answered = parsed(ASKED, {"role": "user", "content": "And how?"}, {"role": "tool", "content": "3"})
    assert (answered.question, answered.last_role) == ("And how?", "tool")


def test_tools_and_the_choice_among_them() -> None:
    assert parsed().functions == []
    assert parsed(tools=[TOOL]).functions == [{"name": "add"}]
    assert [parsed(tool_choice=one).tool_choice for one in (None, "required")] == ["auto", "required"]
    assert parsed(tool_choice={"function": {"name": "add"}}).tool_choice == "add"
    assert parsed(tools=[TOOL]).prompt_tokens > parsed().prompt_tokens


def test_json_mode_is_on_for_json_object_only() -> None:
    modes = [None, {"type": "text"}, {"type": "json_object"}]
    assert [parsed(response_format=mode).json_mode for mode in modes] == [False, False, True]
