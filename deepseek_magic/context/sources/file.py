"""``-c file:PATH``: a text file (a long one in part), a document, a table, or a folder; other files are refused."""

from __future__ import annotations

import codecs
import glob
import re
import sys
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from deepseek_magic.context import documents, table_files
from deepseek_magic.context.items import Item
from deepseek_magic.context.source import Kind, Source
from deepseek_magic.errors import QuestionError
from deepseek_magic.guard import is_secrets_file
from deepseek_magic.notebook.saved_file import read_notebook
from deepseek_magic.settings.home import home_path
from deepseek_magic.text import one_line, reason_of

from .notebook import notebook_items

if TYPE_CHECKING:
    from deepseek_magic.context.reader import Reader

# Control characters that text files may hold: tab, line ends, form feed.
_TEXT_CONTROLS = frozenset("\t\n\r\x0c")
_BYTES_PER_TOKEN = 7
#: The most files of a pattern that are sent.
MOST_FILES = 50
# The most estimated tokens of the description of a table.
_TABLE_TOKENS = 2_000
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
# A range of lines after the path of a file.
_LINES = re.compile(r"(.+):(\d{1,9})(?:-(\d{1,9}))?")
# Characters of a path that a selector does not have.
_PATH = re.compile(r"[/\\]|\w\.[A-Za-z]\w{0,7}\Z")
# Words that people write instead of "file" before a path.
_OTHER_NAMES = re.compile(r"\A(?:files?|paths?|notebook|csv|data|document|doc):", re.IGNORECASE)
#: The path that means standard input, as in other shell commands.
STANDARD_INPUT = "-"
# A base64 data URL, as in Markdown, HTML and SVG.
_EMBEDDED = re.compile(r"(;base64,)([A-Za-z0-9+/=]{200,})")


def _path(argument: str | None) -> str:
    if argument is None or not argument.strip():
        raise ValueError(argument)
    return argument.strip()


def _meant(word: str) -> str:
    """Return the selector that was meant if ``word`` looks like a path or a URL; "" otherwise."""
    if _URL.search(word):
        return "--web, by which the model reads pages"
    path = _OTHER_NAMES.sub("", word)
    return f"file:{path}" if _PATH.search(path) else ""


def read(reader: Reader, path: str) -> list[Item]:
    """Return what is at ``path``: a text file, a document, a table or the list of a folder; for a pattern, each file.

    ``~`` is the user's home; a range of lines may follow after a colon (``10-40``). About as much of a text is read as
    fits in the budget.

    Raises:
        QuestionError: it cannot be read, or is not text.
    """
    if path == STANDARD_INPUT:
        return _standard_input(reader)
    if _URL.match(path):
        msg = f"-c file:{one_line(path, 120)} is an address of the web: --web lets the model read pages"
        raise QuestionError(msg)
    place, lines = _lines_of(path)
    if not lines and glob.has_magic(path) and not _exists(place):
        return _matching(reader, path)
    if not lines and place.is_dir():
        return [Item("file", f"file {one_line(_name(reader, place), 80)}/", _listed(place))]
    return [_one(reader, place, path, lines)]


def _exists(place: Path) -> bool:
    try:
        return place.exists()
    except (OSError, ValueError):
        return False


def _lines_of(path: str) -> tuple[Path, tuple[int, int] | None]:
    """Return the path and the range of lines in ``path``; a file whose name is all of ``path`` takes precedence."""
    place = home_path(path)
    found = _LINES.fullmatch(path)
    if found is None or _exists(place):
        return place, None
    first, last = int(found[2]), int(found[3] or found[2])
    return home_path(found[1]), (max(1, min(first, last)), max(first, last))


def _matching(reader: Reader, pattern: str) -> list[Item]:
    paths = glob.glob(str(home_path(pattern)), recursive=True)  # noqa: PTH207  # Path.glob takes no absolute pattern
    found = sorted(one for one in paths if Path(one).is_file())
    if not found:
        msg = f"-c file:{one_line(pattern, 120)}: no file matches: check the path, which is taken from {Path.cwd()}"
        raise QuestionError(msg)
    items = []
    for one in found[:MOST_FILES]:
        try:
            items.append(replace(_one(reader, Path(one), one, None), title=f"file {one_line(one, 80)}"))
        except QuestionError as error:
            reader.notices.append(f"Left out: {error}.")
    if len(found) > MOST_FILES:
        reader.notices.append(f"Left out: {len(found) - MOST_FILES:,} more files that match {one_line(pattern, 60)}.")
    return items


def _listed(place: Path) -> str:
    try:
        return documents.listing(place)
    except OSError as error:
        msg = f"-c file:{one_line(str(place), 120)} cannot be read ({error.strerror}): check its permissions"
        raise QuestionError(msg) from None


def _one(reader: Reader, place: Path, path: str, lines: tuple[int, int] | None) -> Item:
    """Return the file at ``place``, which the user typed as ``path``, or its ``lines``, as an item."""
    shown = one_line(path, 120)
    most = max(reader.tokens, 100) * _BYTES_PER_TOKEN
    try:
        size = place.stat().st_size
        if not place.is_file():
            msg = f"-c file:{shown} is not a file: name a file, a folder, or a pattern"
            raise QuestionError(msg)
        title = f"file {one_line(_name(reader, place), 80)}"
        if lines is None and (item := _document(reader, place, title, most)):
            return item
        head = _head(place, most, lines)
    except (OSError, ValueError) as error:
        msg = f"-c file:{shown} cannot be read ({reason_of(error)}): check the path, which is taken from {Path.cwd()}"
        if "," in str(place) and _exists(Path(str(place).partition(",")[0])):
            msg = f"-c file:{shown}: file:PATH takes all that follows: give it as the last, or by another -c"
        raise QuestionError(msg) from None
    text = _decoded(head[:most], whole=len(head) <= most)
    if text is None:
        msg = f"-c file:{shown} is not a text file: show the model its content in another way"
        raise QuestionError(msg)
    secret = is_secrets_file(place.name) or is_secrets_file(place.resolve().name)  # the file or the target of a link
    text = _without_data(text) or ("(no such lines)" if lines else "(empty)")
    if lines:
        title = f"{title}, lines {lines[0]}-{lines[1]}"
    if len(head) <= most:
        return Item("file", title, text, secrets_file=secret)
    left = f"[the file goes on: {size:,} bytes in all, {most:,} of them are here]"
    note = f"{title}: the first {most:,} of {size:,} bytes"
    return Item("file", title, f"{text}\n{left}", (note,), secrets_file=secret)


def _head(place: Path, most: int, lines: tuple[int, int] | None) -> bytes:
    """Return up to ``most`` bytes of the file, or of its ``lines``; one byte more if there are more."""
    with place.open("rb") as file:
        if lines is None:
            return file.read(most + 1)
        found, size = [], 0
        for line in islice(file, lines[0] - 1, lines[1]):
            found.append(line)
            size += len(line)
            if size > most:
                break
        return b"".join(found)[: most + 1]


def _document(reader: Reader, place: Path, title: str, most: int) -> Item | None:
    """Return the item for a document, notebook or table; ``None`` for plain text or an unknown format."""
    kind = place.suffix.lower()
    if kind == ".ipynb" and (page := _page(reader, place)):
        return Item("file", title, _without_data(page), ("its cells, without pictures",))
    if kind == ".pdf":
        text, note = documents.pdf(place, most)
        return Item("file", title, text, (note,) if note else ())
    if kind == ".docx":
        text, note = documents.docx(place, most)
        return Item("file", title, text or "(empty)", (note,) if note else ())
    if kind in table_files.TABLES:
        budget = max(200, min(reader.tokens // 2, _TABLE_TOKENS))
        text, note = table_files.tables(place, lambda value, name: reader.described(value, name, budget))
        return Item("file", title, text, ("the table, described", *filter(None, [note]))) if text else None
    return None


def _standard_input(reader: Reader) -> list[Item]:
    most = max(reader.tokens, 100) * _BYTES_PER_TOKEN
    data = getattr(sys.stdin, "buffer", None)
    if data is None:
        msg = "-c file:- reads the standard input of a shell's command, and there is none here: name a file"
        raise QuestionError(msg)
    head = data.read(most + 1)
    text = _decoded(head[:most], whole=len(head) <= most)
    if text is None:
        msg = "standard input is not text: show the model its content in another way"
        raise QuestionError(msg)
    if len(head) <= most:
        return [Item("file", "standard input", text)] if text.strip() else []
    note = f"standard input: the first {most:,} bytes"
    return [Item("file", "standard input", f"{text}\n[it goes on: {most:,} bytes of it are here]", (note,))]


def _page(reader: Reader, place: Path) -> str:
    """Return the cells of the notebook at ``place``; "" if it cannot be read as one."""
    try:
        items = notebook_items(read_notebook(place), redactor=reader.redactor)
    except QuestionError:
        return ""
    return items[0].text if items else "(a notebook without a cell that may be sent)"


def _without_data(text: str) -> str:
    """Return ``text`` without embedded pictures and other files, which a model cannot use."""
    return _EMBEDDED.sub(lambda found: f"{found[1]}({len(found[2]):,} characters left out)", text)


def _name(reader: Reader, place: Path) -> str:
    """Return the name of the file at ``place``, with as many parent folders as it takes to make it unique."""
    asked = [selector.argument for selector in reader.selected if selector.source == "file"]
    own = place.absolute().parts
    others = {path.parts for path in (home_path(str(one)).absolute() for one in asked)} - {own}
    count = next((n for n in range(1, len(own)) if all(own[-n:] != parts[-n:] for parts in others)), len(own))
    return str(Path(*own[-count:])) if count > 1 else place.name


def _decoded(data: bytes, *, whole: bool) -> str | None:
    """Return ``data`` as text, or ``None`` if it is not text. Unless it is ``whole``, a cut character is dropped."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            return codecs.getincrementaldecoder(name)("replace").decode(data[len(mark) :], whole)
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(data, whole)
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    strange = sum(1 for char in text[:10_000] if (char < " " and char not in _TEXT_CONTROLS) or char == "\ufffd")
    return None if "\0" in text or strange > len(text[:10_000]) // 100 else text


FILE = Kind("file", changes=10, worth=40, noun="files")
SOURCE = Source(
    "file",
    FILE,
    {"file:PATH": "a text file, document, table, notebook, folder or pattern; PATH:10-40 for lines of it"},
    read,
    _path,
    takes_rest=True,
    meant=_meant,
)
