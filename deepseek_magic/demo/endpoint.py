"""The embedded endpoint: the chat protocol over real HTTP, on loopback, in daemon threads of this process."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from deepseek_magic.forks import in_child
from deepseek_magic.settings.urls import is_loopback

from .documented_errors import masked, refuse
from .http_server import Server
from .protocol import Answer, Check, Protocol

#: Requests that are remembered: in a notebook they stand in the memory of the user's own kernel.
KEPT = 20
_SECRET = ("authorization", "x-api-key", "api-key", "cookie", "proxy-authorization")


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came: ``headers`` in lower case with keys masked, ``body`` as JSON, else as bytes."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any


class EmbeddedEndpoint:
    """Serves the protocol of api-docs.deepseek.com on ``host``.

    Args:
        host: must be loopback unless ``allow_remote`` is true.
        port: 0 for one that is free.
        pace: seconds between streamed tokens.
        key: any other bearer key gets the documented 401; ``None`` asks for none.
        allow_remote: whether other machines may ask.
        kept: how many requests are remembered.
        check: looks at each request before it is answered, and returns a refusal or ``None``. The endpoint itself
            reads requests generously; a test can be as strict as DeepSeek.

    Raises:
        ValueError: the host is not loopback.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        pace: float = 0.0,
        key: str | None = None,
        allow_remote: bool = False,
        kept: int = KEPT,
        check: Check | None = None,
    ) -> None:
        self._shown_host = f"[{host}]" if ":" in host else host
        if not allow_remote and not _is_here(self._shown_host):
            raise ValueError(f"the embedded endpoint listens on loopback only, not on {host!r}")
        self._protocol = Protocol(key, check)
        self._address = (host, port)
        self._pace = pace
        self._any_host = allow_remote
        self._lock = threading.Lock()
        self._requests: deque[Received] = deque(maxlen=kept)
        self._server: Server | None = None
        self._stopped = False
        in_child(self, EmbeddedEndpoint._leave_to_parent)

    def _leave_to_parent(self) -> None:
        """Leave serving to the parent of a fork, which can be asked at the same `url`; here `stop` ends nothing."""
        self._lock = threading.Lock()
        if self._server is not None:
            self._server.leave_to_parent()

    @property
    def url(self) -> str:
        """The base URL; raises ``RuntimeError`` before `start`."""
        if self._server is None:
            raise RuntimeError("the embedded endpoint has not been started")
        return f"http://{self._shown_host}:{self._server.server_address[1]}"

    @property
    def requests(self) -> list[Received]:
        """The last requests, oldest first; as many as ``kept``."""
        with self._lock:
            return list(self._requests)

    def start(self) -> EmbeddedEndpoint:
        """Listen and serve; return when requests can come. An endpoint that was stopped stays so.

        Raises:
            OSError: the port is taken.
        """
        if self._stopped:
            raise RuntimeError("the embedded endpoint has been stopped; make a new one")
        if self._server is None:
            self._server = Server(self._address, self._answer, self._pace)
        return self

    def stop(self) -> None:
        """Stop serving and close every connection; a stream being sent ends at once. May be called again."""
        with self._lock:
            stopped, self._stopped = self._stopped, True
        if self._server is not None and not stopped:
            self._server.stop()

    def __enter__(self) -> EmbeddedEndpoint:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer one request, and remember it; raises `Refused`. Called by the server, in its threads."""
        self._check_source(headers)
        with self._lock:
            self._requests.append(_received(method, path, headers, body))
        return self._protocol.answer(method, path, headers, body)

    def _check_source(self, headers: Mapping[str, str]) -> None:
        """Refuse what a web page of somebody else may send: a foreign Host (DNS rebinding), Origin or site."""
        host = headers.get("host", "")
        if not self._any_host and not _is_here(host):
            raise refuse(403, "This endpoint answers to loopback names only")
        foreign = headers.get("sec-fetch-site", "none") not in ("none", "same-origin")
        if foreign or headers.get("origin") not in (None, f"http://{host}"):
            raise refuse(403, "This endpoint refuses requests of web pages")


def _is_here(netloc: str) -> bool:
    try:
        return is_loopback(f"//{netloc}")
    except ValueError:
        return False


def _received(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Received:
    """Return the record of a request, without its key."""
    shown = {name: _hidden(value) if name in _SECRET else value for name, value in headers.items()}
    try:
        content: Any = json.loads(body) if body else b""
    except (ValueError, RecursionError):
        content = body
    return Received(method, path, MappingProxyType(shown), content)


def _hidden(value: str) -> str:
    scheme, _, key = value.rpartition(" ")
    return f"{scheme} {masked(key)}".strip()
