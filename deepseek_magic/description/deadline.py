"""Run code that is not ours with a deadline.

It runs in a daemon thread, which is abandoned if it does not end in time. Code that holds the interpreter's lock and
never releases it (a long loop in C, a catastrophic regular expression) cannot be stopped from the same process.
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from deepseek_magic.forks import in_child

from .classes import class_name

Result = TypeVar("Result")


class _LeftBehind:
    """The threads that were abandoned."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        # By the id of the class whose code still runs, because hashing a class may run code of its metaclass. The
        # frames of the thread keep the class alive, so its id is not reused while the entry is valid.
        self.threads: dict[int, threading.Thread] = {}


_left_behind = _LeftBehind()
in_child(_left_behind, _LeftBehind.__init__)  # a forked child has none of these threads


class Unanswered(Exception):
    """Code that is not ours gave no answer. The message says why, as the end of a sentence."""


class _Job(Generic[Result]):
    """One call: its result or error, and whether it has ended."""

    def __init__(self, function: Callable[[], Result]) -> None:
        self._function = function
        self.ended = threading.Event()
        self.results: list[Result] = []
        self.raised = ""

    def run(self) -> None:
        try:
            self.results.append(self._function())
        except Unanswered as error:
            self.raised = str(error)
        except BaseException as error:  # noqa: BLE001 - SystemExit and KeyboardInterrupt of foreign code too
            self.raised = f"raised {class_name(type(error))}"
        finally:
            self.ended.set()


def run(function: Callable[[], Result], seconds: float, cls: type) -> Result:
    """Return what ``function`` returns; it runs code of the class ``cls``.

    As long as an earlier call for ``cls`` runs past its deadline, no second one is started.

    Raises:
        Unanswered: it raised, it did not end within ``seconds``, or an earlier call still runs.
    """
    with _left_behind.lock:
        for key in [key for key, thread in _left_behind.threads.items() if not thread.is_alive()]:
            del _left_behind.threads[key]
        if id(cls) in _left_behind.threads:
            raise Unanswered("still runs from an earlier look, so it was not asked again")
    job = _Job(function)
    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(job.run,), name="deepseek-describe", daemon=True)
    try:
        thread.start()
    except RuntimeError:
        raise Unanswered("could not be asked: no thread can be started") from None
    try:
        job.ended.wait(seconds)
    finally:  # also if the user interrupts the wait
        if not job.ended.is_set():
            with _left_behind.lock:
                _left_behind.threads[id(cls)] = thread
    if not job.ended.is_set():
        raise Unanswered(f"did not end within {seconds:.2g} s")
    if not job.results:
        raise Unanswered(job.raised)
    return job.results[0]
