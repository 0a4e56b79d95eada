"""Describe frames, series and indexes of pandas."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from deepseek_magic.guard import classify_label
from deepseek_magic.text import counted, one_line

from .brief import brief
from .classes import class_name, lookup, type_name
from .fitting import number
from .pandas_columns import column_name, column_of, dtype_name, label, pandas
from .registry import describes
from .table_layout import MOST_NAMED, ROWS, TEXT_CELLS, Table, cell, csv_line, detailed, layout, sample_note
from .task import Task

_MOST_LEVELS = 6
# Hashing this many strings or tuples takes a few hundredths of a second.
_MOST_HASHED = 50_000
_MOST_LABELS = 200
_NOT_A_TIME = -(2**63)
_INDEXES = ("pandas.Index", "pandas.RangeIndex", "pandas.MultiIndex", "pandas.core.indexes.base.Index")


def _frame_size(frame: Any) -> str:
    rows, columns = pandas().DataFrame.shape.fget(frame)
    return f"{counted(rows, 'row')} × {counted(columns, 'column')}"


def _series_size(series: Any) -> str:
    return counted(pandas().Series.shape.fget(series)[0], "value")


@describes("pandas.DataFrame", "pandas.core.frame.DataFrame", size=_frame_size, foreign=True)
def describe_frame(frame: Any, task: Task) -> str:
    """Describe a frame: size, index, some rows, and the type, missing values and range or top values of each column."""
    rows, total = frame.shape
    _know_rows(frame, task)
    looked = detailed(total, task.tokens)
    columns = [column_of(frame.iloc[:, place], looked, task) for place in range(looked)]
    named = [label(name, task) for name in frame.columns[:MOST_NAMED]]
    names = list(zip(named, _dtype_names(frame.dtypes.iloc[: len(named)]), strict=True))
    head = f"{type_name(frame)}, {_frame_size(frame)}\n{_index_line(frame.index, task)}"
    head += _columns_note(frame.columns, task) + _kept_note(frame, task) + sample_note(columns, rows)
    header, lines = _rows(frame, task) if looked else ("", [])
    return layout(Table(head, columns, names, total, header, lines), task.tokens)


def _know_rows(values: Any, task: Task) -> None:
    """Make the redactor mask the values of a frame or a series in rows with secret names as labels."""
    if len(values) <= _MOST_LABELS and class_name(type(values.index)) != "RangeIndex":
        for place, name in enumerate(values.index.tolist()):
            if classify_label(name):
                task.redactor.know_row(values.iloc[place : place + 1].to_numpy(dtype=object).ravel().tolist(), name)


def _kept_note(value: Any, task: Task) -> str:
    """Return what is stored beside the values: ``attrs``, and in geopandas the geometry and its coordinate system."""
    held = value.attrs
    note = f"\nattrs: {brief(held, 200, task)}" if type(held) is dict and held else ""
    if lookup(type(value), "active_geometry_name") is None and lookup(type(value), "geom_type") is None:
        return note
    name, crs = getattr(value, "active_geometry_name", None), getattr(value, "crs", None)
    active = f"geometry {label(name, task)}, " if name is not None else "no active geometry, " if value.ndim > 1 else ""
    return f"{note}\n{active}{'no CRS is set' if crs is None else f'CRS {one_line(str(crs), 80)}'}"


def _dtype_names(dtypes: Any) -> list[str]:
    """Return the names of many types. Naming one is slow, but thousands of columns share a few."""
    names: dict[int, str] = {}
    return [names.get(id(dtype)) or names.setdefault(id(dtype), dtype_name(dtype)) for dtype in dtypes]


def _columns_note(columns: Any, task: Task) -> str:
    """Return what is unusual about the names of the columns: levels, a name, duplicates."""
    note = ""
    if columns.nlevels > 1:
        levels = ", ".join(label(name, task) for name in list(columns.names)[:_MOST_LEVELS])
        named = f" {levels}" if any(name is not None for name in columns.names) else ""
        note = f"\ncolumns: MultiIndex of {columns.nlevels} levels{named}; a name is a tuple"
    seen = Counter(name for name in columns[:MOST_NAMED] if type(name) is str)
    twice = [f"{brief(name, 40, task)} ({count})" for name, count in seen.items() if count > 1]
    if twice:
        note += f"\ncolumn names that occur more than once: {', '.join(twice[:5])}{', …' if len(twice) > 5 else ''}"
    return note


def _index_line(index: Any, task: Task, called: object = "") -> str:
    """Return the line that describes ``index``; ``called`` names its labels if it has no name."""
    size = len(index)
    kind = class_name(type(index))
    if kind == "RangeIndex":
        step = f", step {index.step}" if index.step != 1 else ""
        name = f" {label(index.name, task)}" if index.name is not None else ""
        return f"index{name}: RangeIndex{f', {index.start} to {index.stop - index.step}{step}' if size else ', empty'}"
    if index.nlevels > 1:
        levels = [
            f"{label(name, task)} {dtype_name(level.dtype)} ({counted(len(level), 'label')})"
            for name, level in list(zip(index.names, index.levels, strict=True))[:_MOST_LEVELS]
        ]
        return f"index: MultiIndex{_order(index, index.levels)} with the levels {', '.join(levels)}"
    name = "without name" if index.name is None else label(index.name, task)
    freq = f", freq {one_line(str(index.freqstr), 30)}" if getattr(index, "freqstr", None) else ""
    labels = pandas().Series(index.array, copy=False, name=called if index.name is None else index.name)
    column = column_of(labels, 1, task)
    notes = f"{freq}{f', {column.nulls}' if column.nulls else ''}{_order(labels, [labels])}"
    return f"index {name}: {kind} {column.dtype}{notes}{': ' + column.full if column.full else ''}"


def _order(labels: Any, levels: Sequence[Any]) -> str:
    """Return in words whether ``labels`` of these ``levels`` repeat or are sorted, if that is quick to find out.

    Labels that are the user's objects are neither hashed nor compared.
    """
    if len(labels) > TEXT_CELLS or _rise(labels):
        return ""
    kinds = [pandas().api.types.infer_dtype(level) for level in levels if level.dtype == object]
    if not all(kind in ("string", "integer", "date", "empty") for kind in kinds):
        return ""
    is_quick = len(labels) <= _MOST_HASHED or getattr(labels.dtype, "kind", "O") in "iufmM"
    repeat = ", labels repeat" if is_quick and labels.duplicated().any() else ""
    if labels.is_monotonic_increasing:
        return repeat
    return f"{repeat}, {'descending' if labels.is_monotonic_decreasing else 'not sorted'}"


def _rise(labels: Any) -> bool:
    """Return whether ``labels`` are strictly increasing whole numbers or times, which is quick to check."""
    dtype = labels.dtype
    if getattr(dtype, "kind", "O") not in "iumM" or type(dtype).__module__.partition(".")[0] != "numpy":
        return False
    values = labels.to_numpy()
    if dtype.kind in "mM":
        values = values.view("i8")  # NaT is the lowest
    rise = bool((values[1:] > values[:-1]).all())
    return rise and not (dtype.kind in "mM" and len(values) > 0 and values[0] == _NOT_A_TIME)


def _rows(frame: Any, task: Task, name: object = None) -> tuple[str, list[str]]:
    """Return the header and the first rows as CSV, beginning with the index unless it only counts the rows.

    ``name`` is the name of the only column, if it differs from its header.
    """
    first = frame.iloc[:ROWS]
    columns = [
        [cell(value, task, label if name is None else name) for value in first.iloc[:, place].tolist()]
        for place, label in enumerate(first.columns)
    ]
    header = [_bare(name, task) for name in first.columns]
    if class_name(type(frame.index)) != "RangeIndex":
        levels = [first.index.get_level_values(level) for level in range(min(_MOST_LEVELS, first.index.nlevels))]
        columns = [[cell(value, task, level.name) for value in level.tolist()] for level in levels] + columns
        header = ["(index)" if level.name is None else _bare(level.name, task) for level in levels] + header
    return csv_line(header), [csv_line(row) for row in zip(*columns, strict=True)]


def _bare(name: Any, task: Task) -> str:
    return name if type(name) is str else label(name, task)


@describes("pandas.Series", "pandas.core.series.Series", size=_series_size, foreign=True)
def describe_series(series: Any, task: Task) -> str:
    """Describe a series: length, index, type, missing values, range or most common values, the first entries."""
    _know_rows(series, task)
    column = column_of(series, 1, task)
    name = f" named {column.name}" if series.name is not None else ""
    head = f"{type_name(series)}{name}, {_series_size(series)}, dtype {column.type}"
    head += f"\n{_index_line(series.index, task)}{_kept_note(series, task)}{sample_note([column], len(series))}"
    head += f"\nvalues: {column.full}" if column.full else ""
    header, rows = _rows(series.iloc[:ROWS].to_frame("value"), task, column_name(series, task))
    return layout(Table(head, [], [], 0, header, rows), task.tokens) if len(series) else head


@describes(*_INDEXES, size=lambda index: f"of {number(len(index))}", foreign=True)
def describe_index(index: Any, task: Task) -> str:
    """Describe an index: type, length, range or most common labels, the first labels."""
    first = ", ".join(cell(value, task, column_name(index, task)) for value in index[:8].tolist())
    return f"{type_name(index)} of {number(len(index))}; {_index_line(index, task, task.name)}\nstarts {first}"
