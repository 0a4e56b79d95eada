"""Describe frames and series of polars. A lazy frame is never collected."""

from __future__ import annotations

import sys
from typing import Any

from deepseek_magic.text import counted

from .brief import brief
from .classes import type_name
from .fitting import number
from .ranges import nulls, numbers, span
from .registry import describes
from .table_layout import (
    MOST_NAMED,
    ROWS,
    Column,
    Table,
    cell,
    csv_line,
    detailed,
    layout,
    look_at,
    sample_note,
    short_type,
)
from .tally import summary, tally
from .task import Task

_TEXTS = ("String", "Utf8", "Categorical", "Enum", "Object")
_TIMES = ("Date", "Datetime", "Duration", "Time")


def _polars() -> Any:
    return sys.modules["polars"]


def _frame_size(frame: Any) -> str:
    data = _polars().DataFrame
    return f"{counted(data.height.fget(frame), 'row')} × {counted(data.width.fget(frame), 'column')}"


@describes("polars.dataframe.frame.DataFrame", size=_frame_size, foreign=True)
def describe_frame(frame: Any, task: Task) -> str:
    """Describe a frame: size, some rows, and the type, missing values and range or top values of each column."""
    rows, total = frame.shape
    looked = detailed(total, task.tokens)
    columns = [_column(frame.to_series(place), looked, task) for place in range(looked)]
    names = [
        (brief(name, 60, task), _dtype_name(dtype, name, task))
        for name, dtype in list(zip(frame.columns, frame.dtypes, strict=True))[:MOST_NAMED]
    ]
    head = f"polars {type_name(frame)}, {_frame_size(frame)}{sample_note(columns, rows)}"
    header, lines = "", []
    if looked:
        cells = [[cell(value, task, name, "null") for value in frame[name][:ROWS].to_list()] for name in frame.columns]
        header, lines = csv_line(frame.columns), [csv_line(row) for row in zip(*cells, strict=True)]
    return layout(Table(head, columns, names, total, header, lines), task.tokens)


def _kind(dtype: Any) -> str:
    return dtype.__name__ if isinstance(dtype, type) else type_name(dtype)


def _dtype_name(dtype: Any, column: str, task: Task) -> str:
    """Return ``dtype`` as code writes it. It lists the values of an enumeration, which may be secrets."""
    name = str(dtype)
    masked = _kind(dtype) == "Enum" and task.redactor.text(name, name=column, in_column=True) != name
    count = len(dtype.fields) if name.startswith("Struct(") else 0
    return "Enum" if masked else short_type(name, f" ({number(count)} fields)" if count else "")


def _column(series: Any, columns: int, task: Task) -> Column:
    def look(step: int) -> tuple[str, str, str]:
        looked = series.gather_every(step) if step > 1 else series
        return nulls(int(looked.null_count()), len(looked)), *_values(looked, kind, task)

    kind = _kind(series.dtype)
    name, dtype = brief(series.name, 60, task), _dtype_name(series.dtype, series.name, task)
    return look_at(name, dtype, (len(series), columns), look, task, slow=kind in _TEXTS)


def _values(series: Any, kind: str, task: Task) -> tuple[str, str]:
    if not len(series) or series.null_count() == len(series):
        return "", ""
    if kind in _TEXTS:
        return summary(tally(series.to_list()), task, series.name or task.name, kinds=kind == "Object")
    if kind == "Boolean":
        true = int(series.sum())
        text = f"True ({true:,}), False ({len(series) - series.null_count() - true:,})"
        return text, text
    if series.dtype.is_float():
        return _floats(series)
    if series.dtype.is_numeric():
        return numbers(series.min(), series.max(), float(series.mean()))
    if kind in _TIMES:
        text = span(series.min(), series.max())
        return text, text
    return "", ""


def _floats(series: Any) -> tuple[str, str]:
    present = series.drop_nulls()
    finite = present.filter(present.is_finite())
    not_numbers = int(present.is_nan().sum())
    extra = f", {not_numbers:,} NaN" if not_numbers else ""
    if not len(finite):
        return f"no finite number{extra}", ""
    full, short = numbers(finite.min(), finite.max(), finite.mean(), len(present) - len(finite) - not_numbers)
    return full + extra, short


def _series_size(series: Any) -> str:
    return counted(_polars().Series.len(series), "value")


@describes("polars.series.series.Series", size=_series_size, foreign=True)
def describe_series(series: Any, task: Task) -> str:
    """Describe a series: length, type, range or most common values, the first values."""
    column = _column(series, 1, task)
    head = f"polars {type_name(series)} named {column.name}, {_series_size(series)}, dtype {column.type}"
    values = f"\nvalues: {column.full}" if column.full else ""
    first = ", ".join(cell(value, task, series.name or task.name, "null") for value in series[: 2 * ROWS].to_list())
    return f"{head}{sample_note([column], len(series))}{values}\nstarts: {first}"


@describes("polars.lazyframe.frame.LazyFrame", foreign=True)
def describe_lazy(_frame: Any, _task: Task) -> str:
    """Describe a lazy frame only by its type: running or resolving its plan may read files.

    In polars 2.1, ``str``, ``explain``, ``collect_schema``, ``describe_plan`` and ``visit`` open the files of a scan;
    ``serialize`` opens none, but copies the data of every frame in the plan. So there is nothing safe to call.
    """
    return (
        "polars LazyFrame; not collected: .collect_schema() gives its columns, .explain() its plan; both may read files"
    )
