"""Find secrets in the columns of printed tables: CSV, Markdown and box tables, printed pandas frames and Series.

Every cell below a header that is a secret name (`secret_names`) is judged like a value assigned to that name.
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
# Between two rows: a rule, or dots for omitted rows.
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
    """Yield the secrets in columns of tables that are headed by one of ``names``, in linear time."""
    reached = 0
    for name in names:
        if name.start < reached:
            continue
        start = text.rfind("\n", max(0, name.start - _LONGEST_LINE), name.start) + 1
        end = _end_of_line(text, name.end)
        if (not start and name.start > _LONGEST_LINE) or end - start > _LONGEST_LINE:
            continue
        # A line that was read as a row is not read as a header again, which would take quadratic time.
        found, reached = _table(text, (start, end))
        yield from found
    yield from _series(text)


def _table(text: str, header: Span) -> tuple[list[Found], int]:
    """Return the secrets below ``header``, and the end of the last row that was read."""
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
    """Return the secrets below ``header``, and the end of the last row that was read.

    Args:
        text: the text with the table.
        header: the span of its header.
        cut: returns the spans of a row's cells: as many as the header has, or else the line is not a row.
        others: how many lines that are not rows may be skipped.
        exact: whether cells are certain to belong to their columns.
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
    """Return the columns that hold secrets by their index, each with what its name says."""
    columns = {number: classify_column(line[start:end].strip(" \t\"'*`")) for number, (start, end) in enumerate(heads)}
    return {number: judged for number, judged in columns.items() if judged}


def _by_bars(line: str) -> list[Span]:
    places = [place for place, letter in enumerate(line) if letter in _BARS]
    edges = places if line.strip()[:1] in _BARS else [-1, *places]
    edges = edges if line.rstrip()[-1:] in _BARS else [*edges, len(line)]
    return [(left + 1, right) for left, right in pairwise(edges)]


def _by_separator(line: str, separator: str) -> list[Span]:
    """Return the spans of the cells in a line of CSV."""
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
    """Return the span of the secret in a cell, without blanks and quotes; ``None`` if there is none."""
    around = " \t\r\"'`*"
    end = cell[0] + len(line[slice(*cell)].rstrip(around))
    start = end - len(line[cell[0] : end].lstrip(around))
    return (start, end) if end > start and is_secret(line[start:end], certainty, exact=exact) else None


def _cells(row: str, heads: list[Span]) -> list[Span]:
    """Return the spans of the cells in a row of a printed frame, which are right- or left-aligned with ``heads``.

    An empty list if they are not aligned.
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
    """Return the start of a cell: the first begins after the index and two blanks, others where the last one ended."""
    gap = row.rfind("  ", left, right)
    return gap + 2 if left == 0 and gap >= 0 else left


def _series(text: str) -> Iterator[Found]:
    before = 0  # the end of the previous Series: each line is read once
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
            # A number in a row may be a count, as of `value_counts`.
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
    """Return the end of the line with ``start`` in it."""
    end = text.find("\n", start)
    return len(text) if end < 0 else end
