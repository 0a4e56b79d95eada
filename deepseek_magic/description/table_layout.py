"""Lay out a table: a line for each column, and a few rows. Rows are cut first, then details, then columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from deepseek_magic.text import counted, largest_that_fits, one_line

from .brief import brief
from .fitting import cut, fits, number
from .ranges import figure
from .scalars import masked
from .task import Task

# How many cells are read in all: of numbers (a fast pass in C), and of strings and objects (a slow one). A column that
# has more is sampled.
NUMBER_CELLS = 2_000_000
TEXT_CELLS = 300_000
SAMPLE_ROWS = 10_000
#: The most columns that are summarised, and the most that are named, whatever the budget.
MOST_DETAILED = 150
MOST_NAMED = 3_000
ROWS = 5
_WIDEST_CELL = 40
_LONGEST_CELL = 200
# The type of a nested column may name hundreds of fields.
_WIDEST_TYPE = 160
_NARROW_TYPE = 40
# ASCII digits at the end of a name, before its closing quote.
_NUMBERED = re.compile(r"([0-9]{1,9})('?)$")


@dataclass(frozen=True, slots=True)
class Column:
    """The summary of one column.

    Attributes:
        name: as code writes it.
        dtype: the name of its type.
        nulls: how many values are missing, in words.
        full: what it holds.
        short: the same, shorter.
        step: the distance between the rows that were read: 1 if all were.
    """

    name: str
    dtype: str
    nulls: str = ""
    full: str = ""
    short: str = ""
    step: int = 1

    @property
    def type(self) -> str:
        """The type, and how many values are missing."""
        return f"{self.dtype}, {self.nulls}" if self.nulls else self.dtype

    def line(self, detail: int) -> str:
        """Return the line of the column with full (2), short (1) or no (0) details."""
        what = ("", self.short, self.full)[detail]
        held = self.type if detail == 2 else self.type.replace(self.dtype, cut(self.dtype, _NARROW_TYPE))
        return f"- {self.name} {held}{': ' + what if what else ''}"


def short_type(name: str, size: str = "") -> str:
    """Return the ``name`` of a type, cut so that it does not crowd out other columns; then ``size`` is added."""
    return name if len(name) <= _WIDEST_TYPE else f"{cut(name, _WIDEST_TYPE)}{size}"


def look_at(
    name: str, dtype: str, size: tuple[int, int], look: Callable[[int], tuple[str, str, str]], task: Task, *, slow: bool
) -> Column:
    """Return the summary of one column.

    Args:
        name: its name as code writes it.
        dtype: the name of its type.
        size: how many rows it has, and how many columns are summarised.
        look: given the step between rows, returns the missing values, the full and the short summary.
        task: the description; once it is late, no more columns are read.
        slow: whether the values are strings or objects.
    """
    if task.is_late:
        return Column(name, dtype, full="not looked at, out of time")
    rows, columns = size[0], max(1, size[1])
    cells = TEXT_CELLS if slow else NUMBER_CELLS
    step = 1 if rows * columns <= cells else -(-rows // max(1, min(SAMPLE_ROWS, cells // columns)))
    try:
        missing, full, short = look(step)
    except Exception:  # noqa: BLE001 - one column of an odd type must not hide the others
        return Column(name, dtype, step=step)
    if step > 1:
        full, short = (f"{text} [sample]" if text else "" for text in (full, short))
        missing = f"{missing} [sample]" if missing and not full else missing
    return Column(name, dtype, missing, full, short, step)


@dataclass(slots=True)
class Table:
    """A table to be described.

    Attributes:
        head: what it is, its size, its index.
        columns: the summarised columns, in order.
        names: name and type of each column, in order, up to `MOST_NAMED`.
        total: how many columns there are; 0 for a series, which only has rows.
        header: the first line of the rows, as CSV.
        rows: some rows, as CSV.
    """

    head: str
    columns: list[Column]
    names: list[tuple[str, str]]
    total: int
    header: str = ""
    rows: list[str] = field(default_factory=list)


def detailed(columns: int, tokens: int) -> int:
    """Return how many of ``columns`` to summarise: none if their lines do not all fit in ``tokens``."""
    return columns if columns * 7 <= tokens and columns <= MOST_DETAILED else 0


def layout(table: Table, tokens: int) -> str:
    """Return ``table`` as text: the most detailed variant that fits in ``tokens``."""
    counts = sorted({min(count, len(table.rows)) for count in (ROWS, 3, 2, 1, 0)}, reverse=True)
    variants = [*((2, count) for count in counts), (1, 0), (0, 0)] if table.columns or not table.total else []
    title = ["columns (dtype, nulls: values):"] if table.columns else []
    for detail, count in variants:
        lines = [column.line(detail) for column in table.columns]
        text = "\n".join([table.head, *title, *lines, *_rows(table, count)])
        if fits(text, tokens):
            return text
    return _named(table, tokens)


def _rows(table: Table, count: int) -> list[str]:
    if not count:
        return []
    which = "first row" if count == 1 else f"first {count} rows"
    return [f"{which} as CSV:", table.header, *table.rows[:count]]


def _named(table: Table, tokens: int) -> str:
    """Return only the names, as many as fit, with neighbours of one type grouped."""

    def shown(count: int) -> str:
        groups = groupby(table.names[:count], key=lambda pair: pair[1])
        listed = [(cut(dtype, _NARROW_TYPE), numbered([name for name, _ in run])) for dtype, run in groups]
        runs = [f"{dtype}: {', '.join(names)}" for dtype, names in listed]
        missing = table.total - count
        left_out = [f"… {number(missing)} more columns left out"] if missing else []
        return "\n".join([table.head, "columns by dtype, in order:", *runs, *left_out])

    most = len(table.names)
    if not fits(shown(most), tokens):  # usually they all fit
        most = largest_that_fits(lambda count: fits(shown(count), tokens), most)
    return shown(most) if most else f"{table.head}\n{counted(table.total, 'column')}, names left out"


def numbered(names: Sequence[str]) -> list[str]:
    """Return ``names`` with runs like ``'x1', 'x2', 'x3', …`` written as ``'x1' to 'x90' (90)``."""
    found: list[tuple[str, str, int]] = []  # the first and the last of a run, and its length
    expected = ""
    for name in names:
        if found and name == expected:
            found[-1] = found[-1][0], name, found[-1][2] + 1
        else:
            found.append((name, name, 1))
        expected = _next(name)
    parts: list[str] = []
    for first, last, length in found:
        if length > 2:
            parts.append(f"{first} to {last} ({number(length)})")
        else:
            parts += [first, last][:length]
    return parts


def _next(name: str) -> str:
    """Return the name that follows ``name`` in a numbered run, with as many digits; "" if it is not numbered."""
    end = _NUMBERED.search(name)
    if end is None:
        return ""
    return f"{name[: end.start()]}{int(end[1]) + 1:0{len(end[1])}d}{end[2]}"


def csv_line(cells: Sequence[str]) -> str:
    """Return ``cells`` as one line of CSV (RFC 4180), each cut to a readable width."""
    return ",".join(_cell(text) for text in cells)


def cell(value: Any, task: Task, column: object, missing: str = "None") -> str:
    """Return the text of ``value`` for a cell in the column named ``column``; ``missing`` for ``None``."""
    if value is None:
        return missing
    if type(value) is str:
        value = task.redactor.text(value, name=column, in_column=True)
        return value if len(value) <= _WIDEST_CELL else task.start(value, _LONGEST_CELL)
    if literal := masked(value, task, column, in_column=True):
        return literal
    if type(value) is float or hasattr(type(value), "isoformat"):
        return figure(value)
    return brief(value, 40, task, column)


def _cell(text: str) -> str:
    text = cut(one_line(text, 4 * _WIDEST_CELL), _WIDEST_CELL)
    if any(mark in text for mark in ',"\n\r'):
        return '"' + text.replace('"', '""') + '"'
    return text


def sample_note(columns: Iterable[Column], rows: int) -> str:
    """Return a line for the head of the table that describes the sample; "" if all rows were read."""
    step = max((column.step for column in columns), default=1)
    if step <= 1:
        return ""
    looked = -(-rows // step)
    return f"\n[sample]: nulls and values of {number(looked)} of the {number(rows)} rows, evenly spaced"
