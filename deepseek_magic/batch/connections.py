"""The clients of a run: each is used by one thread at a time, and its connection stays open for the next value."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from deepseek_magic.api.dialects import dialect_of
from deepseek_magic.forks import in_child
from deepseek_magic.settings.keys import Key
from deepseek_magic.settings.parameters import Settings

if TYPE_CHECKING:
    from deepseek_magic.api.client import Client


def backoff(attempt: int) -> float:
    """Return the seconds to wait after try number ``attempt``.

    Of many requests a few always fail by chance, and are asked again sooner than one reader's; what fails more often
    waits longer, up to the same patience in all: 0.2 s, three times as long each time, less a random part of a half.
    """
    return 0.2 * 3.0 ** (attempt - 1) * (0.5 + random.random() / 2)  # spreads load, guards nothing


class Connections:
    """Lends clients for the endpoint of ``settings``; as many as are wanted at a time.

    Args:
        settings: name the endpoint.
        key: the key for its host, or ``None``.
        pause: waits so many seconds before another try.
    """

    def __init__(self, settings: Settings, key: Key | None, pause: Callable[[float], object]) -> None:
        self._settings = settings
        self._key = key
        self._pause = pause
        self._lock = threading.Lock()
        self._idle: list[Client] = []
        self._closed = False
        in_child(self, Connections._leave_to_parent)

    def _leave_to_parent(self) -> object:
        left, self._idle = self._idle, []
        self._lock = threading.Lock()
        return left

    @contextmanager
    def lent(self) -> Iterator[Client]:
        """Lend a client; given back after `close`, it is closed."""
        from deepseek_magic.api.client import Client  # requests is heavy, and loading never asks

        with self._lock:
            client = self._idle.pop() if self._idle else None
        if client is None:
            settings = self._settings
            dialect = dialect_of(settings)
            client = Client(settings.base_url, self._key, dialect, sleep=self._pause, backoff=backoff)
        try:
            yield client
        finally:
            with self._lock:
                keep = not self._closed
                if keep:
                    self._idle.append(client)
            if not keep:
                client.close()

    def close(self) -> None:
        """Close what is not lent now, and the rest when it is given back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for client in idle:
            client.close()
