"""`Reader`: what the sources of context read from for one question, with secrets masked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from deepseek_magic.description import describe
from deepseek_magic.errors import SecretFound
from deepseek_magic.first_use import MadeOnce
from deepseek_magic.guard import Guard, Redactor
from deepseek_magic.notebook.cells import ExecutedCell
from deepseek_magic.notebook.running import RunningNotebook

from .items import Item

if TYPE_CHECKING:
    from .selectors import Selector

_MOST_SOURCE = 300_000
_WHERE = "the context"


class Reader:
    """Reads the notebook and the user's values for one question.

    Args:
        notebook: the cells of this kernel, and the saved file.
        names: the user's own names and values.
        guard: masks secrets before anything is cut.
        tokens: the budget of the whole context, in estimated tokens.
        words: the question in the user's own words, in which `needs` looks for names.
        replies: classes whose values are not the user's data, so that ``vars`` leaves them out.

    Attributes:
        selected: the selectors of the question; `gather` sets it.
        notices: notices for the user, a sentence each; sources add to them.
        redactor: masks secrets in what is cut; if the guard refuses one, `checked` raises.
    """

    def __init__(
        self,
        notebook: RunningNotebook,
        names: Mapping[str, Any],
        guard: Guard,
        *,
        tokens: int,
        words: str = "",
        replies: tuple[type, ...] = (),
    ) -> None:
        self.notebook = notebook
        self.names = names
        self.tokens = tokens
        self.words = words
        self.selected: Sequence[Selector] = ()
        self.notices: list[str] = []
        self.replies = replies
        self._guard = guard
        self.redactor = Redactor(guard, _WHERE, notebook.hidden)
        # The value of a variable with a secret name is also masked where it is printed without the name.
        guard.learn(names)

    @MadeOnce
    def executed(self) -> tuple[ExecutedCell, ...]:
        """The executed cells, oldest first, without those that are running."""
        executed = self.notebook.executed
        # The guard then knows the secrets that any cell names, and masks them in the output of other cells.
        with suppress(SecretFound):
            self._guard.clean("\n\n".join(cell.source for cell in executed)[-_MOST_SOURCE:])
        return executed

    def describe(self, value: object, name: str, tokens: int) -> str:
        """Return a description of ``value`` of at most ``tokens``; if the guard refuses a secret, `checked` raises."""
        return describe(value, tokens=tokens, name=name, redactor=self.redactor)

    def described(self, value: object, name: str, tokens: int) -> str:
        """Return the same as `describe`.

        Raises:
            SecretFound: the guard refuses a secret in text that would be cut.
        """
        self.redactor.where = name or "the question"
        text = self.describe(value, name, tokens)
        self.redactor.where = _WHERE
        self.redactor.check()
        return text

    def checked(self, items: list[Item]) -> list[Item]:
        """Return ``items`` after checking that the guard does not refuse them.

        Raises:
            SecretFound: the guard refuses a secret. The error names the item, unless the secret was cut off.
        """
        if self.redactor.refused is not None:
            for item in items:
                self._guard.clean(item.text, item.title)
            self.redactor.check()
        return items
