"""Keep the answers of maps and the requests under way, so that nothing is paid for twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from deepseek_magic.forks import in_child

from .results import ValueOutcome

# How many results are kept for a run that is started again.
_KEPT = 200_000


class Store:
    """The answers of earlier runs, by the digest of the question. It may be used from several threads.

    A run that was stopped leaves requests under way. Their replies are kept when they arrive, and another run that
    needs one of them waits for it instead of asking again.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, ValueOutcome] = {}
        self._under_way: dict[str, threading.Event | None] = {}  # an event if a run waits for it
        #: The maps that have been sampled.
        self.sampled: set[str] = set()
        #: Called with each answer that is kept; from the thread that asked.
        self.recording: Callable[[str, ValueOutcome], object] | None = None
        in_child(self, Store._leave_to_parent)

    def _leave_to_parent(self) -> None:
        """Forget, in the child of a fork, the requests that only the parent has sent."""
        self._lock, self._under_way = threading.Lock(), {}

    def get(self, key: str) -> ValueOutcome | None:
        """Return the answer for ``key``, if there is one."""
        return self._known.get(key)

    def claim(self, key: str) -> ValueOutcome | threading.Event | None:
        """Return the known outcome; or an event that is set when the run that asks has ended; or ``None``.

        A caller that gets ``None`` must ask, and must call `release` whatever happens.
        """
        with self._lock:
            known = self._known.get(key)
            if known is not None:
                return known
            if key in self._under_way:
                waited_for = self._under_way[key] = self._under_way[key] or threading.Event()
                return waited_for
            self._under_way[key] = None
            return None

    def release(self, key: str, outcome: ValueOutcome) -> None:
        """Keep the outcome for the claimed ``key``, and wake runs that wait for it."""
        self.keep(key, outcome)
        with self._lock:
            waited_for = self._under_way.pop(key)
        if waited_for is not None:
            waited_for.set()

    def keep(self, key: str, outcome: ValueOutcome) -> None:
        """Keep ``outcome``, unless it is a failure."""
        if outcome.failed:
            return
        if self.recording is not None:
            self.recording(key, outcome)
        with self._lock:
            self._known[key] = outcome
            while len(self._known) > _KEPT:
                del self._known[next(iter(self._known))]

    def forget(self, keys: Iterable[str]) -> None:
        """Forget what was answered to ``keys``."""
        with self._lock:
            for key in keys:
                self._known.pop(key, None)
