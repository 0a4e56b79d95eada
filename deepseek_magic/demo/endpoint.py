"""The embedded endpoint: the chat protocol over real HTTP, on loopback, in daemon threads of this process."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from deepseek_magic.forks import in_child
from deepseek_magic.settings.urls import is_loopback

from .documented_errors import refuse
from .http_server import LoopbackServer
from .protocol import Answer, Check, Protocol


class EmbeddedEndpoint:
    """Serves the protocol of api-docs.deepseek.com on 127.0.0.1.

    Args:
        port: 0 for a free one.
        pace: seconds between streamed tokens.
        key: the bearer key; any other gets the documented 401. ``None`` accepts every key.
        check: checks each request before it is answered, and returns a refusal or ``None``. The endpoint itself is
            lenient, so that tests can pass a check as strict as DeepSeek.
    """

    def __init__(self, port: int = 0, *, pace: float = 0.0, key: str | None = None, check: Check | None = None) -> None:
        self._protocol = Protocol(key, check)
        self._port = port
        self._pace = pace
        self._lock = threading.Lock()
        self._server: LoopbackServer | None = None
        self._stopped = False
        in_child(self, EmbeddedEndpoint._leave_to_parent)

    def _leave_to_parent(self) -> None:
        """Leave serving, at the same `url`, to the parent of a fork; `stop` then does nothing in the child."""
        self._lock = threading.Lock()
        if self._server is not None:
            self._server.leave_to_parent()

    @property
    def url(self) -> str:
        """The base URL; raises ``RuntimeError`` before `start`."""
        if self._server is None:
            raise RuntimeError("the embedded endpoint has not been started")
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> EmbeddedEndpoint:
        """Listen and serve; return when requests can come. A stopped endpoint cannot be started again.

        Raises:
            OSError: the port is taken.
        """
        if self._stopped:
            raise RuntimeError("the embedded endpoint has been stopped; make a new one")
        if self._server is None:
            self._server = LoopbackServer(self._port, self._answer, self._pace)
        return self

    def stop(self) -> None:
        """Stop serving and close every connection, which ends running streams at once. May be called again."""
        with self._lock:
            stopped, self._stopped = self._stopped, True
        if self._server is not None and not stopped:
            self._server.stop()

    def __enter__(self) -> EmbeddedEndpoint:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer one request, unless another web page may have sent it; raises `Refused`.

        Such a request has another Host (DNS rebinding), Origin or Sec-Fetch-Site. Runs in the threads of the server.
        """
        host = headers.get("host", "")
        if not _is_here(host):
            raise refuse(403, "This endpoint answers to loopback names only")
        foreign = headers.get("sec-fetch-site", "none") not in ("none", "same-origin")
        if foreign or headers.get("origin") not in (None, f"http://{host}"):
            raise refuse(403, "This endpoint refuses requests of web pages")
        return self._protocol.answer(method, path, headers, body)


def _is_here(host: str) -> bool:
    try:
        return is_loopback(f"//{host}")
    except ValueError:
        return False
