"""Run a map on a cluster with the joblib back end (Dask, Ray) that the user configured. Only this imports joblib."""

from __future__ import annotations

import sys
import threading
import time
import uuid
import warnings
from collections.abc import Generator, Iterable, Mapping
from contextlib import suppress
from importlib.util import find_spec
from itertools import islice, takewhile
from typing import Any

from deepseek_magic.settings.keys import Key

from .results import ValueOutcome
from .slots import Sending, Slots
from .work import ValueTask

Answer = tuple[str, ValueOutcome]
# How many rounds of requests a back end gets at a time if it returns nothing before all are done.
_ROUNDS = 4


def is_configured() -> bool:
    """Return whether the user configured a joblib back end other than threads of this process."""
    joblib = sys.modules.get("joblib")  # a user who configured it has imported it
    if joblib is None:
        return False
    back_end, _ = joblib.parallel.get_active_backend(prefer="threads")
    return not getattr(back_end, "uses_threads", False)


def note() -> str:
    """Return one line for a user of Dask or Ray without joblib, which a map needs for them; otherwise ""."""
    if find_spec("joblib") is not None:
        return ""
    name = ""
    dask, ray = sys.modules.get("distributed"), sys.modules.get("ray")
    with suppress(Exception):  # Dask raises without an open client; code that is not ours must not stop a map
        if ray is not None and ray.is_initialized():
            name = "Ray"
        elif dask is not None and dask.Client.current():
            name = "Dask"
    if not name:
        return ""
    return f"Not using {name}, because joblib is not installed: pip install joblib"


def asked(
    task: ValueTask, key: Key | None, todo: Mapping[str, str], jobs: int, stopped: threading.Event
) -> Generator[Iterable[Answer], None, None]:
    """Ask every prompt of ``todo`` on the cluster, ``jobs`` at a time, until ``stopped`` is set.

    Yields:
        The digests of questions and their outcomes, in any order. Closing the generator early releases the workers.
    """
    import joblib  # only here: nobody else pays for it

    number = uuid.uuid4().hex
    begun = takewhile(lambda _: not stopped.is_set(), todo.items())
    calls = (joblib.delayed(_ask)(task, digest, prompt, number) for digest, prompt in begun)
    back_end, _ = joblib.parallel.get_active_backend(prefer="threads")
    _keys[number] = key
    try:
        if getattr(back_end, "supports_return_generator", False):
            yield from _one_by_one(
                joblib.Parallel(n_jobs=jobs, pre_dispatch=jobs, batch_size=1, return_as="generator_unordered")(calls)
            )
        else:
            with joblib.Parallel(n_jobs=jobs, batch_size=1) as parallel:
                parts = iter(lambda: list(islice(calls, _ROUNDS * jobs)), [])
                yield from _in_parts(parallel, back_end, parts)
    finally:
        del _keys[number]


def _in_parts(parallel: Any, back_end: Any, parts: Iterable[list[Any]]) -> Generator[Iterable[Answer], None, None]:
    """Yield the results of each of ``parts`` from a back end, such as Ray's, that returns them only all at once.

    If a worker dies or the user stops it, the results so far are yielded before the error is raised.
    """
    came: list[Answer] = []
    retrieve: Any = getattr(back_end, "retrieve_result_callback", None)  # joblib calls it with each result

    def heard(out: Any) -> Any:
        found = retrieve(out)
        came.extend(found)
        return found

    if retrieve is not None:
        back_end.retrieve_result_callback = heard
    try:
        for part in parts:
            came.clear()
            try:
                answers = parallel(part)
            except BaseException:
                yield tuple(came)
                raise
            yield answers
    finally:
        if retrieve is not None:
            del back_end.retrieve_result_callback


def _one_by_one(answers: Generator[Answer, None, None]) -> Generator[Iterable[Answer], None, None]:
    try:
        for answer in answers:
            yield (answer,)
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # joblib warns of results that nobody takes
            answers.close()


# The keys of the runs in this process, for workers that are its threads. They are never pickled.
_keys: dict[str, Key | None] = {}
_local = threading.local()
_slots = Slots(1)


def _ask(task: ValueTask, digest: str, prompt: str, number: str) -> Answer:
    """Ask ``prompt`` in a worker, with the worker's own key and connection."""
    client, sending = _connection(task, number)
    return digest, task(prompt, client, sending, _slots)


def _connection(task: ValueTask, number: str) -> tuple[Any, Sending]:
    """Return this thread's client, which stays open between values, and the `Sending` that uses it."""
    key = _keys[number] if number in _keys else task.find_key(task.settings.base_url)
    if getattr(_local, "asks", None) != (task.settings, key):
        sending = Sending(_slots)
        _local.connection = task.client(key, sending, time.sleep), sending
        _local.asks = task.settings, key
    connection: tuple[Any, Sending] = _local.connection
    return connection
