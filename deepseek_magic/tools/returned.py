"""Convert what a function returned: await coroutines, read generators, and recognise plain data."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import threading
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

#: How many items of a generator are its result: it may be infinite.
MOST_ITEMS = 100

# A result of more parts or characters is described, not spelled out.
_SPELLED = 20_000
# The modules of iterators that Python makes of another value, such as ``map`` and ``zip``.
_LAZY = ("builtins", "itertools")
# How many seconds a stopped function may still take to end.
_LAST_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class FirstItems:
    """The first ``items`` of a generator, and whether there may be ``more``."""

    items: list[Any]
    more: bool


def is_short(value: object) -> bool:
    """Return whether ``value`` is plain data that is quick to write out, without running any of its code."""
    left = _SPELLED
    waiting: list[Any] = [value]
    while waiting and left > 0:
        one: Any = waiting.pop()
        kind = type(one)
        if kind in (str, list, tuple, dict):
            left -= 1 + len(one)
            if left > 0 and kind is not str:
                waiting += [*one.keys(), *one.values()] if kind is dict else one
        elif kind in (bool, int, float, type(None)):
            left -= 1
        else:
            return False
    return left > 0


def awaited(value: Any) -> Any:
    """Return the result of ``value`` if it is a coroutine or a generator, else ``value`` itself.

    A notebook's event loop is busy, so a coroutine is awaited in another thread.
    """
    if inspect.isgenerator(value) or (isinstance(value, Iterator) and type(value).__module__ in _LAZY):
        return _first(list(islice(value, MOST_ITEMS)))
    if isinstance(value, AsyncGenerator):
        return _first(_in_thread(_begun(value)))
    return awaited(_in_thread(value)) if inspect.iscoroutine(value) else value


def _first(items: list[Any]) -> FirstItems:
    return FirstItems(items, len(items) == MOST_ITEMS)


async def _begun(values: AsyncGenerator[Any, None]) -> list[Any]:
    items: list[Any] = []
    async for value in values:
        items.append(value)
        if len(items) == MOST_ITEMS:
            break
    await values.aclose()
    return items


def _in_thread(value: Any) -> Any:
    """Return the result of the coroutine ``value``, run in a separate event loop."""
    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = []
    results: list[tuple[Any, BaseException | None]] = []

    async def main() -> Any:
        task = asyncio.current_task()
        assert task is not None  # it runs
        running.append((asyncio.get_running_loop(), task))
        return await value

    def run() -> None:
        try:
            results.append((asyncio.run(main()), None))
        except BaseException as error:  # noqa: BLE001  # raised again where the call was made
            results.append((None, error))

    # what it prints belongs to the cell that asked: front ends know that by the context
    thread = threading.Thread(target=contextvars.copy_context().run, args=(run,), daemon=True)
    thread.start()
    try:
        while thread.is_alive():  # a join without a timeout could not be interrupted
            thread.join(0.05)
    except KeyboardInterrupt:
        for loop, task in running:
            loop.call_soon_threadsafe(task.cancel)
        thread.join(_LAST_SECONDS)
        raise
    result, error = results[0]
    if error is not None:
        raise error
    return result
