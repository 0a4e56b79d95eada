"""Sections that fold: ``<details>`` and ``<summary>``, which models write around markdown.

They are the only raw HTML that is more than text or style. ``open`` is the only attribute that means anything; a tag
with others than that and ``markdown`` is text.
"""

from __future__ import annotations

import re

from .lines import Cursor
from .tree import Node

_OPENING = r"<details((?:[ \t]+(?:open|markdown)(?:=(?:\"\w*\"|'\w*'|\w+))?)*)[ \t]*>"
_CLOSING = r"</details[ \t]*>"
_OPENING_TAG = re.compile(_OPENING, re.IGNORECASE)
_SUMMARY = re.compile(r"<summary[ \t]*>", re.IGNORECASE)
#: A line that starts like this is never part of what is open inside of the section, or before it.
EDGE = re.compile(f"{_OPENING}|{_CLOSING}", re.IGNORECASE)
_SUMMARY_END = re.compile(f"</summary[ \\t]*>|(?={_CLOSING})", re.IGNORECASE)
# Code on the line hides the tags in it. Its length is bounded, so that a line of backticks costs no more than another.
_SIGN = re.compile(rf"(`{{1,3}})[^`]{{1,200}}\1|{_OPENING}|{_CLOSING}", re.IGNORECASE)
_TAGS = ("<details open", "<summary", "</details", "</summary")


def opened(cursor: Cursor, start: int) -> Node | None:
    """Return the section that starts here, in the line that is at ``start``, and eat its tag."""
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
    """Put what is here into the heading of a section, and eat it; return the heading if it goes on."""
    end = cursor.search(_SUMMARY_END)
    part = cursor.until(end.start()) if end else cursor
    if not part.blank:
        leaf.lines.append(part.words().rstrip(" \t"))
        leaf.places.append(start + part.place)
    cursor.eat_to(end.end() if end else None)
    return None if end else leaf


def closing(cursor: Cursor) -> re.Match[str] | None:
    """Return the next end of a section that started before this place."""
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
    """Return an unfinished ``line`` without a tag at its end that has yet to end itself."""
    place = line.rfind("<")
    half = line[place:].lower()
    return line[:place] if place >= 0 and any(tag.startswith(half) for tag in _TAGS) else line
