"""A JSON value as markdown that grows with it: a list of objects is a table, all else a tree."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .asking import wrapping_key
from .partial import Growing
from .schema import Schema, resolve

_MARKUP = re.compile(r"[^\w\s,;'\"%?]|_", re.ASCII)
_LONGEST = 400
_DEEPEST = 12


def markdown_of(value: Any, schema: Schema | None = None) -> str:
    """Return ``value``, without the object that a list travels in, as markdown."""
    if isinstance(value, list):
        columns = _columns(value, schema)
        return "".join([*_head(columns), *(_row(one, columns) for one in value)])
    if isinstance(value, dict):
        return "".join(line for key, one in value.items() for line in _branch(key, one))
    return f"{_said(value)}\n"


class Sight:
    """Turns the text of a JSON reply into markdown, piece by piece; only what is whole is shown.

    Args:
        schema: of the value; ``None`` where none is known.
    """

    def __init__(self, schema: Schema | None) -> None:
        self._schema = schema
        self._key = wrapping_key(schema) if schema is not None else ""
        self._growing = Growing()
        self._shown = 0
        self._columns: list[str] | None = None

    def feed(self, text: str) -> str:
        """Take more of the reply; return the markdown that it adds."""
        self._growing.feed(text)
        if not self._growing.started:
            return ""
        value = self._growing.value
        if self._key and isinstance(value, dict):
            value = value.get(self._key)
        if isinstance(value, list):
            return self._rows(value)
        if isinstance(value, dict):
            return self._branches(value)
        return ""

    def _rows(self, rows: list[Any]) -> str:
        # The last one may still grow, unless something stands behind it.
        whole = len(rows) if self._growing.complete else max(0, len(rows) - 1)
        if whole <= self._shown:
            return ""
        fresh = rows[self._shown : whole]
        pieces: list[str] = []
        if self._columns is None:
            self._columns = _columns(rows[:whole], self._schema)
            pieces += _head(self._columns)
        pieces += [_row(one, self._columns) for one in fresh]
        self._shown = whole
        return "".join(pieces)

    def _branches(self, value: dict[str, Any]) -> str:
        whole = len(value) if self._growing.complete else max(0, len(value) - 1)
        if whole <= self._shown:
            return ""
        fresh = list(value.items())[self._shown : whole]
        self._shown = whole
        return "".join(line for key, one in fresh for line in _branch(key, one))


def _columns(rows: Sequence[Any], schema: Schema | None) -> list[str]:
    """Return the names of the columns: the schema's, else those of the first row; none where rows are no objects."""
    if not rows or not isinstance(rows[0], dict):
        return []
    if schema is not None:
        top = resolve(schema, schema)
        items = resolve(top.get("items"), schema) if isinstance(top, dict) else None
        properties = items.get("properties") if isinstance(items, dict) else None
        if isinstance(properties, Mapping) and properties:
            return [str(name) for name in properties]
    return [str(name) for name in rows[0]]


def _head(columns: Sequence[str]) -> list[str]:
    if not columns:
        return []
    return [f"| {' | '.join(map(_plain, columns))} |\n", f"|{'---|' * len(columns)}\n"]


def _row(row: Any, columns: Sequence[str]) -> str:
    if not columns:
        return f"- {_said(row)}\n"
    cells = row if isinstance(row, dict) else {columns[0]: row}
    rest = {key: value for key, value in cells.items() if key not in columns}
    said = [_said(cells[name]) if name in cells else "" for name in columns]
    if rest:
        said[-1] = f"{said[-1]} {_said(rest)}".strip()
    return f"| {' | '.join(said)} |\n"


def _branch(key: str, value: Any, depth: int = 0) -> Iterator[str]:
    indent = "  " * depth
    if isinstance(value, (dict, list)) and value and depth < _DEEPEST:
        yield f"{indent}- **{_plain(key)}**\n"
        parts = value.items() if isinstance(value, dict) else enumerate(value, 1)
        for name, one in parts:
            yield from _branch(str(name), one, depth + 1)
    else:
        yield f"{indent}- **{_plain(key)}**: {_said(value)}\n"


def _said(value: Any) -> str:
    """Return a value on one line, as text that is no markup."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return _plain(text)


def _plain(text: str) -> str:
    """Return ``text`` with everything that markdown could take for markup as a character reference."""
    line = " ".join(str(text).split())
    if len(line) > _LONGEST:
        line = line[: _LONGEST - 1] + "…"
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};" if ord(found[0]) < 128 else found[0], line)
