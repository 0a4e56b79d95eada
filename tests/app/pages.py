"""A notebook as a front end holds it: cells that are run in any order, their outputs, its file, and new kernels."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from deepseek_magic.app.session import Session
from deepseek_magic.chat.side_by_side import Answers
from deepseek_magic.commands.call import Call
from deepseek_magic.commands.cards import Card
from deepseek_magic.commands.table import MAGICS
from deepseek_magic.notebook.kernel import Kernel
from deepseek_magic.render import columns
from deepseek_magic.render.bundle import bundle


class CellKernel(Kernel):
    """A kernel that is told which cell runs, and what goes into the next one."""

    cell = next_cell = ""
    _count = 0

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)
        self.in_terminal = False

    def identity(self) -> str:
        """The identity of the question, as a front end with cells has it."""
        self._count += 1
        return self.cell if self._count == 1 else f"{self.cell}#{self._count}"

    def set_next_cell(self, source: str) -> None:
        """Keep ``source``."""
        self.next_cell = source

    def starts(self, cell: str) -> None:
        """The cell of this id runs."""
        self.cell, self._count = cell, 0


@dataclass
class PageCell:
    """A cell of the page."""

    name: str
    source: str
    outputs: list[Any] = field(default_factory=list)


class Page:
    """The notebook: ``cells`` in page order. Each magic of a cell stands on a line, or is the cell.

    Args:
        shell: the shell of all its kernels.
        path: its file.
        environ: what each kernel is started with.
        config: the configuration of each kernel.
    """

    def __init__(self, shell: Any, path: Path, environ: dict[str, str], **config: Any) -> None:
        self.cells: list[PageCell] = []
        self._environ, self.config = environ, {"renderer": "none", **config}
        self.path = path
        shell.user_ns["__vsc_ipynb_file__"] = str(path)
        self.kernel = CellKernel(shell)
        self.session = Session(dict(environ))

    def add(self, source: str, place: int | None = None) -> PageCell:
        """Put a cell at the end, or at a place."""
        name = f"cell-{len(self.cells)}-{abs(hash(source)) % 997}"
        cell = PageCell(name, source)
        self.cells.insert(len(self.cells) if place is None else place, cell)
        return cell

    def run(self, cell: PageCell) -> list[str]:
        """Run a cell, and return what it said."""
        cell.outputs, said = [], []
        self.kernel.starts(cell.name)
        cell_magic = cell.source.startswith("%%")
        for line in [cell.source] if cell_magic else cell.source.splitlines():
            head, _, body = line.partition("\n")
            called = re.match(r"(?:\w+ = )?%{1,2}(\w+) ?", head)
            assert called is not None, line
            magic = next(one for one in MAGICS if one.name == called[1])
            shown = magic.run(
                Call(self.session, self.config, self.kernel, head[called.end() :], body if cell_magic else None)
            )
            if isinstance(shown.value, Answers):
                self._output(cell, columns.bundle(shown.value._columns), shown.value._columns.metadata)
            elif called[1] in ("deepseek", "deepseek_fix", "deepseek_continue") and shown.value is not None:
                ending = self.session.conversations.latest.last_ending
                assert ending is not None
                self._output(cell, bundle(ending), ending.metadata)
            for one in shown.show:
                if isinstance(one, Card):
                    self._output(cell, one.data, one.metadata)
                said.append(one if isinstance(one, str) else one.data["text/plain"])
        return said

    def ask(self, source: str, place: int | None = None) -> PageCell:
        """Add a cell, run it, and return it."""
        cell = self.add(source, place)
        self.run(cell)
        return cell

    def _output(self, cell: PageCell, data: Any, metadata: Any) -> None:
        cell.outputs.append(nbformat.v4.new_output("display_data", dict(data), metadata=dict(metadata)))

    def save(self, *, ids: bool = True) -> None:
        """Write the file."""
        made = [nbformat.v4.new_code_cell(cell.source, id=cell.name, outputs=cell.outputs) for cell in self.cells]
        page = nbformat.v4.new_notebook(cells=made)
        if not ids:
            page.nbformat_minor = 4
            for cell in page.cells:
                del cell["id"]
        nbformat.write(page, self.path)

    def restart(self) -> None:
        """Start a new kernel."""
        self.session.close()
        self.session = Session(dict(self._environ))
        self.kernel = CellKernel(self.kernel.shell)

    def restored(self, *, ids: bool = True) -> str:
        """Save, start a new kernel, restore, and return the line that says so."""
        self.save(ids=ids)
        self.restart()
        (said,) = self.run(PageCell("elsewhere", "%deepseek_chat restore"))
        return said
