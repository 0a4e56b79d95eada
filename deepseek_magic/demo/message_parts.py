"""A message taken apart: the data that goes along, the user's own words, and what is said about the form of the reply.

The notebook side writes context as blocks, ``<<<context MARKER title`` … ``MARKER>>>``, before the words, and asks for
JSON in paragraphs of its own. Both are read by their form alone; a message of any other form is all words.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from deepseek_magic.text import estimate_tokens

_OPENING = re.compile(r"^<<<context (m[0-9a-f]{16,64}) ", re.MULTILINE)
_ON_FORM = (
    "Reply with one JSON object and nothing else:",
    "The object must fit this JSON Schema:\n",
    "An example of the shape, with made-up values:\n",
)
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
        """The JSON Schema that the reply must fit; ``None`` where none is given."""
        return self._told(1)

    @property
    def example(self) -> Any:
        """The example of the reply's shape; ``None`` where none is given."""
        return self._told(2)

    def _told(self, place: int) -> Any:
        told = self.form.partition(_ON_FORM[place])[2].partition(_PARAGRAPH)[0]
        try:
            return json.loads(told) if told else None
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
    """Return the parts of ``text``."""
    blocks, rest = _blocks(text)
    words, form = _form(rest)
    return Parts(words, blocks, form)


def _blocks(text: str) -> tuple[tuple[tuple[str, str], ...], str]:
    """Return the context, and what stands behind it.

    Only the first marker counts, and before its block stands one paragraph at most: whatever else looks like a block
    is in the data or in the user's words.
    """
    first = _OPENING.search(text)
    if first is None or _PARAGRAPH in text[: first.start()].removesuffix(_PARAGRAPH):
        return (), text
    opening, closing = f"<<<context {first[1]} ", f"\n{first[1]}>>>"
    blocks: list[tuple[str, str]] = []
    place = first.start()
    while text.startswith(opening, place):
        end = text.find(closing, place)
        if end < 0:
            break
        title, _, content = text[place + len(opening) : end].partition("\n")
        blocks.append((title, content))
        place = end + len(closing)
        place += len(_PARAGRAPH) if text.startswith(_PARAGRAPH, place) else 0
    return tuple(blocks), text[place:]


def _form(text: str) -> tuple[str, str]:
    """Return the words, and the paragraphs on the form of the reply that stand before or behind them."""
    paragraphs = text.split(_PARAGRAPH)
    on_form = [paragraph.startswith(_ON_FORM) for paragraph in paragraphs]
    before = on_form.index(False) if False in on_form else len(paragraphs)
    behind = len(paragraphs)
    while behind > before and on_form[behind - 1]:
        behind -= 1
    words = _PARAGRAPH.join(paragraphs[before:behind])
    return words, _PARAGRAPH.join([*paragraphs[:before], *paragraphs[behind:]])
