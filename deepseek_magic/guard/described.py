"""Secrets in what `describe` tells of frames and series: the lines of columns, of an index, and the rows below them.

Here it is certain which text is a value of which column, so that the plainest password is masked as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .assignments import is_secret
from .forms import Found
from .printed_tables import Span, by_separator, end_of_line, trimmed
from .secret_names import Sure, told
from .secret_values import placeholder

Judged = tuple[Sure, str]

_NAME = r"(?P<name>'[^'\n]{1,100}'|\"[^\"\n]{1,100}\"|\([^()\n]{1,200}\))"
_COLUMN = re.compile(rf"^[ \t]{{0,40}}- {_NAME} (?=[A-Za-z])", re.MULTILINE)
_INDEX = re.compile(rf"\bindex {_NAME}: ")
_SERIES = re.compile(rf"\bSeries named {_NAME}")
# A text that was cut has no closing quote; a number that is counted is a value as well, as a PIN is.
_VALUE = re.compile(
    r"'(?P<single>(?:[^'\\\n]|\\.){1,500})(?:'|$)|\"(?P<double>(?:[^\"\\\n]|\\.){1,500})(?:\"|$)"
    r"|(?<![\w.,])(?P<number>\d{3,20})(?= \(\d)",
    re.MULTILINE,
)
_ROWS = re.compile(r"^(?:first (?:(?P<count>\d{1,3}) rows|row) )?as CSV:\n", re.MULTILINE)
_STARTS = re.compile(r"starts:? ")
_PARTS = re.compile(r"[\w. -]+")
_MOST_LINES = 12


def by_description(text: str) -> Iterator[Found]:
    """Yield the values in ``text`` of columns, indexes and series with a secret's name. The time is linear in it."""
    for found in _COLUMN.finditer(text):
        if judged := _told(found["name"]):
            yield from _values(text, (found.end(), end_of_line(text, found.end())), judged)
    end = -1
    for found in _INDEX.finditer(text):  # of a line the first one alone, so that no line is read twice
        if found.start() > end and (judged := _told(found["name"])):
            end = end_of_line(text, found.end())
            yield from _values(text, (found.end(), end), judged)
            yield from _starts(text, end + 1, judged)
    end = -1
    for found in _SERIES.finditer(text):
        if found.start() > end and (judged := _told(found["name"])):
            end = end_of_line(text, found.end())
            yield from _series(text, end + 1, judged)
    for found in _ROWS.finditer(text):
        yield from _rows(text, found)


def _told(name: str) -> Judged | None:
    """Judge a name as code writes it; of a tuple any level may say that the values are secrets."""
    return next((judged for part in _PARTS.findall(name) if (judged := told(part.strip()))), None)


def _is_value(value: str, sure: Sure) -> bool:
    if sure is Sure.PASSWORD:
        value = value.rstrip("… ")  # a cut word is no placeholder for another one
        return bool(value) and not placeholder(value)
    return is_secret(value, sure, exact=True)


def _values(text: str, line: Span, judged: Judged) -> Iterator[Found]:
    for value in _VALUE.finditer(text, *line):
        group = str(value.lastgroup)
        if _is_value(value[group], judged[0]):
            yield Found(*value.span(group), judged[1])


def _series(text: str, start: int, judged: Judged) -> Iterator[Found]:
    """Yield the values of a series, whose description goes on at ``start``."""
    for _ in range(_MOST_LINES):
        end = end_of_line(text, start)
        if text.startswith("values:", start):
            yield from _values(text, (start, end), judged)
        yield from _starts(text, start, judged)
        if end >= len(text) or end == start:
            return
        if head := _ROWS.match(text, start):
            yield from _rows(text, head, judged)
            return
        start = end + 1


def _starts(text: str, start: int, judged: Judged) -> Iterator[Found]:
    """Yield the first values, told without quotes on the line at ``start``."""
    if not (head := _STARTS.match(text, start)):
        return
    for cell in re.finditer(r"[^,\n]+", text[head.end() : end_of_line(text, start)]):
        if span := _cell(cell[0], (0, len(cell[0])), judged[0]):
            place = head.end() + cell.start()
            yield Found(place + span[0], place + span[1], judged[1])


def _rows(text: str, head: re.Match[str], last: Judged | None = None) -> Iterator[Found]:
    """Yield the cells of secret columns in the rows below ``head``; ``last`` judges the values of a series."""
    end = end_of_line(text, head.end())
    header = text[head.end() : end]
    heads = by_separator(header, ",")
    columns = {number: _told(header[start:stop]) for number, (start, stop) in enumerate(heads)}
    if last:
        columns[len(heads) - 1] = last
    if not any(columns.values()):
        return
    for _ in range(int(head["count"] or 1) if head["count"] or head[0].startswith("first") else _MOST_LINES):
        if end >= len(text):
            return
        start = end + 1
        end = end_of_line(text, start)
        line = text[start:end]
        cells = by_separator(line, ",")
        if len(cells) != len(heads):
            return
        for number, judged in columns.items():
            if judged and (span := _cell(line, cells[number], judged[0])):
                yield Found(start + span[0], start + span[1], judged[1])


def _cell(line: str, cell: Span, sure: Sure) -> Span | None:
    span = trimmed(line, cell)
    return span if _is_value(line[span[0] : span[1]], sure) else None
