"""Read a chat request: from raw JSON to a `ChatRequest`, or a refusal."""

from __future__ import annotations

import json
from dataclasses import dataclass

from deepseek_magic.context.sentences import FIGURES
from deepseek_magic.text import estimate_tokens

from . import request_shape
from .documented_errors import bad_request, beta_only
from .message_parts import MessageParts, message_tokens, parts_of, text_of
from .request_shape import COMMON, JSON, BaseRequest

#: The names of the efforts, each with its level of thinking.
EFFORTS: dict[str, str | None] = {
    "none": None,
    **dict.fromkeys(("minimal", "low"), "low"),
    **dict.fromkeys(("medium", "high", "xhigh"), "high"),
    **dict.fromkeys(("max", "ultra"), "max"),
}
_PART = {"type!": ("text", "image_url", "file"), "text": str}
_CALL = {"id!": str, "function!": {"name!": str, "arguments!": str}}
_MESSAGE = {
    "role!": ("system", "user", "assistant", "tool", "latest_reminder"),
    "content": (str, [_PART]),
    "name": str,
    "reasoning_content": str,
    "prefix": bool,
    "tool_calls": [_CALL],
    "tool_call_id": str,
}
_FUNCTION = {"name!": str, "description": str, "parameters": dict, "strict": bool}
SHAPE: JSON = {
    **COMMON,
    "messages!": [_MESSAGE],
    "thinking": {"type!": ("enabled", "disabled", "adaptive")},
    "reasoning_effort": tuple(EFFORTS),
    "response_format": {"type": str},
    "tools": [{"type!": ("function",), "function!": _FUNCTION}],
    "tool_choice": (str, {"function!": {"name!": str}}),
    "logprobs": bool,
    "top_logprobs": int,
}
# The most tokens of a reply if the request sets no limit, by level of thinking.
_BUDGETS = {None: 8192, "max": 131072}


@dataclass(frozen=True, slots=True)
class ChatRequest(BaseRequest):
    """One chat request.

    Attributes:
        messages: the conversation, without a prefix and without messages that hold pictures from tool calls.
        prefix: the unfinished assistant message at its end; ``None`` if there is none.
        thinking: the level, or ``None`` if it is off.
    """

    messages: list[JSON]
    prefix: JSON | None
    thinking: str | None

    @property
    def json_mode(self) -> bool:
        """Whether the reply must be JSON."""
        return (self.body.get("response_format") or {}).get("type") == "json_object"

    @property
    def functions(self) -> list[JSON]:
        """The functions that may be called."""
        return [tool["function"] for tool in self.body.get("tools") or ()]

    @property
    def tool_choice(self) -> str:
        """``none``, ``auto``, ``required`` or the name of the function to call."""
        given = self.body.get("tool_choice") or "auto"
        return given if isinstance(given, str) else str(given["function"]["name"])

    @property
    def last(self) -> MessageParts:
        """The parts of the last user message."""
        return next(
            (parts_of(message) for message in reversed(self.messages) if message["role"] == "user"), MessageParts("")
        )

    @property
    def question(self) -> str:
        """The user's own words in the last user message."""
        return self.last.words

    @property
    def last_role(self) -> str:
        """The role of the last message; ``user`` for a request with only a prefix."""
        return str(self.messages[-1]["role"]) if self.messages else "user"

    @property
    def prompt_tokens(self) -> int:
        """The estimated tokens of everything that was sent."""
        tools = json.dumps(self.body.get("tools") or "", ensure_ascii=False) if self.functions else ""
        sent = [*self.messages, *([self.prefix] if self.prefix else [])]
        return sum(map(message_tokens, sent)) + estimate_tokens(tools)


def read(raw: bytes, *, beta: bool) -> ChatRequest:
    """Return the request in ``raw``; raises `Refused` with the documented error."""
    body, model = request_shape.read(raw, SHAPE)
    messages = body["messages"]
    if not messages:
        raise bad_request("Empty input messages")
    if (body.get("response_format") or {}).get("type", "text") not in ("text", "json_object"):
        raise bad_request("This response_format type is unavailable now")
    prefix = messages[-1] if messages[-1]["role"] == "assistant" else None
    if prefix and not prefix.get("prefix"):
        raise bad_request("The last message must not be an assistant message, except with prefix mode on.")
    if prefix and not beta:
        raise beta_only("prefix mode")
    off = (body.get("thinking") or {}).get("type") == "disabled"
    level = None if off else EFFORTS[body.get("reasoning_effort") or "high"]
    budget = body.get("max_tokens") or _BUDGETS.get(level, 65536)
    asked = [message for message in messages if not _shows_pictures(message)]
    return ChatRequest(body, model, budget, asked[:-1] if prefix else asked, prefix, level)


def _shows_pictures(message: JSON) -> bool:
    """Return whether ``message`` only holds pictures from tool calls, and so is not a question."""
    return message["role"] == "user" and text_of(message) == FIGURES
