"""Describe groups of pandas: their keys, number and sizes. The user's functions are not applied."""

from __future__ import annotations

from typing import Any

from deepseek_magic.text import counted

from .brief import brief
from .classes import type_name
from .fitting import number
from .pandas_columns import dtype_name, label, pandas
from .ranges import figure
from .registry import describes
from .task import Task

_MOST_GROUPS = 12
# Grouping more rows by strings may take longer than the deadline of a description.
_MOST_ROWS = 100_000
_MOST_COLUMNS = 20


@describes("pandas.core.groupby.groupby.BaseGroupBy", "pandas.api.typing.Resampler", foreign=True)
def describe_groups(groups: Any, task: Task) -> str:
    """Describe a GroupBy or a Resampler: its keys or frequency, the groups and their sizes, the columns."""
    whole = groups.obj
    part = whole.to_frame() if whole.ndim == 1 else whole.iloc[:, :_MOST_COLUMNS]
    columns = ", ".join(f"{label(name, task)} {dtype_name(dtype)}" for name, dtype in part.dtypes.items())
    more = ", …" if whole.ndim > 1 and part.shape[1] < whole.shape[1] else ""
    held = [f"of {type_name(whole)}, {counted(len(whole), 'row')}", f"columns: {columns}{more}"]
    if len(whole) > _MOST_ROWS:
        keys = brief(getattr(groups, "keys", None), 120, task)
        return "\n".join([f"{type_name(groups)} by {keys}, groups not counted", *held])
    sizes = groups.size()
    if isinstance(sizes, pandas().DataFrame):  # as_index=False
        sizes = sizes.set_index(list(sizes.columns[:-1])).iloc[:, 0]
    index = sizes.index
    keys = ", ".join("a function or an array" if name is None else label(name, task) for name in index.names)
    freq = getattr(index, "freqstr", None)
    by = f"the index, freq {freq}" if freq and index.name is None else f"{keys}{f', freq {freq}' if freq else ''}"
    pairs = sizes.iloc[:_MOST_GROUPS].items()
    shown = [f"{figure(key) if freq else label(key, task)} ({number(count)})" for key, count in pairs]
    more = f", … {number(len(sizes) - _MOST_GROUPS)} more" if len(sizes) > _MOST_GROUPS else ""
    head = f"{type_name(groups)} by {by}: {counted(len(sizes), 'group')}"
    return task.lines(head, [*held, f"groups (rows): {', '.join(shown)}{more}"])
