"""Documents as text: PDF by page, Word by paragraph, tables described, folders listed.

What is in them is untrusted: sizes are bounded before anything is unpacked, and nothing in them is run. The packages
are optional, and imported when a document needs them.
"""

from __future__ import annotations

import importlib.util
import re
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from deepseek_magic.errors import QuestionError
from deepseek_magic.text import counted, one_line, words_of

#: Most bytes of a table or a document that is read, and of one part of it unpacked.
MOST_BYTES, MOST_UNPACKED = 200_000_000, 50_000_000
#: Most entries of a folder that are listed, sheets of a workbook that are described, and pages that are read.
MOST_ENTRIES, MOST_SHEETS, MOST_PAGES = 300, 8, 3_000
#: Seconds that the pages of a PDF may take.
_SECONDS = 30.0
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING = re.compile(r"heading ?([1-6])", re.IGNORECASE)
#: Describes a value, given its name.
Describe = Callable[[object, str], str]


def pdf(path: Path, most: int) -> tuple[str, str]:
    """Return the text of the PDF at ``path`` by page, about ``most`` characters of it, and a note ("" for none).

    Raises:
        QuestionError: the package is not installed, or the file cannot be read.
    """
    _needs("pypdf", path)
    from pypdf import PdfReader

    parts: list[str] = []
    size, started = 0, time.monotonic()
    try:
        with path.open("rb") as file:
            reader = PdfReader(file)
            count = len(reader.pages)
            for number, page in enumerate(reader.pages, 1):
                if size > most or number > MOST_PAGES or time.monotonic() - started > _SECONDS:
                    break
                text = page.extract_text().strip()
                parts.append(f"--- page {number} ---\n{text or '(no text: a picture, perhaps)'}")
                size += len(text)
    except Exception as error:  # noqa: BLE001  # whatever a damaged file makes the package raise
        raise _unreadable(path, error) from None
    note = "" if len(parts) == count else f"{path.name}: the first {len(parts)} of {counted(count, 'page')}"
    return "\n\n".join(parts) or "(no page)", note


def docx(path: Path) -> str:
    """Return the text of the Word document at ``path``: headings marked, tables by row.

    Raises:
        QuestionError: the file cannot be read.
    """
    try:
        body = ElementTree.fromstring(_unpacked(path)).find(f"{_WORD}body")
        return "\n\n".join(filter(None, _blocks(body))) if body is not None else ""
    except Exception as error:  # noqa: BLE001  # a damaged archive raises many things
        raise _unreadable(path, error) from None


def _unpacked(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive, archive.open("word/document.xml") as file:
        data = file.read(MOST_UNPACKED + 1)
    if len(data) > MOST_UNPACKED:
        msg = f"its text has more than {MOST_UNPACKED:,} bytes"
        raise ValueError(msg)
    if b"<!DOCTYPE" in data[:2_000] or b"<!ENTITY" in data:
        msg = "it declares entities, which a document of Word does not"
        raise ValueError(msg)
    return data


def _blocks(body: ElementTree.Element) -> Iterator[str]:
    for block in body:
        if block.tag == f"{_WORD}p":
            style = block.find(f"{_WORD}pPr/{_WORD}pStyle")
            found = _HEADING.match(style.get(f"{_WORD}val", "") if style is not None else "")
            text = _paragraph(block)
            yield f"{'#' * int(found[1])} {text}" if found and text else text
        elif block.tag == f"{_WORD}tbl":
            rows = [[_cell(cell) for cell in row.iter(f"{_WORD}tc")] for row in block.iter(f"{_WORD}tr")]
            yield "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cell(cell: ElementTree.Element) -> str:
    return " ".join(filter(None, map(_paragraph, cell.iter(f"{_WORD}p"))))


def _paragraph(paragraph: ElementTree.Element) -> str:
    signs = {f"{_WORD}tab": "\t", f"{_WORD}br": "\n", f"{_WORD}cr": "\n"}
    texts = (part.text or "" if part.tag == f"{_WORD}t" else signs.get(part.tag, "") for part in paragraph.iter())
    return "".join(texts).strip()


def tables(path: Path, describe: Describe) -> str:
    """Return the table, or the sheets, in the file at ``path``, described; "" where it is plain text after all.

    Raises:
        QuestionError: a package that it needs is not installed, or the file cannot be read.
    """
    if path.stat().st_size > MOST_BYTES:
        msg = (
            f"-c file:{one_line(str(path), 120)} has more than {MOST_BYTES // 10**6} MB: load a part of it, and use -v"
        )
        raise QuestionError(msg)
    kind = path.suffix.lower()
    library = next((name for name in ("pandas", "polars") if importlib.util.find_spec(name)), "")
    if not library and kind in (".csv", ".tsv"):
        return ""  # the text says as much
    if not library:
        _needs("pandas", path)
    try:
        frames = dict(_frames(path, kind, library))
    except ImportError as error:
        msg = f"-c file:{one_line(str(path), 120)} needs a package that is not installed ({one_line(str(error), 160)})"
        raise QuestionError(msg) from None
    except Exception as error:  # noqa: BLE001  # whatever a damaged file makes the package raise
        if kind in (".csv", ".tsv"):
            return ""
        raise _unreadable(path, error) from None
    if not any(map(len, frames.values())) and kind in (".csv", ".tsv"):
        return ""
    return "\n\n".join(
        f"{name}\n{describe(frame, '')}" if name else describe(frame, "") for name, frame in frames.items()
    )


def _frames(path: Path, kind: str, library: str) -> Iterator[tuple[str, Any]]:
    module: Any = importlib.import_module(library)
    if kind in (".csv", ".tsv"):
        mark = "\t" if kind == ".tsv" else ","
        yield "", module.read_csv(path, **{"sep" if library == "pandas" else "separator": mark})
    elif kind == ".parquet":
        yield "", module.read_parquet(path)
    elif library == "pandas":
        with module.ExcelFile(path) as book:
            for name in book.sheet_names[:MOST_SHEETS]:
                yield f"sheet {one_line(str(name), 60)}:", module.read_excel(book, sheet_name=name)
            if len(book.sheet_names) > MOST_SHEETS:
                yield f"and {len(book.sheet_names) - MOST_SHEETS} more sheets; a list of them:", list(book.sheet_names)
    else:
        for name, frame in list(module.read_excel(path, sheet_id=0).items())[:MOST_SHEETS]:
            yield f"sheet {one_line(str(name), 60)}:", frame


def listing(folder: Path) -> str:
    """Return what the ``folder`` holds, one a line, folders first; hidden entries are only counted.

    Raises:
        OSError: it cannot be read.
    """
    entries = sorted(folder.iterdir(), key=lambda one: (not one.is_dir(), one.name))
    shown = [one for one in entries if not one.name.startswith(".")]
    lines = [f"{one.name}/" if one.is_dir() else f"{one.name} ({_size(one)})" for one in shown[:MOST_ENTRIES]]
    if len(shown) > MOST_ENTRIES:
        lines.append(f"[and {len(shown) - MOST_ENTRIES:,} more]")
    if len(entries) > len(shown):
        lines.append(f"[{counted(len(entries) - len(shown), 'hidden entry', 'hidden entries')}]")
    return "\n".join(map(one_line, lines)) or "(empty)"


def _size(path: Path) -> str:
    try:
        return counted(path.stat().st_size, "byte")
    except OSError:  # a link that leads nowhere
        return "(cannot be read)"


def _needs(package: str, path: Path) -> None:
    if importlib.util.find_spec(package) is None:
        how = f"which is not installed: python -m pip install {package}"
        msg = f"-c file:{one_line(str(path), 120)} needs {package}, {how}"
        raise QuestionError(msg)


def _unreadable(path: Path, error: Exception) -> QuestionError:
    return QuestionError(f"-c file:{one_line(str(path), 120)} cannot be read ({words_of(error, 120)})")


#: Endings of files that hold tables.
TABLES = (".csv", ".tsv", ".parquet", ".xlsx", ".xlsm", ".xls")
