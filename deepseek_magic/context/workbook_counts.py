"""Count in a stream what a reader of workbooks would hold in memory at once, before it reads the file.

A reader holds one whole row at a time, and all the strings of the workbook.
"""

from __future__ import annotations

import re
import zipfile
from typing import Any
from xml.parsers import expat

#: The most cells of one row: Excel's own limit.
MOST_IN_A_ROW = 16_384
#: The most strings of a workbook.
MOST_STRINGS = 1_000_000
# The most XML elements in one row, outside the rows of a sheet, and in all strings, which may have many pieces.
_OF_A_ROW, _BESIDE_ROWS, _OF_STRINGS = 400_000, 1_000_000, 3_000_000
_SHEET = re.compile(r"xl/worksheets/[^/]*\.xml", re.IGNORECASE)
_STRINGS = re.compile(r"xl/sharedStrings\.xml", re.IGNORECASE)
_SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_ROW, _CELL, _STRING = f"{_SPACE} row", f"{_SPACE} c", f"{_SPACE} si"


class _TooMuch(Exception):  # stops the parser and never leaves this module
    pass


def too_much_at_once(archive: zipfile.ZipFile) -> str:
    """Return in words what the sheets or strings in ``archive`` have too much of; "" for nothing."""
    for part in archive.infolist():
        count = _rows if _SHEET.fullmatch(part.filename) else _strings if _STRINGS.fullmatch(part.filename) else None
        if count is None:
            continue
        parser = expat.ParserCreate(namespace_separator=" ")
        count(parser)
        try:
            with archive.open(part) as file:
                parser.ParseFile(file)
        except _TooMuch as error:
            return str(error)
        except expat.ExpatError:
            continue  # its reader reports the error
    return ""


def _rows(parser: Any) -> None:
    """Make ``parser`` count the cells and other elements of each row, and the elements outside rows."""
    cells = elements = beside = depth = 0

    def start(name: str, _: object) -> None:
        nonlocal cells, elements, beside, depth
        if name == _ROW:
            depth += 1
        if depth:
            elements += 1
            cells += name == _CELL
        else:
            beside += 1
        if cells > MOST_IN_A_ROW:
            raise _TooMuch(f"a row with more than {MOST_IN_A_ROW:,} cells")
        if elements > _OF_A_ROW or beside > _BESIDE_ROWS:
            raise _TooMuch("more elements in a row, or beside its rows, than a sheet needs")

    def end(name: str) -> None:
        nonlocal cells, elements, depth
        if name == _ROW:
            depth -= 1
            if not depth:
                cells = elements = 0

    parser.StartElementHandler, parser.EndElementHandler = start, end


def _strings(parser: Any) -> None:
    """Make ``parser`` count the strings and all elements in them."""
    strings = elements = 0

    def start(name: str, _: object) -> None:
        nonlocal strings, elements
        elements += 1
        strings += name == _STRING
        if strings > MOST_STRINGS or elements > _OF_STRINGS:
            raise _TooMuch(f"more than {MOST_STRINGS:,} strings, or pieces of strings")

    parser.StartElementHandler = start
