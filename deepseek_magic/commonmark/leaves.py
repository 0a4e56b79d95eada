"""Read leaf blocks line by line (CommonMark 0.31.2, chapter 4; GFM tables)."""

from __future__ import annotations

import re

from .lines import Cursor
from .links import Target, printable, strip_definitions
from .maths import open_formula
from .tree import Node

HEADING = re.compile(r"(#{1,6})(?=[ \t]|$)")
FENCE = re.compile(r"(`{3,}(?=[^`]*$)|~{3,})[ \t]*(.*)")
UNDERLINE = re.compile(r"(?:=+|-+)[ \t]*$")
_RULE = re.compile(r"(?:(?:-[ \t]*){3,}|(?:_[ \t]*){3,}|(?:\*[ \t]*){3,})$")


def leaf_at(cursor: Cursor, start: int) -> Node | None:
    """Return the ATX heading, fence or thematic break that starts here, in the line at ``start``, or ``None``."""
    if cursor.character == "#" and (heading := cursor.match(HEADING)):
        level = len(heading[1])
        text = _heading_text(cursor.words()[level:].strip(" \t"))
        place = start + cursor.place + cursor.words().find(text, level)
        return Node("heading", start, lines=[text], places=[place], number=level)
    if cursor.character in "`~" and (fence := cursor.match(FENCE)):
        return Node("fence", start, marker=fence[1], info=fence[2].rstrip(" \t"), offset=cursor.indent)
    if cursor.character in "-_*" and cursor.match(_RULE):
        return Node("rule", start)
    return None


def _heading_text(text: str) -> str:
    """Return the text of an ATX heading without its closing sequence (4.2)."""
    bare = text.rstrip("#")
    return bare.rstrip(" \t") if bare[-1:] in {"", " ", "\t"} else text


def add_line(leaf: Node, cursor: Cursor, start: int, *, lazy: bool = False) -> None:
    """Add the line at ``start`` to a paragraph or table; ``lazy`` for a lazy continuation line (5.1)."""
    line = cursor.words()
    leaf.lines.append(line)
    leaf.places.append(start + cursor.place)
    leaf.offset = start
    leaf.head = not lazy and cursor.indent < 4
    if leaf.formula or "$$" in line or "\\[" in line or "\\begin{" in line:
        leaf.formula = open_formula(line, leaf.formula)


def add_code(leaf: Node, cursor: Cursor) -> bool:
    """Add a line to a block of code; return ``False`` if it is the closing fence, or not indented enough."""
    if leaf.kind == "code":
        if cursor.indent < 4 and not cursor.blank:
            return False
    elif cursor.indent < 4 and cursor.character == leaf.marker[0]:
        closing = cursor.words().rstrip(" \t")
        if len(closing) >= len(leaf.marker) and not closing.strip(closing[0]):
            return False
    cursor.take(4 if leaf.kind == "code" else leaf.offset)
    leaf.lines.append(cursor.rest())
    return True


def take_definitions(paragraph: Node, definitions: dict[str, Target]) -> None:
    """Join the lines of a closed paragraph to its text, without the link definitions at its start."""
    text = "\n".join(paragraph.lines)
    if text.startswith("["):
        defined = len(text) - len(strip_definitions(printable(text), definitions))
        if defined:
            paragraph.info += text[:defined].rstrip("\n") + "\n"
            text = text[defined:]
    paragraph.lines = [text.rstrip(" \t")] if text else []
