"""A message taken apart: the data that goes along, the user's own words, and what is said about the form of the reply.

What this package adds to the words is known by its own sentences; a message of any other form is all words.
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
class Parts:
    """One message.

    Attributes:
        words: what the user typed.
        blocks: title and text of each piece of context, in order.
        form: what is said about the form of the reply; "" for nothing.
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
    """Return the text of a message: text parts are joined, others leave nothing."""
    content: Any = message.get("content") or ""
    if isinstance(content, list):
        return "\n".join(part.get("text") or "" for part in content if part["type"] == "text")
    return str(content)


def image_count(message: dict[str, Any]) -> int:
    """Return how many parts of a message are images."""
    content = message.get("content")
    return sum(part["type"] == "image_url" for part in content) if isinstance(content, list) else 0


def message_tokens(message: dict[str, Any]) -> int:
    """Return the estimate for one message, with its images and calls."""
    calls = message.get("tool_calls")
    extra = estimate_tokens(json.dumps(calls, ensure_ascii=False)) if calls else 0
    return max(1, estimate_tokens(text_of(message))) + extra + _IMAGE_TOKENS * image_count(message)


def parts_of(message: dict[str, Any]) -> Parts:
    """Return the text of a message, taken apart."""
    return taken_apart(text_of(message))


def taken_apart(text: str) -> Parts:
    """Return the parts of ``text``: what is said on the form stands before or behind the words."""
    blocks, rest = unwrapped(text)
    paragraphs = rest.split(_PARAGRAPH)
    on_form = [paragraph.startswith(_ON_FORM) for paragraph in paragraphs]
    before = on_form.index(False) if False in on_form else len(paragraphs)
    behind = len(paragraphs) - (on_form[::-1].index(False) if False in on_form else 0)
    form = _PARAGRAPH.join([*paragraphs[:before], *paragraphs[behind:]])
    return Parts(_PARAGRAPH.join(paragraphs[before:behind]), tuple(blocks), form)
