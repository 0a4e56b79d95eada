"""Secrets in the columns of printed tables: CSV, Markdown and box tables, frames as pandas prints them, and Series.

Every cell below a header that says "secret" (`secret_names`) is judged as a value that is given to a name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from .forms import Found
from .secret_names import Certainty, NameFound, classify_name
from .secret_values import is_secret

Span = tuple[int, int]

_LONGEST_LINE = 4000
_BARS = "|│┆"
_BAR_LINE = re.compile(r"[\s|│┆+:=─═┌┐└┘├┤┬┴┼╞╡╪╌-]*$")
_CSV_HEADER = re.compile(
    r"[\w\"'][\w .\"'#%/-]{0,60}(?:(?P<separator>[,;\t])"
    r"[\w\"'][\w .\"'#%/-]{0,60})(?:(?P=separator)[\w .\"'#%/-]{0,60})*\r?$"
)
_ALIGNED_HEADER = re.compile(r"[ \t]*[\w#%][\w.#%/-]*(?: {2,}[\w#%][\w.#%/-]*)*[ ]*$")
_DOTS = re.compile(r"[. …]+$")
_SERIES = re.compile(r"Name: (?P<name>[^\n,]{1,80})(?:, Length: \d+)?, dtype: ")
_LAST_CELL = re.compile(r"\S(?:.*\S)?\s{2,}(?P<cell>\S+)\s*$")


def by_table(text: str, names: Iterable[NameFound]) -> Iterator[Found]:
    """Yield the cells below those ``names`` that head a column of a table. The time is linear in ``text``."""
    reached = 0
    for name in names:
        if name.start < reached:
            continue
        start = text.rfind("\n", max(0, name.start - _LONGEST_LINE), name.start) + 1
        end = end_of_line(text, name.end)
        if (not start and name.start > _LONGEST_LINE) or end - start > _LONGEST_LINE:
            continue
        # What was read as a row is no header of its own: else a long table would be read once for each of its rows.
        found, reached = _table(text, (start, end))
        yield from found
    yield from _series(text)


def _table(text: str, header: Span) -> tuple[list[Found], int]:
    """Return the secrets below ``header``, and where the last row ends that was read."""
    line = text[header[0] : header[1]]
    if any(bar in line for bar in _BARS):
        return _cells_below(text, header, _by_bars)
    if found := _CSV_HEADER.match(line):
        separator = found["separator"]
        return _cells_below(text, header, lambda line: by_separator(line, separator))
    if _ALIGNED_HEADER.match(line):
        return _aligned(text, header)
    return [], header[1]


def _cells_below(text: str, header: Span, cut: Callable[[str], list[Span]]) -> tuple[list[Found], int]:
    heads = cut(text[header[0] : header[1]])
    columns = _columns(text[header[0] : header[1]], heads)
    found: list[Found] = []
    reached = header[1]
    for start, end in _lines(text, header[1]) if columns else ():
        line = text[start:end]
        if _BAR_LINE.match(line) and line.strip():
            continue
        cells = cut(line)
        if len(cells) != len(heads):
            break
        reached = end
        for column, (certainty, kind) in columns.items():
            if span := _secret(line, cells[column], certainty, exact=True):
                found.append(Found(start + span[0], start + span[1], kind))
    return found, reached


def _columns(line: str, heads: list[Span]) -> dict[int, tuple[Certainty, str]]:
    """Return which of the columns hold secrets, by their number."""
    columns = {number: classify_name(line[start:end].strip(" \t\"'*`")) for number, (start, end) in enumerate(heads)}
    return {number: judged for number, judged in columns.items() if judged}


def _by_bars(line: str) -> list[Span]:
    places = [place for place, letter in enumerate(line) if letter in _BARS]
    edges = places if line.strip()[:1] in _BARS else [-1, *places]
    edges = edges if line.rstrip()[-1:] in _BARS else [*edges, len(line)]
    return [(left + 1, right) for left, right in pairwise(edges)]


def by_separator(line: str, separator: str) -> list[Span]:
    """Return where the cells of a line of CSV stand."""
    cells: list[Span] = []
    start, quoted = 0, False
    for place, letter in enumerate(line):
        if letter == '"':
            quoted = not quoted
        elif letter == separator and not quoted:
            cells.append((start, place))
            start = place + 1
    return [*cells, (start, len(line))]


def trimmed(line: str, cell: Span) -> Span:
    """Return where the text of a cell stands, without blanks and quotes."""
    start, end = cell
    while start < end and line[start] in " \t\r\"'`*":
        start += 1
    while end > start and line[end - 1] in " \t\r\"'`*":
        end -= 1
    return start, end


def _secret(line: str, cell: Span, certainty: Certainty, *, exact: bool) -> Span | None:
    """Return where the secret of a cell stands, or ``None`` where it holds none."""
    start, end = trimmed(line, cell)
    return (start, end) if end > start and is_secret(line[start:end], certainty, exact=exact) else None


def _aligned(text: str, header: Span) -> tuple[list[Found], int]:
    """Return the cells of a frame as pandas prints it: all cells end, or all begin, where their header does."""
    line = text[header[0] : header[1]]
    heads = [cell.span() for cell in re.finditer(r"\S+", line)]
    found: list[Found] = []
    reached = header[1]
    columns = {} if line.strip() == "pass" else _columns(line, heads)  # "pass" alone is a statement of Python
    skipped = 0
    for start, end in _lines(text, header[1]) if columns else ():
        row = text[start:end].rstrip("\r")
        if _DOTS.match(row) and row.strip():
            continue
        cells = _cells(row, heads)
        if cells is None:
            skipped += 1
            if skipped > 1:  # the second line of a header holds the name of the index
                break
            continue
        reached = end
        for column, (certainty, kind) in columns.items():
            if span := _secret(row, cells[column], certainty, exact=line[:1] == " "):
                found.append(Found(start + span[0], start + span[1], kind))
    return found, reached


def _cells(row: str, heads: list[Span]) -> list[Span] | None:
    """Return the cells of ``row`` below ``heads``, or ``None`` where they do not stand in line with them."""
    ends = [0, *(end for _, end in heads)]
    if len(row) >= ends[-1] and len(row.rstrip()) == ends[-1]:
        touching = all(not row[end - 1].isspace() and row[end : end + 1] in ("", " ") for _, end in heads)
        if touching and row[: heads[0][0]].strip():
            # The index, or the cell before, ends at the last blank before the cell's first character.
            return [(_start_of_cell(row, left, right), right) for left, right in pairwise(ends)]
    starts = [*(start for start, _ in heads), len(row)]
    if len(row) > starts[-2] and all(
        not row[start].isspace() and (start == 0 or row[start - 1] == " ") for start, _ in heads
    ):
        return list(pairwise(starts))
    return None


def _start_of_cell(row: str, left: int, right: int) -> int:
    """The first column begins after the index, which two blanks part from it; others begin where the last ended."""
    gap = row.rfind("  ", left, right)
    return gap + 2 if left == 0 and gap >= 0 else left


def _series(text: str) -> Iterator[Found]:
    before = 0  # where the Series before this one ends: each line is read once
    for found in _SERIES.finditer(text):
        if judged := classify_name(found["name"]):
            end = found.start()
            lowest = max(before, end - _LONGEST_LINE * 5)
            start = max(text.rfind("\n\n", lowest, end), lowest)
            before = found.end()
            for place, stop in _lines(text, start - 1 if start else -1, end):
                row = _LAST_CELL.match(text[place:stop])
                if row and is_secret(row["cell"], judged[0], exact=True):
                    yield Found(place + row.start("cell"), place + row.end("cell"), judged[1])


def _lines(text: str, end: int, limit: int | None = None) -> Iterator[Span]:
    """Yield the lines after the one that ends at ``end``, up to a blank or very long one."""
    limit = len(text) if limit is None else limit
    while end < limit:
        start = end + 1
        end = end_of_line(text, start)
        if end - start > _LONGEST_LINE or not text[start:end].strip():
            return
        yield start, min(end, limit)


def end_of_line(text: str, start: int) -> int:
    """Return where the line ends in which ``start`` stands."""
    end = text.find("\n", start)
    return len(text) if end < 0 else end
