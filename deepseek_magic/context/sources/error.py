"""``-c error``: the last error, its traceback and cell, and the values around it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from deepseek_magic.context.items import Item
from deepseek_magic.context.source import Kind, Source
from deepseek_magic.errors import QuestionError
from deepseek_magic.guard import NOTHING_MASKED, Redactor
from deepseek_magic.notebook.cells import ExecutedCell
from deepseek_magic.notebook.error.failure import Failure
from deepseek_magic.text import counted, one_line

if TYPE_CHECKING:
    from deepseek_magic.context.reader import Reader


def error_item(
    failure: Failure | None,
    executed: Sequence[ExecutedCell],
    *,
    describe: Callable[[object, str, int], str],
    cell_of: Callable[[str], int | None],
    folder: Path,
    redactor: Redactor = NOTHING_MASKED,
) -> Item:
    """Return the last error as an item.

    Args:
        failure: the last error that is not ours; ``None`` if there is none.
        executed: the executed cells, oldest first.
        describe: describes a value, given the value, its name, and the most estimated tokens.
        cell_of: returns the execution count of the cell that was compiled under a file name.
        folder: the folder whose files are the user's own.
        redactor: masks secrets, before anything is cut.

    Raises:
        QuestionError: there is no error, or its cell is marked never to be sent.
    """
    # slow to import, and most questions do not need it
    from deepseek_magic.notebook.error.frames import RanCode
    from deepseek_magic.notebook.error.report import report

    if failure is None:
        msg = "there is no error to send: run the failing cell first"
        raise QuestionError(msg)
    failing = ExecutedCell(failure.count, failure.source, "", failure.cell_id, failed=True, ignored=failure.ignored)
    if failing.source and failing.ignored:
        msg = (
            f"the error is not sent: its cell [{failure.count}] is marked `deepseek: ignore`: "
            "remove the mark to ask about it"
        )
        raise QuestionError(msg)
    cells = {cell.count: cell for cell in executed}
    if failure.count:
        cells[failure.count] = failing
    session = RanCode(cells, failure.count, cell_of, folder, redactor)
    return Item("error", "last error", report(failure, session, describe))


def read(reader: Reader, _argument: object) -> list[Item]:
    """Return the last error that is not ours.

    Raises:
        QuestionError: there is none, or its cell is marked never to be sent.
    """
    notebook = reader.notebook
    item = error_item(
        notebook.failure,
        reader.executed,
        describe=reader.describe,
        cell_of=notebook.cell_of,
        folder=Path.cwd(),
        redactor=reader.redactor,
    )
    if notebook.failure is not None and (said := age(notebook.failure, reader.executed)):
        reader.notices.append(said)
    return [item]


def age(failure: Failure, executed: Sequence[ExecutedCell]) -> str:
    """Return a sentence if the error did not end a cell, or if other cells ran after it; "" otherwise.

    An exception that was not shown, such as one in a future, is not recorded, and an older error would be sent for it.
    """
    if failure.ended:
        at = f" at {time.strftime('%H:%M:%S', time.localtime(failure.at))}" if failure.at else " between two cells"
        return f"The last error is that of {one_line(failure.ended, 100)}, which it ended{at}."
    since = sum(cell.count > failure.count and not cell.question for cell in executed) if failure.count else 0
    if not since:
        return ""
    verb = "ran" if since == 1 else "have run"
    return f"The last error is that of cell [{failure.count}]: {counted(since, 'cell')} {verb} since without one."


ERROR = Kind("error", changes=60, worth=60)
SOURCE = Source("error", ERROR, {"error": "the last error, with its cell and the values around it"}, read)
