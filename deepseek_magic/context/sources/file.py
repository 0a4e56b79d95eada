"""``-c file:PATH``: a text file, in part where it is long, refused where it is not text; the cells of a notebook."""

from __future__ import annotations

import codecs
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from deepseek_magic.context.items import Item
from deepseek_magic.context.source import Kind, Source, first_few
from deepseek_magic.errors import QuestionError
from deepseek_magic.guard import is_secrets_file
from deepseek_magic.notebook.saved_file import read_notebook
from deepseek_magic.text import one_line

from .notebook import notebook_items

if TYPE_CHECKING:
    from deepseek_magic.context.reader import Reader

# Control characters that text files do hold: tab, line ends, form feed.
_TEXT_CONTROLS = frozenset("\t\n\r\x0c")
_BYTES_PER_TOKEN = 7
# What a path holds and a selector does not.
_PATH = re.compile(r"[/\\]|\w\.[A-Za-z]\w{0,7}\Z")
#: The path that stands for standard input, as for other commands of a shell.
STANDARD_INPUT = "-"
# A data URL of base64, as in Markdown, HTML and SVG.
_EMBEDDED = re.compile(r"(;base64,)([A-Za-z0-9+/=]{200,})")


def _path(argument: str | None) -> str:
    if argument is None or not argument.strip():
        raise ValueError(argument)
    return argument.strip()


def _meant(word: str) -> str:
    """Return what ``word`` was meant to be, where it looks like a path."""
    return f"file:{word}" if _PATH.search(word) else ""


def read(reader: Reader, path: str) -> list[Item]:
    """Return the text file at ``path``; ``~`` is the user's home. About so much is read as the budget has room for.

    Raises:
        QuestionError: it cannot be read, or is not text.
    """
    if path == STANDARD_INPUT:
        return _standard_input(reader)
    place = Path(path).expanduser()
    shown = one_line(path, 120)
    most = max(reader.tokens, 100) * _BYTES_PER_TOKEN
    try:
        size = place.stat().st_size
        if not place.is_file():
            msg = f"-c file:{shown} is not a file: name a text file"
            raise QuestionError(msg)
        with place.open("rb") as file:
            head = file.read(most + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        msg = f"-c file:{shown} cannot be read ({one_line(str(reason), 80)}): the path is taken from {Path.cwd()}"
        raise QuestionError(msg) from None
    title = f"file {one_line(_name(reader, place), 80)}"
    if place.suffix == ".ipynb" and (page := _page(reader, place)):
        return [Item("file", title, _without_data(page), ("its cells, without pictures",))]
    text = _decoded(head[:most], whole=len(head) <= most)
    if text is None:
        msg = f"-c file:{shown} is not a text file: show the model its content in another way"
        raise QuestionError(msg)
    secret = is_secrets_file(place.name) or is_secrets_file(place.resolve().name)  # also behind a link
    text = _without_data(text) or "(empty)"
    if len(head) <= most:
        return [Item("file", title, text, secrets_file=secret)]
    left = f"[the file goes on: {size:,} bytes in all, {most:,} of them are here]"
    note = f"{title}: the first {most:,} of {size:,} bytes"
    return [Item("file", title, f"{text}\n{left}", (note,), secrets_file=secret)]


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
    """Return the cells of the notebook at ``place``; "" where it cannot be read as one."""
    try:
        items = notebook_items(read_notebook(place), redactor=reader.redactor)
    except QuestionError:
        return ""
    return items[0].text if items else "(a notebook without a cell that may be sent)"


def _without_data(text: str) -> str:
    """Return ``text`` without pictures and other files that are written into it, which say nothing to a model."""
    return _EMBEDDED.sub(lambda found: f"{found[1]}({len(found[2]):,} characters left out)", text)


def _name(reader: Reader, place: Path) -> str:
    """Return the name of the file at ``place``, with as many folders before it as files of that name need to differ."""
    asked = [selector.argument for selector in reader.selected if selector.source == "file"]
    own = place.absolute().parts
    others = {path.parts for path in (Path(str(one)).expanduser().absolute() for one in asked)} - {own}
    count = next((n for n in range(1, len(own)) if all(own[-n:] != parts[-n:] for parts in others)), len(own))
    return str(Path(*own[-count:])) if count > 1 else place.name


def _decoded(data: bytes, *, whole: bool) -> str | None:
    """Return ``data`` as text, or ``None`` where it is not text. A character cut at the end of a part is left out."""
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


FILE = Kind("file", changes=10, worth=40, named=first_few("files"))
SOURCE = Source(
    "file",
    FILE,
    {"file:PATH": "a text file, or the cells of a notebook"},
    read,
    _path,
    takes_rest=True,
    meant=_meant,
)
