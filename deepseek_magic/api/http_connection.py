"""Connections that add the key at the last moment, report when a request has been sent, and limit what they read.

The moment after sending is the best one to build the view of the reply, because the endpoint is working meanwhile.
"""

from __future__ import annotations

import queue
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from requests.exceptions import InvalidHeader
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import InvalidHeader as TwoLengths

from deepseek_magic.forks import close_descriptor, in_child
from deepseek_magic.settings.keys import Secret

from .bounded_answer import BoundedAnswer, Headers
from .http_errors import without_frames
from .under_way import on_connect, tell_sent

#: The key for the current request. No object and no frame of requests or urllib3 holds its header.
secret_sent: ContextVar[Secret | None] = ContextVar("deepseek_magic_secret", default=None)


class Arrived:
    """An answer whose body is not read yet, with what the pool and the reader need of urllib3's response.

    Making urllib3's own response takes longer than everything else here: it can be read again and decode the body.
    """

    __slots__ = (
        "_connection",
        "_original_response",
        "_pool",
        "headers",
        "length_remaining",
        "retries",
        "status",
        "version_string",
    )

    def __init__(self, answer: BoundedAnswer) -> None:
        self._original_response = answer
        given: Any = answer.headers
        self.headers = given if isinstance(given, Headers) else Headers(_unfolded(given.items()))
        self.status = answer.status
        self.version_string = "HTTP/1.1" if answer.version == 11 else "HTTP/1.0"
        self.length_remaining = answer.length
        self.retries: Any = None
        self._connection: Any = None  # the pool sets both
        self._pool: Any = None
        if "," in (stated := self.headers.get("Content-Length", "")) and not answer.chunked:
            _check_lengths(stated)

    def carried(self, connection: Connection, pool: Any) -> None:
        """Set the ``connection`` of the answer, and the ``pool`` to which it returns."""
        self._connection, self._pool = connection, pool

    @property
    def connection(self) -> Any:
        """The connection of the answer, until it has been read to its end."""
        return self._connection

    def read1(self, *_: object, **__: object) -> bytes:
        """Return the next part of the body; at its end b"", and the connection is free for another request."""
        answer = self._original_response
        piece = b"" if answer.isclosed() else answer.read1()
        if not piece:
            answer.close()
            self.release_conn()
        return piece

    def close(self) -> None:
        """Close the connection, unless the body was read to its end."""
        if self._connection is not None:
            self._original_response.close()
            self._connection.close()
            self.release_conn()

    def release_conn(self) -> None:
        """Return the connection to its pool."""
        connection, self._connection = self._connection, None
        if connection is not None:
            self._pool._put_conn(connection)


def _unfolded(fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, " ".join(str(value).split())) for name, value in fields]


def _check_lengths(stated: str) -> None:
    try:
        lengths = {int(length) for length in stated.split(",")}
    except ValueError:
        return
    if len(lengths) > 1:
        msg = f"Content-Length: {stated}"
        raise TwoLengths(msg)


class Connection(HTTPConnection):
    """A connection that sends the key's header last, and that a forked child leaves to its parent.

    Attributes:
        fields: the header lines of the last request, without those of its length and its key.
    """

    response_class = BoundedAnswer
    fields: tuple[bytes, ...] = ()
    #: Whether requests may be sent with `again`: not if a recorder (vcrpy) has replaced urllib3's connection.
    repeats = HTTPConnection.__module__ == "urllib3.connection"

    _awaits_body = False

    def connect(self) -> None:
        """Connect; a forked child closes its copy of the descriptor."""
        if connecting := on_connect.get():
            connecting()
        super().connect()
        in_child(self.sock, close_descriptor)

    def again(self, method: str, target: str, fields: tuple[bytes, ...], body: bytes | None) -> None:
        """Send a request with the header lines ``fields`` of an earlier one over the open connection."""
        self.sock.settimeout(self.timeout)
        super(HTTPConnection, self).putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        length = () if body is None else (b"Content-Length: %d" % len(body),)
        self._buffer.extend((*fields, *length))  # type: ignore[attr-defined]
        self._send_headers(body)

    def endheaders(self, message_body: Any = None, **kwargs: Any) -> None:
        """Send the headers, together with the body if there is one: two writes would be two packets."""
        fields, length = [], b"0"
        for header in self._buffer[1:]:  # type: ignore[attr-defined]
            if header[:15].lower() == b"content-length:":
                length = header[15:].strip()
            else:
                fields.append(header)
        self.fields = tuple(fields)
        self._awaits_body = message_body is None and length != b"0"
        if not self._awaits_body:
            self._send_headers(message_body, **kwargs)

    def send(self, data: Any) -> None:
        """Send ``data``, preceded by the headers if they have not been sent."""
        if self._awaits_body:
            self._awaits_body = False
            self._send_headers(data)
        else:
            super().send(data)

    def _send_output(self, message_body: Any = None, encode_chunked: bool = False) -> None:  # as theirs
        if not isinstance(message_body, bytes) or encode_chunked:
            super()._send_output(message_body, encode_chunked)  # type: ignore[misc]
            return
        buffer = self._buffer  # type: ignore[attr-defined]
        whole = b"\r\n".join((*buffer, b"", message_body))
        buffer.clear()
        super().send(whole)

    def _send_headers(self, *args: Any, **kwargs: Any) -> None:
        """Add the key's header and send all headers. An error loses its frames, which hold the bytes that were sent."""
        failed: BaseException | None = None
        try:
            self._authorize()
            super().endheaders(*args, **kwargs)
        except BaseException as error:  # noqa: BLE001  # it is raised again
            failed = without_frames(error)
        if failed is not None:
            try:
                raise failed
            finally:
                del failed

    def _authorize(self) -> None:
        secret, refused = secret_sent.get(), False
        if secret is None:
            return
        self.debuglevel = 0  # it would print what is sent
        try:
            self.putheader("Authorization", f"Bearer {secret.reveal()}")
        except ValueError:  # its message holds the header
            refused = True
        if refused:
            msg = "the key cannot stand in a header"
            raise InvalidHeader(msg)

    def getresponse(self) -> Any:
        """Report that the request has been sent, and return the answer."""
        tell_sent(self.sock)
        self.sock.settimeout(self.timeout)
        return Arrived(super(HTTPConnection, self).getresponse())  # type: ignore[arg-type]


class _SecureConnection(Connection, HTTPSConnection):
    pass


@dataclass(slots=True, eq=False)
class OpenConnections:
    """The open connections of a pool, last in first out; ``None`` stands for one that is not made yet.

    The queue of the standard library takes its lock in Python code: an interrupt right after that leaves it locked, and
    every later request waits for ever. The two methods of a list are atomic and need no lock.
    """

    _most: int
    _kept: list[Connection | None] = field(default_factory=list)

    def get(self, block: bool = False, timeout: float | None = None) -> Connection | None:  # noqa: ARG002  # as theirs
        """Take the connection that was kept last."""
        try:
            return self._kept.pop()
        except IndexError:
            raise queue.Empty from None

    def put(self, connection: Connection | None, block: bool = False) -> None:  # noqa: ARG002  # as above
        """Keep ``connection``, unless there are enough."""
        if len(self._kept) >= self._most:
            raise queue.Full
        self._kept.append(connection)

    def qsize(self) -> int:
        """Return how many are kept."""
        return len(self._kept)


class _Pool(HTTPConnectionPool):
    ConnectionCls = Connection
    QueueCls: Any = OpenConnections


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection
    QueueCls: Any = OpenConnections


#: The classes of the pools that `urllib3` makes, by scheme.
POOLS = {"http": _Pool, "https": _SecurePool}
