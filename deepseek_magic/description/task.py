"""The limits of one description: its budget of tokens, its deadline, its redactor, its calls of code not ours."""

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

#: How often one description may run code that is not ours: a list may hold a million objects.
MOST_CALLS = 60
#: The share of the remaining time that the user's code may take, because it may hang while the user waits.
USERS_SHARE = 0.4
# The share that a value inside another may take, so that the whole ends in time even if several hang.
SHARE = 0.3
#: Characters beyond a cut that are searched for secrets, so that one across the cut is found.
MARGIN = 1_500


class Task:
    """The limits of one description, and its state.

    Args:
        tokens: the budget of the text.
        seconds: the time that all code which is not ours may take together.
        redactor: masks secrets. It gets every string before it is cut, because half a secret is not recognised, and
            every value whose name is known.
        name: the name of the value.
    """

    def __init__(self, tokens: int, seconds: float, redactor: Redactor | None = None, name: str = "") -> None:
        self.tokens = tokens
        self.seconds = seconds
        self.redactor = redactor or Redactor()
        self.name = name
        self._ends = time.monotonic() + seconds
        self._calls = MOST_CALLS
        #: The ids of the values that are being described, outermost first, so that recursion is noticed.
        self.open: list[int] = []
        #: What a ``__repr__`` returned: the text that was kept and its whole length, by the id of the value; for a
        #: ``__str__`` by the complement of the id. The value is kept as well, so that its id is not reused. So its code
        #: runs once, however often its text is laid out.
        self.answers: dict[int, tuple[object, str, int]] = {}
        #: Why code that is not ours gave no answer, by the id of the value.
        self.unanswered: dict[int, str] = {}

    @property
    def room(self) -> int:
        """The most characters that fit in the budget."""
        return room(self.tokens)

    @property
    def is_late(self) -> bool:
        """Whether half of the time is over, so that optional parts should be left out."""
        return self._ends - time.monotonic() < self.seconds / 2

    @contextmanager
    def reserving(self, text: str) -> Iterator[None]:
        """Reserve room for ``text``, which comes last, in the budget of what is laid out in the ``with`` block."""
        tokens = cost(text)
        self.tokens -= tokens
        try:
            yield
        finally:
            self.tokens += tokens

    def ask(self, function: Callable[[], Result], cls: type, *, share: float = SHARE) -> Result:
        """Return what ``function`` returns, run with a deadline.

        Args:
            function: the call.
            cls: the class whose code it runs.
            share: the share of the remaining time that it may take; more if it makes the whole description.

        Raises:
            deadline.Unanswered: it gave no answer, or `MOST_CALLS` calls were made already.
        """
        left = self._ends - time.monotonic()
        if self._calls <= 0 or left <= 0:
            raise deadline.Unanswered("was not asked: too many objects, or no time left")
        self._calls -= 1
        return deadline.run(function, left * share, cls)

    def start(self, value: str, width: int) -> str:
        """Return at most the first ``width`` characters of ``value``, whose secrets are masked before the cut."""
        taken = self.redactor.text(str.__getitem__(value, slice(width + MARGIN)))
        return taken[: safe_cut(taken, width)]

    def end(self, value: str, width: int) -> str:
        """Return at most the last ``width`` characters of ``value``, whose secrets are masked before the cut."""
        length = str.__len__(value)
        taken = self.redactor.text(str.__getitem__(value, slice(max(0, length - width - MARGIN), length)))
        return taken[safe_cut(taken, len(taken) - width, forward=True) :]

    def fit(self, text: str, tokens: int) -> str:
        """Return ``text`` with control characters made visible; if it is longer, cut to ``tokens`` and an ellipsis.

        The work is bounded by ``tokens``, not by the length of ``text``. Secrets are masked before the cut.
        """
        taken = visible(text[: room(tokens) + 2])
        if len(text) <= room(tokens) and fits(taken, tokens):
            return taken
        taken = visible(self.redactor.text(text[: room(tokens) + MARGIN]))
        most = largest_that_fits(lambda size: fits(taken[:size] + ELLIPSIS, tokens), min(len(taken), room(tokens)))
        shortened = taken[: safe_cut(taken, most)].rstrip() + ELLIPSIS
        return shortened if fits(shortened, tokens) else ""

    def lines(self, head: str, lines: Sequence[str], *, left_out: str = "… {} more lines", already: int = 0) -> str:
        """Return ``head`` and as many of ``lines`` as fit in the budget, and a line that says how many do not.

        Args:
            head: the first line or lines.
            lines: the rest, cut at the end.
            left_out: the format of the last line, which takes the number of omitted lines.
            already: how many lines were omitted before.
        """

        def shown(count: int) -> str:
            missing = len(lines) - count + already
            return "\n".join([head, *lines[:count], *([left_out.format(number(missing))] if missing else [])])

        return shown(largest_that_fits(lambda count: fits(shown(count), self.tokens), min(len(lines), self.room)))
