"""One description in the making: its budget, its deadline, and what it may still ask of foreign code."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from . import deadline
from .fitting import room

Result = TypeVar("Result")

#: How often one description may run foreign code: a list of a million objects asks a few of them.
MOST_CALLS = 60
#: What code of the user's may take of the time that is left: the user waits for it, and one that hangs says nothing.
USERS_SHARE = 0.4
# What one value inside another may take, so that the whole ends in time whatever hangs.
SHARE = 0.3


def nothing_hidden(_file: str) -> bool:
    """Return that nothing is hidden."""
    return False


class Task:
    """What one description may spend.

    Args:
        tokens: the budget of the text.
        seconds: the time that foreign code may take, all of it together.
        mask: hides the secrets in a text; it sees every text before that is cut, for half a secret is not known as one.
        hidden: tells by the file name of its code whether what stands in a function or class is not to be told.
    """

    def __init__(
        self,
        tokens: int,
        seconds: float,
        mask: Callable[[str], str] = str,
        hidden: Callable[[str], bool] = nothing_hidden,
    ) -> None:
        self.tokens = tokens
        self.seconds = seconds
        self.mask = mask
        self.hidden = hidden
        self._ends = time.monotonic() + seconds
        self._calls = MOST_CALLS
        #: The identities of the values that are being told, outermost first: one met again is not told again.
        self.open: list[int] = []
        #: What foreign code answered: the text that was taken and its whole length, by the identity of the value, which
        #: is kept so that its identity stays its own. A value is asked once, however often its text is laid out.
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
            msg = "was not asked: too many objects, or no time left"
            raise deadline.Unanswered(msg)
        self._calls -= 1
        return deadline.run(function, left * share, cls)
