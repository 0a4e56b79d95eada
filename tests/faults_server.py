"""A loopback server that misbehaves exactly as scripted: raw sockets, so that bytes, chunks and closes are its own."""

from __future__ import annotations

import contextlib
import json
import select
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from tests.deepseek_rules import broken_rule
from tests.faults_wire import MODEL, TRACE, Close, Fault, Hang, Pause, Reset, completion, document, error, reply

#: Seconds that are waited for what must come; only a failure waits so long.
PATIENCE = 60.0

NORMAL_TEXT = "Hello from the server of the tests."


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came, nothing masked. Names in ``headers`` are in lower case, ``raw_headers`` as sent."""

    method: str
    path: str
    headers: Mapping[str, str]
    raw_headers: tuple[tuple[str, str], ...]
    body: bytes
    at: float

    @property
    def json(self) -> Any:
        """The body as a value; raises ``ValueError`` where it is not JSON."""
        return json.loads(self.body)


Rule = Callable[[Received], Fault]


class _ClientGone(Exception):
    """The other side closed or reset the connection, or the server is being stopped."""


def normal(request: Received) -> Fault:
    """What a healthy server says to this request."""
    if request.path.endswith("/models"):
        return document({"object": "list", "data": [{"id": MODEL, "object": "model", "owned_by": "deepseek"}]})
    if request.path.endswith("/user/balance"):
        return document({"is_available": True, "balance_infos": []})
    if not request.path.endswith("/completions"):
        return error(404, {"error_msg": "Not Found. Please check the configuration."})
    try:
        streamed = bool(request.json.get("stream"))
    except (ValueError, AttributeError):
        return error(400, "Failed to parse the request body as JSON", "text/plain")
    return reply(NORMAL_TEXT) if streamed else document(completion(NORMAL_TEXT))


class FaultServer:
    """Serves one script per request, in the order enqueued; then `repeat`'s, then a normal reply.

    Each request to DeepSeek is held against its rules unless ``strict`` is false: one that DeepSeek would refuse is
    answered as scripted, and fails the test when the server is left.
    ``requests`` is what came in. ``sent`` holds ``(time.monotonic(), bytes)`` for each step of bytes, the instant
    taken just before the write. ``abandoned`` counts replies that the client left before their script was done.
    """

    def __init__(self, *, strict: bool = True) -> None:
        self.requests: list[Received] = []
        self.broken_rules: list[str] = []
        self._strict = strict
        self.sent: list[tuple[float, int]] = []
        self.abandoned = 0
        self._queue: deque[Fault | Rule] = deque()
        self._repeated: Fault | Rule = normal
        self._changed = threading.Condition()
        self._connections: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._left = 0
        self._stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> FaultServer:
        self._spawn(self._accept)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.stop()
        assert kind or not self.broken_rules, f"DeepSeek would refuse {self.broken_rules[0]}"

    def enqueue(self, *faults: Fault | Rule) -> None:
        """Script the next requests, one each. A function is asked for the fault when its request has come."""
        with self._changed:
            self._queue.extend(faults)

    def repeat(self, fault: Fault | Rule) -> None:
        """Give this to every request that finds the queue empty."""
        self._repeated = fault

    @property
    def open_connections(self) -> int:
        """How many connections are open at this instant."""
        with self._changed:
            return len(self._connections)

    def wait_disconnect(self, timeout: float = PATIENCE, count: int = 1) -> bool:
        """Wait until clients have closed ``count`` connections on which they had asked something."""
        with self._changed:
            return self._changed.wait_for(lambda: self._left >= count, timeout)

    def wait_requests(self, count: int, timeout: float = PATIENCE) -> bool:
        """Wait until ``count`` requests have come in since the start."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self.requests) >= count, timeout)

    def wait_sent(self, count: int, timeout: float = PATIENCE) -> bool:
        """Wait until ``count`` steps of bytes have been written since the start."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self.sent) >= count, timeout)

    def stop(self) -> None:
        """Close everything and join every thread; may be called again."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        with contextlib.suppress(OSError):
            # A closed listener does not wake a blocked accept everywhere; a connection does.
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        with self._changed:
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in list(self._threads):
            thread.join(5)

    def _spawn(self, target: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True, name="fault-server")
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._changed:
                self._connections.add(connection)
                stopping = self._stopping.is_set()
            if stopping:
                self._forget(connection)
                return
            self._spawn(self._converse, connection)

    def _forget(self, connection: socket.socket) -> None:
        with self._changed:
            self._connections.discard(connection)
            self._changed.notify_all()
        connection.close()

    def _converse(self, connection: socket.socket) -> None:
        """Answer request after request on one connection until either side ends it."""
        asked = left = False
        try:
            reader = _Reader(connection)
            while (request := reader.request()) is not None:
                asked = True
                if self._strict:
                    self.broken_rules += broken_rule(request.method, request.path, request.headers, request.body)
                with self._changed:
                    chosen = self._queue.popleft() if self._queue else self._repeated
                    self.requests.append(request)
                    self._changed.notify_all()
                fault = chosen(request) if callable(chosen) else chosen
                if not self._answer(connection, fault) or request.headers.get("connection") == "close":
                    return
            left = True
        except _ClientGone:
            left = True
            self.abandoned += not self._stopping.is_set()
        except OSError:
            left = True
        finally:
            with self._changed:
                self._left += asked and left and not self._stopping.is_set()
            self._forget(connection)

    def _answer(self, connection: socket.socket, fault: Fault) -> bool:
        """Play the script; true where the connection may carry another request."""
        try:
            if fault.framing != "raw":
                connection.sendall(_head(fault))
            for step in fault.script():
                if isinstance(step, Pause):
                    self._watch(connection, step.seconds)
                elif isinstance(step, Hang):
                    self._watch(connection, None)
                elif isinstance(step, Close):
                    return False
                elif isinstance(step, Reset):
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return False
                else:
                    self._write(connection, step, fault.framing == "chunked")
            if fault.framing == "chunked":
                connection.sendall(b"0\r\n\r\n")
        except OSError as gone:
            raise _ClientGone from gone
        return fault.framing in ("chunked", "content-length") and fault.content_length is None

    def _write(self, connection: socket.socket, data: bytes, chunked: bool) -> None:
        framed = b"%x\r\n%b\r\n" % (len(data), data) if chunked else data
        instant = time.monotonic()
        connection.sendall(framed)
        with self._changed:
            self.sent.append((instant, len(data)))
            self._changed.notify_all()

    def _watch(self, connection: socket.socket, seconds: float | None) -> None:
        """Wait so long, or without end; a client that leaves meanwhile raises `_ClientGone`."""
        end = None if seconds is None else time.monotonic() + seconds
        readable, _, _ = select.select([connection], [], [], seconds)
        if not readable:
            return
        if connection.recv(1, socket.MSG_PEEK) == b"":
            raise _ClientGone
        # Bytes of a next request wait in the socket, so that it would be readable at once for ever.
        self._stopping.wait(None if end is None else max(0.0, end - time.monotonic()))


def _head(fault: Fault) -> bytes:
    """Status line and headers of a response."""
    try:
        phrase = HTTPStatus(fault.status).phrase
    except ValueError:
        phrase = "Unknown"
    headers = [("x-ds-trace-id", TRACE), *fault.headers]
    if fault.content_type is not None:
        headers.append(("Content-Type", fault.content_type))
    if fault.framing == "chunked":
        headers.append(("Transfer-Encoding", "chunked"))
    elif fault.framing == "close-delimited":
        headers.append(("Connection", "close"))
    else:
        true_length = sum(len(step) for step in fault.script() if isinstance(step, bytes))
        length = true_length if fault.content_length is None else fault.content_length
        headers.append(("Content-Length", str(length)))
    lines = [f"HTTP/1.1 {fault.status} {phrase}", *(f"{name}: {value}" for name, value in headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")


class _Reader:
    """Reads requests off one connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._held = b""

    def request(self) -> Received | None:
        """The next request, or ``None`` where the client closed instead."""
        while b"\r\n\r\n" not in self._held:
            if not self._more():
                return None
        head, _, self._held = self._held.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, _ = first.split(" ", 2)
        pairs = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines))
        headers = {name.lower(): value for name, value in pairs}
        length = int(headers.get("content-length", 0))
        parts, size = [self._held], len(self._held)
        while size < length:
            part = self._connection.recv(1 << 16)
            if not part:
                return None
            parts.append(part)
            size += len(part)
        whole = b"".join(parts)
        self._held = whole[length:]
        return Received(method, path, headers, pairs, whole[:length], time.monotonic())

    def _more(self) -> bool:
        part = self._connection.recv(1 << 16)
        self._held += part
        return bool(part)


@contextlib.contextmanager
def refused() -> Iterator[str]:
    """The URL of a loopback port on which nobody listens, kept free of others meanwhile."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"
