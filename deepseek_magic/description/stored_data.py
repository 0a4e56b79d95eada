"""Describe open h5py files and pyarrow tables: their structure, not all values. No other file is opened."""

from __future__ import annotations

from typing import Any

from deepseek_magic.text import counted

from .brief import brief
from .classes import type_name
from .fitting import number
from .ranges import nulls
from .registry import describes
from .table_layout import MOST_NAMED, ROWS, Column, Table, cell, csv_line, detailed, layout, short_type
from .task import Task

_MOST_MEMBERS = 60
_DEEPEST = 4


@describes("h5py._hl.group.Group", foreign=True)
def describe_group(value: Any, task: Task) -> str:
    """Describe a file or group of h5py by its members, with shape and type; links to other files are not followed."""
    if not value:
        return f"h5py {type_name(value)}, closed"
    where = f" {brief(value.filename, 120, task)}, mode {value.mode!r}" if hasattr(value, "filename") else ""
    lines: list[str] = []
    _members(value, "", lines, task)
    head = f"h5py {type_name(value)}{where}, {brief(value.name, 80, task)}, {counted(len(value), 'member')}"
    return task.lines(head + _attributes(value, task), lines)


def _members(group: Any, indent: str, lines: list[str], task: Task) -> None:
    for name in group:
        if len(lines) >= _MOST_MEMBERS:
            return
        link = group.get(name, getlink=True)
        title = f"{indent}- {brief(name, 60, task)}"
        if type_name(link) != "HardLink":
            target = f"{getattr(link, 'filename', '')} {getattr(link, 'path', '')}".strip()
            lines.append(f"{title}: {type_name(link)} to {brief(target, 100, task)}")
            continue
        member = group.get(name)
        if hasattr(member, "shape"):
            lines.append(f"{title} {_shape(member)}{_attributes(member, task)}")
        elif hasattr(member, "keys") or len(indent) // 2 < _DEEPEST:
            lines.append(f"{title}: {type_name(member)} of {number(len(member))}{_attributes(member, task)}")
            if len(indent) // 2 < _DEEPEST:
                _members(member, f"{indent}  ", lines, task)


def _shape(value: Any) -> str:
    kept = {name: getattr(value, name, None) for name in ("chunks", "compression")}
    stored = [f"{name} {item}" for name, item in kept.items() if item is not None]
    return ", ".join([f"shape {value.shape}, {value.dtype}"[:160], *stored])


def _attributes(value: Any, task: Task) -> str:
    pairs = [f"{brief(name, 40, task)}: {brief(item, 80, task, name)}" for name, item in list(value.attrs.items())[:10]]
    return f", attrs {', '.join(pairs)}" if pairs else ""


@describes("h5py._hl.dataset.Dataset", foreign=True)
def describe_dataset(value: Any, task: Task) -> str:
    """Describe a data set of h5py: shape, type, attributes. Its values are not read."""
    if not value:
        return "h5py Dataset, closed"
    return f"h5py Dataset {brief(value.name, 80, task)}, {_shape(value)}{_attributes(value, task)}; values not read"


def _rows(value: Any) -> str:
    return f"{counted(value.num_rows, 'row')} × {counted(value.num_columns, 'column')}"


@describes("pyarrow.lib.Table", "pyarrow.lib.RecordBatch", size=_rows, foreign=True)
def describe_table(value: Any, task: Task) -> str:
    """Describe a table of pyarrow: rows, columns with type and missing values, the first rows."""
    rows, total = value.num_rows, value.num_columns
    fields = list(value.schema)[:MOST_NAMED]
    names = [(brief(field.name, 60, task), short_type(str(field.type))) for field in fields]
    looked = detailed(total, task.tokens)
    columns = [
        Column(name, kind, nulls(value.column(place).null_count, rows))
        for place, (name, kind) in enumerate(names[:looked])
    ]
    first = value.slice(0, ROWS).to_pylist() if looked else []
    lines = [csv_line([cell(item, task, name, "null") for name, item in row.items()]) for row in first]
    head = f"pyarrow {type_name(value)}, {_rows(value)}, {number(value.nbytes)} bytes"
    return layout(
        Table(head, columns, names, total, csv_line([field.name for field in fields[:looked]]), lines), task.tokens
    )
