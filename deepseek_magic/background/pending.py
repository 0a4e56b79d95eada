"""`Pending`: the reply to a question in the background, which Python gets before it has come."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from deepseek_magic.chat.interrupts import Latch
from deepseek_magic.chat.reply import Reply
from deepseek_magic.errors import DeepSeekError, Interrupted, NotInTime, NotYet, QuestionError
from deepseek_magic.text import one_line

#: The attributes of a reply, which the object has once the reply has ended.
OF_A_REPLY = frozenset(
    (*(name for name in Reply.__dataclass_fields__ if not name.startswith("_")), "code", "json"),
)
# Seconds between two checks for an interrupt: on Windows, waiting for a lock is not interruptible.
_LOOK = 0.5


def _nothing() -> None:
    """Do nothing: the reply has ended."""


class Pending:
    """A reply that is asked for in the background.

    Once it is `done` it has the attributes of a `Reply` (``text``, ``cost`` and so on); before that, they raise
    `NotYet`.

    Args:
        job: its number, as ``%deepseek_jobs`` lists it.
        stop: stops the reply.
        line: returns the state of the reply, on one line.
        shown_here: returns whether the running execution is the one that shows the reply.
    """

    def __init__(
        self,
        job: int,
        stop: Callable[[], object],
        line: Callable[[], str],
        shown_here: Callable[[], bool] | None = None,
    ) -> None:
        self.job = job
        self._stop = stop
        self._line = line
        self._shown_here = shown_here
        self._over = Latch()
        self._reply: Reply | None = None
        self._value: Any = None
        self.error: DeepSeekError | Interrupted | None = None

    @property
    def done(self) -> bool:
        """Whether the reply has ended, complete or not."""
        return self._over.is_set()

    def result(self, timeout: float | None = None) -> Any:
        """Wait for the reply and return it, or its value if one was asked for (``--as json``, ``--as df``).

        Args:
            timeout: the most seconds to wait; ``None`` waits without a limit.

        Raises:
            NotInTime: the reply has not ended in time (a `TimeoutError`); it continues.
            Interrupted: the user stopped the reply; or only the waiting, and then the reply continues.
            DeepSeekError: the reply failed; the error's ``reply`` holds what had arrived.
        """
        if not self._ended(timeout):
            msg = (
                f"the reply of job {self.job} is still coming ({self._line()}): it did not end within {timeout:g} "
                "seconds; wait longer, or stop it"
            )
            raise NotInTime(msg)
        if self.error is not None:
            raise self.error
        return self._value

    def stop(self) -> None:
        """Stop the reply, keep what has arrived, and return at once."""
        self._stop()

    def end(self, reply: Reply | None, value: Any, error: DeepSeekError | Interrupted | None) -> None:
        """Store the outcome: the reply, what `result` returns, and the error that ended the reply, if any."""
        self._reply, self._value, self.error = reply, value, error
        self._stop, self._line = _nothing, str  # release the view, which holds everything that was shown
        self._over.set()

    def forsake(self) -> None:
        """End the reply in a forked child, where the parent's threads do not run."""
        self._over = Latch()
        self.end(None, None, QuestionError("this reply belongs to another process: ask again in this one"))

    def _ended(self, timeout: float | None) -> bool:
        until = None if timeout is None else time.monotonic() + timeout
        try:
            while not self._over.wait(_LOOK if until is None else max(0.0, min(_LOOK, until - time.monotonic()))):
                if until is not None and time.monotonic() >= until:
                    return False
        except KeyboardInterrupt:
            msg = f"stopped waiting for job {self.job}, which goes on"
            raise Interrupted(msg) from None
        return True

    def _not_yet(self) -> NotYet:
        return NotYet(f"the reply of job {self.job} is still coming ({self._line()}): .result() waits for it")

    def __getattr__(self, name: str) -> Any:
        if name not in OF_A_REPLY:
            msg = f"{type(self).__name__!r} object has no attribute {name!r}"
            raise AttributeError(msg)
        if not self.done:
            raise self._not_yet()
        if self._reply is None and self.error is not None:
            raise self.error
        return getattr(self._reply, name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *OF_A_REPLY})

    def __str__(self) -> str:
        return repr(self) if self._reply is None else self._reply.text

    def __repr__(self) -> str:
        if not self.done:
            state = self._line()
        else:
            state = "done" if self.error is None else f"{type(self.error).__name__}: {self.error}"
        return f"<Pending, job {self.job}: {one_line(state, 160)}>"

    def _ipython_display_(self) -> None:
        """Show nothing in the execution that shows the reply; decline in any other, as `Reply` does."""
        if self._shown_here is None or not self._shown_here():
            raise NotImplementedError

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": repr(self)} if self._reply is None else self._reply._bundle()

    def __reduce__(self) -> Any:
        msg = "a background reply can be neither pickled nor copied: use its .result()"
        raise TypeError(msg)


def settled(
    names: Mapping[str, Any], text: str, variables: Sequence[str], say: Callable[[str], object]
) -> dict[str, Any]:
    """Return ``names`` with the reply in place of each `Pending` that a question names, and without the others.

    It waits for replies that are still coming.

    Args:
        names: the user's own names and values.
        text: the question, which names one by ``{name}``.
        variables: names of variables that are sent with the question.
        say: shows the user what is waited for.

    Raises:
        QuestionError: a reply that it names has failed.
        Interrupted: the user stopped the waiting.
    """
    made = dict(names)
    for name, value in names.items():
        if not isinstance(value, Pending):
            continue
        del made[name]
        if name not in variables and not re.search(rf"\{{[^{{}}]*\b{re.escape(name)}\b", text):
            continue
        if not value.done:
            say(f"Waiting for {name}, the reply of job {value.job}.")
        try:
            value.result()
        except DeepSeekError as error:
            msg = f"{name} has no complete reply ({one_line(str(error), 120)}): ask for it again"
            raise QuestionError(msg) from None
        made[name] = value._reply
    return made
