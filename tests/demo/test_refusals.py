"""Every documented refusal: status, words and shape (quick_start/error_codes)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepseek_magic.demo.documented_errors import Refused
from deepseek_magic.demo.protocol import Document, Protocol
from tests.demo.speak import OFF, chat, send, user

QUESTION = user("Hello, json")
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
CALL = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
NAMES = "The supported API model names are deepseek-flash, deepseek-v4-pro, but you passed {}."
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
    ("messages is a text", {"messages": "hi"}, 422, "messages: expected a sequence"),
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
    ("stop is a number", {"stop": 5}, 422, "stop: expected"),
    ("user_id", {"user_id": "x" * 513}, 400, "Invalid user_id"),
    ("top_logprobs alone", {"top_logprobs": 2}, 400, "top_logprobs should be set along with logprobs"),
    (
        "stream_options alone",
        {"stream_options": {"include_usage": True}},
        400,
        "stream_options should be set along with stream = true",
    ),
    ("thinking is a bool", {"thinking": True}, 422, "boolean `true`, expected struct ThinkingOptions"),
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
        {"messages": user("a" * 2_500_000), "max_tokens": 393216},
        400,
        "This model's maximum context length is 1048576 tokens. However, you requested 1143216 tokens "
        "(750000 in the messages, 393216 in the completion). Please reduce the length of the messages or completion.",
    ),
]


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


def test_the_column_points_behind_the_bad_value(endpoint: Any) -> None:
    """Line and column as a parser of the body counts them."""
    body = b'{"model":"deepseek-flash",\n "messages":[{"role":"developer","content":"x"}]}'
    said = send(endpoint, "POST", "/chat/completions", body)
    line = body.split(b"\n")[1]
    assert said.error.endswith(f"at line 2 column {line.index(b'developer') + 10}")


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"model":', b"\xff\xfe\x00", b'{"a":NaN}', b'{"a":"\\ud83d"}', b"[" * 99999]
)
def test_a_body_that_is_no_json_gets_plain_text(endpoint: Any, body: bytes) -> None:
    """The one error that is not JSON."""
    said = send(endpoint, "POST", "/chat/completions", body)
    assert (said.status, said.headers["content-type"]) == (400, "text/plain; charset=utf-8")
    assert said.body.startswith(b"Failed to parse the request body as JSON: ")


@pytest.mark.parametrize("body", [b"[]", b"17", b'"x"', b"null"])
def test_json_of_another_type_is_422(endpoint: Any, body: bytes) -> None:
    """The body must be an object."""
    assert send(endpoint, "POST", "/chat/completions", body).status == 422


@pytest.mark.parametrize(
    "path", ["/", "/embeddings", "/v1/embeddings", "/v2/models", "/chat/completions/", "/responses"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_path_is_404(endpoint: Any, method: str, path: str) -> None:
    """With the body seen live."""
    said = send(endpoint, method, path, b"{}")
    assert (said.status, said.json) == (404, {"error_msg": "Not Found. Please check the configuration."})


@pytest.mark.parametrize("given", [None, "", "Bearer", "Bearer ", "sk-0123456789abcdef", "Basic abc"])
@pytest.mark.parametrize("path", ["/", "/models", "/nowhere"])
def test_without_its_key_everything_is_401(given: str | None, path: str) -> None:
    """Also the root and unknown paths."""
    from deepseek_magic.demo import EmbeddedEndpoint

    with EmbeddedEndpoint(key="sk-the-right-one") as endpoint:
        said = send(endpoint, "GET", path, headers={"Authorization": given or ""})
    assert said.status == 401
    assert said.json["error"]["type"] == "authentication_error"


def test_without_a_key_of_its_own_it_asks_for_none(endpoint: Any) -> None:
    """The demo is for those who have no key."""
    assert send(endpoint, "GET", "/models", headers={"Authorization": ""}).status == 200


def test_a_wrong_key_is_401_and_masked() -> None:
    """Its end is repeated where that leaves most of it hidden; the right one is accepted."""
    from deepseek_magic.demo import EmbeddedEndpoint

    with EmbeddedEndpoint(key="sk-the-right-one") as endpoint:
        said = send(endpoint, "GET", "/models", headers={"Authorization": "Bearer sk-wrong-key-abcd"})
        assert said.status == 401
        assert said.error == "Authentication Fails, Your api key: ****abcd is invalid"
        assert said.json["error"]["type"] == "authentication_error"
        short = send(endpoint, "GET", "/models", headers={"Authorization": "Bearer abcd"})
        assert "abcd" not in short.error
        assert send(endpoint, "GET", "/models", headers={"Authorization": "Bearer sk-the-right-one"}).status == 200


def test_prefix_and_filling_need_the_beta_base(endpoint: Any) -> None:
    """With the documented words."""
    begun = [*user("Hello"), {"role": "assistant", "content": "A", "prefix": True}]
    beta = 'only available when using beta api (set base_url="https://api.deepseek.com/beta")'
    for base in ("", "/v1"):
        assert beta in chat(endpoint, begun, base).error
        said = send(endpoint, "POST", f"{base}/completions", {"model": "deepseek-flash", "prompt": "a"})
        assert said.status == 400
        assert said.error == f"completions api is {beta}"
    assert chat(endpoint, begun, "/beta").status == 200


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"prompt": None}, "missing field `prompt`"),
        ({"prompt": 3}, "prompt: expected a string"),
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


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 999) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = [
    "model", "messages", "thinking", "reasoning_effort", "max_tokens", "stream", "stream_options", "temperature",
    "top_p", "stop", "response_format", "tools", "tool_choice", "logprobs", "top_logprobs", "user_id", "n",
]  # fmt: skip
PARTIAL = ["role", "content", "tool_calls", "tool_call_id", "prefix", "reasoning_content", "name"]
MESSAGE = st.fixed_dictionaries(
    {"role": st.sampled_from(["system", "user", "assistant", "tool", "x"]), "content": st.text(max_size=5) | JSON},
    optional=dict.fromkeys(PARTIAL[2:], JSON),
)


def outcome(protocol: Protocol, body: bytes) -> int:
    """The status of the answer, which is read to its end."""
    try:
        answer = protocol.answer("POST", "/beta/chat/completions", {"authorization": "Bearer x"}, body)
    except Refused as refused:
        return refused.status if refused.body else 0
    sent = answer.body if isinstance(answer, Document) else b"".join(answer.events)
    return 200 if sent else 0


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=4), st.lists(MESSAGE, max_size=4) | JSON, st.booleans())
def test_no_body_breaks_the_endpoint(fields: Any, messages: Any, plain: bool) -> None:
    """Whatever the JSON is, the answer is a reply or a documented refusal, never an exception of ours."""
    body = {"model": "deepseek-flash", "messages": messages, **(OFF if plain else {}), **fields}
    status = outcome(Protocol(), json.dumps(body).encode())
    assert status in (200, 400, 422)
