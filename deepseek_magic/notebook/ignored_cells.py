"""Find code from cells that are never sent: objects made there are described without their source."""

from __future__ import annotations

import linecache
import re
from collections.abc import Callable, Sequence

from .cells import ExecutedCell, asks_to_be_ignored

# Under these names IPython's magics compile the body of a cell: which cell, they do not say.
_BODIES = re.compile(r"<(timed (exec|eval)|magic-timeit)>")


class IgnoredCode:
    """Finds by the file name of its code whether something was made in a cell that is marked never to be sent.

    Args:
        cell_of: gives the execution count of the cell that was compiled under a file name (``None``: no cell).
        executed: every executed cell.
    """

    def __init__(self, cell_of: Callable[[str], int | None], executed: Sequence[ExecutedCell]) -> None:
        self._cell_of = cell_of
        self._ignored = {cell.count: cell.source for cell in executed if cell.ignored}
        self._known: dict[str, bool] = {}

    def __call__(self, file: str) -> bool:
        """Return whether the code with the file name ``file`` is hidden."""
        if file not in self._known:
            self._known[file] = self._found(file)
        return self._known[file]

    def _found(self, file: str) -> bool:
        if _BODIES.fullmatch(file):
            return any(source.lstrip().startswith("%%") for source in self._ignored.values())
        count = self._cell_of(file)
        if count is None:
            return False
        text = "".join(linecache.getlines(file))
        # the mark itself, because the cell may still run
        if count in self._ignored or asks_to_be_ignored(text):
            return True
        # IPython 9 numbers what a magic runs in its cell (%%capture) as if it were the next one
        before = self._ignored.get(count - 1, "")
        return before.lstrip().startswith("%%") and text.strip() in before
