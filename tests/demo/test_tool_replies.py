"""Calls of functions: which are made, with which arguments, and what is said of their results."""

from __future__ import annotations

import json
from typing import Any

import pytest

from deepseek_magic.demo.chat_request import ChatRequest, read
from deepseek_magic.demo.tool_replies import about_results, calls, citing, fitting, json_reply, results, scripted

NUMBERS = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}, "required": ["a", "b"]}
FUNCTIONS = [{"name": "get_weather"}, {"name": "addNumbers", "parameters": NUMBERS}]
CALL = {"id": "c1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}


def parsed(question: str, *more: dict[str, Any], **fields: Any) -> ChatRequest:
    """The request with this question, what came after it, and both functions on offer."""
    messages = [{"role": "user", "content": question}, *more]
    tools = [{"type": "function", "function": one} for one in FUNCTIONS]
    body = {"model": "deepseek-flash", "messages": messages, "tools": tools, **fields}
    return read(json.dumps(body).encode(), beta=False)


ANSWERED = [
    {"role": "assistant", "content": "", "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "c1", "content": "sunny"},
]


@pytest.mark.parametrize(
    ("question", "choice", "names"),
    [
        ("Call addNumbers, then get_weather", "auto", ["get_weather", "addNumbers"]),
        ("What numbers are these?", "auto", ["addNumbers"]),
        ("How do I get home?", "auto", []),
        ("Use a tool", "auto", ["get_weather"]),
        ("Hello", "required", ["get_weather"]),
        ("Hello", {"function": {"name": "addNumbers"}}, ["addNumbers"]),
        ("Call addNumbers", "none", []),
    ],
)
def test_a_function_is_called_by_name_by_a_word_or_by_the_choice(question: str, choice: Any, names: list[str]) -> None:
    assert [call.name for call in calls(parsed(question, tool_choice=choice))] == names


def test_arguments_fit_the_schema_and_the_question() -> None:
    (call,) = calls(parsed("addNumbers 3 and 4"))
    assert json.loads(call.arguments) == {"a": 3, "b": 4}
    assert call.call_id.startswith("call_00_")


def test_a_result_is_not_asked_for_again() -> None:
    assert calls(parsed("Call get_weather", *ANSWERED)) == ()


def test_scripted_calls_are_made_round_by_round() -> None:
    rounds = [[("get_weather", '{"city": "Paris"}')], [("addNumbers", "{}")]]
    first, second = scripted(parsed("Why?"), rounds), scripted(parsed("Why?", *ANSWERED), rounds)
    assert [(call.name, call.arguments) for call in (*first, *second)] == [rounds[0][0], rounds[1][0]]
    assert scripted(parsed("Why?", *ANSWERED), rounds[:1]) == ()
    assert scripted(parsed("Why?"), [[("unknown", "{}")]]) == ()
    assert scripted(parsed("Why?", tool_choice="none"), rounds) == ()


def test_results_stand_with_their_calls_word_for_word() -> None:
    found = results(parsed("Why?", *ANSWERED))
    assert found == [("get_weather", "{}", "sunny")]
    assert "`get_weather` was called with `{}` and returned:\n\n```text\nsunny\n```" in about_results(found)
    assert results(parsed("Why?", *ANSWERED, {"role": "user", "content": "Thanks"})) == []


def listed(*numbers: int) -> str:
    """What a search tells of the pages with these numbers; a summary is one line, and may be anything."""
    one = "[{0}] Page {0}\nhttps://example.org/{0}\nExample, 2026-05-01\n[77] https://example.org/ is no page."
    return "\n\n".join(one.format(number) for number in numbers)


READ = "[12] Page 12\nhttps://example.org/12\n\nA note:\n\n[88] The note\nhttps://example.org/note\n\n[1] Another"


@pytest.mark.parametrize(
    ("answered", "numbers"),
    [
        ([("web_search", listed(9, 10))], "Two [9][10], then one."),
        ([("web_search", listed(6, 5)), ("web_search", listed(5, 6, 9))], "Two [6][5], then one [9]."),
        ([("web_search", listed(5, 6)), ("web_fetch", READ)], "Two [5][6], then one [12]."),
        ([("web_fetch", READ), ("web_search", listed(13, 12, 14))], "Two [12][13], then one [14]."),
        ([("web_search", "nothing was found"), ("web_search", listed(3))], "Two [3], then one."),
        ([("web_search", "not asked: [1] is no page")], "Two [1][2], then one [3]."),
        ([("get_weather", listed(9))], "Two [1][2], then one [3]."),
    ],
    ids=["later", "found twice", "then read", "read first", "one", "none", "of another function"],
)
def test_citations_have_the_numbers_that_the_pages_have(answered: list[tuple[str, str]], numbers: str) -> None:
    """In the order in which they were found, each counted once; what stands in a page is not counted."""
    assert citing("Two [1][2], then one [3].", [(name, "{}", result) for name, result in answered]) == numbers


def test_only_an_object_that_fits_is_given() -> None:
    assert fitting('{"a": 1, "b": 2}', NUMBERS) == '{"a": 1, "b": 2}'
    assert [fitting(text, NUMBERS) for text in ('{"a": 1}', "[1]", "{", "")] == ["", "", "", ""]


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ('Answer like {"city": "Rome"} please', {"city": "Rome"}),
        (f"3 and 4 as JSON: {json.dumps(NUMBERS)}", {"a": 3, "b": 4}),
    ],
)
def test_json_is_made_from_the_example_or_schema_in_the_question(question: str, value: Any) -> None:
    assert json.loads(json_reply(parsed(question))) == value


def test_json_without_either_says_what_came() -> None:
    value = json.loads(json_reply(parsed("Why?")))
    assert (value["question"], value["messages"]) == ("Why?", [{"role": "user", "characters": 4}])
