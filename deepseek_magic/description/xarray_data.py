"""Describe data sets and data arrays of xarray. Variables that are not in memory are not loaded."""

from __future__ import annotations

import sys
from typing import Any

from deepseek_magic.text import counted, one_line

from .arrays import numpy, sample, values_of
from .brief import brief
from .classes import type_name
from .fitting import number
from .ranges import span
from .registry import describes
from .task import Task

_MOST_SHOWN = 60


def _sizes(value: Any) -> str:
    pairs = list(value.sizes.items())[:8]
    return ", ".join(f"{_dimension(name)}: {number(size)}" for name, size in pairs)


def _dimension(name: Any) -> str:
    return one_line(name, 40) if type(name) is str else brief(name, 40, Task(40, 0.1))


def _variable_line(name: Any, variable: Any, task: Task) -> str:
    dims = ", ".join(_dimension(dim) for dim in variable.dims[:8])
    notes = [brief(variable.attrs[key], 60, task) for key in ("long_name", "units") if key in variable.attrs]
    values = _range(variable, task, name)
    line = f"- {brief(name, 60, task)} ({dims}) {variable.dtype}{': ' + values if values else ''}"
    return f"{line} [{', '.join(notes)}]" if notes else line


def _range(variable: Any, task: Task, name: object) -> str:
    """Return the range of a variable in memory; that of an index is read from its ends."""
    held = variable.variable._data if hasattr(variable, "variable") else variable._data
    index = getattr(held, "array", None)
    if index is not None and "pandas" in sys.modules and isinstance(index, sys.modules["pandas"].Index) and len(index):
        return span(index[0], index[-1]) + (" (first to last)" if len(index) > 1 else "")
    if type(held) is not numpy().ndarray:
        return "not loaded"
    return values_of(held, task, name)


def _attributes(value: Any, task: Task) -> list[str]:
    pairs = list(value.attrs.items())[:20]
    described = [f"{brief(name, 40, task)}: {brief(item, 100, task, name)}" for name, item in pairs]
    return [f"attrs: {', '.join(described)}"] if described else []


def _coordinates(value: Any, task: Task) -> list[str]:
    pairs = list(value.coords.items())[:_MOST_SHOWN]
    lines = [_variable_line(name, variable, task) for name, variable in pairs]
    return ["coordinates:", *lines] if lines else []


@describes("xarray.core.dataset.Dataset", size=_sizes, foreign=True)
def describe_dataset(value: Any, task: Task) -> str:
    """Describe a data set: dimensions, variables with their range, coordinates, attributes."""
    pairs = list(value.data_vars.items())
    lines = [_variable_line(name, variable, task) for name, variable in pairs[:_MOST_SHOWN]]
    head = f"xarray {type_name(value)}, dimensions {_sizes(value) or 'none'}"
    head += f"\n{counted(len(pairs), 'variable')}, {counted(len(value.coords), 'coordinate')}"
    body = ["variables:", *lines, *_coordinates(value, task), *_attributes(value, task)]
    return task.lines(head, body)


@describes("xarray.core.dataarray.DataArray", size=_sizes, foreign=True)
def describe_data_array(value: Any, task: Task) -> str:
    """Describe a data array: dimensions, type, range, coordinates, attributes, a sample."""
    name = f" named {brief(value.name, 60, task)}" if value.name is not None else ""
    head = f"xarray {type_name(value)}{name}, dimensions {_sizes(value) or 'none'}, dtype {value.dtype}"
    body = [f"values: {_range(value, task, value.name)}", *_coordinates(value, task), *_attributes(value, task)]
    held = value.variable._data
    if type(held) is numpy().ndarray:
        body.append(sample(held, task, value.name))
    return task.lines(head, body)
