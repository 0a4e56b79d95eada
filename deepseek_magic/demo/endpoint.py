"""The embedded endpoint: the chat protocol over real HTTP, on loopback, in daemon threads of this process."""

from __future__ import annotations

import ipaddress
import json
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from deepseek_magic.forks import in_child

from .documented_errors import masked, refuse
from .http_server import Server
from .protocol import Document, Protocol, Stream

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
    """Serves the protocol of api-docs.deepseek.com on ``host``, which must be loopback unless ``allow_remote`` is true.

    ``pace`` is the time between streamed tokens in seconds. With ``key``, any other bearer key gets the documented
    401; without, none is asked for. ``kept`` is how many requests are remembered. Raises ``ValueError`` for a host that
    is not loopback, ``OSError`` from `start` where the port is taken.
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
    ) -> None:
        if not allow_remote and not is_loopback(host):
            raise ValueError(f"the embedded endpoint listens on loopback only, not on {host!r}")
        self.pace = pace
        self.stopping = threading.Event()
        self._protocol = Protocol(key)
        self._address = (host, port)
        self._any_host = allow_remote
        self._lock = threading.Lock()
        self._requests: deque[Received] = deque(maxlen=kept)
        self._server: Server | None = None
        self._thread: threading.Thread | None = None
        in_child(self, EmbeddedEndpoint._leave_to_parent)

    def _leave_to_parent(self) -> None:
        """Leave serving to the parent of a fork, which can be asked at the same `url`; here `stop` ends nothing."""
        self._lock = threading.Lock()
        if self._server is not None and not self.stopping.is_set():
            self._server.leave_to_parent()
            self._thread, self.stopping = None, threading.Event()

    @property
    def url(self) -> str:
        """The base URL; raises ``RuntimeError`` before `start`."""
        if self._server is None:
            raise RuntimeError("the embedded endpoint has not been started")
        host = self._address[0]
        return f"http://{f'[{host}]' if ':' in host else host}:{self._server.server_address[1]}"

    @property
    def requests(self) -> list[Received]:
        """The last requests, oldest first; as many as ``kept``."""
        with self._lock:
            return list(self._requests)

    def start(self) -> EmbeddedEndpoint:
        """Listen and serve; returns when requests can come. An endpoint that was stopped stays so."""
        if self.stopping.is_set():
            raise RuntimeError("the embedded endpoint has been stopped; make a new one")
        if self._server is None:
            self._server = Server(self._address, self)
            self._thread = threading.Thread(target=self._server.serve, daemon=True, name="deepseek-embedded")
            self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving and close every connection; a stream being sent ends at once. May be called again."""
        with self._lock:
            if self.stopping.is_set():
                return
            self.stopping.set()
        if self._server is not None and self._thread is not None:
            self._server.wake()
            self._thread.join()
            self._server.server_close()

    def __enter__(self) -> EmbeddedEndpoint:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Document | Stream:
        """Answer one request, and remember it; raises `Refused`. Asked by the server, in its threads."""
        self._check_source(headers)
        with self._lock:
            self._requests.append(_received(method, path, headers, body))
        return self._protocol.answer(method, path, headers, body)

    def _check_source(self, headers: Mapping[str, str]) -> None:
        """Refuse what a web page of somebody else may send: a foreign Host (DNS rebinding), Origin or site."""
        host = headers.get("host", "")
        if not self._any_host and not is_loopback(_hostname(f"//{host}")):
            raise refuse(403, "This endpoint answers to loopback names only")
        origin = headers.get("origin")
        if origin is not None and origin != f"http://{host}":
            raise refuse(403, "This endpoint refuses requests of web pages")
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            raise refuse(403, "This endpoint refuses requests of web pages")


def is_loopback(host: str) -> bool:
    """Whether ``host`` is a name or address of this machine alone."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _hostname(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _received(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Received:
    """The record of a request, without its key."""
    shown = {name: _hidden(value) if name in _SECRET else value for name, value in headers.items()}
    try:
        content: Any = json.loads(body) if body else b""
    except (ValueError, RecursionError):
        content = body
    return Received(method, path, MappingProxyType(shown), content)


def _hidden(value: str) -> str:
    scheme, _, key = value.rpartition(" ")
    return f"{scheme} {masked(key)}".strip()
