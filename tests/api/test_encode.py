"""Request bodies, field by field as DeepSeek's reference documents them: one literal body per mode, nothing more."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepseek_magic.api.dialects import COMPATIBLE, DEEPSEEK, DIALECTS, LLAMA_CPP, LM_STUDIO, OLLAMA, SGLANG, VLLM
from deepseek_magic.api.encode import MAX_FIM_TOKENS, encode, to_bytes
from deepseek_magic.api.messages import ImagePart, Message, TextPart, Tool, ToolCall
from deepseek_magic.errors import ConfigurationError
from tests.requesting import chat, fim

HI = (Message("user", "Hi"),)
STREAMED = {"stream": True, "stream_options": {"include_usage": True}}
ENABLED = {"thinking": {"type": "enabled"}}
DISABLED = {"thinking": {"type": "disabled"}}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = Tool.of("get_weather", "Weather of a city", SCHEMA)
CALL = ToolCall("call_00_x", "get_weather", '{"city": "Köln"}')
SENT_TOOL = {
    "type": "function",
    "function": {"name": "get_weather", "description": "Weather of a city", "parameters": SCHEMA},
}
SENT_CALL = {
    "id": "call_00_x",
    "type": "function",
    "function": {"name": "get_weather", "arguments": '{"city": "Köln"}'},
}
CALLED = (*HI, Message("assistant", "", "I call it.", (CALL,)), Message("tool", "grey", tool_call_id="call_00_x"))
SENT_HI = {"role": "user", "content": "Hi"}
SENT_RESULT = {"role": "tool", "content": "grey", "tool_call_id": "call_00_x"}
PREFIX = Message("assistant", "```python\n", prefix=True)

MODES = {
    "plain": (chat("deepseek-flash", HI), {"messages": [SENT_HI], **STREAMED, **ENABLED}),
    "thinking-off": (chat("deepseek-flash", HI, "off"), {"messages": [SENT_HI], **STREAMED, **DISABLED}),
    "thinking-low": (
        chat("deepseek-flash", HI, "low"),
        {"messages": [SENT_HI], **STREAMED, **ENABLED, "reasoning_effort": "low"},
    ),
    "thinking-high": (
        chat("deepseek-flash", HI, "high"),
        {"messages": [SENT_HI], **STREAMED, **ENABLED, "reasoning_effort": "high"},
    ),
    "thinking-max": (
        chat("deepseek-flash", HI, "max"),
        {"messages": [SENT_HI], **STREAMED, **ENABLED, "reasoning_effort": "max"},
    ),
    "system": (
        chat("deepseek-flash", (Message("system", "Be brief."), *HI), "off"),
        {"messages": [{"role": "system", "content": "Be brief."}, SENT_HI], **STREAMED, **DISABLED},
    ),
    "sampling": (
        chat("deepseek-flash", HI, "off", temperature=0.0, top_p=0.9, max_tokens=1, stop=("END", "---")),
        {
            "messages": [SENT_HI],
            **STREAMED,
            **DISABLED,
            "temperature": 0.0,
            "top_p": 0.9,
            "max_tokens": 1,
            "stop": ["END", "---"],
        },
    ),
    "later-turn": (
        chat("deepseek-flash", (*HI, Message("assistant", "Hello", "A greeting."), Message("user", "And?"))),
        {
            "messages": [SENT_HI, {"role": "assistant", "content": "Hello"}, {"role": "user", "content": "And?"}],
            **STREAMED,
            **ENABLED,
        },
    ),
    "json": (
        chat("deepseek-flash", (Message("user", "json please"),), "off", response_format="json_object"),
        {
            "messages": [{"role": "user", "content": "json please"}],
            **STREAMED,
            **DISABLED,
            "response_format": {"type": "json_object"},
        },
    ),
    "tools": (
        chat("deepseek-flash", HI, tools=(WEATHER,)),
        {"messages": [SENT_HI], **STREAMED, **ENABLED, "tools": [SENT_TOOL]},
    ),
    "tools-required": (
        chat("deepseek-flash", HI, "off", tools=(WEATHER,), tool_choice="required"),
        {"messages": [SENT_HI], **STREAMED, **DISABLED, "tools": [SENT_TOOL], "tool_choice": "required"},
    ),
    "tools-named": (
        chat("deepseek-flash", HI, "off", tools=(WEATHER,), tool_choice="get_weather"),
        {
            "messages": [SENT_HI],
            **STREAMED,
            **DISABLED,
            "tools": [SENT_TOOL],
            "tool_choice": {"type": "function", "function": {"name": "get_weather"}},
        },
    ),
    "tool-result-while-thinking": (
        chat("deepseek-flash", CALLED, "high", tools=(WEATHER,)),
        {
            "messages": [
                SENT_HI,
                {"role": "assistant", "content": "", "reasoning_content": "I call it.", "tool_calls": [SENT_CALL]},
                SENT_RESULT,
            ],
            **STREAMED,
            **ENABLED,
            "reasoning_effort": "high",
            "tools": [SENT_TOOL],
        },
    ),
    "tool-result-without-thinking": (
        chat("deepseek-flash", CALLED, "off", tools=(WEATHER,)),
        {
            "messages": [SENT_HI, {"role": "assistant", "content": "", "tool_calls": [SENT_CALL]}, SENT_RESULT],
            **STREAMED,
            **DISABLED,
            "tools": [SENT_TOOL],
        },
    ),
    "prefix": (
        chat("deepseek-flash", (*HI, PREFIX), "off", stop=("```",)),
        {
            "messages": [SENT_HI, {"role": "assistant", "content": "```python\n", "prefix": True}],
            **STREAMED,
            **DISABLED,
            "stop": ["```"],
        },
    ),
    "prefix-with-its-thinking": (
        chat("deepseek-flash", (*HI, Message("assistant", "So", "Hm.", prefix=True))),
        {
            "messages": [
                SENT_HI,
                {"role": "assistant", "content": "So", "reasoning_content": "Hm.", "prefix": True},
            ],
            **STREAMED,
            **ENABLED,
        },
    ),
    "image": (
        chat(
            "deepseek-flash",
            (Message("user", (TextPart("What is it?"), ImagePart("data:image/png;base64,AA=="))),),
            "off",
        ),
        {
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": "What is it?"},
                        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}},
                    ],
                }
            ],
            **STREAMED,
            **DISABLED,
        },
    ),
    "image-in-detail": (
        chat("deepseek-flash", (Message("user", (ImagePart("https://a.example/b.png", "low"),)),), "off"),
        {
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"type": "image_url", "image_url": {"url": "https://a.example/b.png", "detail": "low"}}
                    ],
                }
            ],
            **STREAMED,
            **DISABLED,
        },
    ),
}


@pytest.mark.parametrize("mode", MODES)
def test_the_body_of_each_mode(mode):
    request, expected = MODES[mode]
    assert encode(request, DEEPSEEK) == {"model": "deepseek-flash", **expected}


def test_turns_made_without_thinking_go_back_with_tools_as_empty_thinking():
    messages = (*HI, Message("assistant", "Hello"), Message("user", "And?"))
    sent = encode(chat("deepseek-flash", messages, tools=(WEATHER,)), DEEPSEEK)["messages"]
    assert sent[1] == {"role": "assistant", "content": "Hello", "reasoning_content": ""}


@pytest.mark.parametrize("dialect", [dialect for dialect in DIALECTS.values() if not dialect.deepseek])
def test_no_field_of_deepseeks_own_goes_elsewhere(dialect):
    for request, _ in MODES.values():
        if request.continues and not dialect.prefix:
            with pytest.raises(ConfigurationError, match="ask it to go on"):
                encode(request, dialect)
            continue
        body = encode(request, dialect)
        assert "thinking" not in body
        assert not any({"reasoning_content", "prefix"} & message.keys() for message in body["messages"])


def test_the_minimal_body_elsewhere():
    expected = {"model": "m", "messages": [SENT_HI], **STREAMED}
    for dialect in DIALECTS.values():
        if not dialect.deepseek:
            assert encode(chat("m", HI), dialect) == expected


@pytest.mark.parametrize(
    ("dialect", "thinking", "fields"),
    [
        *((VLLM, "off", {"chat_template_kwargs": {"thinking": False}}),),
        *((SGLANG, "off", {"chat_template_kwargs": {"thinking": False}}),),
        *((SGLANG, "low", {"chat_template_kwargs": {"thinking": True}, "reasoning_effort": "low"}),),
        *((VLLM, "max", {"chat_template_kwargs": {"thinking": True, "reasoning_effort": "max"}}),),
        *((OLLAMA, "off", {"reasoning_effort": "none"}), (OLLAMA, "low", {"reasoning_effort": "low"})),
        *((LLAMA_CPP, "off", {"reasoning_effort": "none"}), (LM_STUDIO, "high", {"reasoning_effort": "high"})),
        *((COMPATIBLE, "off", {"reasoning_effort": "none"}), (COMPATIBLE, "max", {"reasoning_effort": "max"})),
    ],
)
def test_the_thinking_switch_of_other_servers(dialect, thinking, fields):
    assert encode(chat("m", HI, thinking), dialect) == {"model": "m", "messages": [SENT_HI], **STREAMED, **fields}


def test_vllm_continues_by_fields_of_its_own():
    assert encode(chat("m", (*HI, PREFIX)), VLLM) == {
        "model": "m",
        "messages": [SENT_HI, {"role": "assistant", "content": "```python\n"}],
        **STREAMED,
        "continue_final_message": True,
        "add_generation_prompt": False,
    }


def test_the_body_that_fills_a_gap():
    bare = {"model": "deepseek-v4-pro", "prompt": "def f(", **STREAMED}
    assert encode(fim("deepseek-v4-pro", "def f("), DEEPSEEK) == bare
    full = fim("deepseek-v4-pro", "def f(", "\n    return x", max_tokens=64, temperature=0.0, top_p=0.5, stop=("\n\n",))
    settings = {"suffix": "\n    return x", "max_tokens": 64, "temperature": 0.0, "top_p": 0.5, "stop": ["\n\n"]}
    assert encode(full, DEEPSEEK) == {**bare, **settings}


def test_what_cannot_fill_a_gap():
    with pytest.raises(ConfigurationError, match="at most 4096"):
        encode(fim("m", "x", max_tokens=MAX_FIM_TOKENS + 1), DEEPSEEK)
    for dialect in DIALECTS.values():
        if not dialect.fim:
            with pytest.raises(ConfigurationError, match="not known to support fill-in-the-middle"):
                encode(fim("m", "x"), dialect)


def test_requests_are_values():
    for request, _ in MODES.values():
        assert hash(request) == hash(request)
    assert len({WEATHER, Tool.of("get_weather", "Weather of a city", SCHEMA)}) == 1


def test_the_text_and_the_images_of_a_message():
    image = ImagePart("https://a.example/b.png")
    message = Message("user", (TextPart("one"), image, TextPart("two")))
    assert (message.text, message.images) == ("one\ntwo", (image,))
    assert (Message("user", "one").text, Message("user", "one").images) == ("one", ())


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_sent_as_it_is(text):
    parts = (TextPart(text), TextPart(text))
    for content, sent in ((text, text), (parts, [{"type": "text", "text": text}] * 2)):
        body = to_bytes(encode(chat("m", (Message("user", content),)), DEEPSEEK))
        assert json.loads(body)["messages"][0]["content"] == sent


def test_a_lone_surrogate_is_replaced():
    assert json.loads(to_bytes({"a": "x\ud83dy"})) == {"a": "x\ufffdy"}


def test_nothing_that_is_no_json_is_sent():
    with pytest.raises(ValueError, match="JSON"):
        to_bytes({"a": float("nan")})
