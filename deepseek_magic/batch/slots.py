"""One run in this process: what its threads share, and how they are told to stop."""

from __future__ import annotations

import itertools
import os
import threading
import uuid
from weakref import WeakValueDictionary

from deepseek_magic.errors import Interrupted
from deepseek_magic.settings.keys import Key

from .cap import Cap
from .connections import Connections
from .results import STOPPED, Outcome
from .store import Store
from .work import Task, failure

# Seconds after which one who waits looks again whether the run is stopped.
_LOOK = 0.05


class Run:
    """What the threads of one run share.

    Attributes:
        number: names the run; no other process has the same.
        outcomes: what came of each question, as it comes.
        slots: so many requests at a time.
        stopping: set when nothing more is to be begun; what is under way then comes to its end by itself.
    """

    def __init__(self, task: Task, key: Key | None, store: Store, cap: Cap, jobs: int) -> None:
        self.number = f"{_process()}-{next(_count)}"
        self.outcomes: dict[str, Outcome] = {}
        self.stopping = threading.Event()
        self.cap = cap
        self._task = task
        self._store = store
        self.slots = Slots(jobs, self.stopping)
        self._connections = Connections(task.settings, key, self.slots.pause)
        _runs[self.number] = self

    def ask(self, key: str, prompt: str) -> Outcome:
        """Ask ``prompt``, unless it is answered meanwhile or the run is stopping; return what came of it.

        The caller has one of the slots.
        """
        while not self.stopping.is_set():
            found = self._store.claim(key)
            if isinstance(found, threading.Event):
                self.slots.wait(_LOOK)
                continue
            outcome = found if found is not None else self._asked(key, prompt)
            if not outcome.stopped:
                self.outcomes[key] = outcome
            if outcome.fatal:
                self.stopping.set()
            return outcome
        return STOPPED

    def _asked(self, key: str, prompt: str) -> Outcome:
        outcome = STOPPED
        try:
            while (admitted := self.cap.admit(self.stopping)) is None:
                self.slots.wait(_LOOK)
            if admitted:
                try:
                    with self._connections.lent() as client:
                        outcome = self._task(prompt, client, self.stopping, self.slots.pause)
                except Exception as error:  # noqa: BLE001  # one value must not stop the others
                    outcome = failure(error)
                finally:
                    self.cap.settle(outcome)
        finally:
            self._store.release(key, outcome)
        return outcome

    def take(self, key: str, outcome: Outcome) -> None:
        """Take in what came of a question that was asked in another process."""
        self.outcomes[key] = outcome
        self._store.keep(key, outcome)
        if self.cap.add(outcome):
            self.stopping.set()

    def end(self) -> None:
        """Begin nothing more, and close the connections that nobody uses."""
        self.stopping.set()
        self._connections.close()


def one(task: Task, key: str, prompt: str, number: str) -> tuple[str, Outcome, bool]:
    """Ask ``prompt`` for the run of this ``number``; return its key, what came of it, and whether it was asked here."""
    if not number.startswith(_process()):
        return key, task.elsewhere(prompt), False
    run = _runs.get(number)
    if run is None or not run.slots.enter():
        return key, STOPPED, True
    try:
        return key, run.ask(key, prompt), True
    finally:
        run.slots.leave()


class Slots:
    """So many requests at a time. Who waits before another try lets others go meanwhile, and goes before new ones."""

    def __init__(self, count: int, stopping: threading.Event) -> None:
        lock = threading.Lock()
        self._new = threading.Condition(lock)
        self._back = threading.Condition(lock)
        self._free = count
        self._returning = 0
        self._stopping = stopping

    def enter(self) -> bool:
        """Wait for a slot and take it; ``False`` where the run is stopping."""
        with self._new:
            while not self._stopping.is_set():
                if self._free and not self._returning:
                    self._free -= 1
                    return True
                self._new.wait(_LOOK)
        return False

    def leave(self) -> None:
        """Give the slot to another; once the run is stopping, more may be given than were taken."""
        with self._new:
            self._free += 1
            self._wake()

    def wait(self, seconds: float) -> bool:
        """Give the slot to others for so long, and take one again; ``False`` where the run is stopping.

        Who waits for others must not hold what they need to go on.
        """
        self.leave()
        self._stopping.wait(seconds)
        with self._back:
            self._returning += 1
            try:
                while not self._stopping.is_set():
                    if self._free:
                        self._free -= 1
                        return True
                    self._back.wait(_LOOK)
            finally:
                self._returning -= 1
                self._wake()
        return False

    def pause(self, seconds: float) -> None:
        """`wait`; for those who are in the middle of something.

        Raises:
            Interrupted: the run is stopping.
        """
        if not self.wait(seconds):
            msg = "stopped before another try"
            raise Interrupted(msg)

    def _wake(self) -> None:
        if self._free:
            (self._back if self._returning else self._new).notify()


_runs: WeakValueDictionary[str, Run] = WeakValueDictionary()
_count = itertools.count()
_imported = uuid.uuid4().hex


def _process() -> str:
    """Return what names this process: a forked one has the same modules, one on another machine may have its number."""
    return f"{os.getpid()}-{_imported}"
