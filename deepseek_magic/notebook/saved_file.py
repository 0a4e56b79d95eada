"""`SavedNotebook`: the notebook's file, with its Markdown cells, in the order of the page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from deepseek_magic.errors import QuestionError

from .cells import ExecutedCell, asks_to_be_ignored
from .outputs import bundle_text, joined, plain

#: Largest notebook file that is read, in bytes; reading takes about three times as much memory for a moment.
LARGEST_FILE = 40_000_000

_ELSEWHERE = "-c cells sends the executed cells instead"


@dataclass(frozen=True, slots=True)
class SavedCell:
    """One cell of the file.

    Attributes:
        kind: ``code``, ``markdown`` or ``raw``.
        source: its text.
        cell_id: its id; "" in files older than nbformat 4.5.
        count: its execution count, or ``None``.
        output: its outputs as plain text; pictures, HTML and replies of ours are left out.
        ignored: whether its author marked it never to be sent.
        replied: whether it holds a finished reply of ours.
    """

    kind: str
    source: str
    cell_id: str = ""
    count: int | None = None
    output: str = ""
    ignored: bool = False
    replied: bool = False


@dataclass(frozen=True, slots=True)
class SavedNotebook:
    """A notebook file: its path, its cells in page order, and when it was saved (seconds since the epoch)."""

    path: Path
    cells: tuple[SavedCell, ...]
    saved: float

    def edited_since(self, executed: ExecutedCell) -> bool:
        """Return whether the file, if saved after ``executed`` ran, has a different source for that cell."""
        if not executed.cell_id or not executed.ended or self.saved <= executed.ended:
            return False
        now = next((cell for cell in self.cells if cell.cell_id == executed.cell_id), None)
        return now is not None and now.source.strip() != executed.source.strip()

    def holds_reply(self, cell_id: str, ended: float) -> bool:
        """Return whether the file, saved after a reply had ``ended``, holds a reply in the cell ``cell_id``."""
        return self.saved > ended and any(cell.replied for cell in self.cells if cell.cell_id == cell_id)

    def source_below(self, cell_id: str) -> str:
        """Return the source of the cell right below ``cell_id``; "" if that is not code, or there is none."""
        for above, below in pairwise(self.cells):
            if above.cell_id == cell_id:
                return below.source if below.kind == "code" else ""
        return ""

    def mark_ignored(self, executed: Iterable[ExecutedCell]) -> tuple[ExecutedCell, ...]:
        """Return ``executed``, ignored where the file marks the cell of that id, or one with the same text."""
        marked = [cell for cell in self.cells if cell.ignored]
        ids, texts = {cell.cell_id for cell in marked} - {""}, {cell.source.strip() for cell in marked}
        if not marked:
            return tuple(executed)
        return tuple(
            replace(cell, ignored=cell.ignored or cell.cell_id in ids or cell.source.strip() in texts)
            for cell in executed
        )


def read_notebook(path: Path | None) -> SavedNotebook:
    """Read the notebook file at ``path``, with nothing but the standard library (nbformat 4).

    Raises:
        QuestionError: there is no such file, it is too large, or it is not a notebook.
    """
    path, cells, saved = notebook_content(path)
    return SavedNotebook(path, tuple(_cell(cell) for cell in cells if isinstance(cell, dict)), saved)


def notebook_content(path: Path | None) -> tuple[Path, list[Any], float]:
    """Return ``path``, the cells that the notebook file there holds, as JSON, and when it was saved.

    Raises:
        QuestionError: as for `read_notebook`.
    """
    if path is None:
        msg = f"the notebook's file is not known in this front end: {_ELSEWHERE}"
        raise QuestionError(msg)
    try:
        state = path.stat()
        if state.st_size > LARGEST_FILE:
            msg = (
                f"{path.name} has {state.st_size / 1e6:,.0f} MB, and at most {LARGEST_FILE / 1e6:.0f} MB are read: "
                f"clear its outputs and save it; {_ELSEWHERE}"
            )
            raise QuestionError(msg)
        content = json.loads(path.read_bytes())
    except OSError as error:
        msg = f"{path} cannot be read ({error.strerror or error}): save the notebook; {_ELSEWHERE}"
        raise QuestionError(msg) from None
    except (ValueError, RecursionError):
        msg = f"{path.name} is not a notebook: {_ELSEWHERE}"
        raise QuestionError(msg) from None
    if isinstance(content, dict) and isinstance(content.get("worksheets"), list):
        msg = f"{path.name} has the notebook format of before 2015: open and save it again; {_ELSEWHERE}"
        raise QuestionError(msg)
    cells = content.get("cells") if isinstance(content, dict) else None
    if not isinstance(cells, list):
        msg = f"{path.name} is not a notebook: {_ELSEWHERE}"
        raise QuestionError(msg)
    return path, cells, state.st_mtime


def _cell(cell: Mapping[str, Any]) -> SavedCell:
    source = joined(cell.get("source"))
    metadata = mapping(cell.get("metadata"))
    tags = metadata.get("tags")
    outputs = cell.get("outputs")
    count = cell.get("execution_count")
    return SavedCell(
        kind=str(cell.get("cell_type", "")),
        source=source,
        cell_id=str(cell.get("id", "")),
        count=count if isinstance(count, int) else None,
        output="\n".join(filter(None, map(_output, outputs))) if isinstance(outputs, list) else "",
        ignored=asks_to_be_ignored(source, tags if isinstance(tags, list) else ()),
        replied=isinstance(outputs, list) and any(map(_is_reply, outputs)),
    )


def _output(output: object) -> str:
    content = mapping(output)
    if _is_reply(content):
        return ""
    match content.get("output_type"):
        case "stream":
            return plain(joined(content.get("text"))).rstrip("\n")
        case "execute_result" | "display_data":
            return bundle_text(mapping(content.get("data")))
        case "error":
            return plain(f"{content.get('ename', '')}: {joined(content.get('evalue'))}")
        case _:
            return ""


def _is_reply(output: object) -> bool:
    return "deepseek_magic" in mapping(mapping(output).get("metadata"))


def mapping(value: object) -> Mapping[str, Any]:
    """Return ``value`` if it is a JSON object; else an empty one."""
    return value if isinstance(value, dict) else {}
