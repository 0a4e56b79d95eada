"""Describe tables in files: CSV, Parquet and workbooks, read with pandas or polars if they are installed.

A small file can hold a table that fills the memory, by accident or on purpose. So its size is checked before it is
read, and only the beginning of a long table is read.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from deepseek_magic.errors import QuestionError
from deepseek_magic.text import counted, one_line

from .documents import needs, unreadable
from .workbooks import excess, sheets

#: File extensions of tables.
TABLES = (".csv", ".tsv", ".parquet", ".xlsx", ".xlsm", ".xls")
#: The most bytes of a file.
MOST_BYTES = 200_000_000
#: The most values of a table that are read: from text, and from Parquet, which is read as a whole.
MOST_VALUES, MOST_STORED = 4_000_000, 100_000_000
#: Describes a value, given its name.
Describe = Callable[[object, str], str]


def tables(path: Path, describe: Describe) -> tuple[str, str]:
    """Return a description of the table, or of the sheets, in the file at ``path``, and a note ("" for none).

    The description is "" if the file is plain text after all.

    Raises:
        QuestionError: a required package is not installed, or the file is too large or cannot be read.
    """
    if path.stat().st_size > MOST_BYTES:
        raise _too_large(path, f"more than {MOST_BYTES // 10**6} MB")
    kind = path.suffix.lower()
    is_text = kind in (".csv", ".tsv")
    library = next((name for name in ("pandas", "polars") if importlib.util.find_spec(name)), "")
    if not library and is_text:
        return "", ""  # the text itself is sent instead
    if not library:
        needs("pandas", path)
    try:
        _check_unpacked(path, kind)
        frames = list(_frames(path, kind, library))
    except QuestionError:
        raise
    except ImportError as error:
        msg = (
            f"-c file:{one_line(str(path), 120)} needs a package that is not installed ({one_line(str(error), 160)}): "
            "install it, or load the table, and use -v"
        )
        raise QuestionError(msg) from None
    except Exception as error:  # noqa: BLE001  # a damaged file may make the package raise anything
        if is_text:
            return "", ""
        raise unreadable(path, error) from None
    if not any(len(frame) for _, frame, _ in frames) and is_text:
        return "", ""
    notes = [f"{name or path.name}: the first {counted(rows, 'row')}" for name, _, rows in frames if rows]
    told = [
        "\n".join(
            [*([f"{name}:"] if name else []), *([f"(the first {rows:,} rows)"] if rows else []), describe(frame, "")]
        )
        for name, frame, rows in frames
    ]
    return "\n\n".join(told), "; ".join(notes)


def _too_large(path: Path, what: str) -> QuestionError:
    return QuestionError(f"-c file:{one_line(str(path), 120)} has {what}: load a part of it, and use -v")


def _check_unpacked(path: Path, kind: str) -> None:
    """Raise `QuestionError` if the workbook or Parquet file is too large, by its own metadata, before unpacking it."""
    if kind in (".xlsx", ".xlsm"):
        if what := excess(path):
            raise _too_large(path, what)
    elif kind == ".parquet" and importlib.util.find_spec("pyarrow"):
        parquet = importlib.import_module("pyarrow.parquet")
        held = parquet.read_metadata(path)
        if held.num_rows * held.num_columns > MOST_STORED:
            raise _too_large(path, f"{held.num_rows:,} rows of {counted(held.num_columns, 'column')}")


def _frames(path: Path, kind: str, library: str) -> Iterator[tuple[str, Any, int]]:
    """Yield the name of each table ("" for the only one), the table, and how many rows were read (0 for all)."""
    module: Any = importlib.import_module(library)
    if kind in (".csv", ".tsv"):
        names = {"pandas": ("sep", "nrows"), "polars": ("separator", "n_rows")}[library]
        marks = {names[0]: "\t" if kind == ".tsv" else ","}
        columns = len(module.read_csv(path, **marks, **{names[1]: 1}).columns)
        most = MOST_VALUES // max(1, columns)
        frame = module.read_csv(path, **marks, **{names[1]: most})
        yield "", frame, most if len(frame) >= most else 0
    elif kind == ".parquet":
        yield "", module.read_parquet(path), 0
    else:
        yield from sheets(path, module, library)
