"""Encode requests as JSON, field by field as documented. No I/O.

Sources: DeepSeek's create-chat-completion and create-completion references, its thinking-mode, tool-calls, prefix and
vision guides; for continuation on vLLM, its OpenAI-compatible server. A field that was not set is not sent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from deepseek_magic.errors import ConfigurationError

from .dialects import Dialect
from .messages import FimRequest, ImagePart, Message, Part, Request, Tool, ToolCall

#: The most tokens that DeepSeek fills in.
MAX_FIM_TOKENS = 4096
_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_SURROGATE = re.compile("[\ud800-\udfff]")


def encode(request: Request | FimRequest, dialect: Dialect) -> dict[str, Any]:
    """Return the body of the call for ``request`` in ``dialect``, with streaming.

    Fields that the request does not set are not sent, so that the endpoint's defaults apply.

    Raises:
        ConfigurationError: the dialect does not have such a call, or cannot continue a reply.
    """
    asked = _gap(request, dialect) if isinstance(request, FimRequest) else _chat(request, dialect)
    settings = request.settings
    sampling = {
        "temperature": settings.temperature,
        "top_p": settings.top_p,
        "max_tokens": settings.max_tokens,
        "stop": list(settings.stop) or None,
    }
    return {
        "model": settings.model,
        **asked,
        "stream": True,
        "stream_options": {"include_usage": True},
        **{name: value for name, value in sampling.items() if value is not None},
    }


def _chat(request: Request, dialect: Dialect) -> dict[str, Any]:
    body: dict[str, Any] = {
        "messages": _messages(request, dialect),
        **dialect.thinking_fields(request.settings.thinking),
    }
    if request.response_format == "json_schema":
        named = {"name": "reply", "schema": json.loads(request.reply_schema)}
        body["response_format"] = {"type": "json_schema", "json_schema": named}
    elif request.response_format is not None:
        body["response_format"] = {"type": request.response_format}
    if request.tools:
        body["tools"] = [tool_body(tool) for tool in request.tools]
    if request.tool_choice:
        chosen = request.tool_choice not in ("none", "auto", "required")
        function = {"type": "function", "function": {"name": request.tool_choice}}
        body["tool_choice"] = function if chosen else request.tool_choice
    if request.continues and dialect.prefix == "continue":
        body |= {"continue_final_message": True, "add_generation_prompt": False}
    return body


def _gap(request: FimRequest, dialect: Dialect) -> dict[str, Any]:
    most = request.settings.max_tokens
    if not dialect.fim:
        msg = "this server is not known to support fill-in-the-middle; use DeepSeek's own, with --base-url deepseek"
        raise ConfigurationError(msg)
    if most is not None and most > MAX_FIM_TOKENS:
        msg = f"max_tokens is {most}: expected at most {MAX_FIM_TOKENS} where a gap is filled"
        raise ConfigurationError(msg)
    return {"prompt": request.prompt, **({"suffix": request.suffix} if request.suffix else {})}


def to_bytes(body: Mapping[str, Any]) -> bytes:
    """Return ``body`` as UTF-8 JSON. A lone surrogate, which UTF-8 cannot encode, becomes U+FFFD."""
    text = _JSON.encode(body)
    return text.encode() if text.isascii() else _SURROGATE.sub("\ufffd", text).encode()


def _messages(request: Request, dialect: Dialect) -> list[dict[str, Any]]:
    """Return the messages as sent.

    The thinking of earlier turns is sent back only where DeepSeek demands it: with tools and thinking on, in every turn
    of the assistant ("" if it has none). In other cases it would be refused or ignored.
    """
    if request.continues and not dialect.prefix:
        msg = "this server cannot continue a partial reply; ask it to go on instead"
        raise ConfigurationError(msg)
    thinks = dialect.deepseek and dialect.thinks(request.settings.thinking) is True
    return [
        _message(message, dialect, thinks and (bool(request.tools) or (message.prefix and message.reasoning != "")))
        for message in request.messages
    ]


def _message(message: Message, dialect: Dialect, reasoning: bool) -> dict[str, Any]:
    content = message.content if isinstance(message.content, str) else [_part(part) for part in message.content]
    sent: dict[str, Any] = {"role": message.role, "content": content}
    if message.role == "assistant":
        if reasoning:
            sent["reasoning_content"] = message.reasoning
        if message.tool_calls:
            sent["tool_calls"] = [_call(call) for call in message.tool_calls]
        if message.prefix and dialect.prefix == "beta":
            sent["prefix"] = True
    if message.tool_call_id:
        sent["tool_call_id"] = message.tool_call_id
    return sent


def _part(part: Part) -> dict[str, Any]:
    if isinstance(part, ImagePart):
        detail = {} if part.detail is None else {"detail": part.detail}
        return {"type": "image_url", "image_url": {"url": part.url, **detail}}
    return {"type": "text", "text": part.text}


def _call(call: ToolCall) -> dict[str, Any]:
    return {"id": call.call_id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def tool_body(tool: Tool) -> dict[str, Any]:
    """Return the JSON of ``tool`` in the body."""
    function: dict[str, Any] = {"name": tool.name}
    if tool.description:
        function["description"] = tool.description
    if tool.parameters:
        function["parameters"] = json.loads(tool.parameters)
    if tool.strict:
        function["strict"] = True
    return {"type": "function", "function": function}
