"""An SDK that we did not write speaks with the embedded endpoint: chat, streams, tools, models, filling, errors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest

from deepseek_magic.demo import EmbeddedEndpoint

pytestmark = pytest.mark.thorough  # the SDK takes long to load

TABLE = "Compare a list, a tuple, a set and a dict in a small table."
LARGER = "Which is larger, 9.11 or 9.9? Think first."
OFF: dict[str, Any] = {"thinking": {"type": "disabled"}}
WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


@pytest.fixture
def client(endpoint: EmbeddedEndpoint) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(api_key="sk-for-the-sdk", base_url=endpoint.url, max_retries=0) as made:
        yield made


def asked(question: str) -> list[Any]:
    return [{"role": "user", "content": question}]


def test_it_chats(client: Any) -> None:
    """Text, thinking, reason and figures arrive in the SDK's own types."""
    reply = client.chat.completions.create(model="deepseek-flash", messages=asked(LARGER))
    (choice,) = reply.choices
    assert "**9.9 is larger.**" in choice.message.content
    assert "whole parts are equal" in choice.message.reasoning_content
    assert choice.finish_reason == "stop"
    assert reply.usage.completion_tokens_details.reasoning_tokens > 100
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens


@pytest.mark.parametrize("figures", [None, {"include_usage": True}])
def test_it_streams(client: Any, figures: Any) -> None:
    """The pieces join to the whole; comments are passed over; the figures come on the last chunk."""
    whole = client.chat.completions.create(model="deepseek-flash", messages=asked(TABLE), extra_body=OFF)
    more = {"stream_options": figures} if figures else {}
    chunks = list(
        client.chat.completions.create(
            model="deepseek-flash", messages=asked(TABLE), stream=True, extra_body=OFF, **more
        )
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text == whole.choices[0].message.content
    assert [chunk.usage for chunk in chunks[:-1]] == [None] * (len(chunks) - 1)
    assert chunks[-1].usage.completion_tokens == whole.usage.completion_tokens


def test_its_own_stream_reader_accepts_the_stream(client: Any) -> None:
    """The helper that folds a stream into a completion checks more than the bare iterator."""
    with client.chat.completions.stream(model="deepseek-flash", messages=asked(LARGER)) as stream:
        for _ in stream:
            pass
        final = stream.get_final_completion()
    assert final.choices[0].finish_reason == "stop"
    assert "9.9 is larger" in final.choices[0].message.content


@pytest.mark.parametrize("stream", [False, True])
def test_it_calls_tools(client: Any, stream: bool) -> None:
    """A call, its result, and an answer about it; the thinking is passed back."""
    question = asked("What is the weather in Paris?")
    fields: Any = {"model": "deepseek-flash", "tools": [WEATHER]}
    if stream:
        with client.chat.completions.stream(messages=question, **fields) as events:
            message = events.get_final_completion().choices[0].message
    else:
        message = client.chat.completions.create(messages=question, **fields).choices[0].message
    (call,) = message.tool_calls
    assert call.function.name == "get_weather"
    assert json.loads(call.function.arguments) == {"city": "Paris"}
    turn = {
        "role": "assistant",
        "content": message.content or "",
        "reasoning_content": message.reasoning_content,
        "tool_calls": [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.function.name, "arguments": call.function.arguments},
            }
        ],
    }
    result = {"role": "tool", "tool_call_id": call.id, "content": "grey, 12 degrees"}
    reply = client.chat.completions.create(messages=[*question, turn, result], **fields)
    assert "grey, 12 degrees" in reply.choices[0].message.content


def test_it_lists_models(client: Any) -> None:
    """All, and one."""
    assert [model.id for model in client.models.list()] == ["deepseek-flash", "deepseek-v4-pro"]
    assert client.models.retrieve("deepseek-v4-pro").owned_by == "deepseek"


def test_it_fills_in_on_the_beta_base(client: Any, endpoint: EmbeddedEndpoint) -> None:
    """The older completions call."""
    with client.with_options(base_url=f"{endpoint.url}/beta") as beta:
        reply = beta.completions.create(model="deepseek-v4-pro", prompt="def fibonacci(n):\n", suffix="\n")
    assert "return n" in reply.choices[0].text


def test_it_streams_what_it_fills_in(client: Any, endpoint: EmbeddedEndpoint) -> None:
    """The pieces join to the whole; the reason and the figures are on the last one."""
    fields: Any = {"model": "deepseek-v4-pro", "prompt": "def fibonacci(n):\n", "suffix": "\n"}
    with client.with_options(base_url=f"{endpoint.url}/beta") as beta:
        whole = beta.completions.create(**fields).choices[0].text
        chunks = list(beta.completions.create(**fields, stream=True, stream_options={"include_usage": True}))
    assert "".join(chunk.choices[0].text for chunk in chunks) == whole
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert chunks[-1].usage.completion_tokens > 0


@pytest.mark.parametrize("stream", [False, True])
def test_it_continues_a_beginning_on_the_beta_base(client: Any, endpoint: EmbeddedEndpoint, stream: bool) -> None:
    """Only the rest comes, and it joins without a seam."""
    ask: Any = {"model": "deepseek-flash", "extra_body": OFF}
    whole = client.chat.completions.create(messages=asked(TABLE), **ask).choices[0].message.content
    begun = [*asked(TABLE), {"role": "assistant", "content": whole[:100], "prefix": True}]
    with pytest.raises(openai.BadRequestError, match="only available when using beta"):
        client.chat.completions.create(messages=begun, **ask)
    with client.with_options(base_url=f"{endpoint.url}/beta") as beta:
        reply = beta.chat.completions.create(messages=begun, stream=stream, **ask)
        if stream:
            rest = "".join(chunk.choices[0].delta.content or "" for chunk in reply)
        else:
            rest = reply.choices[0].message.content
    assert whole[:100] + rest == whole


def test_it_sends_an_image(client: Any) -> None:
    """Parts of a message; the model that cannot see refuses them."""
    parts = [
        {"type": "text", "text": "What is in it?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo=", "detail": "low"}},
    ]
    messages: Any = [{"role": "user", "content": parts}]
    reply = client.chat.completions.create(model="deepseek-flash", messages=messages, extra_body=OFF)
    assert "What is in it?" in reply.choices[0].message.content
    assert reply.usage.prompt_tokens > 384
    with pytest.raises(openai.BadRequestError, match="does not support image"):
        client.chat.completions.create(model="deepseek-v4-pro", messages=messages, extra_body=OFF)


def test_it_chooses_a_tool_by_name(client: Any) -> None:
    """Thinking off, as the documentation wants it; while thinking it is refused."""
    fields: Any = {
        "model": "deepseek-flash",
        "messages": asked("Hi"),
        "tools": [WEATHER],
        "tool_choice": {"type": "function", "function": {"name": "get_weather"}},
    }
    (call,) = client.chat.completions.create(**fields, extra_body=OFF).choices[0].message.tool_calls
    assert call.function.name == "get_weather"
    with pytest.raises(openai.BadRequestError, match="does not support this tool_choice"):
        client.chat.completions.create(**fields)


def test_it_gets_json(client: Any) -> None:
    """JSON mode."""
    reply = client.chat.completions.create(
        model="deepseek-flash",
        messages=asked('Reply in JSON like {"a": 1}'),
        response_format={"type": "json_object"},
        extra_body=OFF,
    )
    assert json.loads(reply.choices[0].message.content) == {"a": 1}


@pytest.mark.parametrize(
    ("fields", "error", "words"),
    [
        ({"model": "deepseek-chat"}, openai.BadRequestError, "but you passed deepseek-chat."),
        ({"max_tokens": 0}, openai.BadRequestError, "Invalid max_tokens value"),
        ({"messages": []}, openai.BadRequestError, "Empty input messages"),
        (
            {"messages": [{"role": "developer", "content": "x"}]},
            openai.UnprocessableEntityError,
            "unknown variant `developer`",
        ),
    ],
)
def test_it_raises_its_own_errors(client: Any, fields: Any, error: Any, words: str) -> None:
    """The class follows the status, and the message is read from the body."""
    with pytest.raises(error) as caught:
        client.chat.completions.create(**{"model": "deepseek-flash", "messages": asked("Hi"), **fields})
    assert words in caught.value.message
    assert caught.value.type == "invalid_request_error"


def test_a_wrong_key_is_its_authentication_error() -> None:
    """401."""
    with EmbeddedEndpoint(key="sk-the-right-one") as endpoint:
        client = openai.OpenAI(api_key="sk-wrong-key-abcd", base_url=f"{endpoint.url}/v1", max_retries=0)
        with client, pytest.raises(openai.AuthenticationError, match=r"\*\*\*\*abcd is invalid"):
            client.models.list()
