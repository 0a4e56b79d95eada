"""HTTP for the embedded endpoint: threads, framing, connections; what is said comes from a `Service`."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
import time
import uuid
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import Any, Protocol

from deepseek_magic.forks import close_descriptor

from .documented_errors import Refused, refuse
from .protocol import Document, Stream

MAX_BODY = 48 * 1024 * 1024


class Service(Protocol):
    """What the server asks: when to stop, how fast to send, and the answer to a request."""

    @property
    def stopping(self) -> threading.Event:
        """Set once no more is to be served."""

    @property
    def pace(self) -> float:
        """Seconds between events."""

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Document | Stream:
        """The answer; raises `Refused`. Names of ``headers`` are in lower case."""


class Server(ThreadingMixIn, TCPServer):
    """Listens on ``address`` from the moment it is made; one daemon thread per connection."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128
    # Only for the case that `wake` could not connect.
    timeout = 1.0

    def __init__(self, address: tuple[str, int], service: Service) -> None:
        self.service = service
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, _Handler)

    def serve(self) -> None:
        """Take connections until the endpoint stops; while none comes this thread sleeps."""
        while not self.service.stopping.is_set():
            self.handle_request()

    def wake(self) -> None:
        """Let `serve` see that it is to stop: a connection is what it waits for."""
        host, port = self.server_address[:2]
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(str(host), str(host))
        with contextlib.suppress(OSError):
            socket.create_connection((host, port), timeout=1).close()

    def verify_request(self, *_: Any) -> bool:
        """No connection is taken any more once the endpoint stops."""
        return not self.service.stopping.is_set()

    def track(self, connection: socket.socket, *, is_open: bool) -> None:
        """Keep the list of open connections; one that comes while stopping is closed."""
        with self._guard:
            (self._open.add if is_open else self._open.discard)(connection)
        if is_open and self.service.stopping.is_set():
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

    def leave_to_parent(self) -> None:
        """Hold no listener and no connection in the child of a fork."""
        for connection in (self.socket, *self._open):
            close_descriptor(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves is normal; everything else is shown as usual."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    server: Server
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
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            # The body first: bytes left unread would be taken for the next request, or reset the connection.
            body = self._body(headers)
            answer = self.server.service.answer(self.command, self.path, headers, body)
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
        service = self.server.service
        for event in answer.events:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(event), event) if chunked else event)
            if service.stopping.is_set() or (service.pace and service.stopping.wait(service.pace)):
                self.close_connection = True
                return
        if chunked:
            self.wfile.write(b"0\r\n\r\n")
