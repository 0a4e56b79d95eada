"""Who asks: joblib's workers. They are threads here, unless the user configured another back end of joblib's.

A back end that runs tasks elsewhere (Dask, Ray) gets one for each value. Threads fetch their values themselves: to hand
each one over costs joblib more steps through its own threads than a fast endpoint leaves time for.
"""

from __future__ import annotations

import warnings
from collections.abc import Generator, Iterator, Mapping
from itertools import islice
from queue import SimpleQueue
from threading import Lock
from typing import Any

from .results import Outcome
from .slots import Run, one
from .work import Task

Answer = tuple[str, Outcome, bool]
# Rounds of requests that a back end gets at a time which tells nothing before all of them are done.
_ROUNDS = 4


def asked(run: Run, task: Task, todo: Mapping[str, str], jobs: int) -> Generator[Answer, None, None]:
    """Ask every prompt of ``todo``, ``jobs`` at a time.

    Yields:
        The key of each, what came of it, and whether it was asked in this process; in any order. Closed before its
        end, it lets go of the workers; those in the middle of a request come to its end by themselves.
    """
    import joblib  # most sessions never map

    # There are more threads than requests at a time: while some wait before another try, others ask.
    threads = jobs + jobs // 4
    workers = max(2, threads)  # joblib's only worker would be the main thread, in which a stop tears the request
    # ``prefer`` is a hint, not an order: a back end that the user configured goes before it.
    back_end, _ = joblib.parallel.get_active_backend(prefer="threads")
    in_threads = getattr(back_end, "uses_threads", False) and back_end.effective_n_jobs(workers) > 1
    if in_threads:
        yield from _by_threads(_parallel(workers, "all"), run, todo, min(threads, len(todo)))
        return
    calls = (joblib.delayed(one)(task, key, prompt, run.number) for key, prompt in _until(run, todo))
    if getattr(back_end, "supports_return_generator", False):
        yield from _let_go_at_last(_parallel(jobs, jobs)(calls))
        return
    while part := list(islice(calls, _ROUNDS * jobs)):  # such as Ray's: it hands results over when all are there
        yield from joblib.Parallel(n_jobs=jobs, batch_size=1)(part)


def _parallel(workers: int, ahead: int | str) -> Any:
    import joblib  # as above

    return joblib.Parallel(
        n_jobs=workers, prefer="threads", pre_dispatch=ahead, batch_size=1, return_as="generator_unordered"
    )


def _until(run: Run, todo: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for item in todo.items():
        if run.stopping.is_set():
            return
        yield item


def _by_threads(parallel: Any, run: Run, todo: Mapping[str, str], count: int) -> Generator[Answer, None, None]:
    import joblib  # as above

    done: SimpleQueue[Answer | None] = SimpleQueue()
    source = _Source(run, todo)
    workers = parallel(joblib.delayed(_work)(run, source, done) for _ in range(count))
    try:
        while count:
            answer = done.get()
            if answer is None:
                count -= 1
            else:
                yield answer
        for _ in workers:  # raises what a worker raised, which would be a defect of ours
            pass
    finally:
        _let_go(workers)


def _let_go_at_last(answers: Generator[Answer, None, None]) -> Generator[Answer, None, None]:
    try:
        # ``yield from`` would close them before `_let_go` does
        for answer in answers:  # noqa: UP028
            yield answer
    finally:
        _let_go(answers)


def _let_go(workers: Generator[Any, None, None]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # joblib warns of results that nobody takes
        workers.close()


class _Source:
    """Hands out what is to be asked, to several threads."""

    def __init__(self, run: Run, todo: Mapping[str, str]) -> None:
        self._lock = Lock()
        self._items = _until(run, todo)

    def next(self) -> tuple[str, str] | None:
        """Return the next key and prompt; ``None`` where there is none, or the run is stopping."""
        with self._lock:
            return next(self._items, None)


def _work(run: Run, source: _Source, done: SimpleQueue[Answer | None]) -> None:
    try:
        while run.slots.enter():
            try:
                if (item := source.next()) is None:  # taken with a slot only: so the first values come first
                    return
                done.put((item[0], run.ask(*item), True))
            finally:
                run.slots.leave()
    finally:
        done.put(None)
