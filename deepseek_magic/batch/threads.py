"""The threads that ask the values of a run, and how they share the requests that may be under way at a time."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator, Mapping
from typing import TYPE_CHECKING

from deepseek_magic.chat.interrupts import Latch
from deepseek_magic.errors import DeepSeekError
from deepseek_magic.settings.keys import Key

from .cap import Cap
from .results import STOPPED, ValueOutcome
from .slots import Sending, Slots
from .store import Store
from .work import ValueTask

if TYPE_CHECKING:
    from deepseek_magic.api.client import Client

# Seconds after which a thread that waits for another one looks again, and after which the progress is shown again.
_LOOK = 0.05
_SHOW = 0.1
# The run stops after this many failures in a row that are the endpoint's fault, or twice the requests at a time.
_FAULTS = 20


class Run:
    """One run in this process.

    Attributes:
        outcomes: what came of each question, as it comes.
        slots: the requests that may be under way at a time.
        error: what makes every value fail, once it is known.
    """

    def __init__(self, task: ValueTask, key: Key | None, store: Store, cap: Cap, jobs: int) -> None:
        self.outcomes: dict[str, ValueOutcome] = {}
        self.slots = Slots(jobs)
        self.error: DeepSeekError | None = None
        self._task = task
        self._key = key
        self._store = store
        self._cap = cap
        self._most_faults = max(_FAULTS, 2 * jobs)
        self._faults = 0
        self._lock = threading.Lock()
        self._working = 0
        self._over = Latch()

    def asked(self, todo: Mapping[str, str], jobs: int) -> Generator[tuple[()], None, None]:
        """Ask every prompt of ``todo``, ``jobs`` at a time; yield now and then, until the end or a stop.

        The threads are daemons, not those of an executor, which Python waits for when it ends: requests that are under
        way when the user stops the run must not hold up the end of a script.
        """
        # There are more threads than requests at a time: while some wait before another try, others ask.
        self._working = min(jobs + jobs // 4, len(todo))
        items = iter(todo.items())
        for _ in range(self._working):
            threading.Thread(target=self._work, args=(items,), name="deepseek-magic-map", daemon=True).start()
        while not self._over.wait(_SHOW):
            yield ()
        yield ()

    def stop(self) -> None:
        """Begin nothing more. The requests that are under way come to their end by themselves."""
        self.slots.stop()
        self._over.set()

    def take(self, digest: str, outcome: ValueOutcome) -> None:
        """Take in what came of a question that was asked in another process."""
        self._store.keep(digest, outcome)
        self._note(digest, outcome, admitted=False)
        if self._cap.reached:
            self.stop()

    def _work(self, items: Iterator[tuple[str, str]]) -> None:
        client: Client | None = None
        sending = Sending(self.slots)
        try:
            has_slot = self.slots.enter()
            while has_slot:
                with self._lock:
                    item = next(items, None)
                if item is None:
                    return
                client = client or self._task.client(self._key, sending, self.slots.pause)
                self._ask(*item, client, sending)
                has_slot = self.slots.renew()
        finally:
            self.slots.leave()
            if client is not None:
                client.close()
            with self._lock:
                self._working -= 1
                if not self._working:
                    self._over.set()

    def _ask(self, digest: str, prompt: str, client: Client, sending: Sending) -> None:
        """Ask ``prompt``, unless it is answered meanwhile or the run is stopped."""
        while not self.slots.stopped.is_set():
            found = self._store.claim(digest)
            if isinstance(found, threading.Event):
                self.slots.wait(_LOOK)
                continue
            if found is None:
                self._ask_claimed(digest, prompt, client, sending)
            else:
                self.outcomes[digest] = found
            return

    def _ask_claimed(self, digest: str, prompt: str, client: Client, sending: Sending) -> None:
        outcome = STOPPED
        try:
            while (admitted := self._cap.admit()) is None and self.slots.wait(_LOOK):
                pass
            if admitted:
                outcome = self._task(prompt, client, sending, self.slots)
                self._note(digest, outcome)
            elif admitted is False:
                self.stop()
        finally:
            self._store.release(digest, outcome)

    def _note(self, digest: str, outcome: ValueOutcome, *, admitted: bool = True) -> None:
        if not outcome.stopped:
            self.outcomes[digest] = outcome  # before it is counted: the run may be stopped at any moment from then on
        self._cap.settle(outcome, admitted=admitted)
        if outcome.stopped:
            return
        with self._lock:
            self._faults = self._faults + 1 if outcome.fault else 0
            if self.error is None and outcome.fatal:
                self.error = DeepSeekError(f"stopped, because every value would fail like this one: {outcome.error}")
            elif self.error is None and self._faults >= self._most_faults:
                words = f"the last {self._faults} values all failed, the last one with: {outcome.error}"
                self.error = DeepSeekError(f"stopped, because {words}")
        if self.error is not None:
            self.stop()
