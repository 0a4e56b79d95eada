"""Let the user's interrupts through where the loop waits, and hold them back where something is half done."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Any, TypeVar

_T = TypeVar("_T")


@dataclass(slots=True, eq=False)
class Interrupts:
    """A context in which an interrupt (SIGINT) is let through, except inside `held`.

    While something is painted or closed, an interrupt would leave it half done, or be swallowed by code that is not
    ours (an `Output` widget swallows every exception inside it). An interrupt that was held back is raised when `held`
    ends, or left in ``pending`` by the last one. Outside the main thread no interrupt arrives, and this does nothing.
    """

    pending: bool = False
    _depth: int = 0
    _before: Any = None
    _installed: bool = False

    def __enter__(self) -> Interrupts:
        in_main = threading.current_thread() is threading.main_thread()
        if in_main and callable(signal.getsignal(signal.SIGINT)):  # ignored, or not handled by Python
            self._before = signal.signal(signal.SIGINT, self._arrived)
            self._installed = True
        return self

    def __exit__(self, *_: object) -> None:
        if self._installed:
            signal.signal(signal.SIGINT, self._before)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold interrupts back until the block ends."""
        self.hold()
        try:
            yield
        except BaseException:
            self._depth -= 1
            raise
        self.release()

    def let_through(self, wait: Callable[[], _T]) -> _T:
        """Return what ``wait`` returns; interrupts are let through meanwhile, including one that was held back."""
        depth = self._depth
        try:
            self.release()
            return wait()
        finally:
            self._depth = depth  # at whatever line the interrupt came

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
        """Return what ``make`` returns; ``None`` if the user stops or has stopped it: ``pending`` then stays set.

        Interrupts are held back when this is called, and after it.
        """
        try:
            return self.let_through(make)
        except KeyboardInterrupt:
            self.pending = True
            return None

    def _arrived(self, number: int, frame: FrameType | None) -> None:
        if self._depth:
            self.pending = True
        else:
            self._before(number, frame)


def never(make: Callable[[], object]) -> None:
    """Return ``None``, as `Interrupts.attempt` does if the user has already stopped it."""


class Latch:
    """An event that is set once, and that the interruptible thread waits for.

    `threading.Event` takes its lock in Python code: an interrupt right after that leaves it locked, and `set` hangs.
    """

    def __init__(self) -> None:
        self._is_set = False
        self._came: SimpleQueue[None] = SimpleQueue()

    def set(self) -> None:
        """Wake whoever waits."""
        self._is_set = True
        self._came.put(None)

    def is_set(self) -> bool:
        """Return whether it was set."""
        return self._is_set

    def wait(self, seconds: float) -> bool:
        """Wait until it is set, for at most ``seconds``; return whether it is."""
        if not self._is_set:
            with suppress(Empty):
                self._came.get(timeout=seconds)
                self._came.put(None)  # for other threads that wait
        return self._is_set
