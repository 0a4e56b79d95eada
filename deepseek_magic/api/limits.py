"""How much of an answer is read, in bytes after decompression and in seconds; no server is trusted to end one."""

from __future__ import annotations

import http.client
import zlib
from time import monotonic
from typing import Any

#: Bytes of the body of an error, of an answer such as ``/models``, and of a reply that is not streamed. Parsed JSON
#: takes up to thirty times as much memory.
MOST_ERROR = 64 * 1024
MOST_ANSWER = 2 * 1024 * 1024
MOST_WHOLE = 4 * 1024 * 1024
#: Characters of text, thinking and tool calls of one reply, after which it is cut.
MOST_REPLY = 8_000_000
#: Bytes of a stream in which nothing is said. Keep-alives stay far below it.
MOST_SILENT = 16 * 1024 * 1024
#: Seconds in which the body of an error has to come.
ERROR_TIME = 10.0
#: Bytes that one read returns at most.
PIECE = 64 * 1024

_CODINGS = ("gzip", "x-gzip", "deflate")
# The header of zlib or of gzip is recognised; some servers send deflate without either.
_ANY_HEADER = 47
_NO_HEADER = -15


class TooLong(Exception):
    """A body is longer than its limit. Never leaves the client."""


class Body:
    """The bytes of an open answer, decompressed; what one read of the socket gave, at most `PIECE` at a time.

    Requests' own iterators wait for more, and `urllib3` decompresses all that one read gave at once.

    Args:
        raw: the `urllib3.HTTPResponse`, unread.
    """

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        coding = raw.headers.get("Content-Encoding", "").strip().lower()
        self._inflater = None if coding in ("", "identity") else _Inflater(coding)
        # `raw` hands each piece through three layers of its own, which costs more than to parse it. Below them lies the
        # standard library's response; what that raises is translated as well, and the client closes `raw` in any case.
        self._read1 = getattr(getattr(raw, "_original_response", None), "read1", None)
        self.socket = getattr(getattr(raw, "connection", None), "sock", None)

    def read(self) -> bytes:
        """Return what one read gives; nothing at the end.

        Raises:
            OSError, http.client.HTTPException, zlib.error, urllib3.exceptions.HTTPError: it cannot be read.
        """
        if self._inflater is None:
            return self._plain()
        while not (piece := self._inflater.next()):
            data = self._plain()
            if not data:
                return b""
            self._inflater.feed(data)
        return piece

    def _plain(self) -> bytes:
        piece: bytes = self._read1(PIECE) if self._read1 else b""
        # `raw` must see the end, or the connection is not used again; it did not count what was read below it, and
        # would miss it if it were asked for a number of bytes.
        return piece or self._raw.read1(None if self._read1 else PIECE, decode_content=False) or b""


class _Inflater:
    """Decompresses gzip or deflate, at most `PIECE` bytes at a time, whatever they were compressed from."""

    def __init__(self, coding: str) -> None:
        if coding not in _CODINGS:
            msg = "it is compressed in a way that was not asked for"
            raise http.client.HTTPException(msg)
        self._deflate = coding == "deflate"
        self._zlib: Any = None
        self._held = b""
        self._full = False

    def feed(self, data: bytes) -> None:
        self._held += data

    def next(self) -> bytes:
        """Return the next piece; nothing where more has to be fed first."""
        while self._held or self._full:
            if self._zlib is None or self._zlib.eof:  # gzip may come in several members
                if len(self._held) < 2:
                    return b""
                bare = self._deflate and (self._held[0] & 15 != 8 or int.from_bytes(self._held[:2], "big") % 31)
                self._zlib = zlib.decompressobj(_NO_HEADER if bare else _ANY_HEADER)
            piece: bytes = self._zlib.decompress(self._held, PIECE)
            self._held = self._zlib.unconsumed_tail or self._zlib.unused_data
            self._full = len(piece) == PIECE and not self._zlib.eof
            if piece:
                return piece
        return b""


def read_whole(raw: Any, most: int, seconds: float, *, cut: bool = False) -> bytes:
    """Return the body of ``raw``.

    Args:
        raw: the `urllib3.HTTPResponse`, unread.
        most: the bytes that it may have.
        seconds: the time that it may take.
        cut: whether the beginning is enough where it is longer, late or broken.

    Raises:
        TooLong: it is longer than ``most``.
        OSError, http.client.HTTPException, zlib.error, urllib3.exceptions.HTTPError: it is late or cannot be read.
    """
    parts: list[bytes] = []
    size, end = 0, monotonic() + seconds
    try:
        body = Body(raw)
        while piece := _next(body, end):
            parts.append(piece)
            size += len(piece)
            if size > most:
                raise TooLong  # noqa: TRY301
    except Exception:
        if not cut:
            raise
    return b"".join(parts)[:most]


def _next(body: Body, end: float) -> bytes:
    left = end - monotonic()
    if left <= 0:
        raise TimeoutError
    if body.socket is not None:
        body.socket.settimeout(left)
    return body.read()
