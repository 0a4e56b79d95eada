"""Blocks that hold no other blocks, line by line (CommonMark 0.31.2, chapter 4; GFM tables)."""

from __future__ import annotations

from .lines import Cursor
from .links import Target, printable, strip_definitions
from .maths import open_formula
from .tree import Node


def leaf_at(cursor: Cursor, start: int) -> Node | None:
    """Return the ATX heading, fence or thematic break that starts here, in the line that is at ``start``."""
    character = cursor.character
    if character == "#" and (level := cursor.heading()):
        text = cursor.heading_text(level)
        place = start + cursor.place + cursor.words().find(text, level)
        return Node("heading", start, lines=[text], places=[place], number=level)
    if character in "`~" and (fence := cursor.fence()):
        info = cursor.words()[len(fence) :].strip(" \t")
        return Node("fence", start, marker=fence, info=info, offset=cursor.indent)
    if character in "-_*" and cursor.rule():
        return Node("rule", start)
    return None


def add_line(leaf: Node, cursor: Cursor, start: int, *, lazy: bool = False) -> None:
    """Put a line, which is at ``start``, into a paragraph or table; ``lazy`` if containers before it do not go on."""
    line = cursor.words()
    leaf.lines.append(line)
    leaf.places.append(start + cursor.place)
    leaf.offset = start
    leaf.head = not lazy and cursor.indent < 4
    if leaf.formula or "$$" in line or "\\[" in line or "\\begin{" in line:
        leaf.formula = open_formula(line, leaf.formula)


def add_code(leaf: Node, cursor: Cursor) -> bool:
    """Put a line into a block of code, or return False: it is the closing fence, or not indented enough."""
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
    """Join the lines of a paragraph that is over to its text, without the link definitions that it starts with."""
    text = "\n".join(paragraph.lines)
    if text.startswith("["):
        defined = len(text) - len(strip_definitions(printable(text), definitions))
        if defined:
            paragraph.info += text[:defined].rstrip("\n") + "\n"
            text = text[defined:]
    paragraph.lines = [text.rstrip(" \t")] if text else []
