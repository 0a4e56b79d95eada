"""What the selectors of context read from a running notebook: cells, the saved page, the error, the figure."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from deepseek_magic.description import describe
from deepseek_magic.errors import SecretFound
from deepseek_magic.guard import Guard, Redactor
from deepseek_magic.notebook.cells import ExecutedCell
from deepseek_magic.notebook.running import RunningNotebook
from deepseek_magic.notebook.slice.walk import names_in_text

from .items import Item
from .pictures import last_figure
from .sources import cells as history
from .sources import error as failure
from .sources import needs
from .sources import notebook as page

# Most characters of one cell's output: shares of the budget, so that a few cells may tell more than many.
_LEAST_OUTPUT = 1_000
_CHARACTERS_PER_TOKEN = 3
_MOST_SOURCE = 300_000


class NotebookReader:
    """Reads a notebook for one question.

    Args:
        notebook: what the kernel and the file hold.
        names: the user's own names and values.
        tokens: the budget of the whole context, estimated tokens.
        guard: masks secrets before anything is cut.
    """

    def __init__(self, notebook: RunningNotebook, names: Mapping[str, Any], tokens: int, guard: Guard) -> None:
        self._notebook = notebook
        self._names = names
        self._characters = max(_LEAST_OUTPUT, tokens * _CHARACTERS_PER_TOKEN)
        self._guard = guard
        self._redactor = Redactor(guard, "the context", self.hidden)

    def told(self, value: object, name: str, tokens: int) -> str:
        """Return ``value`` as the model is told of it, in at most so many estimated ``tokens``.

        Raises:
            SecretFound: the guard refuses, and there is a secret in what would be cut.
        """
        self._redactor.where = name or "the question"
        text = describe(value, tokens=tokens, name=name, redactor=self._redactor)
        self._redactor.where = "the context"
        self._refuse()
        return text

    def cells(self, last: int | None, between: tuple[int, int] | None) -> list[Item]:
        """Return the executed cells: all, the ``last`` so many, or those with execution counts ``between`` two.

        Raises:
            QuestionError: no cell has such an execution count.
        """
        return self._checked(
            history.select_cells(
                self._executed,
                last=last,
                between=between,
                saved=self._notebook.saved,
                output_limit=max(_LEAST_OUTPUT, self._characters // max(1, last or len(self._executed))),
                mask=self.mask,
            )
        )

    def page(self) -> list[Item]:
        """Return the saved notebook.

        Raises:
            QuestionError: its file is not known, or cannot be read.
        """
        return self._checked(page.notebook_items(self._notebook.page(), self._executed, mask=self.mask))

    def needed(self, question: str, *, for_error: bool) -> list[Item]:
        """Return the cells that the names in ``question`` come from; with ``for_error`` the failed cell's names too."""
        wanted = names_in_text(question, self._notebook.names | set(self._names))
        transform = self._notebook.transform
        found: dict[str, Item] = {}
        failed = self._notebook.failure if for_error else None
        for names, before in (
            (wanted, None),
            ((), None) if failed is None else (failed.names(transform), failed.count or None),
        ):
            for item in needs.needs(self._executed, names, before=before, transform=transform, mask=self.mask):
                found[item.title] = item
        if failed is not None:  # the failed cell itself goes along with the error
            found.pop(f"cell [{failed.count}]", None)
        order = {cell.title: place for place, cell in enumerate(self._executed)}
        return self._checked(sorted(found.values(), key=lambda item: order.get(item.title, 0)))

    def error(self) -> Item:
        """Return the last error that is not one of ours.

        Raises:
            QuestionError: there is none.
        """
        item = failure.error_item(
            self._notebook.failure,
            self._executed,
            describe=lambda value, name, tokens: describe(value, tokens=tokens, name=name, redactor=self._redactor),
            cell_of=self._notebook.cell_of,
            folder=Path.cwd(),
            mask=self.mask,
        )
        return self._checked([item])[0]

    def figure(self) -> Item:
        """Return the last figure, as an image.

        Raises:
            QuestionError: there is none.
        """
        title, picture = last_figure(self._names, self._notebook.images)
        return Item("figure", title, f"an image: {title}", image=picture)

    @cached_property
    def _executed(self) -> tuple[ExecutedCell, ...]:
        executed = self._notebook.executed
        # A secret that any cell names is known from here on, also where the output of another one shows it.
        with suppress(SecretFound):
            self._guard.clean("\n\n".join(cell.source for cell in executed)[-_MOST_SOURCE:])
        return executed

    def hidden(self, file: str) -> bool:
        """Return whether what was made by the code of the file name ``file`` stands in a cell that is never sent."""
        return self._notebook.hidden(file)

    def mask(self, text: str) -> str:
        """Return ``text`` without its secrets; where the guard refuses them, what is made of it raises."""
        return self._redactor.text(text)

    def _checked(self, items: list[Item]) -> list[Item]:
        self._refuse(*((item.title, item.text) for item in items))
        return items

    def _refuse(self, *told: tuple[str, str]) -> None:
        """Raise what the guard refused, naming which of ``told`` (titles and texts) holds it unless a cut took it."""
        if self._redactor.refused is not None:
            for title, text in told:
                self._guard.clean(text, title)
            raise self._redactor.refused
