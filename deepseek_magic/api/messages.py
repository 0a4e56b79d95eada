"""The values of a request, before it is encoded as JSON. All are frozen and hashable.

Sources: DeepSeek's create-chat-completion and create-completion references, and its vision guide.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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
    """An image among the parts of a user's message; `deepseek_magic.api.images` makes it and checks the limits.

    ``url`` is ``https://…`` or ``data:image/…;base64,…``; ``width`` and ``height`` are in pixels, 0 if not known.
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
    """A function that may be called.

    Attributes:
        name: its name.
        description: its description for the model.
        parameters: its JSON Schema as JSON, so that its bytes never change.
        strict: asks the endpoint to enforce the schema; all tools of a request must be strict, or none.
        server: the MCP server that described it; not sent.
    """

    name: str
    description: str = ""
    parameters: str = ""
    strict: bool = False
    server: str = ""

    @classmethod
    def of(cls, name: str, description: str, schema: Mapping[str, Any]) -> Tool:
        """Return the tool whose parameters have the JSON Schema ``schema``."""
        return cls(name, description, json.dumps(schema, ensure_ascii=False))


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation.

    Attributes:
        role: its role.
        content: its content, which is sent byte for byte.
        reasoning: the thinking of an assistant's turn, which is sent only if the endpoint demands it.
        tool_calls: the calls in an assistant's message.
        tool_call_id: the id of the call that a message of the role ``tool`` answers.
        prefix: marks the last message as the beginning of the reply.
    """

    role: Role
    content: str | tuple[Part, ...] = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""
    prefix: bool = False

    @property
    def text(self) -> str:
        """The text of the message; several parts are joined by line breaks."""
        if isinstance(self.content, str):
            return self.content
        return "\n".join(part.text for part in self.content if isinstance(part, TextPart))

    @property
    def images(self) -> tuple[ImagePart, ...]:
        """The images of the message."""
        return () if isinstance(self.content, str) else tuple(p for p in self.content if isinstance(p, ImagePart))


@dataclass(frozen=True, slots=True)
class Request:
    """One request to the chat endpoint. A field that is ``None`` or empty is not sent.

    Attributes:
        settings: the settings of the question.
        messages: the messages.
        response_format: the form of JSON mode.
        tools: the functions that may be called.
        tool_choice: ``none``, ``auto``, ``required``, or the name of the function to call.
        reply_schema: the JSON Schema of the reply, as JSON, for servers that take one.
        servers: the user's names for MCP servers; their ``tools`` are sent once the servers run.
        told_apart: distinguishes these servers from others with the same names; "" if that is not known.
    """

    settings: Settings
    messages: tuple[Message, ...]
    response_format: ResponseFormat | None = None
    tools: tuple[Tool, ...] = ()
    tool_choice: str = ""
    reply_schema: str = ""
    servers: tuple[str, ...] = ()
    told_apart: str = field(default="", repr=False)  # arguments of a server may be secret

    @property
    def continues(self) -> bool:
        """Whether the last message is the beginning of the reply."""
        return bool(self.messages) and self.messages[-1].prefix

    def changed(self, **settings: Any) -> Request:
        """Return this request with the given ``settings`` changed."""
        return replace(self, settings=replace(self.settings, **settings))


@dataclass(frozen=True, slots=True)
class FimRequest:
    """A fill-in-the-middle request: the code before the gap (``prompt``) and after it (``suffix``)."""

    settings: Settings
    prompt: str
    suffix: str = ""


def user_message(text: str, images: tuple[ImagePart, ...] = ()) -> Message:
    """Return the user's message: ``text``, followed by the ``images`` if there are any."""
    return Message("user", (TextPart(text), *images) if images else text)
