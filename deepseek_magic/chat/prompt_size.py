"""Estimate the tokens of a request, part by part."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from deepseek_magic.api.dialects import dialect_of
from deepseek_magic.api.encode import encode, tool_body
from deepseek_magic.api.images import IMAGE_TOKENS
from deepseek_magic.api.messages import FimRequest, Request, Tool
from deepseek_magic.text import estimate_tokens, known_tokens


def body_of(request: Request | FimRequest) -> dict[str, Any]:
    """Return the body of the call, as it is sent."""
    return encode(request, dialect_of(request.settings))


def prompt_tokens(request: Request | FimRequest) -> int:
    """Estimate the tokens of ``request``: its messages with thinking, calls and images, and its tools."""
    if isinstance(request, FimRequest):
        return estimate_tokens(request.prompt) + estimate_tokens(request.suffix)
    return sum(map(message_tokens, body_of(request)["messages"])) + sum(map(tool_tokens, request.tools))


def message_tokens(message: Mapping[str, Any]) -> int:
    """Estimate the tokens of one message of a body."""
    content = message["content"]
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
    calls = [call["function"] for call in message.get("tool_calls", ())]
    texts: list[str] = [part["text"] for part in parts if part["type"] == "text"]
    texts += [message.get("reasoning_content", ""), *(f"{call['name']}{call['arguments']}" for call in calls)]
    images: int = sum(part["type"] == "image_url" for part in parts)
    return sum(map(known_tokens, texts)) + IMAGE_TOKENS * images


def tool_tokens(tool: Tool) -> int:
    """Estimate the tokens of the definition of ``tool``."""
    return estimate_tokens(json.dumps(tool_body(tool)["function"], ensure_ascii=False))
