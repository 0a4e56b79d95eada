"""The rows of a table (GitHub Flavored Markdown, section 4.10 Tables (extension))."""

from __future__ import annotations

import re
from collections.abc import Iterator

_PIPE = re.compile(r"(?<!\\)\|")
_DELIMITER_ROW = re.compile(r"[|:-][|: \t-]*$")
_DELIMITER = re.compile(r":?-+:?$")
_ALIGNMENTS = {(False, False): "", (True, False): "left", (False, True): "right", (True, True): "center"}


def cells(row: str) -> list[str]:
    """Return the cells of a row; the backslash of ``\\|`` goes."""
    return [cell.replace("\\|", "|").strip() for cell in _split(row)[1]]


def cell_bounds(row: str) -> Iterator[tuple[int, int]]:
    """Yield where each cell of a row starts and ends."""
    start, raw = _split(row)
    for cell in raw:
        yield start, start + len(cell)
        start += len(cell) + 1


def _split(row: str) -> tuple[int, list[str]]:
    """Return where the first cell starts, and the cells: what is between pipes that no backslash escapes."""
    raw = _PIPE.split(row)
    start = 0
    if not raw[0].strip(" \t"):
        start = len(raw.pop(0)) + 1
    if raw and not raw[-1].strip(" \t"):
        del raw[-1]
    return start, raw


def alignments(row: str, head: str) -> tuple[str, ...]:
    """Return the alignment of each column ("", "left", "center", "right") by ``row``, the delimiter row of ``head``.

    It is empty where ``row`` is not one, or where the two rows do not have the same number of cells.
    """
    row = row.strip(" \t")
    if "|" not in head or not _DELIMITER_ROW.match(row) or (row[0] == "-" and row[1:2] in {"", " ", "\t"}):
        return ()
    marks = cells(row)
    if len(marks) != len(cells(head)) or not all(map(_DELIMITER.match, marks)):
        return ()
    return tuple(_ALIGNMENTS[mark[0] == ":", mark[-1] == ":"] for mark in marks)
