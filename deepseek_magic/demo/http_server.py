"""HTTP for the embedded endpoint: threads, framing and connections. `Protocol` decides what is answered."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import Any

from deepseek_magic.forks import close_descriptor

from .documented_errors import Refused, refuse
from .protocol import Answer

MAX_BODY = 48 * 1024 * 1024


class LoopbackServer(ThreadingMixIn, TCPServer):
    """Serves on 127.0.0.1 from its construction until `stop`, with one daemon thread for each connection.

    Args:
        port: 0 for a free one.
        answer: takes the method, path, headers (names in lower case) and body of a request; may raise `Refused`.
        pace: seconds between streamed events.
    """

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128
    # Ends the wait if `stop` could not connect.
    timeout = 1.0

    def __init__(self, port: int, answer: Callable[[str, str, Mapping[str, str], bytes], Answer], pace: float) -> None:
        self.answer = answer
        self.pace = pace
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)
        thread = threading.Thread(target=self._serve, daemon=True, name="deepseek-embedded")
        self._thread: threading.Thread | None = thread
        thread.start()

    def _serve(self) -> None:
        """Accept connections until the server stops; the thread sleeps in between."""
        while not self.stopping.is_set():
            self.handle_request()

    def stop(self) -> None:
        """Close the listener, then the connections, and wait for their threads."""
        if self._thread is None:
            return
        self.stopping.set()
        with contextlib.suppress(OSError):
            # This connection wakes the serving thread.
            socket.create_connection(("127.0.0.1", self.server_address[1]), timeout=1).close()
        self._thread.join()
        self.server_close()
        with self._guard:
            for connection in self._open:
                _shut(connection)
        end = time.monotonic() + 2
        while self._open and time.monotonic() < end:
            time.sleep(0.002)

    def track(self, connection: socket.socket, *, is_open: bool) -> None:
        """Keep the list of open connections; one that is opened during `stop` is closed."""
        with self._guard:
            (self._open.add if is_open else self._open.discard)(connection)
        if is_open and self.stopping.is_set():
            _shut(connection)

    def leave_to_parent(self) -> None:
        """Close the listener and the connections in the child of a fork, where `stop` then does nothing."""
        self._thread = None
        for connection in (self.socket, *self._open):
            close_descriptor(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore a client that disconnects; show other errors as usual."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    server: LoopbackServer
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
        """Return the Server header."""
        return "deepseek-magic-embedded"

    def log_message(self, *_: object) -> None:
        """Log nothing."""

    def _serve(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            # Read the body first: unread bytes would be taken for the next request, or reset the connection.
            body = self._body(headers)
            answer = self.server.answer(self.command, self.path, headers, body)
        except Refused as refused:
            self._send(refused.status, refused.body, refused.content_type)
            return
        if isinstance(answer, bytes):
            self._send(200, answer, "application/json")
        else:
            self._stream(answer)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = _serve  # noqa: N815 (the base class's names)

    def _body(self, headers: Mapping[str, str]) -> bytes:
        """Return the body. If it cannot be read to its end, the connection is closed after the refusal."""
        given = headers.get("content-length", "0")
        length = int(given) if given.isdecimal() and len(given) < 16 else -1
        if "transfer-encoding" in headers or not 0 <= length <= MAX_BODY:
            self.close_connection = True
            for _ in range(min(max(length, 0), 4 * MAX_BODY) >> 20):
                self.rfile.read(1 << 20)
            raise refuse(413, "Too large") if length > MAX_BODY else refuse(411, "A length is required")
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
        for name, value in (("Content-Type", content_type), ("x-ds-trace-id", uuid.uuid4().hex), *more):
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()

    def _stream(self, events: Iterator[bytes]) -> None:
        """Send the events as they are made, each as a chunk; HTTP/1.0 has no chunks and gets them as they are."""
        chunked = self.request_version != "HTTP/1.0"
        self.close_connection = self.close_connection or not chunked
        framing = (("Transfer-Encoding", "chunked"),) if chunked else ()
        self._head(200, "text/event-stream; charset=utf-8", ("Cache-Control", "no-cache"), *framing)
        server = self.server
        for event in events:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(event), event) if chunked else event)
            if server.stopping.is_set() or (server.pace and server.stopping.wait(server.pace)):
                self.close_connection = True
                return
        if chunked:
            self.wfile.write(b"0\r\n\r\n")
