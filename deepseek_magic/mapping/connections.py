"""The clients of a run: each is used by one thread at a time, and its connection stays open for the next value."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from deepseek_magic.api.dialects import dialect_of
from deepseek_magic.credentials import Key
from deepseek_magic.settings import Settings

if TYPE_CHECKING:
    from deepseek_magic.api.client import Client


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

    @contextmanager
    def lent(self) -> Iterator[Client]:
        """Lend a client; given back after `close`, it is closed."""
        from deepseek_magic.api.client import Client  # requests is heavy, and loading never asks

        with self._lock:
            client = self._idle.pop() if self._idle else None
        if client is None:
            client = Client(self._settings.base_url, self._key, dialect_of(self._settings), sleep=self._pause)
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
