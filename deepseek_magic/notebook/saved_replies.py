"""The replies that a notebook's file holds, as its outputs: their metadata, their exact text, and their cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .outputs import joined
from .saved_file import mapping, notebook_content

#: What the metadata of an output records of a reply, and its text.
Found = tuple[Mapping[str, Any], str]
#: Columns of a comparison that are read, above what any has.
_MOST_COLUMNS = 20


@dataclass(frozen=True, slots=True)
class CodeCell:
    """A cell with code: its id (made of its place where the file gives none), its source, and the replies in it.

    Nothing in it is trusted: whoever reads the metadata checks its form.
    """

    cell_id: str
    source: str
    replies: tuple[Found, ...]


def code_cells(path: Path | None) -> Iterator[CodeCell]:
    """Yield the cells with code of the notebook file at ``path``, in page order.

    Raises:
        QuestionError: there is no such file, it is too large, or it is not a notebook.
    """
    for place, content in enumerate(notebook_content(path)[1]):
        cell = mapping(content)
        named = cell.get("id")
        cell_id = named if isinstance(named, str) and named else f"#{place}"
        yield CodeCell(cell_id, joined(cell.get("source")), tuple(_replies(cell.get("outputs"))))


def _replies(outputs: Any) -> Iterator[Found]:
    for output in outputs if isinstance(outputs, list) else ():
        found = mapping(mapping(output).get("metadata")).get("deepseek_magic")
        if isinstance(found, dict):
            yield from _each(found, joined(mapping(mapping(output).get("data")).get("text/plain")))


def _each(found: dict[str, Any], text: str) -> Iterator[Found]:
    """Yield what ``found`` records of one reply, or of each of those that stand side by side in ``text``.

    Of those, the one that is a turn of its conversation comes first: the others answer the same question.
    """
    columns = found.get("columns")
    if not isinstance(columns, list):
        yield found, text
        return
    for one in sorted(columns[:_MOST_COLUMNS], key=lambda one: not mapping(one).get("conversation")):
        match mapping(one).get("at"):
            case [int(start), int(end)] if 0 <= start <= end <= len(text):
                yield {**found, **one}, text[start:end]


def saved_replies(path: Path | None) -> Iterator[Found]:
    """Yield what the outputs of the notebook file at ``path`` record of each reply, and its text, in page order.

    Raises:
        QuestionError: as for `code_cells`.
    """
    for cell in code_cells(path):
        yield from cell.replies
