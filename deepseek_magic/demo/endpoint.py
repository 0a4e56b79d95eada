"""The embedded endpoint: the chat protocol over real HTTP, on loopback, in daemon threads of this process."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import socket
import sys
import threading
import time
import uuid
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from deepseek_magic.demo.protocol import Document, Protocol, Stream
from deepseek_magic.demo.refusals import Refused, masked, refuse

MAX_BODY = 48 * 1024 * 1024
_KEPT = 1000
_SECRET = ("authorization", "x-api-key", "api-key", "cookie", "proxy-authorization")


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came: ``headers`` in lower case with keys masked, ``body`` as JSON, else as bytes."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any


class EmbeddedEndpoint:
    """Serves the protocol of deepseek-api.md on ``host``, which must be loopback unless ``allow_remote`` is true.

    ``pace`` is the time between streamed tokens in seconds. With ``key``, any other bearer key gets the documented
    401; without, any key will do. Raises ``ValueError`` for a host that is not loopback, ``OSError`` from `start`
    where the port is taken.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        pace: float = 0.0,
        key: str | None = None,
        allow_remote: bool = False,
    ) -> None:
        if not allow_remote and not is_loopback(host):
            raise ValueError(f"the embedded endpoint listens on loopback only, not on {host!r}")
        self.pace = pace
        self.stopping = threading.Event()
        self.protocol = Protocol(key)
        self._address = (host, port)
        self._any_host = allow_remote
        self._lock = threading.Lock()
        self._requests: deque[Received] = deque(maxlen=_KEPT)
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The base URL; raises ``RuntimeError`` before `start`."""
        if self._server is None:
            raise RuntimeError("the embedded endpoint has not been started")
        host = self._address[0]
        return f"http://{f'[{host}]' if ':' in host else host}:{self._server.server_address[1]}"

    @property
    def requests(self) -> list[Received]:
        """The last 1,000 requests, oldest first."""
        with self._lock:
            return list(self._requests)

    def start(self) -> EmbeddedEndpoint:
        """Listen and serve; returns when requests can come. An endpoint that was stopped stays so."""
        if self.stopping.is_set():
            raise RuntimeError("the embedded endpoint has been stopped; make a new one")
        if self._server is None:
            self._server = _Server(self._address, self)
            # A short poll: stop() waits for it.
            run = self._server.serve_forever
            self._thread = threading.Thread(target=run, args=(0.05,), daemon=True, name="deepseek-embedded")
            self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving and close every connection; a stream being sent ends at once. May be called again."""
        with self._lock:
            if self.stopping.is_set():
                return
            self.stopping.set()
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()

    def __enter__(self) -> EmbeddedEndpoint:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def note(self, request: Received) -> None:
        """Remember a request."""
        with self._lock:
            self._requests.append(request)

    def check_source(self, headers: Mapping[str, str]) -> None:
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


class _Server(ThreadingMixIn, TCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], endpoint: EmbeddedEndpoint) -> None:
        self.endpoint = endpoint
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, _Handler)

    def track(self, connection: socket.socket, *, is_open: bool) -> None:
        """Keep the list of open connections; one that comes while stopping is closed."""
        with self._guard:
            (self._open.add if is_open else self._open.discard)(connection)
        if is_open and self.endpoint.stopping.is_set():
            _shut(connection)

    def server_close(self) -> None:
        """Close the listener, then the connections, then wait for their threads."""
        TCPServer.server_close(self)
        with self._guard:
            for connection in self._open:
                _shut(connection)
        end = time.monotonic() + 2
        while self._open and time.monotonic() < end:
            time.sleep(0.002)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves is normal; everything else is shown as usual."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    # A token is a small packet; waiting to fill one would hold it back.
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.server.track(self.connection, is_open=True)

    def finish(self) -> None:
        try:
            super().finish()
        finally:
            self.server.track(self.connection, is_open=False)

    def version_string(self) -> str:
        """The Server header."""
        return "deepseek-magic-embedded"

    def log_message(self, *_: object) -> None:
        """Nothing is logged: what was asked is in `EmbeddedEndpoint.requests`."""

    def _serve(self) -> None:
        endpoint = self.server.endpoint
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            # The body first: bytes left unread would be taken for the next request, or reset the connection.
            body = self._body(headers)
            endpoint.check_source(headers)
            endpoint.note(_received(self.command, self.path, headers, body))
            answer = endpoint.protocol.answer(self.command, self.path, headers, body)
        except Refused as refused:
            self._send(refused.status, refused.body, refused.content_type)
            return
        if isinstance(answer, Document):
            self._send(200, answer.body, "application/json")
        else:
            self._stream(answer)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = _serve  # noqa: N815 (the base class's names)

    def _body(self, headers: Mapping[str, str]) -> bytes:
        """The body; what cannot be read to its end closes the connection after the refusal."""
        given = headers.get("content-length", "0")
        try:
            length = int(given)
        except ValueError:
            length = -1
        if "transfer-encoding" in headers or not 0 <= length <= MAX_BODY:
            self.close_connection = True
            too_long = length > MAX_BODY
            for _ in range(min(max(length, 0), 4 * MAX_BODY) >> 20):
                self.rfile.read(1 << 20)
            raise refuse(413 if too_long else 411, "The body is too large" if too_long else "A length is required")
        body = self.rfile.read(length)
        if len(body) < length:
            raise ConnectionResetError("the client left in the middle of its request")
        return body

    def _send(self, status: int, body: bytes, content_type: str) -> None:
        self._head(status, content_type, ("Content-Length", str(len(body))))
        if self.command != "HEAD":
            self.wfile.write(body)

    def _head(self, status: int, content_type: str, *more: tuple[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("x-ds-trace-id", uuid.uuid4().hex)
        for name, value in more:
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()

    def _stream(self, answer: Stream) -> None:
        """Send the events as they are made, one chunk each; HTTP/1.0 knows no chunks and gets them bare."""
        chunked = self.request_version != "HTTP/1.0"
        self.close_connection = self.close_connection or not chunked
        framing = (("Transfer-Encoding", "chunked"),) if chunked else ()
        self._head(200, "text/event-stream; charset=utf-8", ("Cache-Control", "no-cache"), *framing)
        endpoint = self.server.endpoint
        for event in answer.events:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(event), event) if chunked else event)
            if endpoint.stopping.is_set() or (endpoint.pace and endpoint.stopping.wait(endpoint.pace)):
                self.close_connection = True
                return
        if chunked:
            self.wfile.write(b"0\r\n\r\n")


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
