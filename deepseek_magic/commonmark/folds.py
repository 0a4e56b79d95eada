"""Sections that fold: ``<details>`` and ``<summary>``, which models write around Markdown.

No other raw HTML makes a block. The attribute ``open`` counts and ``markdown`` is ignored; a tag with any other
attribute is text.
"""

from __future__ import annotations

import re

from .lines import Cursor
from .tree import Node

_OPENING = r"<details((?:[ \t]+(?:open|markdown)(?:=(?:\"\w*\"|'\w*'|\w+))?)*)[ \t]*>"
_CLOSING = r"</details[ \t]*>"
_OPENING_TAG = re.compile(_OPENING, re.IGNORECASE)
_SUMMARY = re.compile(r"<summary[ \t]*>", re.IGNORECASE)
#: A line that starts like this never continues an open block inside or before the section.
EDGE = re.compile(f"{_OPENING}|{_CLOSING}", re.IGNORECASE)
_SUMMARY_END = re.compile(f"</summary[ \\t]*>|(?={_CLOSING})", re.IGNORECASE)
# Tags inside code do not count. The length of code is bounded, so that a line of backticks is not slow.
_SIGN = re.compile(rf"(`{{1,3}})[^`]{{1,200}}\1|{_OPENING}|{_CLOSING}", re.IGNORECASE)
_TAGS = ("<details open", "<summary", "</details", "</summary")


def opened(cursor: Cursor, start: int) -> Node | None:
    """Return the section that starts here, in the line at ``start``, and consume its tag; ``None`` if none does."""
    tag = cursor.match(_OPENING_TAG)
    if tag is None:
        return None
    cursor.eat(len(tag[0]))
    return Node("details", start, marker="open" if "open" in tag[1].lower() else "")


def has_summary(cursor: Cursor) -> bool:
    """Return whether the heading of a section starts here, and consume its tag."""
    tag = cursor.match(_SUMMARY)
    if tag is not None:
        cursor.eat(len(tag[0]))
    return tag is not None


def add_summary(leaf: Node, cursor: Cursor, start: int) -> Node | None:
    """Add the text here to the heading of a section, and consume it; return the heading if it goes on."""
    end = cursor.search(_SUMMARY_END)
    part = cursor.until(end.start()) if end else cursor
    if not part.blank:
        leaf.lines.append(part.words().rstrip(" \t"))
        leaf.places.append(start + part.place)
    cursor.eat_to(end.end() if end else None)
    return None if end else leaf


def closing(cursor: Cursor) -> re.Match[str] | None:
    """Return the next closing tag of a section that started before this place."""
    inside, end = 0, 0
    while sign := cursor.search(_SIGN, end):
        end = sign.end()
        tag = sign[0][:2]
        if tag == "</":
            if not inside:
                return sign
            inside -= 1
        elif tag[0] == "<":
            inside += 1
    return None


def without_half_tag(line: str) -> str:
    """Return an unfinished ``line`` without an incomplete tag at its end."""
    place = line.rfind("<")
    half = line[place:].lower()
    return line[:place] if place >= 0 and any(tag.startswith(half) for tag in _TAGS) else line
