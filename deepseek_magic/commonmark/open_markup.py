"""Reading the unfinished last line of a reply as what it will be, so that the view never breaks while it grows.

What is open inside a line (bold, code spans, links, formulas) is healed in `inline`; here it is the line itself: a
marker that has no text yet is not shown, half a closing fence is no code, the head of a table is a table.
"""

from __future__ import annotations

import re

from .blocks import Structure
from .tables import alignments, cells

# What may become a heading, list item, quote, rule, underline, fence or table: nothing to look at yet.
_MARKER = re.compile(r"(?:[#>]+|[-+*_=]+|[0-9]{1,9}[.)]|`+|~+|[|:-]+|\$\$?|\\\[?|[-+*][ \t]+\[[ xX]?\]?|!?\[)[ \t]*$")
_DELIMITERS = re.compile(r"[|:][|: \t-]*$")


def last_line(structure: Structure, line: str | None) -> None:
    """Let ``structure`` read the unfinished ``line`` (None where the text ends with a line end), healed."""
    leaf = structure.leaf
    text, inside = structure.ahead(line) if line is not None else ("", True)
    if leaf is not None and leaf.kind == "fence":
        half = text and leaf.marker.startswith(text) if inside else _MARKER.match(text)
        if line is not None and not half:
            structure.read(line)
        return
    if line is not None and text:
        if leaf is not None and leaf.kind == "paragraph" and not leaf.formula:
            if inside and _DELIMITERS.match(text) and _table_from_head(structure):
                return
            if _MARKER.match(text) or (text.isdigit() and structure.numbering):
                return
        elif leaf is None and _MARKER.match(text):
            return
        structure.read(line)
    _table_from_head(structure)


def _table_from_head(structure: Structure) -> bool:
    """Make a table of an open paragraph whose last line starts and goes on like the head of one."""
    paragraph = structure.leaf
    if paragraph is None or paragraph.kind != "paragraph" or not paragraph.head or paragraph.formula:
        return False
    head = paragraph.lines[-1]
    if not head.startswith("|") or not head.strip("| \t"):
        return False
    columns = alignments("|---" * len(cells(head)) + "|", head)
    if columns is None:
        return False
    structure.start_table(paragraph, columns)
    return True
