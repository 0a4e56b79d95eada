"""Read the rows of a table in other forms that models use: columns, JSON lines, CSV, a Markdown table.

Each row becomes an object. Anything ambiguous is left alone, so that a correction is asked for.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from deepseek_magic.commonmark.blocks import read
from deepseek_magic.commonmark.tables import cells
from deepseek_magic.commonmark.tree import Node

from .digits import ExactFloat
from .problem import Problem
from .reading import MAX_DIGITS, Parsed, parse
from .schema import Schema, resolve

_NAMES = ("columns", "headers", "header", "fields")
_DATA = ("data", "rows", "values", "records", "items")
_MARKDOWN = ("markdown", "md", "")
_CSV = ("csv", "tsv", "")
_MARKED = re.compile(r"(\*\*|__|\*|_|`)(.+)\1", re.DOTALL)
# What a column's name may look like: a sentence with a comma is not the header of a CSV table.
_HEAD = re.compile(r"\w[\w %()/#-]*", re.ASCII)
_WHOLE = re.compile(rf"-?(?:0|[1-9]\d{{0,{MAX_DIGITS - 1}}})", re.ASCII)
_NUMBER = re.compile(rf"{_WHOLE.pattern}(?:\.\d+)?(?:[eE][-+]?\d+)?", re.ASCII)
_BOOLEANS = {"true": True, "false": False}
_EMPTY = ("", "-", "–", "null", "None", "NaN", "nan", "N/A", "NA")


def rows_of(text: str, parsed: Parsed | Problem, schema: Schema | None) -> Parsed | None:
    """Return the rows in a reply that is not a list of objects, with a note; ``None`` if there is no table.

    Args:
        text: the reply.
        parsed: the result of reading it as JSON.
        schema: the schema of the table. It gives the types of cells in CSV and Markdown, where all cells are text.
    """
    if isinstance(parsed, Parsed):
        if (found := _of_value(parsed.value)) is not None:
            return Parsed(found.value, (*parsed.notes, *found.notes))
        return None
    for form, rows in _in_text(text):
        made = _typed(rows, _properties(schema)) if form != "JSON lines" else rows
        return Parsed(made, (f"the reply was a table in {form}",))
    return None


def _of_value(value: Any, depth: int = 0) -> Parsed | None:
    if depth > 3 or not isinstance(value, (dict, list)) or not value:
        return None
    if isinstance(value, list):
        if all(isinstance(one, dict) for one in value):
            return Parsed(value)
        return _with_head(value)
    names = next((name for name in _NAMES if _are_names(value.get(name))), None)
    data = next((name for name in _DATA if isinstance(value.get(name), list)), None)
    if names and data and all(_is_row(one, len(value[names])) for one in value[data]):
        rows = [dict(zip(value[names], one, strict=True)) for one in value[data]]
        return Parsed(
            rows, ("the names and the rows stood apart, and were put together", *_left(value, names, data, "index"))
        )
    if len({len(one) if isinstance(one, list) else -1 for one in value.values()} - {0}) == 1 and _are_columns(value):
        rows = [dict(zip(value, row, strict=True)) for row in zip(*value.values(), strict=True)]
        return Parsed(rows, ("the reply's columns were turned into rows",))
    if (turned := _of_labels(value)) is not None:
        return turned
    inner = {key: found for key, one in value.items() if (found := _of_value(one, depth + 1)) is not None}
    if len(inner) != 1:
        return None
    ((key, found),) = inner.items()
    return Parsed(found.value, (*found.notes, *_left(value, key)))


def _are_names(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, str) for one in value)
        and len(set(value)) == len(value)
    )


def _is_row(value: Any, count: int) -> bool:
    return isinstance(value, list) and len(value) == count


def _are_columns(value: dict[str, Any]) -> bool:
    plain = all(not isinstance(inner, (dict, list)) for one in value.values() if isinstance(one, list) for inner in one)
    return plain and all(isinstance(one, list) for one in value.values())


def _left(value: dict[str, Any], *taken: str) -> tuple[str, ...]:
    rest = [key for key in value if key not in taken]
    return (f"beside the rows {', '.join(rest[:8])} was ignored",) if rest else ()


def _with_head(value: list[Any]) -> Parsed | None:
    """Return the rows of a list of lists if the first one clearly holds the names of the columns."""
    head, *rest = value
    named = _are_names(head) and bool(rest) and all(_is_row(one, len(head)) for one in rest)
    if not named or not any(not isinstance(cell, str) for row in rest for cell in row):
        return None
    return Parsed(
        [dict(zip(head, row, strict=True)) for row in rest], ("the first row was read as the names of the columns",)
    )


def _of_labels(value: dict[str, Any]) -> Parsed | None:
    """Return the rows of ``{column: {label: value}}`` or ``{label: {column: value}}``; labels count from 0 or 1."""
    if not all(isinstance(one, dict) and one for one in value.values()):
        return None
    inner = list(dict.fromkeys(key for one in value.values() for key in one))
    if _count(inner) and not _count(value):
        rows = [{name: column.get(label) for name, column in value.items()} for label in inner]
        return Parsed(rows, ("the reply's columns were turned into rows",))
    if _count(value) and not _count(inner):
        return Parsed(list(value.values()), ("the labels of the rows were ignored",))
    return None


def _count(labels: Iterable[str]) -> bool:
    given = list(labels)
    return any(given == [str(start + place) for place in range(len(given))] for start in (0, 1))


def _in_text(text: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield the form and the rows of each table in a text; cells of CSV and Markdown are strings."""
    leaves = _leaves(text)
    fences = [leaf for leaf in leaves if leaf.kind == "fence"]
    for source, marked in ((text, False), *((leaf.text, True) for leaf in fences)):
        if len(fences) < 2 and (lines := _json_lines(source)):
            yield "JSON lines", lines
        if len(fences) == 1 and marked and fences[0].language.lower() in _CSV and (rows := _csv(source, marked=True)):
            yield "CSV", rows
    inside = [leaf for fence in fences if fence.language.lower() in _MARKDOWN for leaf in _leaves(fence.text)]
    tables = [[cells(line) for line in leaf.lines] for leaf in (*leaves, *inside) if leaf.kind == "table"]
    if tables and all(table[0] == tables[0][0] for table in tables):
        whole = [tables[0][0], *(row for table in tables for row in table[1:])]
        yield "markdown", _named([[_unmarked(cell) for cell in row] for row in whole])
    elif not tables and (rows := _csv(text, marked=False)):
        yield "CSV", rows


def _leaves(markdown: str) -> list[Node]:
    parser = read(markdown)
    parser.finish()
    return list(parser.document.leaves())


def _unmarked(cell: str) -> str:
    found = _MARKED.fullmatch(cell)
    return found[2].strip() if found else cell


def _json_lines(source: str) -> list[dict[str, Any]]:
    """Return the objects of ``source``, one on each line; an empty list if a line is anything else."""
    found: list[dict[str, Any]] = []
    for line in source.strip().splitlines():
        if not line.strip():
            continue
        parsed = parse(line.strip().removesuffix(","), exact=True) if line.lstrip().startswith("{") else None
        if not isinstance(parsed, Parsed) or not isinstance(parsed.value, dict) or parsed.notes:
            return []
        found.append(parsed.value)
    return found if len(found) > 1 else []


def _csv(source: str, *, marked: bool) -> list[dict[str, Any]]:
    """Return the rows of CSV, read with the separator that gives every row the same number of cells."""
    for separator in ",;\t|":
        try:
            rows = [row for row in csv.reader(io.StringIO(source.strip()), delimiter=separator, strict=True) if row]
        except csv.Error:
            continue
        rows = [[cell.strip() for cell in row] for row in rows]
        alike = len(rows) > 1 and len(rows[0]) > 1 and all(len(row) == len(rows[0]) for row in rows)
        if alike and _are_names(rows[0]) and all(rows[0]) and (marked or all(map(_HEAD.fullmatch, rows[0]))):
            return _named(rows)
    return []


def _named(rows: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    head = rows[0]
    return [{name: row[place] if place < len(row) else "" for place, name in enumerate(head)} for row in rows[1:]]


def _properties(schema: Schema | None) -> dict[str, Any]:
    """Return the schemas of the columns, as far as they are known."""
    top = resolve(schema, schema) if schema else {}
    items = resolve(top.get("items"), schema or {}) if isinstance(top, dict) else {}
    found = items.get("properties") if isinstance(items, dict) else None
    return {key: resolve(one, schema or {}) for key, one in found.items()} if isinstance(found, dict) else {}


def _typed(rows: list[dict[str, Any]], properties: dict[str, Any]) -> list[dict[str, Any]]:
    """Return ``rows`` with the cells of a column as numbers, booleans or nulls if all of them can be read so."""
    readers: dict[str, Callable[[str], Any]] = {}
    for name in rows[0] if rows else ():
        kind = str(properties.get(name) or "")
        filled = [row[name] for row in rows if row[name] not in _EMPTY]
        if name in properties and not any(f"'{one}'" in kind for one in ("integer", "number", "boolean")):
            readers[name] = str
        elif all(cell.lower() in _BOOLEANS for cell in filled):
            readers[name] = lambda cell: _BOOLEANS[cell.lower()]
        else:
            readers[name] = _number if all(map(_NUMBER.fullmatch, filled)) else str
    return [
        {name: None if _is_null(cell, readers[name]) else readers[name](cell) for name, cell in row.items()}
        for row in rows
    ]


def _is_null(cell: str, reader: Any) -> bool:
    return not cell or (cell in _EMPTY and reader is not str)


def _number(cell: str) -> Any:
    return int(cell) if _WHOLE.fullmatch(cell) else ExactFloat(cell)
