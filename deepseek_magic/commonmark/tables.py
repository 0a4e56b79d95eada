"""Split the rows of a table into cells (GitHub Flavored Markdown, section 4.10 Tables (extension)).

It differs from GFM if a row has more cells than the table: then a pipe inside code or a formula does not end a cell,
and the text of further cells stays in the last one, whereas GitHub drops it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .maths import Formulas

_PIPE = re.compile(r"(?<!\\)\|")
_SIGN = re.compile(r"`+|[$|]|\\.?")
_RUN = re.compile(r"`+")
_DELIMITER_ROW = re.compile(r"[|:-][|: \t-]*$")
_DELIMITER = re.compile(r":?-+:?$")
_ALIGNMENTS = {(False, False): "", (True, False): "left", (False, True): "right", (True, True): "center"}


def cells(row: str, columns: int = 0) -> list[str]:
    """Return the cells of a row, at most ``columns`` of them, if it is given; the backslash of ``\\|`` goes."""
    return [cell.replace("\\|", "|").strip() for cell in _limited(row, columns)[1]]


def cell_bounds(row: str, columns: int = 0) -> Iterator[tuple[int, int]]:
    """Yield start and end of each cell of a row; ``columns`` is as for `cells`."""
    start, raw = _limited(row, columns)
    for cell in raw:
        yield start, start + len(cell)
        start += len(cell) + 1


def _limited(row: str, columns: int) -> tuple[int, list[str]]:
    """Return the result of `_split`, with cells beyond ``columns`` joined to the last one."""
    start, raw = _split(row, columns)
    if 0 < columns < len(raw):
        raw[columns - 1 :] = ["|".join(raw[columns - 1 :])]
    return start, raw


def _split(row: str, columns: int) -> tuple[int, list[str]]:
    """Return the start of the first cell, and the raw cells between unescaped pipes.

    If there are more than ``columns``, pipes inside code and formulas are skipped, provided that enough others remain.
    """
    found = _trimmed(_PIPE.split(row))
    if not 0 < columns < len(found[1]):
        return found
    places = list(_pipes_outside_spans(row))
    whole = _trimmed(
        [row[begin:end] for begin, end in zip([0, *(place + 1 for place in places)], [*places, None], strict=True)]
    )
    return whole if len(whole[1]) >= columns else found


def _trimmed(raw: list[str]) -> tuple[int, list[str]]:
    """Return the start of the first cell, and ``raw`` without the blanks before the first pipe and after the last."""
    start = 0
    if not raw[0].strip(" \t"):
        start = len(raw.pop(0)) + 1
    if raw and not raw[-1].strip(" \t"):
        del raw[-1]
    return start, raw


def _pipes_outside_spans(row: str) -> Iterator[int]:
    """Yield the index of each pipe that is not escaped and not inside code or a formula."""
    formulas, unclosed, place = Formulas(row), set[int](), 0
    while sign := _SIGN.search(row, place):
        start, place = sign.start(), sign.end()
        if sign[0] == "|":
            yield start
        elif sign[0][0] == "`":
            place = _end_of_code(row, place, len(sign[0]), unclosed)
        elif sign[0] in ("$", "\\(", "\\[") and (formula := formulas.at(start)):
            place = formula.end


def _end_of_code(row: str, place: int, length: int, unclosed: set[int]) -> int:
    """Return the end of the code that ``length`` backticks open before ``place``; ``place`` if nothing closes it."""
    if length not in unclosed:
        for run in _RUN.finditer(row, place):
            if len(run[0]) == length:
                return run.end()
        unclosed.add(length)
    return place


def alignments(row: str, head: str) -> tuple[str, ...]:
    """Return the alignment of each column ("", "left", "center", "right") from ``row``, the delimiter row of ``head``.

    It is empty if ``row`` is not a delimiter row, or if the two rows have different numbers of cells.
    """
    row = row.strip(" \t")
    if "|" not in head or not _DELIMITER_ROW.match(row) or (row[0] == "-" and row[1:2] in {"", " ", "\t"}):
        return ()
    marks = cells(row)
    if len(marks) != len(_split(head, len(marks))[1]) or not all(map(_DELIMITER.match, marks)):
        return ()
    return tuple(_ALIGNMENTS[mark[0] == ":", mark[-1] == ":"] for mark in marks)
