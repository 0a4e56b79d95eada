"""The rows of a table (GitHub Flavored Markdown, section 4.10 Tables (extension))."""

from __future__ import annotations

import re
from itertools import pairwise

_PIPE = re.compile(r"(?<!\\)\|")
_DELIMITER_ROW = re.compile(r"[|:-][|: \t-]*$")
_DELIMITER = re.compile(r":?-+:?$")
_ALIGNMENTS = {(False, False): "", (True, False): "left", (False, True): "right", (True, True): "center"}


def cell_bounds(row: str) -> list[tuple[int, int]]:
    """Return where the cells of a row start and end: it is split at pipes that no backslash escapes."""
    edges = [-1, *(match.start() for match in _PIPE.finditer(row)), len(row)]
    bounds = [(before + 1, after) for before, after in pairwise(edges)]
    for outer in (0, -1):
        if bounds and not row[slice(*bounds[outer])].strip(" \t"):
            del bounds[outer]
    return bounds


def cells(row: str) -> list[str]:
    """Return the cells of a row; the backslash of ``\\|`` goes."""
    return [row[start:end].replace("\\|", "|").strip() for start, end in cell_bounds(row)]


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
