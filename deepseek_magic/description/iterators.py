"""Describe files and iterators, without reading from them or advancing them."""

from __future__ import annotations

import io
from typing import Any

from .brief import brief
from .classes import type_name
from .registry import describes
from .task import Task


@describes(io.TextIOWrapper, io.BufferedReader, io.BufferedWriter, io.BufferedRandom, io.FileIO)
def describe_file(value: Any, task: Task) -> str:
    """Describe an open or closed file by name and mode."""
    raw = value
    for inner in ("buffer", "raw"):
        raw = getattr(raw, inner, raw) if type(raw).__module__ in ("io", "_io") else raw
    if type(raw) is not io.FileIO:
        return f"{type_name(value)} over a {type_name(raw)}"
    name = brief(getattr(raw, "name", "?"), 200, task)
    encoding = f", encoding {value.encoding}" if type(value) is io.TextIOWrapper else ""
    return f"{type_name(value)} {name}, mode {raw.mode!r}{encoding}, {'closed' if raw.closed else 'open'}"


@describes(io.StringIO, io.BytesIO)
def describe_memory_file(value: Any, _task: Task) -> str:
    """Describe a file in memory."""
    return f"{type_name(value)}, {'closed' if value.closed else f'at position {value.tell():,}'}; not read"


_ITERATED: tuple[Any, ...] = ([], (), {}, set(), "", b"", range(0), {}.values(), {}.items())


@describes(map, filter, zip, enumerate, reversed, type(iter(int, 0)), *(type(iter(each)) for each in _ITERATED))
def describe_iterator(value: Any, _task: Task) -> str:
    """Describe an iterator by its type: looking into it would use it up."""
    return f"{type_name(value)} iterator; not advanced"
