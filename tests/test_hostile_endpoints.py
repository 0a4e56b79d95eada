"""No hostile endpoint costs more than 200 MB, a second past a stop, or a traceback."""

from __future__ import annotations

import os
import signal
import threading
import time
import tracemalloc

import pytest

from deepseek_magic.errors import DeepSeekError, Interrupted
from tests.chat.scripted import asker
from tests.faults import FaultServer
from tests.hostile_endpoints import HOSTILE_ENDPOINTS, QUICK
from tests.sizes import part_of

MOST = 200 << 20
#: Seconds after which the user stops what has not ended, and those after which nobody waits any longer.
PATIENCE, LONGEST = 4.0, 60.0

needs_signals = pytest.mark.skipif(
    not hasattr(time, "pthread_getcpuclockid"), reason="no clock of a thread's work here"
)


class Stop:
    """A user who stops the question once it has lasted too long.

    ``spent`` is the work of the asking thread by then: the machine's other work does not count.
    """

    def __init__(self) -> None:
        self._clock = time.pthread_getcpuclockid(threading.get_ident())
        self._timer = threading.Timer(PATIENCE, self._stop)
        self.spent: float | None = None

    def __enter__(self) -> Stop:
        self._timer.start()
        return self

    def _stop(self) -> None:
        self.spent = time.clock_gettime(self._clock)
        os.kill(os.getpid(), signal.SIGINT)

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()

    def since(self) -> float:
        """The seconds of work since the stop; 0 where there was none."""
        return 0.0 if self.spent is None else time.clock_gettime(self._clock) - self.spent


def asked_of(server: FaultServer) -> tuple[object, float]:
    """What came of one question, and the work past the stop."""
    stop = Stop()
    with asker(server.url, model="some-model", timeout=2.0) as asked:
        try:
            with stop:
                outcome: object = asked.ask("hello")
        except (DeepSeekError, Interrupted) as error:
            outcome = error
        except KeyboardInterrupt:  # it came when the question had ended
            outcome = "ended"
        return outcome, stop.since()


def wrong_with(server: FaultServer, name: str) -> list[str]:
    """What a question to the endpoint ``name`` costs too much of, and what is wrong with its end."""
    server.repeat(HOSTILE_ENDPOINTS[name]())
    tracemalloc.start()
    began = time.monotonic()
    try:
        outcome, past = asked_of(server)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    lasted, said = time.monotonic() - began, str(outcome) if isinstance(outcome, BaseException) else ""
    found = {
        f"it lasted {lasted:.0f} s": lasted >= LONGEST,
        f"it took {peak >> 20} MB": peak >= MOST,
        f"it worked for {past:.1f} s past the stop": past >= 1.0,
        f"its end is not one short line: {said[:300]!r}": "\n" in said or len(said) >= 2_000,
        f"it is a defect of ours: {said[:300]}": "defect" in said,
    }
    return [words for words, is_wrong in found.items() if is_wrong]


@pytest.mark.thorough
@needs_signals
@pytest.mark.parametrize("name", QUICK)
def test_one_of_each_kind(server, name):
    assert wrong_with(server, name) == []


@pytest.mark.slow
@needs_signals
@pytest.mark.parametrize("name", part_of(sorted(HOSTILE_ENDPOINTS)))
def test_every_one(server, name):
    assert wrong_with(server, name) == []


def test_there_are_enough():
    assert len(HOSTILE_ENDPOINTS) >= 60
