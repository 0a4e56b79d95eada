"""Put code into the next cell, unless the last run of the same cell has already put it there. Nothing is run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from deepseek_magic.errors import QuestionError
from deepseek_magic.notebook.kernel import notebook_path
from deepseek_magic.text import hidden

if TYPE_CHECKING:
    from deepseek_magic.notebook.kernel import Kernel

    from .session import Session

#: The note on code that was not inserted again because it is there, and on code that was put above an older cell.
STANDS = "The same code is already below, from the last run of this cell; %deepseek_code inserts it again."
OLDER = "The code is in the next cell; the cell below that, from an earlier run, is older."
NO_CODE = "The reply contains no code, so nothing was put into the next cell."


class NextCells:
    """The code that the last run of each cell put below it, by the cell's id.

    A kernel cannot replace a cell that it made before, nor see whether it is still there. A kernel that was started
    again has forgotten it, and finds it in the notebook's file, as that was saved. A front end that does not name its
    cells (a terminal, nbclient) gets each code: to leave one out would be a guess there.
    """

    def __init__(self) -> None:
        self._last: dict[str, int] = {}  # the hash of each text, to save memory

    def take(self, cell_id: str, text: str) -> Literal["first", "same", "other"]:
        """Note that the cell offers ``text``; return whether its last run offered the same, other code, or none."""
        if not cell_id:
            return "first"
        before, self._last[cell_id] = self._last.get(cell_id), hash(text)
        return "first" if before is None else "same" if before == hash(text) else "other"

    def holds(self, text: str) -> bool:
        """Return whether the last run of any cell put ``text`` below it."""
        return hash(text) in self._last.values()


def put(session: Session, kernel: Kernel, text: str) -> Literal["first", "same", "other"]:
    """Put ``text`` into the next cell, except if the last run of this cell did; return as `NextCells.take` does."""
    how = session.next_cells.take(kernel.cell_id, text)
    if how == "first" and _stands_in_file(session, kernel, text):
        return "same"
    if how != "same":
        kernel.set_next_cell(text)
    return how


def _stands_in_file(session: Session, kernel: Kernel, text: str) -> bool:
    """Return whether ``text`` is right below the running cell in the saved notebook."""
    path = notebook_path(kernel.shell, session.environ) if kernel.cell_id else None
    if path is None:
        return False
    from deepseek_magic.notebook.saved_file import read_notebook  # once for each cell that offers code

    try:
        return read_notebook(path).source_below(kernel.cell_id).strip() == text.strip()
    except QuestionError:
        return False


def offer(session: Session, kernel: Kernel, source: str, *notes: str) -> tuple[str, ...]:
    """Put ``source`` below its ``notes`` into the next cell, as `put` does; return the lines to show about it."""
    if not source.strip():
        return (NO_CODE,)
    cell, note = noted(source, *notes)
    how = put(session, kernel, cell)
    lines = {"same": STANDS, "other": OLDER, "first": ""}[how], "" if note in cell else f"Note: {note}."
    return tuple(line for line in lines if line)


def noted(source: str, *notes: str) -> tuple[str, str]:
    """Return ``source`` below its ``notes``, and these on one line: those given, and what cannot be seen in it.

    A cell magic must stand first: there the notes are only returned.
    """
    note = "; ".join(part for part in (*notes, hidden(source)) if part)
    return (f"# Note: {note}\n{source}" if note and not source.lstrip().startswith("%%") else source), note
