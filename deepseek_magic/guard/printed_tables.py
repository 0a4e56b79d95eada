"""Secrets in the columns of printed tables: CSV, Markdown and box tables, frames as pandas prints them, and Series.

Every cell below a header that says "secret" (`secret_names`) is judged as a value that is given to a name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from .forms import Found
from .secret_names import Certainty, NameFound, classify_column, classify_name
from .secret_values import is_secret

Span = tuple[int, int]

_LONGEST_LINE = 4000
_BARS = "|│┆"
# Between two rows: a rule, or dots where rows are left out.
_RULE = re.compile(r"[\s|│┆+:=─═┌┐└┘├┤┬┴┼╞╡╪╌.…-]*$")
_CSV_HEADER = re.compile(
    r"[\w\"'][\w .\"'#%/-]{0,60}(?:(?P<separator>[,;\t])"
    r"[\w\"'][\w .\"'#%/-]{0,60})(?:(?P=separator)[\w .\"'#%/-]{0,60})*\r?$"
)
_ALIGNED_HEADER = re.compile(r"[ \t]*[\w#%][\w.#%/-]*(?: {2,}[\w#%][\w.#%/-]*)*[ ]*$")
_SERIES = re.compile(r"(?:Name: (?P<name>[^\n,]{1,80})(?:, Length: \d+)?, |^)dtype: (?P<dtype>\w*)", re.MULTILINE)
_NUMBER = re.compile(r"\s*-?[0-9]+(?:\.[0-9]+)?\s*")
_TEXTS = ("object", "str", "string")
_LAST_CELL = re.compile(r"(?P<label>\S(?:.*\S)?)\s{2,}(?P<cell>\S+)\s*$")


def by_table(text: str, names: Iterable[NameFound]) -> Iterator[Found]:
    """Yield the cells below those ``names`` that head a column of a table. The time is linear in ``text``."""
    reached = 0
    for name in names:
        if name.start < reached:
            continue
        start = text.rfind("\n", max(0, name.start - _LONGEST_LINE), name.start) + 1
        end = _end_of_line(text, name.end)
        if (not start and name.start > _LONGEST_LINE) or end - start > _LONGEST_LINE:
            continue
        # What was read as a row is not a header as well: a long table would be read once for each of its rows.
        found, reached = _table(text, (start, end))
        yield from found
    yield from _series(text)


def _table(text: str, header: Span) -> tuple[list[Found], int]:
    """Return the secrets below ``header``, and where the last row ends that was read."""
    line = text[header[0] : header[1]]
    if any(bar in line for bar in _BARS):
        return _below(text, header, _by_bars)
    if found := _CSV_HEADER.match(line):
        separator = found["separator"]
        if any(_NUMBER.fullmatch(cell) for cell in line.split(separator)):  # a row that begins with a name
            return [], header[1]
        return _below(text, header, lambda row: _by_separator(row, separator))
    if _ALIGNED_HEADER.match(line) and line.strip() != "pass":  # a statement of Python
        heads = [cell.span() for cell in re.finditer(r"\S+", line)]
        # The second line of a frame's header may hold the name of its index.
        return _below(text, header, lambda row: heads if row == line else _cells(row, heads), 1, exact=line[:1] == " ")
    return [], header[1]


def _below(
    text: str, header: Span, cut: Callable[[str], list[Span]], others: int = 0, *, exact: bool = True
) -> tuple[list[Found], int]:
    """Return the secrets below ``header``, and where the last row ends that was read.

    Args:
        text: where the table stands.
        header: where its header stands.
        cut: returns where the cells of a row stand; another number than in the header for what is not a row.
        others: how many lines may be passed over that are not rows.
        exact: whether the cells are certainly those of the columns.
    """
    heads = cut(text[slice(*header)])
    columns = _columns(text[slice(*header)], heads)
    found: list[Found] = []
    reached = header[1]
    for start, end in _lines(text, header[1]) if columns else ():
        row = text[start:end].rstrip("\r")
        if _RULE.match(row) and row.strip():
            continue
        cells = cut(row)
        if len(cells) != len(heads):
            others -= 1
            if others < 0:
                break
            continue
        reached = end
        for column, (certainty, kind) in columns.items():
            if span := _secret(row, cells[column], certainty, exact=exact):
                found.append(Found(start + span[0], start + span[1], kind))
    return found, reached


def _columns(line: str, heads: list[Span]) -> dict[int, tuple[Certainty, str]]:
    """Return which of the columns hold secrets, by their number."""
    columns = {number: classify_column(line[start:end].strip(" \t\"'*`")) for number, (start, end) in enumerate(heads)}
    return {number: judged for number, judged in columns.items() if judged}


def _by_bars(line: str) -> list[Span]:
    places = [place for place, letter in enumerate(line) if letter in _BARS]
    edges = places if line.strip()[:1] in _BARS else [-1, *places]
    edges = edges if line.rstrip()[-1:] in _BARS else [*edges, len(line)]
    return [(left + 1, right) for left, right in pairwise(edges)]


def _by_separator(line: str, separator: str) -> list[Span]:
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


def _secret(line: str, cell: Span, certainty: Certainty, *, exact: bool) -> Span | None:
    """Return where the secret of a cell stands, without blanks and quotes; ``None`` if it holds none."""
    around = " \t\r\"'`*"
    end = cell[0] + len(line[slice(*cell)].rstrip(around))
    start = end - len(line[cell[0] : end].lstrip(around))
    return (start, end) if end > start and is_secret(line[start:end], certainty, exact=exact) else None


def _cells(row: str, heads: list[Span]) -> list[Span]:
    """Return the cells of a row of a frame as pandas prints it: all end, or all begin, where their header does.

    An empty list if they are not aligned with ``heads``.
    """
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
    return []


def _start_of_cell(row: str, left: int, right: int) -> int:
    """Return where a cell begins: the first after the index and two blanks, the others where the last one ended."""
    gap = row.rfind("  ", left, right)
    return gap + 2 if left == 0 and gap >= 0 else left


def _series(text: str) -> Iterator[Found]:
    before = 0  # where the Series before this one ends: each line is read once
    for found in _SERIES.finditer(text) if "dtype: " in text else ():
        named = classify_name(found["name"]) if found["name"] else None
        if not named and found["dtype"] not in _TEXTS:
            continue
        end = found.start()
        lowest = max(before, end - _LONGEST_LINE * 5)
        start = max(text.rfind("\n\n", lowest, end), lowest)
        before = found.end()
        for place, stop in _lines(text, start - 1 if start else -1, end):
            row = _LAST_CELL.match(text[place:stop])
            judged = (named or classify_name(row["label"])) if row else None
            # A number in a row may be how many there are.
            judged = None if row and not named and row["cell"].isdigit() else judged
            if row and judged and is_secret(row["cell"], judged[0], exact=True):
                yield Found(place + row.start("cell"), place + row.end("cell"), judged[1])


def _lines(text: str, end: int, limit: int | None = None) -> Iterator[Span]:
    """Yield the lines after the one that ends at ``end``, up to a blank or very long one."""
    limit = len(text) if limit is None else limit
    while end < limit:
        start = end + 1
        end = _end_of_line(text, start)
        if end - start > _LONGEST_LINE or not text[start:end].strip():
            return
        yield start, min(end, limit)


def _end_of_line(text: str, start: int) -> int:
    """Return where the line ends in which ``start`` stands."""
    end = text.find("\n", start)
    return len(text) if end < 0 else end
