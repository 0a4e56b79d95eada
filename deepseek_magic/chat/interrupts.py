"""Stops of the user: let through where the loop waits, held back where something is half done."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, TypeVar

_T = TypeVar("_T")


class Interrupts:
    """A context in which an interrupt (SIGINT) is let through, except inside `held`.

    While something is drawn or closed, an interrupt would leave it torn, or be swallowed by code that is not ours
    (an `Output` widget swallows every exception inside it). Held back, it is raised when `held` ends, or left in
    ``pending`` by the last one. Outside of the main thread, where no interrupt arrives, this does nothing.
    """

    def __init__(self) -> None:
        self.pending = False
        self._depth = 0
        self._before: Any = None
        self._installed = False

    def __enter__(self) -> Interrupts:
        in_main = threading.current_thread() is threading.main_thread()
        if in_main and callable(signal.getsignal(signal.SIGINT)):  # ignored, or not Python's: nothing to hold back
            self._before = signal.signal(signal.SIGINT, self._arrived)
            self._installed = True
        return self

    def __exit__(self, *_: object) -> None:
        if self._installed:
            signal.signal(signal.SIGINT, self._before)

    def held(self) -> _Held:
        """Return a context that holds interrupts back until it ends."""
        return _Held(self)

    def let_through(self) -> _LetThrough:
        """Return a context that lets interrupts through, also the one that was held back, and holds them back after."""
        return _LetThrough(self)

    def hold(self) -> None:
        """Hold interrupts back from now on."""
        self._depth += 1

    def release(self) -> None:
        """Let interrupts through again; raise the one that was held back, if any."""
        self._depth -= 1
        if self.pending and self._depth == 0:
            self.pending = False
            raise KeyboardInterrupt

    def attempt(self, make: Callable[[], _T]) -> _T | None:
        """Return what ``make`` returns; ``None`` if the user stops it, or has: that stop stays in ``pending``.

        Interrupts are held back when this is called, and after it.
        """
        depth = self._depth
        try:
            with self.let_through():
                return make()
        except KeyboardInterrupt:
            self._depth, self.pending = depth, True  # wherever it came, also between the two lines of a context
            return None

    def _arrived(self, number: int, frame: FrameType | None) -> None:
        if self._depth:
            self.pending = True
        else:
            self._before(number, frame)


def never(make: Callable[[], object]) -> None:
    """Return ``None``, as `Interrupts.attempt` does if the user has stopped it already."""


class _LetThrough:
    def __init__(self, interrupts: Interrupts) -> None:
        self._interrupts = interrupts

    def __enter__(self) -> None:
        try:
            self._interrupts.release()
        except KeyboardInterrupt:
            self._interrupts.hold()
            raise

    def __exit__(self, *_: object) -> None:
        self._interrupts.hold()


class _Held:
    def __init__(self, interrupts: Interrupts) -> None:
        self._interrupts = interrupts

    def __enter__(self) -> None:
        self._interrupts.hold()

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._interrupts.release()
        else:
            self._interrupts._depth -= 1
