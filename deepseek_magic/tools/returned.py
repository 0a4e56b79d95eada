"""What a function returned: a coroutine is awaited, and plain data is known from what has to be described."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import threading
from typing import Any

# A result of more parts or characters is described, not spelled out.
_SPELLED = 20_000
# What a function that is stopped may still take to end.
_LAST_SECONDS = 1.0


def is_short(value: object) -> bool:
    """Return whether ``value`` is plain data that is spelled out in a moment; found without running any code of it."""
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
    """Return the result of ``value`` where it is a coroutine: a notebook's own loop is busy, so in another thread."""
    if not inspect.iscoroutine(value):
        return value
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
        while thread.is_alive():  # a join without a time would not let a stop through
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
