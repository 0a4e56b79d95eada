"""Read workbooks (``.xlsx``, ``.xls``) within limits of memory and time, because a small file can expand to a huge one.

One cell far to the right makes every row as wide, a style becomes many objects, and a row can be endless. So the cells
of the rows are counted before a table is made of them, and parts that are parsed as a whole have a size limit. All of
it is Python code, so that an interrupt stops it.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deepseek_magic.text import one_line

from .workbook_counts import MOST_IN_A_ROW, too_much_at_once

#: The most unpacked bytes of a workbook, of a part of it, and of a part that is parsed before any cell is read.
MOST_UNPACKED, MOST_OF_A_PART, MOST_PARSED = 200_000_000, 50_000_000, 4_000_000
#: The most cells that are read, in all sheets together.
MOST_CELLS = 400_000
#: The most cells of a sheet that is read at once, including the empty cells between them.
MOST_AT_ONCE = 4_000_000
#: The most sheets that are described.
MOST_SHEETS = 8
_PARSED = re.compile(
    r"\[Content_Types\]\.xml|.*\.rels|docProps/(?:core|custom)\.xml|xl/(?:styles|workbook)\.xml|xl/(?:theme|chartsheets)/.*",
    re.IGNORECASE,
)


def excess(path: Path, *, at_once: bool = False) -> str:
    """Return in words what the workbook at ``path`` has too much of; "" for nothing. It is read as a stream.

    ``at_once``: whether its reader reads a sheet as a whole, and not row by row.
    """
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        total = sum(part.file_size for part in parts)
        if total > MOST_UNPACKED:
            return f"{total // 10**6:,} MB when it is unpacked"
        for part in parts:
            if part.file_size > (MOST_PARSED if _PARSED.fullmatch(part.filename) else MOST_OF_A_PART):
                name = one_line(part.filename, 60)
                return f"{part.file_size // 10**6:,} MB in its part {name} when that is unpacked"
        return too_much_at_once(archive, MOST_AT_ONCE if at_once else 0)


def sheets(path: Path, module: Any, library: str) -> Iterator[tuple[str, Any, int]]:
    """Yield the name of each sheet, its table, and how many rows were read (0 for all), with pandas or polars.

    Raises:
        ValueError: a sheet has too many columns or cells.
    """
    if library == "polars":
        if path.suffix.lower() != ".xls" and (what := excess(path, at_once=True)):
            raise ValueError(f"it has {what}")
        for name, frame in list(module.read_excel(path, sheet_id=0).items())[:MOST_SHEETS]:
            yield f"sheet {one_line(str(name), 60)}", frame, 0
        return
    with module.ExcelFile(path) as book:
        names = book.sheet_names[:MOST_SHEETS]
        left = MOST_CELLS
        for waiting, name in zip(range(len(names), 0, -1), names, strict=True):
            most, cells, goes_on = _rows(book, name, left // waiting)
            left -= cells
            frame = module.read_excel(book, sheet_name=name, nrows=most)
            yield f"sheet {one_line(str(name), 60)}", frame, most if goes_on or len(frame) >= most else 0
        if len(book.sheet_names) > MOST_SHEETS:
            rest = len(book.sheet_names) - MOST_SHEETS
            yield f"and {rest} more sheets; a list of them", list(book.sheet_names), 0


def _rows(book: Any, name: str, most: int) -> tuple[int, int, bool]:
    """Return how many rows below the header hold up to ``most`` cells, how many cells, and whether more rows follow."""
    if not hasattr(book.book, "worksheets"):  # the old format (.xls) is read at once, and cannot hold as many
        return most // 50, most, False
    sheet = book.book[name]
    sheet.reset_dimensions()  # the file may claim anything
    cells = rows = 0
    for row in sheet.iter_rows(values_only=True):
        if len(row) > MOST_IN_A_ROW:
            raise ValueError(f"a row has more than {MOST_IN_A_ROW:,} columns")
        if rows > 1 and cells + max(1, len(row)) > most:
            return rows, cells, True
        cells, rows = cells + max(1, len(row)), rows + 1
    return max(1, rows), cells, False
