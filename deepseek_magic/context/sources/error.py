"""The last error, where it came from, and the values around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from deepseek_magic.context.items import Item
from deepseek_magic.errors import QuestionError
from deepseek_magic.notebook.cells import ExecutedCell
from deepseek_magic.notebook.error.failure import Failure
from deepseek_magic.notebook.error.frames import Session
from deepseek_magic.notebook.error.report import report


def error_item(
    failure: Failure | None,
    executed: Sequence[ExecutedCell],
    *,
    describe: Callable[[object, str, int], str],
    cell_of: Callable[[str], int | None],
    folder: Path,
    mask: Callable[[str], str] = str,
) -> Item:
    """Return the last error as an item.

    Args:
        failure: the last error that is not one of ours.
        executed: the executed cells, oldest first.
        describe: describes a value: the value, its name, the most estimated tokens.
        cell_of: the execution count of the cell that was compiled under a file name.
        folder: the folder below which files are the user's own.
        mask: hides secrets in a text, before it is cut.

    Raises:
        QuestionError: there is no error, or its cell is marked never to be sent.
    """
    if failure is None:
        msg = "there is no error to send: run the failing cell first"
        raise QuestionError(msg)
    failing = ExecutedCell(failure.count, failure.source, "", failure.cell_id, failed=True, ignored=failure.ignored)
    if failing.source and failing.ignored:
        msg = f"the error is not sent: its cell [{failure.count}] is marked `deepseek: ignore`"
        raise QuestionError(msg)
    cells = {cell.count: cell for cell in executed}
    if failure.count:
        cells[failure.count] = failing
    session = Session(cells, failure.count, cell_of, folder, mask)
    return Item("error", "last error", report(failure, session, describe))
