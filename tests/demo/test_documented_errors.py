"""The errors that the embedded endpoint gives by itself, in the documented words; no request breaks it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepseek_magic.demo import EmbeddedEndpoint
from deepseek_magic.demo.documented_errors import Refused
from deepseek_magic.demo.protocol import Protocol
from tests.demo.speak import OFF, chat, send, user

NAMES = "The supported API model names are deepseek-flash, deepseek-v4-pro, but you passed {}."


@pytest.fixture
def endpoint() -> Iterator[EmbeddedEndpoint]:
    """The endpoint as users run it, without the strict check of the other tests."""
    with EmbeddedEndpoint() as running:
        yield running


@pytest.mark.parametrize("body", [b"", b"{", b'{"model":', b"\xff\xfe\x00", b'{"a":NaN}', b"[" * 99999])
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
    with EmbeddedEndpoint(key="sk-the-right-one") as endpoint:
        said = send(endpoint, "GET", path, headers={"Authorization": given or ""})
    assert said.status == 401
    assert said.json["error"]["type"] == "authentication_error"


def test_without_a_key_of_its_own_it_asks_for_none(endpoint: Any) -> None:
    """The demo is for those who have no key."""
    assert send(endpoint, "GET", "/models", headers={"Authorization": ""}).status == 200


def test_a_wrong_key_is_401_and_masked() -> None:
    """Its end is repeated where that leaves most of it hidden; the right one is accepted."""
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


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 999)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
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
    sent = answer if isinstance(answer, bytes) else b"".join(answer)
    return 200 if sent else 0


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=4), st.lists(MESSAGE, max_size=4) | JSON, st.booleans())
def test_no_body_breaks_the_endpoint(fields: Any, messages: Any, plain: bool) -> None:
    """Whatever the JSON is, the answer is a reply or a documented refusal, never an exception of ours."""
    body = {"model": "deepseek-flash", "messages": messages, **(OFF if plain else {}), **fields}
    status = outcome(Protocol(None, None), json.dumps(body).encode())
    assert status in (200, 400, 422)


KEYWORDS = (
    "type properties items enum const default anyOf oneOf allOf $ref minimum maximum required additionalProperties "
    "minItems minLength format pattern multipleOf prefixItems uniqueItems"
)
SCHEMA = st.recursive(
    JSON | st.sampled_from(["string", "object", "array", "integer", "#", "#/x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYWORDS.split()), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(SCHEMA)
def test_no_schema_breaks_the_endpoint(schema: Any) -> None:
    """Neither that of a tool nor one in the words of the question."""
    body = {"model": "deepseek-flash", "messages": user("Call a tool")}
    function = {"name": "look", "parameters": {"type": "object", "properties": {"a": schema}}}
    assert (
        outcome(
            Protocol(None, None), json.dumps({**body, "tools": [{"type": "function", "function": function}]}).encode()
        )
        == 200
    )
    body = {**body, "messages": user(f"Some json: {json.dumps(schema)}"), "response_format": {"type": "json_object"}}
    assert outcome(Protocol(None, None), json.dumps(body).encode()) == 200
