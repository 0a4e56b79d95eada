"""Show a JSON value as Markdown while it streams: a list of objects as a table, anything else as a tree."""

from __future__ import annotations

import itertools
import json
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from deepseek_magic.text import visible

from .instructions import wrapping_key
from .partial import PartialJson
from .schema import Schema, resolve

_MARKUP = re.compile(r"[^\w\s,;'\"%?]|_", re.ASCII)
_LONGEST = 400
_DEEPEST = 12


def markdown_of(value: Any, schema: Schema | None = None) -> str:
    """Return ``value`` as Markdown, without the object that wraps a list."""
    if isinstance(value, list):
        columns = _columns(value, schema)
        return "".join([*_head(columns), *(_row(one, columns) for one in value)])
    if isinstance(value, dict):
        return "".join(_lines(value))
    return f"{_inline(value)}\n"


class JsonMarkdown:
    """Turns the text of a JSON reply into Markdown, piece by piece. A row or value is added once it is complete.

    Args:
        schema: the schema of the value; ``None`` if there is none.
    """

    def __init__(self, schema: Schema | None) -> None:
        self._schema = schema
        self._key = wrapping_key(schema) if schema is not None else ""
        self._growing = PartialJson()
        self._shown = 0
        self._columns: list[str] | None = None
        self._tree: _Tree | None = None

    def feed(self, text: str) -> str:
        """Read the next piece of the reply; return the Markdown that it adds."""
        self._growing.feed(text)
        value = self._growing.closed
        if self._key and isinstance(value, dict):
            value = value.get(self._key)
        if isinstance(value, list):
            return self._rows(value)
        if isinstance(value, dict):
            if self._tree is None:
                self._tree = _Tree(value)
            return "".join(self._tree.lines(complete=self._growing.complete))
        return ""

    def _rows(self, rows: list[Any]) -> str:
        # The last row may still grow, unless the list is complete.
        whole = len(rows) if self._growing.complete else max(0, len(rows) - 1)
        if whole <= self._shown:
            return ""
        pieces: list[str] = []
        if self._columns is None:
            self._columns = _columns(rows[:whole], self._schema)
            pieces += _head(self._columns)
        pieces += [_row(one, self._columns) for one in rows[self._shown : whole]]
        self._shown = whole
        return "".join(pieces)


@dataclass(slots=True)
class _Frame:
    """An open list or object: how many of its parts were taken, and those that still have to be shown."""

    container: dict[str, Any] | list[Any]
    taken: int = 0
    waiting: deque[tuple[str, Any]] = field(default_factory=deque)

    def take(self) -> None:
        """Move the parts that are new to ``waiting``; each part is taken once."""
        fresh = len(self.container) - self.taken
        if fresh <= 0:
            return
        if isinstance(self.container, dict):
            last = itertools.islice(reversed(self.container.items()), fresh)
            self.waiting.extend((str(key), one) for key, one in reversed(list(last)))
        else:
            start = self.taken
            self.waiting.extend((str(start + place), one) for place, one in enumerate(self.container[start:], 1))
        self.taken += fresh


class _Tree:
    """The lines of a growing object, each as soon as its value is complete."""

    def __init__(self, root: dict[str, Any]) -> None:
        self._open = [_Frame(root)]

    def lines(self, *, complete: bool) -> Iterator[str]:
        """Yield the lines that are new; ``complete`` says whether the whole value has arrived."""
        while self._open:
            frame, depth = self._open[-1], len(self._open) - 1
            frame.take()
            if frame.waiting:
                key, value = frame.waiting[0]
                if _branches(value, depth):
                    yield _heading(key, depth)
                    frame.waiting.popleft()
                    self._open.append(_Frame(value))
                elif isinstance(value, (dict, list)) and len(frame.waiting) == 1 and not self._whole(complete):
                    return  # an empty container may still be filled, and a deep one may still grow
                else:
                    yield _leaf(key, value, depth)
                    frame.waiting.popleft()
            elif self._whole(complete):
                self._open.pop()
            else:
                return

    def _whole(self, complete: bool) -> bool:
        """Return whether the innermost container is complete: something follows it, or a container around it."""
        return complete or any(one.waiting or len(one.container) > one.taken for one in self._open[:-1])


def _columns(rows: Sequence[Any], schema: Schema | None) -> list[str]:
    """Return the names of the columns: from the schema, else from the first row; none if rows are not objects."""
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
    return [f"| {' | '.join(map(_escaped, columns))} |\n", f"|{'---|' * len(columns)}\n"]


def _row(row: Any, columns: Sequence[str]) -> str:
    if not columns:
        return f"- {_inline(row)}\n"
    cells = row if isinstance(row, dict) else {columns[0]: row}
    rest = {key: value for key, value in cells.items() if key not in columns}
    said = [_inline(cells[name]) if name in cells else "" for name in columns]
    if rest:
        said[-1] = f"{said[-1]} {_inline(rest)}".strip()
    return f"| {' | '.join(said)} |\n"


def _branches(value: Any, depth: int) -> bool:
    """Return whether the parts of ``value`` have lines of their own."""
    return isinstance(value, (dict, list)) and bool(value) and depth < _DEEPEST


def _lines(value: dict[str, Any] | list[Any], depth: int = 0) -> Iterator[str]:
    parts = value.items() if isinstance(value, dict) else enumerate(value, 1)
    for key, one in parts:
        if _branches(one, depth):
            yield _heading(str(key), depth)
            yield from _lines(one, depth + 1)
        else:
            yield _leaf(str(key), one, depth)


def _heading(key: str, depth: int) -> str:
    return f"{'  ' * depth}- **{_escaped(key)}**\n"


def _leaf(key: str, value: Any, depth: int) -> str:
    return f"{'  ' * depth}- **{_escaped(key)}**: {_inline(value)}\n"


def _inline(value: Any) -> str:
    """Return a value on one line, with Markdown escaped."""
    return _escaped(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _escaped(text: str) -> str:
    """Return ``text`` with every character that Markdown could take for markup as a character reference."""
    line = " ".join(text[: 4 * _LONGEST].split())
    if len(line) > _LONGEST:
        line = line[: _LONGEST - 1] + "…"
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};" if ord(found[0]) < 128 else found[0], visible(line))
