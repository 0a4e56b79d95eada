"""Read the unfinished last line of a reply as what it will be, so that the view does not jump while it grows.

`growing` closes markup inside a line (bold, code spans, links, formulas). This module deals with the line itself: a
marker without text is not shown yet, half a closing fence is not code, the header of a table is a table.
"""

from __future__ import annotations

import re
from dataclasses import replace

from . import folds
from .blocks import BlockParser
from .tables import cells
from .tree import Node

# The beginning of a heading, list item, quote, rule, underline, fence or table, which is not shown yet.
_MARKER = re.compile(r"(?:[#>]+|[-+*_=]+|[0-9]{1,9}[.)]|`+|~+|[|:-]+|\$\$?|\\\[?|[-+*][ \t]+\[[ xX]?\]?|!?\[)[ \t]*$")
_DELIMITERS = re.compile(r"[|:][|: \t-]*$")


def open_end(parser: BlockParser, line: str) -> list[Node]:
    """Return the blocks of a text that is still growing; the leaf at its end is marked as ``growing``.

    Args:
        parser: the parser, which has read all complete lines; it is not changed.
        line: the unfinished line; "" if there is none.
    """
    parser = parser.copy()
    if line.endswith("\r"):  # complete, even if an LF follows
        parser.read(line)
        line = ""
    _read(parser, line)
    parser.join_held()  # until it is clear that they are not, they count as lines of the formula
    leaf = parser.leaf or _last_heading(parser)
    if leaf is not None:
        leaf.growing = True
    return parser.finish()


def _last_heading(parser: BlockParser) -> Node | None:
    """Return a copy of the heading in the last line, which is complete for the parser but may still grow."""
    parent = node = parser.document
    while node.children:
        parent, node = node, node.children[-1]
    if node.kind != "heading" or node.start != parser.start:
        return None
    parent.children[-1] = heading = replace(node)
    return heading


def _read(parser: BlockParser, line: str) -> None:
    """Let ``parser`` read the unfinished ``line``, if it is clear what it is."""
    leaf = parser.leaf
    text, inside = parser.ahead(line) if line else ("", True)
    if leaf is not None and leaf.kind == "fence":
        half = text and leaf.marker.startswith(text) if inside else _MARKER.match(text)
        if line and not half:
            parser.read(line)
        return
    if "<" in text:
        line = folds.without_half_tag(line)
        text = parser.ahead(line)[0]
    if text:
        if leaf is not None and leaf.kind == "paragraph" and not leaf.formula:
            if inside and _DELIMITERS.match(text) and _table_from_head(parser):
                return
            if _MARKER.match(text) or (text.isdigit() and parser.numbering):
                return
        elif leaf is None and _MARKER.match(text):
            return
        parser.read(line)
    _table_from_head(parser)


def _table_from_head(parser: BlockParser) -> bool:
    """Turn an open paragraph into a table if its last two lines begin like a table's header and delimiter row."""
    paragraph = parser.leaf
    if paragraph is None or paragraph.kind != "paragraph" or not paragraph.head or paragraph.formula:
        return False
    head = paragraph.lines[-1]
    if not head.startswith("|") or not head.strip("| \t"):
        return False
    parser.start_table(paragraph, ("",) * len(cells(head)))
    return True
