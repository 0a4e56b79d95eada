"""Shorten Markdown to one line of plain text, for lists."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from deepseek_magic.text import one_line

from .blocks import read
from .elements import build

# How many times the limit is read of the source: much of it may be markup.
_READ = 20
_INLINE = frozenset({"a", "b", "code", "del", "em", "i", "kbd", "span", "strong", "sub", "sup"})


def excerpt(markdown: str, limit: int) -> str:
    """Return the beginning of ``markdown`` on one line of at most ``limit`` characters, without its markup.

    Formulas keep their dollars, and JSON is left as it is.
    """
    if markdown.lstrip()[:1] in ("{", "["):
        return one_line(markdown, limit)
    source = markdown[: _READ * limit]
    parser, root = read(source), Element("div")
    build(root, parser.finish(), parser.definitions)
    words = one_line("".join(_words(root)), limit)
    return words or one_line(source, limit)


def _words(element: Element) -> Iterator[str]:
    apart = "" if element.tag in _INLINE else " "
    yield apart + (element.text or "")
    for child in element:
        yield from _words(child)
        yield child.tail or ""
    yield apart
