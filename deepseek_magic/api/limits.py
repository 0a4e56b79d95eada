"""Read the body of an answer within limits of bytes (after decompression) and seconds, as no server is trusted."""

from __future__ import annotations

import http.client
import select
import zlib
from contextlib import suppress
from time import monotonic
from typing import Any

#: The most bytes of the body of an error, of an answer such as ``/models``, and of a reply that is not streamed. Parsed
#: JSON takes up to thirty times as much memory.
MOST_ERROR = 64 * 1024
MOST_ANSWER = 2 * 1024 * 1024
MOST_WHOLE = 4 * 1024 * 1024
#: The most bytes of a stream without any event. Keep-alives stay far below it.
MOST_SILENT = 16 * 1024 * 1024
#: The most seconds for the body of an error.
ERROR_TIME = 10.0
#: The most bytes of one read.
PIECE = 64 * 1024
# The most bytes that are still read after a stop.
_MOST_REST = 16 * PIECE

_CODINGS = ("gzip", "x-gzip", "deflate")
# The header of zlib or of gzip is recognised; some servers send deflate without either.
_ANY_HEADER = 47
_NO_HEADER = -15


class TooLong(Exception):
    """A body exceeds its limit. Never leaves the client."""


class Body:
    """The bytes of an open answer, decompressed, as they come; at most about `PIECE` at a time.

    The iterators of `requests` wait for more bytes, and `urllib3` decompresses everything that one read returned.

    Args:
        raw: the answer, an `Arrived` that is unread.

    Attributes:
        drained: whether the last `read` returned everything that had come, so that the next one waits for the server.
    """

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        coding = raw.headers.get("Content-Encoding", "").strip().lower()
        self._inflater = None if coding in ("", "identity") else _Inflater(coding)
        # Read directly, in pieces of our size. `raw` is read only at the end, and the client closes it.
        self._answer: Any = getattr(raw, "_original_response", None)
        self._read1 = getattr(self._answer, "read1", None)
        # If the server will close the connection, `http.client` drops its socket, so it is taken from here.
        stream = getattr(getattr(self._answer, "fp", None), "raw", None)
        self.socket = getattr(stream, "_sock", None) or getattr(getattr(raw, "connection", None), "sock", None)
        self.drained = False
        self._come: list[bytes] = []  # kept, so that a stop or an error does not lose what was read before it
        self._failed: Exception | None = None

    def read(self) -> bytes:
        """Wait for the next piece, and return it with everything else that has come; b"" at the end.

        Raises:
            OSError, http.client.HTTPException, zlib.error, urllib3.exceptions.HTTPError: it cannot be read.
        """
        if self._failed is not None:
            raise self._failed
        size, here, self.drained = 0, True, False
        while size < PIECE and here:
            try:
                piece = self._plain() if self._inflater is None else self._inflated(self._inflater)
            except Exception as error:
                if not self._come:
                    raise
                self._failed = error  # raised by the next call
                break
            if not piece:
                break
            self._come.append(piece)
            size += len(piece) + self._take_chunks()
            here = self._is_here()
            self.drained = not here and not self._is_coming()
        return self.taken()

    @property
    def is_whole(self) -> bool:
        """Whether the announced length was read, so that the next read returns b"" without waiting."""
        return getattr(self._answer, "length", None) == 0

    def taken(self) -> bytes:
        """Return what was read but not returned because of a stop."""
        whole = b"".join(self._come)
        self._come.clear()
        return whole

    def rest(self) -> bytes:
        """Return what has come, without waiting for more. The connection cannot be used again."""
        size = 0
        with suppress(Exception):  # whatever it is, the stop must go on
            if self.socket is not None:
                self.socket.settimeout(0)
                while size < _MOST_REST:
                    piece = self._plain() if self._inflater is None else self._inflated(self._inflater)
                    if not piece:
                        break
                    self._come.append(piece)
                    size += len(piece)
        return self.taken()

    def _inflated(self, inflater: _Inflater) -> bytes:
        """Return the next decompressed piece, after one or more reads of the answer."""
        while not (piece := inflater.next()):
            data = self._plain()
            if not data:
                return b""
            inflater.feed(data)
        return piece

    def _plain(self) -> bytes:
        """Return the bytes of one read of the answer, which is one chunk in the chunked coding."""
        piece: bytes = self._read1(PIECE) if self._read1 else b""
        # `raw` must see the end, so that it returns the connection to the pool.
        return piece or self._raw.read1(None if self._read1 else PIECE, decode_content=False) or b""

    def _take_chunks(self) -> int:
        """Read all chunks that are already in this process, and return their size.

        An endpoint sends one for each token, and `http.client` takes as long for a chunk as parsing its JSON.
        """
        if self._inflater is not None or not self._is_between_chunks or self.is_whole:
            return 0
        chunks, end = _whole_chunks(self._buffered())
        if chunks:
            self._come += chunks  # first, so that a stop before they are consumed does not lose them
            self._answer.fp.read(end)
        return sum(map(len, chunks))

    @property
    def _is_between_chunks(self) -> bool:
        """Whether the line end after a chunk comes next, which is not read with the chunk."""
        return getattr(self._answer, "chunk_left", None) == 0

    def _is_here(self) -> bool:
        """Return whether the next piece is already in this process: waiting would hold back what has come."""
        if self._inflater is not None:
            return self._inflater.holds
        if self.is_whole:
            return False
        there = self._buffered()
        left = self._answer.chunk_left if there and self._answer.chunked else None
        if left is None or left > 0:
            return bool(there)
        # After the line end of the last chunk, the size of the next one and some of its bytes must follow.
        size, line_end, data = there[2:].partition(b"\n")
        return bool(line_end and data and size.partition(b";")[0].strip(b"0 \r"))

    def _is_coming(self) -> bool:
        """Return whether at least a part of a piece has come, so that the next read hardly waits."""
        if self.is_whole:  # its end
            return True
        rest = len(self._buffered()) > (2 if self._is_between_chunks else 0)
        return rest or (self.socket is not None and _readable(self.socket))

    def _buffered(self) -> bytes:
        """Return the bytes in the buffer; if there are none, what the socket has by now."""
        stream = getattr(self._answer, "fp", None)
        if stream is None or self.socket is None:
            return b""
        try:
            patience = self.socket.gettimeout()
            self.socket.settimeout(0)
            try:
                there: bytes = stream.peek()
            finally:
                self.socket.settimeout(patience)
        except (OSError, ValueError):  # TLS raises if nothing has come; a real failure is raised by the next read
            return b""
        return there


def _whole_chunks(there: bytes) -> tuple[list[bytes], int]:
    """Return the complete chunks in ``there``, which begins with the line end before the first, and their end.

    The empty chunk that ends the answer, and anything that is not a chunk, is left to `http.client`.
    """
    found: list[bytes] = []
    end = 0
    while start := there.find(b"\n", end + 2) + 1:
        try:
            size = int(there[end + 2 : start].partition(b";")[0], 16)
        except ValueError:
            break
        if size <= 0 or start + size > len(there):
            break
        end = start + size
        found.append(there[start:end])
    return found, end


def _readable(connection: Any) -> bool:
    """Return whether a read of the socket ``connection`` would not wait."""
    if getattr(connection, "pending", int)():
        return True
    if not hasattr(select, "poll"):
        return bool(select.select([connection], [], [], 0)[0])
    poll = select.poll()  # `select` refuses the higher file descriptors
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))


class _Inflater:
    """Decompresses gzip or deflate, at most `PIECE` bytes at a time, however well they are compressed."""

    def __init__(self, coding: str) -> None:
        if coding not in _CODINGS:
            msg = "it is compressed in a way that was not asked for"
            raise http.client.HTTPException(msg)
        self._deflate = coding == "deflate"
        self._zlib: Any = None
        self._held = b""
        self._full = False

    @property
    def holds(self) -> bool:
        return bool(self._held) or self._full

    def feed(self, data: bytes) -> None:
        self._held += data

    def next(self) -> bytes:
        """Return the next piece; b"" if more has to be fed first."""
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
        raw: the answer, an `Arrived` that is unread.
        most: the most bytes of the body.
        seconds: the most seconds that it may take.
        cut: whether to return the beginning if it is too long, late or broken.

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
