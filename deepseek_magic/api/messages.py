"""Request values: what is asked of the endpoint, before it becomes JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from deepseek_magic.settings import Thinking

Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation. ``content`` is sent byte for byte."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Request:
    """One question to the chat endpoint. A field that is ``None`` (or empty) is not sent."""

    model: str
    messages: tuple[Message, ...]
    thinking: Thinking | None = None
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
