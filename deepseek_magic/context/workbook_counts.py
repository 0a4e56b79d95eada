"""What of a workbook would become objects all at once, counted before its reader sees it: as a stream, nothing is kept.

A reader holds one row at a time, but that one whole, and all the strings of the workbook.
"""

from __future__ import annotations

import re
import zipfile
from typing import Any
from xml.parsers import expat

#: Most cells of one row: Excel itself has no more.
MOST_IN_A_ROW = 16_384
#: Most strings of a workbook.
MOST_STRINGS = 1_000_000
# Most elements of XML in one row, beside all rows of a sheet, and in all strings, which may be of many pieces.
_OF_A_ROW, _BESIDE_ROWS, _OF_STRINGS = 400_000, 1_000_000, 3_000_000
_SHEET = re.compile(r"xl/worksheets/[^/]*\.xml", re.IGNORECASE)
_STRINGS = re.compile(r"xl/sharedStrings\.xml", re.IGNORECASE)
_SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_ROW, _CELL, _STRING = f"{_SPACE} row", f"{_SPACE} c", f"{_SPACE} si"


class _TooMuch(Exception):  # stops the parser and never leaves this module
    pass


def too_much_at_once(archive: zipfile.ZipFile) -> str:
    """Return what the sheets or the strings in ``archive`` have too much of to be held at once, "" for nothing."""
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
            continue  # its reader says so
    return ""


def _rows(parser: Any) -> None:
    """Have ``parser`` count the cells and all other elements of each row, and those that are in none."""
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
    """Have ``parser`` count the strings and all elements of them."""
    strings = elements = 0

    def start(name: str, _: object) -> None:
        nonlocal strings, elements
        elements += 1
        strings += name == _STRING
        if strings > MOST_STRINGS or elements > _OF_STRINGS:
            raise _TooMuch(f"more than {MOST_STRINGS:,} strings, or pieces of strings")

    parser.StartElementHandler = start
