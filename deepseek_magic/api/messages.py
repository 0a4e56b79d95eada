"""Request values: what is asked of the endpoint, before it becomes JSON. All are frozen and hashable.

Sources: DeepSeek's create-chat-completion and create-completion references, and its vision guide.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from deepseek_magic.settings.parameters import Settings

Role = Literal["system", "user", "assistant", "tool"]
Detail = Literal["low", "high", "original", "auto"]
ResponseFormat = Literal["json_object", "json_schema"]


@dataclass(frozen=True, slots=True)
class TextPart:
    """Text among the parts of a message."""

    text: str


@dataclass(frozen=True, slots=True)
class ImagePart:
    """An image among the parts of a user's message; `deepseek_magic.api.images` makes it and keeps the limits.

    ``url`` is ``https://…`` or ``data:image/…;base64,…``; ``width`` and ``height`` are pixels, 0 if unknown.
    """

    url: str
    detail: Detail | None = None
    width: int = 0
    height: int = 0


Part = TextPart | ImagePart


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that the assistant made: its id, the function's name, and the arguments as the model wrote them."""

    call_id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that may be called. ``parameters`` is its JSON schema as text, so that its bytes never change.

    ``strict`` asks the endpoint to hold the model to the schema; it takes all tools of a request, or none. ``server``
    is the server of tools that described it, which is not sent.
    """

    name: str
    description: str = ""
    parameters: str = ""
    strict: bool = False
    server: str = ""

    @classmethod
    def of(cls, name: str, description: str, schema: Mapping[str, Any]) -> Tool:
        """Return the tool whose parameters are described by ``schema``."""
        return cls(name, description, json.dumps(schema, ensure_ascii=False))


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation. ``content`` is sent byte for byte.

    ``reasoning`` is the thinking of an assistant's turn, which is sent only where the endpoint demands it; ``prefix``
    marks the last message as the beginning of the reply; ``tool_call_id`` is the call that a message
    of the role ``tool`` answers.
    """

    role: Role
    content: str | tuple[Part, ...] = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""
    prefix: bool = False

    @property
    def text(self) -> str:
        """The text of the message; that of several parts is joined by a line break."""
        if isinstance(self.content, str):
            return self.content
        return "\n".join(part.text for part in self.content if isinstance(part, TextPart))

    @property
    def images(self) -> tuple[ImagePart, ...]:
        """The images of the message."""
        return () if isinstance(self.content, str) else tuple(p for p in self.content if isinstance(p, ImagePart))


@dataclass(frozen=True, slots=True)
class Request:
    """One question to the chat endpoint, asked with ``settings``. A field that is ``None`` (or empty) is not sent.

    ``tool_choice`` is ``none``, ``auto``, ``required``, or the name of the one function to call. ``reply_schema`` is
    the JSON Schema of the reply, as JSON, for the servers that take one. ``servers`` are the words by which the user
    named tools of servers: what is sent of them are their ``tools``, once the servers run. ``told_apart`` is what
    tells those from others of the same names; "" if that is not known.
    """

    settings: Settings
    messages: tuple[Message, ...]
    response_format: ResponseFormat | None = None
    tools: tuple[Tool, ...] = ()
    tool_choice: str = ""
    reply_schema: str = ""
    servers: tuple[str, ...] = ()
    told_apart: str = ""

    @property
    def continues(self) -> bool:
        """Whether the last message is the beginning of the reply."""
        return bool(self.messages) and self.messages[-1].prefix

    def changed(self, **settings: Any) -> Request:
        """Return this request with other ``settings``, by name."""
        return replace(self, settings=replace(self.settings, **settings))


@dataclass(frozen=True, slots=True)
class FimRequest:
    """Code with a gap: ``prompt`` stands before it and ``suffix`` after it."""

    settings: Settings
    prompt: str
    suffix: str = ""


def user_message(text: str, images: tuple[ImagePart, ...] = ()) -> Message:
    """Return the user's message: ``text``, with the ``images`` behind it if there are any."""
    return Message("user", (TextPart(text), *images) if images else text)
