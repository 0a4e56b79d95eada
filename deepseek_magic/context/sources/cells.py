"""``-c cells``: the executed cells, with their output."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from deepseek_magic.context.items import Item
from deepseek_magic.context.source import Kind, Source
from deepseek_magic.errors import QuestionError
from deepseek_magic.guard import NOTHING_MASKED, Redactor
from deepseek_magic.notebook.cells import ExecutedCell, kept_back, run_again
from deepseek_magic.notebook.outputs import cut_middle

if TYPE_CHECKING:
    from deepseek_magic.context.reader import Reader
    from deepseek_magic.notebook.saved_file import SavedNotebook

#: The most characters of one cell's output, by default.
OUTPUT_LIMIT = 4_000
# Words that were probably meant for cells: one by its execution count, the last ones, a range, all.
_ONE = re.compile(r"(?:(?:cell|in|out)s?[:\[]|\[)?(\d{1,9})\]?", re.IGNORECASE)
_FROM_THE_END = re.compile(r"(?:cells?[:\[])?-(\d{1,6})\]?", re.IGNORECASE)
_LAST = re.compile(r"(?:last|previous|prev|above|latest|recent)(?::(\d{1,6}))?", re.IGNORECASE)
_BETWEEN = re.compile(r"(?:cells?[:\[])?(\d{1,9})(?:-|\.\.+|:|\u2013|to)(\d{1,9})\]?", re.IGNORECASE)
_ALL = ("all", "everything")
# The output of a cell in `read` gets a share of the budget: a few cells may show more output than many.
_LEAST_OUTPUT = 1_000
_CHARACTERS_PER_TOKEN = 3


def cell_item(
    cell: ExecutedCell,
    notes: Sequence[str] = (),
    *,
    output_limit: int = OUTPUT_LIMIT,
    redactor: Redactor = NOTHING_MASKED,
) -> Item:
    """Return ``cell`` as an item: its source, then its output, cut in the middle to ``output_limit`` characters.

    ``redactor`` masks secrets before anything is cut, so that no cut can fall into a secret.
    """
    text, output = cell.source, cell.output.strip("\n")
    if len(output) > output_limit:
        text, output = redactor.text(text), redactor.text(output).strip("\n")
    shown = cut_middle(output, output_limit)
    if shown:
        text += f"\nOutput:\n{shown}"
    remarks = [*(["failed"] if cell.failed else []), *notes, *cell.remarks]
    if shown != output:
        remarks.append("its output is cut in the middle")
    return Item("cell", cell.title, text, tuple(remarks))


def select_cells(
    executed: Sequence[ExecutedCell],
    *,
    last: int | None = None,
    between: tuple[int, int] | None = None,
    saved: SavedNotebook | None = None,
    output_limit: int = OUTPUT_LIMIT,
    redactor: Redactor = NOTHING_MASKED,
) -> list[Item]:
    """Return the executed cells as items, in the order of execution.

    If a cell ran several times, only the newest of the selected executions is returned. Cells that are marked to be
    ignored and our own questions are left out.

    Args:
        executed: all executed cells, oldest first, without the running one.
        last: how many to return, the newest ones; ``None`` for all.
        between: the first and the last execution count to return, both included.
        saved: the notebook's file, if it is known: it shows which cells were edited since.
        output_limit: the most characters of one output.
        redactor: masks secrets.

    Raises:
        QuestionError: no cell has such an execution count.
    """
    chosen = list(executed)
    if between is not None:
        chosen = [cell for cell in chosen if between[0] <= cell.count <= between[1]]
        if not chosen:
            msg = (
                f"no cell from [{between[0]}] to [{between[1]}] was executed: {_there_is(executed)}; choose among those"
            )
            raise QuestionError(msg)
    within, everywhere = run_again(chosen), run_again(executed)
    sent = [cell for cell in chosen if cell.count not in within and not (cell.question or cell.ignored)]
    if last is not None:
        sent = sent[max(0, len(sent) - last) :]
    items = [
        cell_item(cell, _notes(cell, within, everywhere, saved), output_limit=output_limit, redactor=redactor)
        for cell in sent
    ]
    return noted(items, kept_back(cell for cell in chosen if last is None or not sent or cell.count > sent[0].count))


def noted(items: list[Item], note: str) -> list[Item]:
    """Return ``items`` with ``note`` added to the first of them, if there is one."""
    return [replace(items[0], notes=(*items[0].notes, note)), *items[1:]] if items and note else items


def _there_is(executed: Sequence[ExecutedCell]) -> str:
    if not executed:
        return "none has been executed before this one"
    if len(executed) == 1:
        return f"there is [{executed[0].count}]"
    return f"there are [{executed[0].count}] to [{executed[-1].count}]"


def _notes(
    cell: ExecutedCell, within: dict[int, int], everywhere: dict[int, int], saved: SavedNotebook | None
) -> list[str]:
    replaced = [older for older, newer in within.items() if newer == cell.count]
    notes = []
    if replaced:
        notes.append(f"run again since: [{cell.count}] replaces {', '.join(f'[{count}]' for count in replaced)}")
    if cell.count in everywhere:
        notes.append(f"run again since, as [{everywhere[cell.count]}]")
    elif saved is not None and saved.edited_since(cell):
        notes.append("edited since it ran")
    return notes


def _which(argument: str | None) -> int | tuple[int, int] | None:
    """Return how many cells are asked for, or the first and the last execution count; ``None`` for all."""
    if argument is None:
        return None
    if re.fullmatch(r"\d{1,6}", argument) and int(argument):
        return int(argument)
    span = re.fullmatch(r"(\d{1,9})-(\d{1,9})", argument)
    if span is None or int(span[1]) > int(span[2]):
        raise ValueError(argument)
    return int(span[1]), int(span[2])


def _meant(word: str) -> str:
    """Return the selector for words such as ``cell:3``, ``last``, ``cells:9..3`` or ``all``; "" for others."""
    if found := _BETWEEN.fullmatch(word):
        first, last = sorted(map(int, found.groups()))
        return f"cells:{first}-{last}" if last else ""
    if (found := _ONE.fullmatch(word)) and int(found[1]):
        return f"cells:{found[1]}-{found[1]} (cell [{found[1]}])"
    if found := _LAST.fullmatch(word) or _FROM_THE_END.fullmatch(word):
        count = int(found[1] or 1)
        newest = "the last cell" if count == 1 else f"the last {count} cells"
        return f"cells:{count} ({newest})" if count else ""
    return "cells,vars" if word.casefold() in _ALL else ""


def read(reader: Reader, which: int | tuple[int, int] | None) -> list[Item] | str:
    """Return the executed cells: all, a number of the last ones, or a range of execution counts.

    Raises:
        QuestionError: no cell has such an execution count.
    """
    last = which if isinstance(which, int) else None
    characters = max(_LEAST_OUTPUT, reader.tokens * _CHARACTERS_PER_TOKEN)
    items = select_cells(
        reader.executed,
        last=last,
        between=which if isinstance(which, tuple) else None,
        saved=reader.notebook.saved,
        output_limit=max(_LEAST_OUTPUT, characters // max(1, last or len(reader.executed))),
        redactor=reader.redactor,
    )
    kept = "" if items else kept_back(reader.executed)
    return items or f"No cell was sent: none has been executed that may be sent{kept and f' ({kept})'}."


def _named(titles: Sequence[str]) -> Sequence[str]:
    return titles if len(titles) < 2 else [f"{len(titles)} cells"]


CELL = Kind("cell", changes=30, worth=10, named=_named, explained=True)
SOURCE = Source(
    "cells",
    CELL,
    {
        "cells": "every executed cell with its output",
        "cells:N": "the last N of them",
        "cells:A-B": "those with the execution counts A to B",
    },
    read,
    _which,
    meant=_meant,
)
