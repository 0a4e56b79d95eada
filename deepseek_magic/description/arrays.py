"""Describe numpy arrays: shape, type, range, missing values and a sample."""

from __future__ import annotations

import math
import sys
from typing import Any

from deepseek_magic.text import counted

from .brief import brief
from .classes import mro, type_name
from .fitting import number
from .ranges import figure, numbers, span
from .registry import describes
from .tally import summary, tally
from .task import Task

# A full pass over this many numbers, or this many objects, takes a few hundredths of a second.
_MOST_NUMBERS = 2_000_000
_MOST_OBJECTS = 20_000
_MOST_FIELDS = 40


def numpy() -> Any:
    """Return numpy, which is loaded because a value is one of its objects."""
    return sys.modules["numpy"]


def _shape(array: Any) -> str:
    return f"shape {numpy().ndarray.shape.__get__(array)}, {numpy().ndarray.dtype.__get__(array)}"[:100]


def _is_masked(array: Any) -> bool:
    masked = getattr(sys.modules.get("numpy.ma"), "MaskedArray", None)
    return masked is not None and any(base is masked for base in mro(type(array)))


@describes(
    "numpy.ndarray", "numpy.ma.MaskedArray", "numpy.ma.core.MaskedArray", "numpy.memmap", size=_shape, foreign=True
)
def describe_array(array: Any, task: Task) -> str:
    """Describe an array: shape, type, range, number of missing or masked values, and a sample."""
    base = numpy().ndarray
    head = f"{type_name(array)}, shape {base.shape.__get__(array)}, dtype {_dtype(array.dtype)}"
    # A subclass may override any method; a plain view of the same memory cannot.
    plain = base.view(array, base)
    if _is_masked(array):
        masked = int(numpy().ma.getmaskarray(thinned(array, _MOST_NUMBERS)).sum())
        parts = [f"{head}, {number(masked)} masked{_note(array)}", f"values: {_masked_values(array)}"]
        return "\n".join([*parts, sample(array, task, task.name)])
    facts = values_of(plain, task, task.name)
    parts = [head + _note(plain), f"values: {facts}" if facts else "", sample(plain, task, task.name)]
    return "\n".join(filter(None, parts))


def _dtype(dtype: Any) -> str:
    if dtype.names is None:
        return str(dtype)
    fields = ", ".join(f"{name!r} {dtype.fields[name][0]}" for name in dtype.names[:_MOST_FIELDS])
    return f"structured ({fields}{', …' if len(dtype.names) > _MOST_FIELDS else ''})"


def _limit(array: Any) -> int:
    return _MOST_OBJECTS if array.dtype.kind in "OSUTV" else _MOST_NUMBERS


def _note(array: Any) -> str:
    limit = _limit(array)
    return f"\nvalues are of a sample of {number(thinned(array, limit).size)} elements" if array.size > limit else ""


def thinned(array: Any, limit: int) -> Any:
    """Return a view of ``array`` with at most about ``limit`` elements, evenly spaced; nothing is copied."""
    steps = [1] * array.ndim
    while array.size and math.prod(map(_thinned_length, array.shape, steps)) > limit:
        axis = max(range(array.ndim), key=lambda axis: array.shape[axis] / steps[axis])
        steps[axis] *= 2
    return array[tuple(slice(None, None, step) for step in steps)] if array.ndim else array


def _thinned_length(length: int, step: int) -> int:
    return -(-length // step)


def values_of(array: Any, task: Task, name: object) -> str:
    """Return range, mean and missing values of a plain array; "" if its type has none. ``name``: of the array."""
    looked = thinned(array, _limit(array))
    kind = looked.dtype.kind
    if not looked.size:
        return "none"
    if kind == "b":
        true = int(looked.sum())
        return f"True ({number(true)}), False ({number(looked.size - true)})"
    if kind in "iu":
        return numbers(looked.min().item(), looked.max().item(), float(looked.mean()))[0]
    if kind == "f":
        return _floats(looked)
    if kind in "mM":
        return _times(looked)
    if kind in "OSUT":
        return summary(tally(looked.ravel().tolist()), task, name, kinds=kind == "O")[0]
    return ""


def _floats(array: Any) -> str:
    with numpy().errstate(all="ignore"):
        low, high, mean = array.min(), array.max(), array.mean()
    if numpy().isfinite(low) and numpy().isfinite(high):
        return numbers(float(low), float(high), float(mean))[0]
    finite = array[numpy().isfinite(array)]
    missing = int(numpy().isnan(array).sum())
    extra = f", {number(missing)} NaN" if missing else ""
    if not finite.size:
        return f"no finite number{extra}"
    infinite = array.size - finite.size - missing
    return numbers(float(finite.min()), float(finite.max()), float(finite.mean()), infinite)[0] + extra


def _times(array: Any) -> str:
    missing = numpy().isnat(array)
    present = array[~missing]
    extra = f", {counted(int(missing.sum()), 'NaT')}" if missing.any() else ""
    return (span(str(present.min()), str(present.max())).replace("'", "") if present.size else "none") + extra


def _masked_values(array: Any) -> str:
    present = thinned(array, _MOST_NUMBERS).compressed()
    if not present.size or present.dtype.kind not in "iuf":
        return counted(present.size, "value") + " not masked"
    return _floats(present) if present.dtype.kind == "f" else span(present.min().item(), present.max().item())


def sample(array: Any, task: Task, name: object) -> str:
    """Return the first elements: the value of a scalar array, the start of a vector, the corner of a matrix."""
    if array.ndim == 0:
        return f"value: {_element(array[()], task, name)}"
    if not array.size:
        return ""
    if array.ndim == 1:
        return f"starts: {_row(array, 10, task, name)}"
    corner = array[(0,) * (array.ndim - 2)]
    rows = [_row(corner[place], 8, task, name) for place in range(min(3, corner.shape[0]))]
    where = f"[{', '.join(['0'] * (array.ndim - 2))}, …]" if array.ndim > 2 else ""
    more = ", …" if corner.shape[0] > 3 else ""
    return f"starts{' with ' + where if where else ''}: [{', '.join(rows)}{more}]"


def _row(row: Any, count: int, task: Task, name: object) -> str:
    parts = [_element(row[place], task, name) for place in range(min(count, row.shape[0]))]
    return f"[{', '.join(parts)}{', …' if row.shape[0] > count else ''}]"


def _element(value: Any, task: Task, name: object) -> str:
    if value is numpy().ma.masked:
        return "masked"
    is_plain = isinstance(value, numpy().void) or (isinstance(value, numpy().floating) and value.dtype.itemsize <= 8)
    item = value.item() if is_plain else value
    if isinstance(value, numpy().void) and value.dtype.names:
        fields = zip(item, value.dtype.names, strict=True)
        item = tuple(
            task.redactor.text(one, name=of, in_column=True) if type(one) is str else one for one, of in fields
        )
    return figure(item) if type(item) is float else brief(item, 40, task, name)
