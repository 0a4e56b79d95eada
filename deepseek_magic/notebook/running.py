"""`RunningNotebook`: the cells, the saved file, the last error and the pictures, for one question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from deepseek_magic.errors import QuestionError
from deepseek_magic.first_use import MadeOnce

from . import kernel, snapshot
from .cells import ExecutedCell
from .error.failure import Failure
from .ignored_cells import IgnoredCode
from .saved_file import SavedNotebook, read_notebook


@dataclass(eq=False)
class RunningNotebook:
    """Reads the notebook of a shell for one question, everything at its first use and only once.

    Args:
        shell: the shell that runs.
        environ: the environment of the kernel, in which Jupyter Server names the notebook's file.
    """

    shell: Any
    environ: Mapping[str, str]

    def page(self) -> SavedNotebook:
        """Return the saved notebook.

        Raises:
            QuestionError: its file is not known, or cannot be read.
        """
        return read_notebook(kernel.notebook_path(self.shell, self.environ))

    @MadeOnce
    def saved(self) -> SavedNotebook | None:
        """The saved notebook; ``None`` if it cannot be read, which only leaves less known about the cells."""
        with suppress(QuestionError):
            return self.page()
        return None

    @MadeOnce
    def executed(self) -> tuple[ExecutedCell, ...]:
        """Every executed cell, oldest first, without those that are running; the tags of the saved file count."""
        cells = snapshot.executed(self.shell)
        return cells if self.saved is None else self.saved.mark_ignored(cells)

    @property
    def failure(self) -> Failure | None:
        """The last error that is not ours."""
        failed = snapshot.last_failure(self.shell)
        if failed is None or self.saved is None or not failed.source:
            return failed
        (cell,) = self.saved.mark_ignored([ExecutedCell(failed.count, failed.source, cell_id=failed.cell_id)])
        return replace(failed, ignored=failed.ignored or cell.ignored)

    @property
    def images(self) -> tuple[bytes, ...]:
        """The picture that was displayed last, as the bytes of an image file; empty if there was none."""
        return snapshot.images(self.shell)

    @property
    def transform(self) -> Callable[[str], str]:
        """Converts IPython syntax to Python, without running any of it."""
        return kernel.transform(self.shell)

    @property
    def namespace(self) -> Mapping[str, Any]:
        """The whole namespace, including IPython's own names."""
        found: Mapping[str, Any] = self.shell.user_ns
        return found

    @property
    def names(self) -> set[str]:
        """The names in the namespace that do not begin with ``_``."""
        return {name for name in list(self.shell.user_ns) if not name.startswith("_")}

    @MadeOnce
    def cell_of(self) -> Callable[[str], int | None]:
        """Returns the execution count of the cell that was compiled under a file name (``None``: no cell)."""
        return kernel.cell_of(self.shell)

    def hidden(self, file: str) -> bool:
        """Return whether the code with the file name ``file`` is in a cell that is never sent."""
        return self._ignored_code(file)

    @MadeOnce
    def _ignored_code(self) -> IgnoredCode:
        return IgnoredCode(self.cell_of, self.executed)
