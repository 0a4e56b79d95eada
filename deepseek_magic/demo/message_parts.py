"""Split a message into the user's words, the context that was sent with them, and instructions on the reply's form.

What this package adds to the words is recognised by its sentences; any other message consists of words only.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from deepseek_magic.context.wrapping import unwrapped
from deepseek_magic.structured.sentences import EXAMPLE, RULES, SCHEMA
from deepseek_magic.text import estimate_tokens

_ON_FORM = (RULES, SCHEMA, EXAMPLE)
_PARAGRAPH = "\n\n"
_IMAGE_TOKENS = 384


@dataclass(frozen=True, slots=True)
class MessageParts:
    """The parts of one message.

    Attributes:
        words: what the user typed.
        blocks: title and text of each piece of context, in order.
        form: the instructions on the form of the reply; "" for none.
    """

    words: str
    blocks: tuple[tuple[str, str], ...] = ()
    form: str = ""

    @property
    def data(self) -> str:
        """All titles and texts of the context."""
        return "\n".join(f"{title}\n{text}" for title, text in self.blocks)

    @property
    def schema(self) -> Any:
        """The JSON Schema that the reply must fit; ``None`` if none is given."""
        return self._on_form(SCHEMA)

    @property
    def example(self) -> Any:
        """The example of the reply's shape; ``None`` if none is given."""
        return self._on_form(EXAMPLE)

    def _on_form(self, opening: str) -> Any:
        try:
            return json.loads(self.form.partition(opening)[2].partition(_PARAGRAPH)[0])
        except (ValueError, RecursionError):
            return None


def text_of(message: dict[str, Any]) -> str:
    """Return the text of a message: its text parts, joined."""
    content: Any = message.get("content") or ""
    if isinstance(content, list):
        return "\n".join(part.get("text") or "" for part in content if part["type"] == "text")
    return str(content)


def image_count(message: dict[str, Any]) -> int:
    """Return how many parts of a message are images."""
    content = message.get("content")
    return sum(part["type"] == "image_url" for part in content) if isinstance(content, list) else 0


def message_tokens(message: dict[str, Any]) -> int:
    """Return the estimated tokens of one message, with its images and calls."""
    calls = message.get("tool_calls")
    extra = estimate_tokens(json.dumps(calls, ensure_ascii=False)) if calls else 0
    return max(1, estimate_tokens(text_of(message))) + extra + _IMAGE_TOKENS * image_count(message)


def parts_of(message: dict[str, Any]) -> MessageParts:
    """Return the parts of a message's text."""
    return taken_apart(text_of(message))


def taken_apart(text: str) -> MessageParts:
    """Return the parts of ``text``: instructions on the form come before or after the words."""
    blocks, rest = unwrapped(text)
    paragraphs = rest.split(_PARAGRAPH)
    on_form = [paragraph.startswith(_ON_FORM) for paragraph in paragraphs]
    before = on_form.index(False) if False in on_form else len(paragraphs)
    behind = len(paragraphs) - (on_form[::-1].index(False) if False in on_form else 0)
    form = _PARAGRAPH.join([*paragraphs[:before], *paragraphs[behind:]])
    return MessageParts(_PARAGRAPH.join(paragraphs[before:behind]), tuple(blocks), form)
