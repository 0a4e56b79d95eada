"""The clients of a session, whose connections stay open for the next question."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from deepseek_magic.api.dialects import Dialect, dialect_of
from deepseek_magic.settings.keys import Key
from deepseek_magic.settings.parameters import Settings

if TYPE_CHECKING:
    from deepseek_magic.api.client import Client

#: Endpoints whose connections are kept open at a time.
_MOST = 4


class Clients:
    """A client for each endpoint that was asked lately."""

    def __init__(self) -> None:
        self._clients: dict[tuple[str, Key | None, Dialect, str], Client] = {}
        self._lock = threading.Lock()  # questions in the background ask for one beside others

    def client(self, settings: Settings) -> Client:
        """Return a client for the endpoint of ``settings``."""
        # requests is heavy, and the first question is soon enough for it
        from deepseek_magic.api.client import Client

        endpoint = (settings.base_url, settings.key, dialect_of(settings), settings.client_cert)
        with self._lock:
            client = self._clients.pop(endpoint, None) or Client(*endpoint[:3], certificate=settings.client_cert)
            self._clients[endpoint] = client
            while len(self._clients) > _MOST:
                self._clients.pop(next(iter(self._clients))).close()
        return client

    def one_more(self, settings: Settings) -> Client:
        """Return a client of its own for the endpoint of ``settings``, for one thread, which closes it."""
        from deepseek_magic.api.client import Client  # as above

        return Client(settings.base_url, settings.key, dialect_of(settings))

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            while self._clients:
                self._clients.popitem()[1].close()
