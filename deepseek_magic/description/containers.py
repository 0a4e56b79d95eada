"""Describe containers of the standard library by their size, what their items have in common, and the first items."""

from __future__ import annotations

import array
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

from deepseek_magic.text import counted, one_line

from .brief import BRACKETS, brief, first_items, key_name, length
from .classes import class_name, type_name
from .fields import enum_member, fields_of
from .fitting import number
from .registry import describes
from .scalars import excerpt, integer, octets, scalar
from .task import Task

# How many items are compared to find what they have in common.
_MOST_LOOKED_AT = 2_000
# Up to this length in characters, the literal is shown instead of a summary.
_SHORT = 160


def _base(value: Any) -> type:
    return next(kind for kind in reversed(BRACKETS) if issubclass(type(value), kind))


def _of(value: Any) -> str:
    return f"of {number(length(value, _base(value)))}"


@describes(*BRACKETS, size=_of, literal=True)  # read by their own slots, which a subclass cannot override
def describe_container(value: Any, task: Task) -> str:
    """Describe a container: its literal if that is short, else its size and its first items, each on a line."""
    width = task.room
    short = brief(value, min(_SHORT, width), task, task.name)
    if "…" not in short:
        return short
    kind = _base(value)
    size = length(value, kind)
    fields = fields_of(value)
    if fields is not None:
        return describe_fields(f"{type_name(value)} with fields", fields, task)
    items = first_items(value, kind, max(3, min(size, width // 6)))
    is_mapping = issubclass(kind, dict)
    sample = [item[1] for item in items] if is_mapping else items
    looked = first_items(value, kind, _MOST_LOOKED_AT) if kind in (list, tuple) else sample
    what = common(looked, size)
    values = " values" if is_mapping and what.startswith("all") else ""
    head = f"{type_name(value)} of {number(size)}{',' + values + ' ' + what if what else ''}:"
    if not is_mapping and all(scalar(item, 40) is not None for item in items):
        return f"{head} {brief(value, min(600, width * 2 // 3), task, task.name)}"

    def entry(item: Any, share: int) -> str:
        if not is_mapping:
            return brief(item, share, task, task.name)
        key = brief(item[0], max(12, share // 2), task)
        return f"{key}: {brief(item[1], max(12, share - len(key) - 4), task, key_name(item[0], task.name))}"

    task.open.append(id(value))
    try:
        return _listed(head, items, size, entry, task)
    finally:
        task.open.pop()


def _listed(head: str, items: Sequence[Any], size: int, entry: Callable[[Any, int], str], task: Task) -> str:
    """Return ``head`` and a line for each item, of a width that leaves room for at least about half of the items."""
    lines: list[str] = []
    left = task.room
    share = max(24, min(300, (left - 60) // max(1, min(size, 12))))
    for item in items:
        if left < 0:
            break
        lines.append(f"- {entry(item, share)}")
        left -= len(lines[-1])
    return task.lines(head, lines, left_out="… {} more", already=size - len(lines))


def common(items: Sequence[Any], size: int) -> str:
    """Return what ``items`` have in common, such as ``all int, 0 to 99``; "" if there is nothing."""
    kinds: dict[int, type] = {id(type(item)): type(item) for item in items}
    if not kinds:
        return ""
    if len(kinds) > 1:
        names = sorted({class_name(kind) for kind in kinds.values()})
        return "of " + ", ".join(names) if len(names) <= 4 else f"of {len(names)} types"
    kind = next(iter(kinds.values()))
    part = "all " if len(items) == size else f"the first {number(len(items))} all "
    if kind in (int, float):
        real = [item for item in items if item == item]  # noqa: PLR0124 - NaN differs from itself
        ends = [integer(end) if isinstance(end, int) else repr(end) for end in (min(real), max(real))] if real else []
        missing = len(items) - len(real)
        nan = f", {number(missing)} NaN" if missing else ""
        return f"{part}{kind.__name__}, {' to '.join(ends) or 'all NaN'}{nan}"
    return f"{part}{class_name(kind)}{_keys(items) if kind is dict else ''}"


def _keys(items: Sequence[dict[Any, Any]]) -> str:
    """Return the keys that dictionaries share, if all keys are strings."""
    first = list(islice(dict.keys(items[0]), 30))
    if not first or any(type(key) is not str for key in first):
        return ""
    names = set(first)
    for item in items[:100]:
        if len(item) != len(items[0]) or any(type(key) is not str or key not in names for key in islice(item, 31)):
            return ""
    more = f" and {len(items[0]) - 30:,} more" if len(items[0]) > 30 else ""
    return " with the keys " + ", ".join(repr(one_line(key, 60)) for key in first) + more


def _characters(value: str) -> str:
    return f"of {counted(str.__len__(value), 'character')}"


@describes(str, size=_characters, literal=True)
def describe_text(value: str, task: Task) -> str:
    """Describe a string by itself; a long one by its start, its end, and how much is missing."""
    if str.__len__(value) <= task.room:
        return excerpt(value, task.room, task)
    return excerpt(value, max(40, task.room - 40), task)


def _octets(value: Any) -> str:
    return f"of {number((bytes if issubclass(type(value), bytes) else bytearray).__len__(value))}"


@describes(bytes, bytearray, size=_octets, literal=True)
def describe_bytes(value: Any, task: Task) -> str:
    """Describe bytes by the literal; long ones by its start."""
    base = bytes if issubclass(type(value), bytes) else bytearray
    held = base.__getitem__(value, slice(None)) if type(value) is not base else value
    return octets(held, task.room // 2, task)


@describes(int, float, complex, literal=True)
def describe_number(value: Any, _task: Task) -> str:
    """Describe a number of a class derived from a built-in one."""
    if issubclass(type(value), int):
        return f"{type_name(value)}({integer(value)})"
    base = float if issubclass(type(value), float) else complex
    return f"{type_name(value)}({base.__repr__(value)})"


@describes(memoryview, size=lambda value: f"of {counted(value.nbytes, 'byte')}")
def describe_memory(value: memoryview, _task: Task) -> str:
    """Describe a memory view by its shape."""
    return f"memoryview of {counted(value.nbytes, 'byte')}, format {value.format!r}, shape {value.shape}"


@describes(array.array, size=lambda value: f"of {number(len(value))}")
def describe_array(value: array.array[Any], task: Task) -> str:
    """Describe an array of the standard library: type code, length, the first items."""
    first = brief(array.array.__getitem__(value, slice(40)).tolist(), min(400, task.room // 2), task)
    return f"array.array of {number(len(value))}, typecode {value.typecode!r}, starts {first}"


@describes(type({}.keys()), type({}.values()), type({}.items()), size=lambda value: f"of {number(len(value))}")
def describe_view(value: Any, task: Task) -> str:
    """Describe a view of a dictionary by its first entries."""
    items = list(islice(iter(value), max(3, task.room // 6)))
    head = f"{type_name(value)} of {number(len(value))}:"
    return _listed(head, items, len(value), lambda item, share: brief(item, share, task), task)


def describe_fields(head: str, fields: Sequence[tuple[str, Any]], task: Task) -> str:
    """Describe an object by its fields, each on a line below ``head``."""

    def entry(field: tuple[str, Any], share: int) -> str:
        title = one_line(field[0], 60)
        return f"{title}: {brief(field[1], max(12, share - len(title)), task, field[0])}"

    return _listed(f"{head}:", fields, len(fields), entry, task)


def describe_enum(value: Any, task: Task) -> str:
    """Describe a member of an enumeration by name and value."""
    name, held = enum_member(value) or ("", None)
    return f"{type_name(value)}.{one_line(name, 80)} (value {brief(held, 120, task, name)})"
