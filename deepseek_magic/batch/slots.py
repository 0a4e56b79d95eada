"""Limit how many requests are under way at a time, and let one thread at a time send."""

from __future__ import annotations

import threading

from deepseek_magic.errors import Interrupted
from deepseek_magic.render.renderer import Silent

# Seconds after which a thread no longer waits for the gate.
_PATIENCE = 1.0


class Slots:
    """The slots for requests that may be under way at a time.

    A thread that waits before a retry gives up its slot, and gets one again before threads with new requests.

    Attributes:
        stopped: set when nothing more may be started.
        gate: held while a request is built and sent; see `Sending`.
    """

    def __init__(self, count: int) -> None:
        lock = threading.Lock()
        self._new = threading.Condition(lock)
        self._back = threading.Condition(lock)
        self._free = count
        self._returning = 0
        self.stopped = threading.Event()
        self.gate = threading.Lock()

    def enter(self) -> bool:
        """Wait for a slot and take it; return ``False`` if the run is stopped."""
        with self._new:
            while not self.stopped.is_set():
                if self._free and not self._returning:
                    self._free -= 1
                    self._wake()  # more slots may be free
                    return True
                self._new.wait()
        return False

    def renew(self) -> bool:
        """Keep the slot for the next request, unless a retry waits for one; ``False`` if the run is stopped."""
        if self._returning:
            self.leave()
            return self.enter()
        return not self.stopped.is_set()

    def leave(self) -> None:
        """Release the slot; once the run is stopped, more may be released than were taken."""
        with self._new:
            self._free += 1
            self._wake()

    def wait(self, seconds: float) -> bool:
        """Release the slot for ``seconds``, and take one again; return ``False`` if the run is stopped.

        A thread that waits for others must not hold a slot that they need.
        """
        self.leave()
        self.stopped.wait(seconds)
        with self._back:
            self._returning += 1
            try:
                while not self.stopped.is_set():
                    if self._free:
                        self._free -= 1
                        return True
                    self._back.wait()
            finally:
                self._returning -= 1
                self._wake()
        return False

    def pause(self, seconds: float) -> None:
        """Wait like `wait`, in code that cannot return early.

        Raises:
            Interrupted: the run is stopped.
        """
        if not self.wait(seconds):
            msg = "stopped before another try"
            raise Interrupted(msg)

    def stop(self) -> None:
        """Give out no more slots, and wake all threads that wait for one."""
        self.stopped.set()
        with self._new:
            self._new.notify_all()
            self._back.notify_all()

    def _wake(self) -> None:
        if self._free:
            (self._back if self._returning else self._new).notify()


class Sending(Silent):
    """A renderer that shows nothing, and holds the gate of ``slots`` while its thread builds and sends a request.

    A hundred threads that all wait for the interpreter's lock wake up 200 times a second each, which adds a third
    to the time of a value. Threads that wait at the gate sleep. `open` lets the next one through: when the request has
    been sent, or before the thread connects, because waiting for the network would hold up the others.
    """

    def __init__(self, slots: Slots) -> None:
        self._gate = slots.gate
        self._held = False

    def __enter__(self) -> None:
        self._held = self._gate.acquire(timeout=_PATIENCE)

    def open(self) -> None:
        """Let the next thread build its request."""
        if self._held:
            self._held = False
            self._gate.release()

    def __exit__(self, *_: object) -> None:
        self.open()
