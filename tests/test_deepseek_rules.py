"""What DeepSeek refuses: each rule is broken once, and gets the documented status, words and shape."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.demo.speak import chat, send, user
from tests.strict_endpoint import StrictEndpoint

QUESTION = user("Hello, json")
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
CALL = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
NAMES = "The supported API model names are deepseek-flash, deepseek-v4-pro, but you passed {}."
#: Tokens of a message that is too long, by our own estimate.
LONG = 1_138_828
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
ON: dict[str, Any] = {"thinking": {"type": "enabled"}}
ROLE = (
    "Failed to deserialize the JSON body into the target type: messages[0].role: unknown variant `developer`, "
    "expected one of `system`, `user`, `assistant`, `tool`, `latest_reminder` at line 1 column "
)


def limits(field: str, interval: str) -> str:
    return f"Invalid {field} value, the valid range of {field} is {interval}"


REFUSED: list[tuple[str, dict[str, Any], int, str]] = [
    ("unknown model", {"model": "gpt-4"}, 400, NAMES.format("gpt-4")),
    ("retired model", {"model": "deepseek-chat"}, 400, NAMES.format("deepseek-chat")),
    ("retired reasoner", {"model": "deepseek-reasoner"}, 400, NAMES.format("deepseek-reasoner")),
    ("upper case", {"model": "DeepSeek-Flash"}, 400, NAMES.format("DeepSeek-Flash")),
    ("model is a number", {"model": 3}, 422, "model: invalid type: integer `3`, expected a string"),
    ("no model", {"model": None}, 422, "missing field `model`"),
    ("no messages", {"messages": []}, 400, "Empty input messages"),
    ("messages missing", {"messages": None}, 422, "missing field `messages`"),
    ("messages is a text", {"messages": "hi"}, 422, 'messages: invalid type: string `"hi"`, expected a sequence'),
    ("developer", {"messages": [{"role": "developer", "content": "x"}]}, 422, ROLE),
    ("no role", {"messages": [{"content": "x"}]}, 422, "missing field `role`"),
    ("no content", {"messages": [{"role": "user"}]}, 422, "missing field `content`"),
    ("content is a number", {"messages": [{"role": "user", "content": 1}]}, 422, "messages[0].content"),
    (
        "null assistant turn",
        {"messages": [*user("a"), {"role": "assistant", "content": None}, *user("b")]},
        400,
        "Invalid assistant message: content or tool_calls must be set",
    ),
    ("assistant last", {"messages": [*user("a"), {"role": "assistant", "content": "b"}]}, 400, "prefix mode"),
    ("max_tokens 0", {"max_tokens": 0}, 400, limits("max_tokens", "[1, 393216]")),
    ("max_tokens too large", {"max_tokens": 393217}, 400, limits("max_tokens", "[1, 393216]")),
    ("max_tokens is a text", {"max_tokens": "9"}, 422, "max_tokens: invalid type"),
    ("max_tokens is true", {"max_tokens": True}, 422, "max_tokens: invalid type: boolean `true`, expected u32"),
    ("temperature", {"temperature": 2.1}, 400, limits("temperature", "[0, 2]")),
    ("temperature while thinking", {"temperature": -1, **ON}, 400, limits("temperature", "[0, 2]")),
    ("top_p 0", {"top_p": 0}, 400, limits("top_p", "(0, 1]")),
    ("top_p 1.5", {"top_p": 1.5}, 400, limits("top_p", "(0, 1]")),
    ("penalty", {"presence_penalty": 3}, 400, limits("presence_penalty", "[-2, 2]")),
    ("n", {"n": 2}, 400, "Invalid n value (currently only n = 1 is supported)"),
    ("17 stops", {"stop": list("abcdefghijklmnopq")}, 400, "Invalid stop value"),
    ("stop is a number", {"stop": 5}, 422, "stop: invalid type"),
    ("user_id", {"user_id": "x" * 513}, 400, "Invalid user_id"),
    ("top_logprobs alone", {"top_logprobs": 2}, 400, "top_logprobs should be set along with logprobs"),
    (
        "stream_options alone",
        {"stream_options": {"include_usage": True}},
        400,
        "stream_options should be set along with stream = true",
    ),
    ("thinking is a bool", {"thinking": True}, 422, "thinking: invalid type: boolean `true`, expected a map"),
    ("thinking is empty", {"thinking": {}}, 422, "thinking: missing field `type`"),
    ("thinking type", {"thinking": {"type": "Enabled"}}, 422, "unknown variant `Enabled`"),
    ("effort", {"reasoning_effort": "huge"}, 422, "reasoning_effort: unknown variant `huge`"),
    (
        "json_schema",
        {"response_format": {"type": "json_schema"}},
        400,
        "This response_format type is unavailable now",
    ),
    (
        "json without the word",
        {"response_format": {"type": "json_object"}, "messages": user("Hello")},
        400,
        "Prompt must contain the word 'json' in some form",
    ),
    ("tool_choice while thinking", {"tools": [TOOL], "tool_choice": "required", **ON}, 400, "Thinking mode does not"),
    ("tool_choice unknown", {"tools": [TOOL], "tool_choice": {"function": {"name": "x"}}}, 400, "Invalid tool_choice"),
    ("129 tools", {"tools": [TOOL] * 129}, 400, "at most 128"),
    ("same name twice", {"tools": [TOOL, TOOL]}, 400, "names are unique"),
    (
        "call without an answer",
        {"messages": [*user("a"), {"role": "assistant", "content": "", "tool_calls": [CALL]}, *user("b")]},
        400,
        "must be followed by tool messages",
    ),
    (
        "answer without a call",
        {"messages": [*user("a"), {"role": "tool", "content": "x", "tool_call_id": "c1"}]},
        400,
        "must be a response to a preceding message",
    ),
    (
        "reasoning not passed back",
        {"messages": [*user("a"), {"role": "assistant", "content": "b"}, *user("c")], "tools": [TOOL], **ON},
        400,
        "The `reasoning_content` in the thinking mode must be passed back to the API.",
    ),
    (
        "image for the text model",
        {"model": "deepseek-v4-pro", "messages": [{"role": "user", "content": [IMAGE]}]},
        400,
        "This model does not support image",
    ),
    (
        "image of the system",
        {"messages": [{"role": "system", "content": [IMAGE]}, *user("a")]},
        400,
        "user messages only",
    ),
    ("601 images", {"messages": [{"role": "user", "content": [IMAGE] * 601}]}, 400, "at most 600"),
    ("part of no kind", {"messages": [{"role": "user", "content": [{"type": "x"}]}]}, 422, "unknown variant `x`"),
    (
        "context overflow",
        {"messages": user("a1 " * 600_000), "max_tokens": 393216},
        400,
        f"This model's maximum context length is 1048576 tokens. However, you requested {LONG + 393216} tokens "
        f"({LONG} in the messages, 393216 in the completion). Please reduce the length of the messages or completion.",
    ),
]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[StrictEndpoint]:
    with StrictEndpoint() as running:
        yield running


@pytest.mark.parametrize(
    ("fields", "status", "words"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_a_bad_request_gets_the_documented_words(endpoint: Any, fields: Any, status: int, words: str) -> None:
    """Status, message, and the shape that carries both."""
    said = chat(endpoint, QUESTION, **fields)
    assert said.status == status
    assert words in said.error
    assert {**said.json["error"], "message": ""} == {
        "message": "",
        "type": "invalid_request_error",
        "param": None,
        "code": "invalid_request_error",
    }
    if status == 422:
        assert said.error.startswith("Failed to deserialize the JSON body into the target type: ")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"prompt": None}, "missing field `prompt`"),
        ({"prompt": 3}, "prompt: invalid type: integer `3`, expected a string"),
        ({"max_tokens": 4097}, limits("max_tokens", "[1, 4096]")),
        ({"model": "deepseek-coder"}, NAMES.format("deepseek-coder")),
    ],
)
def test_filling_checks_its_fields(endpoint: Any, fields: Any, words: str) -> None:
    """Its limit of tokens is smaller."""
    body = {"model": "deepseek-v4-pro", "prompt": "x", **fields}
    said = send(endpoint, "POST", "/beta/completions", {k: v for k, v in body.items() if v is not None})
    assert words in said.error


def test_strict_tools_are_checked_on_the_beta_base(endpoint: Any) -> None:
    """Every function strict, every property required, nothing else allowed, no unsupported keyword."""

    def tool(name: str, schema: Any, *, strict: bool = True) -> Any:
        return {"type": "function", "function": {"name": name, "strict": strict, "parameters": schema}}

    good = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}
    long = {**good, "properties": {"a": {"type": "string", "minLength": 2}}}
    for tools, words in [
        ([tool("a", good), tool("b", good, strict=False)], "strict must be true on every function"),
        ([tool("a", {**good, "required": []})], "all properties must be required"),
        ([tool("a", {**good, "additionalProperties": True})], "additionalProperties must be false"),
        ([tool("a", long)], "minLength is not supported"),
    ]:
        assert words in chat(endpoint, "hi", "/beta", tools=tools).error
        assert chat(endpoint, "hi", tools=tools).status == 200
    assert chat(endpoint, "hi", "/beta", tools=[tool("a", good)]).status == 200
