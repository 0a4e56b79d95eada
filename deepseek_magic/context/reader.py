"""What the sources read from, for one question: the notebook, the user's values, and the guard over both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from deepseek_magic.description import describe
from deepseek_magic.errors import SecretFound
from deepseek_magic.guard import Guard, Redactor
from deepseek_magic.notebook.cells import ExecutedCell
from deepseek_magic.notebook.running import RunningNotebook

from .items import Item

if TYPE_CHECKING:
    from .selectors import Selector

_MOST_SOURCE = 300_000
_WHERE = "the context"


class Reader:
    """Reads for one question.

    Args:
        notebook: what the kernel and the file hold.
        names: the user's own names and values.
        guard: masks secrets, before anything is cut.
        tokens: the budget of the whole context, estimated tokens.
        words: the user's own words of the question, in which names are looked for.
        replies: classes whose values are not the user's data, so that ``vars`` leaves them out.

    Attributes:
        selected: all that is asked for together; `gather` sets it.
        notices: what the user should know beside the items, each a sentence; sources add to it.
        redactor: masks secrets in what is cut; where the guard refuses them, `checked` raises.
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
        # What a variable holds under a secret's name is masked where it is printed without it, too.
        guard.learn(names)

    @cached_property
    def executed(self) -> tuple[ExecutedCell, ...]:
        """Every executed cell, oldest first, without those that are running."""
        executed = self.notebook.executed
        # A secret that any cell names is known from here on, also where the output of another one shows it.
        with suppress(SecretFound):
            self._guard.clean("\n\n".join(cell.source for cell in executed)[-_MOST_SOURCE:])
        return executed

    def describe(self, value: object, name: str, tokens: int) -> str:
        """Return ``value`` in words, in at most so many ``tokens``; where the guard refuses, `checked` raises."""
        return describe(value, tokens=tokens, name=name, redactor=self.redactor)

    def described(self, value: object, name: str, tokens: int) -> str:
        """Return what `describe` does.

        Raises:
            SecretFound: the guard refuses, and there is a secret in what would be cut.
        """
        self.redactor.where = name or "the question"
        text = self.describe(value, name, tokens)
        self.redactor.where = _WHERE
        self.redactor.check()
        return text

    def checked(self, items: list[Item]) -> list[Item]:
        """Return ``items``.

        Raises:
            SecretFound: the guard refused something in them; it names the item, unless a cut took the secret.
        """
        if self.redactor.refused is not None:
            for item in items:
                self._guard.clean(item.text, item.title)
            self.redactor.check()
        return items
