"""Other servers through the magic: which model, which fields, whose key."""

from __future__ import annotations

import pytest

from tests.faults import NORMAL_TEXT, THOUGHT, FaultServer, api_error, document, error, named, normal
from tests.kernel import KEY, assert_secret


@pytest.fixture
def server(kernel):
    with FaultServer() as server:
        kernel.fresh(f"{server.url}/v1")
        yield server
        assert_secret(kernel, server)


def listing(*names):
    """A server that lists these models, and answers questions."""
    models = document({"object": "list", "data": [{"id": name, "object": "model"} for name in names]})
    return lambda request: models if request.path.endswith("/models") else normal(request)


def test_the_one_model_of_a_server_is_asked_without_naming_it(kernel, server):
    server.repeat(listing("meta/llama-tiny"))
    assert kernel.run("%deepseek hello").text == NORMAL_TEXT
    assert kernel.run("%deepseek and again").text == NORMAL_TEXT
    assert [request.path for request in server.requests] == ["/v1/models", *["/v1/chat/completions"] * 2]
    assert {request.json["model"] for request in server.requests[1:]} == {"meta/llama-tiny"}


def test_a_model_that_is_named_is_asked_without_a_look_up(kernel, server):
    kernel.run("%deepseek -m mine hello")
    assert [request.path for request in server.requests] == ["/v1/chat/completions"]
    assert server.requests[0].json["model"] == "mine"


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (listing("a", "b"), ("2 models (a, b)", "-m")),
        (listing(), ("lists no model", "-m")),
        (lambda _: error(404, {"detail": "Not Found"}), ("does not say which models it has", "-m", "404")),
    ],
)
def test_a_server_that_does_not_name_one_model_costs_one_line(kernel, server, rule, words):
    server.repeat(rule)
    cell = kernel.run("%deepseek hello")
    assert cell.failed
    assert [output.output_type for output in cell.outputs] == ["error"]
    assert cell.error.startswith("ConfigurationError: ")
    assert all(word in cell.error for word in words)
    assert [request.path for request in server.requests] == ["/v1/models"]


@pytest.mark.parametrize(
    ("dialect", "fields"),
    [
        ("vllm", {"chat_template_kwargs": {"thinking": False}}),
        ("SGLang", {"chat_template_kwargs": {"thinking": False}}),
        ("ollama", {"reasoning_effort": "none"}),
        ("llama.cpp", {"reasoning_effort": "none"}),
        ("lmstudio", {"reasoning_effort": "none"}),
        ("compatible", {"reasoning_effort": "none"}),
        ("deepseek", {"thinking": {"type": "disabled"}}),
    ],
)
def test_the_kind_of_server_can_be_set(kernel, server, dialect, fields):
    kernel.quietly(f"%config DeepSeek.dialect = {dialect!r}")
    assert kernel.run("%deepseek -m mine --think off hello").text == NORMAL_TEXT
    assert server.requests[-1].json == {
        "model": "mine",
        "messages": [{"role": "user", "content": "hello"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        **fields,
    }


def test_a_kind_that_is_misspelt_is_one_line(kernel, server):
    (line,) = kernel.run("%config DeepSeek.dialect = 'vlm'").printed.splitlines()
    assert "DeepSeek.dialect: dialect is 'vlm': expected one of " in line
    assert "did you mean 'vllm'?" in line


def test_a_server_that_is_misspelt_is_one_line(kernel, server):
    cell = kernel.run("%deepseek --base-url olama hello")
    assert cell.error.startswith("ConfigurationError: ")
    assert "did you mean 'ollama'?" in cell.error
    assert not server.requests


def test_thinking_that_was_left_in_the_answer_is_shown_apart(kernel, server):
    server.enqueue(*named("think-tag-split"))
    cell = kernel.run("reply = %deepseek -m mine hello")
    assert "<think>" not in cell.text
    assert kernel.value("reply.reasoning") == THOUGHT
    kernel.quietly("%config DeepSeek.think_tags = 'off'")
    server.enqueue(*named("think-tag-split"))
    assert kernel.run("%deepseek -m mine hello").text.startswith("<think>")


def test_thinking_without_its_first_tag_is_shown_apart_on_the_users_word(kernel, server):
    kernel.quietly("%config DeepSeek.think_tags = 'open'")
    server.enqueue(*named("think-tag-closing-only"))
    cell = kernel.run("reply = %deepseek -m mine hello")
    assert "</think>" not in cell.text
    assert kernel.value("reply.reasoning") == THOUGHT


def test_the_key_of_one_host_is_not_sent_to_another(kernel, server):
    with FaultServer() as other:
        kernel.run(f"%deepseek --base-url {other.url}/v1 -m mine hello")
        kernel.run(f"%config DeepSeek.dialect = 'deepseek'\n%deepseek --base-url {other.url} -m mine hello")
        assert len(other.requests) == 2
        assert all("authorization" not in request.headers for request in other.requests)
        assert all("thinking" not in request.json for request in other.requests)
    kernel.run("%deepseek -m mine hello")
    assert server.requests[-1].headers["authorization"] == f"Bearer {KEY}"


def test_what_a_wrong_key_costs_before_the_question(kernel, server):
    server.repeat(error(401, api_error("no such key")))
    cell = kernel.run("%deepseek hello")
    assert cell.error.startswith("AuthenticationFailed: ")
    assert "no such key" in cell.error
