"""Read documents as text: PDF by page, Word by paragraph, a folder as a list. `table_files` describes tables.

Documents are untrusted: sizes are checked before anything is unpacked, and nothing in them is run. The packages are
optional, and imported when a document needs them.
"""

from __future__ import annotations

import importlib.util
import io
import logging
import re
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from deepseek_magic.errors import QuestionError
from deepseek_magic.text import counted, one_line, words_of

#: The most bytes of the unpacked text of a Word document.
MOST_UNPACKED = 50_000_000
#: The most entries of a folder that are listed, and the most pages that are read.
MOST_ENTRIES, MOST_PAGES = 300, 3_000
#: The most seconds for reading the pages of a PDF.
_SECONDS = 30.0
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING = re.compile(r"heading ?([1-6])", re.IGNORECASE)


def pdf(path: Path, most: int) -> tuple[str, str]:
    """Return up to about ``most`` characters of the text of the PDF at ``path``, by page, and a note ("" for none).

    Raises:
        QuestionError: the package is not installed, or the file cannot be read.
    """
    needs("pypdf", path)
    from pypdf import PdfReader

    if not (log := logging.getLogger("pypdf")).handlers:
        log.addHandler(logging.NullHandler())  # without it, Python prints its warnings into the cell
    parts: list[str] = []
    size, bare, started = 0, 0, time.monotonic()
    try:
        with path.open("rb") as file:
            reader = PdfReader(file)
            count = len(reader.pages)
            for number, page in enumerate(reader.pages, 1):
                if size > most or number > MOST_PAGES or time.monotonic() - started > _SECONDS:
                    break
                text = page.extract_text().strip()
                bare += not text
                parts.append(f"--- page {number} ---\n{text or '(no text: a picture, perhaps)'}")
                size += len(text)
    except Exception as error:  # noqa: BLE001  # a damaged file may make the package raise anything
        if type(error).__name__ == "FileNotDecryptedError":
            error = ValueError("it is encrypted: save a copy without a password")
        raise unreadable(path, error) from None
    notes = [] if len(parts) == count else [f"the first {len(parts)} of {counted(count, 'page')}"]
    notes += ["no page of it holds text: they may be pictures"] if parts and bare == len(parts) else []
    return "\n\n".join(parts) or "(no page)", f"{path.name}: {'; '.join(notes)}" if notes else ""


def docx(path: Path, most: int) -> tuple[str, str]:
    """Return the text of the Word document at ``path``, headings marked, tables by row, and a note ("" for none).

    About ``most`` characters of it are read.

    Raises:
        QuestionError: the file cannot be read.
    """
    parts: list[str] = []
    size = 0
    try:
        for block in _blocks(_unpacked(path)):
            if size > most:
                return "\n\n".join(parts), f"{path.name}: the first {size:,} characters"
            if block:
                parts.append(block)
                size += len(block)
    except Exception as error:  # noqa: BLE001  # a damaged archive may raise many kinds of errors
        if isinstance(error, zipfile.BadZipFile):
            error = ValueError("it is damaged, or not a Word document")
        raise unreadable(path, error) from None
    return "\n\n".join(parts), ""


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


def _blocks(data: bytes) -> Iterator[str]:
    """Yield the paragraphs and tables of the body, holding only one of them in memory at a time."""
    place: list[ElementTree.Element] = []
    for event, element in ElementTree.iterparse(io.BytesIO(data), ("start", "end")):
        if event == "start":
            place.append(element)
            continue
        place.pop()
        if len(place) == 2 and place[1].tag == f"{_WORD}body":
            yield _block(element)
            place[1].clear()


def _block(block: ElementTree.Element) -> str:
    if block.tag == f"{_WORD}p":
        style = block.find(f"{_WORD}pPr/{_WORD}pStyle")
        found = _HEADING.match(style.get(f"{_WORD}val", "") if style is not None else "")
        text = _paragraph(block)
        return f"{'#' * int(found[1])} {text}" if found and text else text
    if block.tag == f"{_WORD}tbl":
        rows = [[_cell(cell) for cell in row.iter(f"{_WORD}tc")] for row in block.iter(f"{_WORD}tr")]
        return "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return ""


def _cell(cell: ElementTree.Element) -> str:
    return " ".join(filter(None, map(_paragraph, cell.iter(f"{_WORD}p"))))


def _paragraph(paragraph: ElementTree.Element) -> str:
    signs = {f"{_WORD}tab": "\t", f"{_WORD}br": "\n", f"{_WORD}cr": "\n"}
    texts = (part.text or "" if part.tag == f"{_WORD}t" else signs.get(part.tag, "") for part in paragraph.iter())
    return "".join(texts).strip()


def listing(folder: Path) -> str:
    """Return the entries of ``folder``, one on each line, folders first; hidden entries are only counted.

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
    except OSError:  # a broken link
        return "(cannot be read)"


def needs(package: str, path: Path) -> None:
    """Raise `QuestionError` if the ``package``, which the file at ``path`` needs, is not installed."""
    if importlib.util.find_spec(package) is None:
        how = f"which is not installed: python -m pip install {package}"
        msg = f"-c file:{one_line(str(path), 120)} needs {package}, {how}"
        raise QuestionError(msg)


def unreadable(path: Path, error: Exception) -> QuestionError:
    """Return the error to raise if reading the file at ``path`` raised ``error``."""
    why = one_line(str(error), 160) if type(error) is ValueError else words_of(error, 120)
    return QuestionError(f"-c file:{one_line(str(path), 120)} cannot be read ({why}): save it again, or give its text")
