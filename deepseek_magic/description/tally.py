"""Count the values of a column, comparing and hashing only built-in scalars."""

from __future__ import annotations

import datetime
import heapq
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .brief import column_value
from .classes import class_name
from .fitting import number
from .task import Task

# Their __hash__ and __eq__ are the interpreter's own; the hash of an aware datetime asks the time zone.
_COUNTED = {id(kind) for kind in (str, int, float, bool, bytes, datetime.date)}
_MOST_NAMED = 5


@dataclass(slots=True)
class ColumnTally:
    """What a column holds.

    Attributes:
        nulls: how many values are missing (``None``, NaN, and the missing values of pandas).
        kinds: how many values of each type there are, by the type's name, without missing ones.
        counts: how often each built-in scalar occurs, by the id of its type and its value.
        uncounted: how many values are neither missing nor built-in scalars.
        example: the first value that was not counted.
    """

    nulls: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    counts: dict[tuple[int, Any], int] = field(default_factory=dict)
    uncounted: int = 0
    example: Any = None


def tally(values: Iterable[Any], missing: Collection[int] = ()) -> ColumnTally:
    """Count ``values`` without running their code; ``missing`` holds the ids of objects that mean a missing value."""
    found = ColumnTally()
    kinds: dict[int, tuple[type, int]] = {}
    for value in values:
        cls = type(value)
        if value is None or (cls is float and value != value) or id(value) in missing:  # noqa: PLR0124 - NaN
            found.nulls += 1
            continue
        kinds[id(cls)] = cls, kinds.get(id(cls), (cls, 0))[1] + 1
        if id(cls) in _COUNTED:
            key = id(cls), value
            found.counts[key] = found.counts.get(key, 0) + 1
        else:
            found.uncounted += 1
            found.example = value if found.uncounted == 1 else found.example
    for cls, count in kinds.values():
        name = class_name(cls)
        found.kinds[name] = found.kinds.get(name, 0) + count
    return found


def most_common(pairs: Sequence[tuple[str, int]], total: int, width: int = 5) -> str:
    """Return in words which of ``pairs`` (text, count) are most common, of ``total`` values."""
    if not pairs:
        return ""
    if len(pairs) == total and total > 1:
        shown = ", ".join(text for text, _ in pairs[:2])
        return f"all {number(total)} distinct, such as {shown}"
    top = heapq.nsmallest(width, pairs, key=lambda pair: (-pair[1], pair[0]))
    shown = ", ".join(f"{text} ({number(count)})" for text, count in top)
    more = len(pairs) - len(top)
    return f"{shown}{f', {number(more)} other values' if more else ''}"


def summary(found: ColumnTally, task: Task, name: object, *, kinds: bool) -> tuple[str, str]:
    """Return the full and the short summary of a column of strings or objects.

    Args:
        found: the count.
        task: the description.
        name: the name of the column.
        kinds: whether to list the types of the values, because the dtype does not say them.
    """
    holds = ""
    if kinds and found.kinds:
        parts = sorted(found.kinds.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST_NAMED]
        one = len(found.kinds) == 1
        holds = "holds " + ", ".join(name if one else f"{name} ({number(count)})" for name, count in parts) + "; "
    if found.uncounted and not found.counts:
        return f"{holds}such as {column_value(found.example, 60, task, name)}", holds.rstrip("; ")
    total = sum(found.counts.values())
    # The most common are chosen before any is formatted: there may be as many strings as rows.
    chosen = heapq.nsmallest(_MOST_NAMED * 4, found.counts.items(), key=lambda pair: -pair[1])
    pairs = [(column_value(value, 32, task, name), count) for (_, value), count in chosen]
    pairs += [("", 0)] * (len(found.counts) - len(pairs))
    return holds + most_common(pairs, total), holds + most_common(pairs, total, 2)
