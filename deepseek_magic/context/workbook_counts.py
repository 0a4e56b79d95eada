"""Count in a stream what a reader of workbooks would hold in memory at once, before it reads the file.

A reader holds one whole row at a time, and all the strings of the workbook.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from xml.parsers import expat

from deepseek_magic.text import one_line

#: The most cells of one row: Excel's own limit.
MOST_IN_A_ROW = 16_384
#: The most strings of a workbook.
MOST_STRINGS = 1_000_000
# The most XML elements in one row, outside the rows of a sheet, and in all strings, which may have many pieces.
_OF_A_ROW, _BESIDE_ROWS, _OF_STRINGS = 400_000, 1_000_000, 3_000_000
_SHEET = re.compile(r"xl/worksheets/[^/]*\.xml")
_STRINGS = re.compile(r"xl/sharedstrings\.xml")
_PLACE = re.compile(r"\$?([A-Za-z]{0,3})\$?([0-9]{0,7})")
# Most elements of a list of the parts of a workbook, or of its sheets.
_OF_A_LIST = 100_000
_SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_ROW, _CELL, _STRING = f"{_SPACE} row", f"{_SPACE} c", f"{_SPACE} si"


class _TooMuch(Exception):  # stops the parser and never leaves this module
    pass


def too_much_at_once(archive: zipfile.ZipFile, most: int = 0) -> str:
    """Return in words what the sheets or strings in ``archive`` have too much of; "" for nothing.

    ``most`` are the cells that a sheet may span, the empty ones between them included; 0 for any number.
    """
    try:
        sheets, strings = _named(archive)
        for part in archive.infolist():
            name = part.filename.lower()
            if _SHEET.fullmatch(name) or name in sheets:
                count: Callable[[Any], None] = partial(_rows, extent=_Extent(most))
            elif _STRINGS.fullmatch(name) or name in strings:
                count = _strings
            else:
                continue
            if not _parsed(archive, part.filename, count) and most:  # its reader may read on
                return f"a part {one_line(part.filename, 60)} that is not well-formed XML"
    except _TooMuch as error:
        return str(error)
    return ""


def _parsed(archive: zipfile.ZipFile, part: str, prepare: Callable[[Any], None]) -> bool:
    """Parse ``part`` with a parser that ``prepare`` gives its handlers; return whether all of it is XML."""
    parser = expat.ParserCreate(namespace_separator=" ")
    prepare(parser)
    try:
        with archive.open(part) as file:
            parser.ParseFile(file)
    except expat.ExpatError:
        return False  # its reader reports the error
    return True


def _named(archive: zipfile.ZipFile) -> tuple[set[str], set[str]]:
    """Return the sheets and the lists of strings as readers find them, whatever they are called; in small letters."""
    sheets, strings, books = set(), set(), {"xl/workbook.xml"}
    for _, about in _elements(archive, "[Content_Types].xml"):
        kind, part = about.get("ContentType", ""), about.get("PartName", "").lstrip("/")
        books |= {part} if kind.endswith(".main+xml") else set()
        strings |= {part.lower()} if kind.endswith("sharedStrings+xml") else set()
    for book in books:
        ids = {one for name, about in _elements(archive, book) if name == "sheet" for one in about.values()}
        folder, _, name = book.rpartition("/")
        for _, about in _elements(archive, posixpath.join(folder, "_rels", f"{name}.rels")):
            kind, target = about.get("Type", ""), about.get("Target", "")
            place = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            sheets |= {place.lower()} if about.get("Id") in ids or kind.endswith("/worksheet") else set()
            strings |= {place.lower()} if kind.endswith("/sharedStrings") else set()
    return sheets, strings


def _elements(archive: zipfile.ZipFile, part: str) -> list[tuple[str, Mapping[str, str]]]:
    """Return the elements of ``part`` with their attributes, all without namespaces; none if it is not there."""
    found: list[tuple[str, Mapping[str, str]]] = []

    def start(name: str, attributes: Mapping[str, str]) -> None:
        found.append((_local(name), {_local(key): value for key, value in attributes.items()}))
        if len(found) > _OF_A_LIST:
            raise _TooMuch(f"more than {_OF_A_LIST:,} elements in its part {one_line(part, 60)}")

    def prepare(parser: Any) -> None:
        parser.StartElementHandler = start

    if part in archive.namelist():
        _parsed(archive, part, prepare)
    return found


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


class _Extent:
    """The rectangle that holds all cells of a sheet that say where they are; ``most`` it may hold, 0 for any number."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._rows = self._columns = 0

    def take(self, attributes: Mapping[str, str]) -> None:
        """Take in the place of a cell or a row, as the XML says it, in whatever namespace its reader looks for it."""
        if not self._most:
            return
        for name, value in attributes.items():
            if _local(name) == "r" and (found := _PLACE.fullmatch(value.strip())):
                self._rows = max(self._rows, int(found[2] or 0))
                self._columns = max(self._columns, _column(found[1]))
        if self._rows * self._columns > self._most:
            raise _TooMuch(f"a sheet that spans more than {self._most:,} cells")


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def _rows(parser: Any, extent: _Extent) -> None:
    """Make ``parser`` count the cells and other elements of each row, and the elements outside rows."""
    cells = elements = beside = depth = 0

    def start(name: str, attributes: Mapping[str, str]) -> None:
        nonlocal cells, elements, beside, depth
        extent.take(attributes)
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
