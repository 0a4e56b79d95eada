"""One description in the making: its budget, its deadline, what it leaves out, what foreign code it may run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from deepseek_magic.guard import Redactor, safe_cut
from deepseek_magic.text import largest_that_fits, visible

from . import deadline
from .fitting import ELLIPSIS, cost, fits, number, room

Result = TypeVar("Result")

#: How often one description may run foreign code: of a list of a million objects a few are asked.
MOST_CALLS = 60
#: The share of the remaining time that the user's code may take: it may hang while the user waits.
USERS_SHARE = 0.4
# The share that one value inside another may take, so that the whole ends in time whatever hangs.
SHARE = 0.3
#: Characters beyond a cut that are searched for secrets too, so that one across the cut is seen.
MARGIN = 1_500


class Task:
    """What one description may spend, and what it leaves out.

    Args:
        tokens: the budget of the text.
        seconds: the time that foreign code may take, all of it together.
        redactor: masks secrets. It sees every string before that is cut, because half a secret is not known as one,
            and every value whose name is known.
        name: what the value is called.
    """

    def __init__(self, tokens: int, seconds: float, redactor: Redactor | None = None, name: str = "") -> None:
        self.tokens = tokens
        self.seconds = seconds
        self.redactor = redactor or Redactor()
        self.name = name
        self._ends = time.monotonic() + seconds
        self._calls = MOST_CALLS
        #: The identities of the values that are being described, outermost first: one met again is not described again.
        self.open: list[int] = []
        #: What foreign code answered: the text that was taken and its whole length, by the identity of the value, which
        #: is kept so that its identity stays its own; what a ``__str__`` answered by the complement of the identity.
        #: A value is asked once, however often its text is laid out.
        self.answers: dict[int, tuple[object, str, int]] = {}
        #: Why foreign code gave no answer, by the identity of the value.
        self.unanswered: dict[int, str] = {}

    @property
    def room(self) -> int:
        """The characters that the budget holds at most."""
        return room(self.tokens)

    @property
    def is_late(self) -> bool:
        """Whether half of the time is over, so that what can be left out should be."""
        return self._ends - time.monotonic() < self.seconds / 2

    @contextmanager
    def reserving(self, text: str) -> Iterator[None]:
        """Lay out what follows within what ``text``, which stands behind it, leaves of the budget."""
        tokens = cost(text)
        self.tokens -= tokens
        try:
            yield
        finally:
            self.tokens += tokens

    def ask(self, function: Callable[[], Result], cls: type, *, share: float = SHARE) -> Result:
        """Return what ``function`` returns, which runs code of ``cls``, within the time that is left.

        Args:
            function: the call.
            cls: the class whose code it runs.
            share: how much of that time it may take; more where it makes the whole description.

        Raises:
            deadline.Unanswered: it gave no answer, or too many were asked already.
        """
        left = self._ends - time.monotonic()
        if self._calls <= 0 or left <= 0:
            raise deadline.Unanswered("was not asked: too many objects, or no time left")
        self._calls -= 1
        return deadline.run(function, left * share, cls)

    def start(self, value: str, width: int) -> str:
        """Return at most the first ``width`` characters of ``value``; its secrets are masked before the cut."""
        taken = self.redactor.text(str.__getitem__(value, slice(width + MARGIN)))
        return taken[: safe_cut(taken, width)]

    def end(self, value: str, width: int) -> str:
        """Return at most the last ``width`` characters of ``value``; its secrets are masked before the cut."""
        length = str.__len__(value)
        taken = self.redactor.text(str.__getitem__(value, slice(max(0, length - width - MARGIN), length)))
        return taken[safe_cut(taken, len(taken) - width, forward=True) :]

    def fit(self, text: str, tokens: int) -> str:
        """Return ``text`` safe to show, cut at its end to ``tokens`` where it is longer, which an ellipsis marks.

        The work is bounded by ``tokens``, whatever the length of ``text``. Secrets are masked before the cut.
        """
        taken = visible(text[: room(tokens) + 2])
        if len(text) <= room(tokens) and fits(taken, tokens):
            return taken
        taken = visible(self.redactor.text(text[: room(tokens) + MARGIN]))
        most = largest_that_fits(lambda size: fits(taken[:size] + ELLIPSIS, tokens), min(len(taken), room(tokens)))
        shortened = taken[: safe_cut(taken, most)].rstrip() + ELLIPSIS
        return shortened if fits(shortened, tokens) else ""

    def lines(self, head: str, lines: Sequence[str], *, left_out: str = "… {} more lines", already: int = 0) -> str:
        """Return ``head`` and as many of ``lines`` as the budget holds, each on its own line, and what was left out.

        Args:
            head: what stands first.
            lines: the rest; cut at the end.
            left_out: the last line, which takes the count of the missing ones.
            already: how many were left out before.
        """

        def shown(count: int) -> str:
            missing = len(lines) - count + already
            return "\n".join([head, *lines[:count], *([left_out.format(number(missing))] if missing else [])])

        return shown(largest_that_fits(lambda count: fits(shown(count), self.tokens), min(len(lines), self.room)))
