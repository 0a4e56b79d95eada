"""Read the body of an open reply as soon as its bytes arrive, as batches of events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import chain
from time import monotonic, sleep
from typing import Any

from deepseek_magic.errors import StreamBroken, UnexpectedResponse
from deepseek_magic.settings.parameters import MOST_REPLY
from deepseek_magic.text import one_line

from .api_errors import web_page
from .decode import ChatDecoder
from .events import Batch, Event, KeepAlive
from .http_errors import FOREIGN, translated
from .limits import MOST_SILENT, MOST_WHOLE, Body
from .sse import ServerSentEvent, SSEDecoder

#: Seconds to wait after a finished reply for its usage and its closing mark; and seconds to wait for the body's end.
GRACE = 5.0
_DRAIN = 0.02
#: The most seconds for a reply that is sent in one piece, once it has begun.
WHOLE_TIME = 120.0
_QUOTED = 400
_BOM = b"\xef\xbb\xbf"

#: Returns how many seconds to wait before the next read so that more arrives, given the events and the seconds since
#: the answer began.
Gather = Callable[[int, float], float]


def at_once(events: int, seconds: float) -> float:  # noqa: ARG001
    """Return 0, so that everything is read as soon as it arrives."""
    return 0.0


def batches(raw: Any, host: str, gather: Gather = at_once, most: int = MOST_REPLY) -> Iterator[Batch]:
    """Yield the events of a reply, as many at a time as have arrived.

    Args:
        raw: the answer, an `Arrived` with status 200 that is unread.
        host: the host, for errors.
        gather: how long to wait between reads once the answer has begun.
        most: the number of characters after which the reply is cut.

    Raises:
        TryAgain: it failed before the first token, and a retry may help.
        DeepSeekError: it is not a reply, breaks off, falls silent, or ends before it is complete.
    """
    chat = ChatDecoder(most)
    yield from _body(raw, host, chat, gather)
    if rest := chat.flush():
        yield rest
    _check_end(chat, host)


def _check_end(chat: ChatDecoder, host: str) -> None:
    """Raise unless the reply is complete, which takes a finish reason or the closing mark."""
    if chat.failure is not None:
        raise chat.failure
    if chat.finished:
        return
    if chat.spoke:
        msg = f"{host} ended the stream in the middle of the reply; the text so far is kept"
        raise StreamBroken(msg)
    if chat.unread:
        msg = f"{host} sent what is not a reply: {chat.unread}; check the base URL, or run the cell again"
        raise UnexpectedResponse(msg)
    msg = f"{host} sent an empty reply; run the cell again, or ask for less if the question is very long"
    raise UnexpectedResponse(msg)


def _body(raw: Any, host: str, chat: ChatDecoder, gather: Gather) -> Iterator[Batch]:
    """Yield the events of an event stream, or of the one JSON body that a server without streaming sends."""
    reader = _Reader(raw, host, chat, gather)
    pieces = iter(reader)
    head, silent = b"", 0
    for piece in pieces:
        head = (head + piece).lstrip()  # blank lines before either form of reply are a sign of life
        if head and not _BOM.startswith(head):
            break
        silent = _silent(silent + len(piece), host)
        yield (KeepAlive(),)
    if head.startswith(b"<"):
        raise web_page(host)
    if head.removeprefix(_BOM).startswith((b"{", b"[")):
        yield chat.feed(_whole(head.removeprefix(_BOM), pieces, host))
        return
    decoder, said, words = SSEDecoder(), 0, b""
    for part in chain((head,), pieces, (None,)):
        batch: list[Event] = []
        words += part[:_QUOTED] if part and len(words) < _QUOTED and not reader.events else b""
        try:
            for event in decoder.flush() if part is None else decoder.feed(part):
                batch += chat.feed(event.data) if isinstance(event, ServerSentEvent) else (KeepAlive(),)
        except BaseException:
            if batch:
                yield batch  # the events before the end
            raise
        reader.events += len(batch)
        if batch:
            yield batch
        silent = 0 if chat.size > said or part is None else _silent(silent + len(part), host)
        said = chat.size
    if not reader.events and not chat.unread:  # a message of a gateway, with status 200
        chat.unread = one_line(words.decode("utf-8", "replace"), 80)


def _silent(size: int, host: str) -> int:
    """Return ``size``, the bytes since the last event.

    Raises:
        StreamBroken: they are more than `MOST_SILENT`.
    """
    if size > MOST_SILENT:
        msg = f"{host} sent {MOST_SILENT >> 20} MB without any text; what came before is kept"
        raise StreamBroken(msg)
    return size


def _whole(head: bytes, pieces: Iterator[bytes], host: str) -> str:
    """Return the JSON body that begins with ``head``."""
    parts, size, end = [head], len(head), monotonic() + WHOLE_TIME
    for piece in pieces:
        parts.append(piece)
        size += len(piece)
        if size > MOST_WHOLE or monotonic() > end:
            limit = f"takes more than {MOST_WHOLE >> 20} MB or {WHOLE_TIME:.0f} s"
            msg = f"{host} sent a reply in one piece that {limit}; ask for less, or check the base URL"
            raise UnexpectedResponse(msg)
    return b"".join(parts).decode("utf-8", "replace")


class _Reader:
    """Yields the bytes of an open body, in pieces of everything that has arrived.

    Args:
        raw: the answer, an `Arrived` that is unread.
        host: the host, for errors.
        chat: the decoder that is fed with the pieces; it knows how far the reply is.
        gather: see `batches`.

    Attributes:
        events: the number of events that the caller made of the pieces.
    """

    def __init__(self, raw: Any, host: str, chat: ChatDecoder, gather: Gather) -> None:
        self._host = host
        self._chat = chat
        self._gather = gather
        try:
            self._body = Body(raw)
        except FOREIGN as error:
            raise translated(error, host) from error
        self._socket = self._body.socket
        self._ends = 0.0
        self.events = 0

    def __iter__(self) -> Iterator[bytes]:
        """Yield bytes as soon as they arrive; once the answer has begun, after waiting as `gather` says.

        At a stop, what came before it is yielded first.
        """
        chat, patience = self._chat, self._socket.gettimeout() if self._socket is not None else None
        began, before = 0.0, 0
        while not chat.done:
            try:
                piece = self._next()
            except KeyboardInterrupt:
                if piece := self._body.taken():
                    yield piece
                raise
            if not piece:
                return
            yield piece
            if not chat.answered or chat.finished or not self._body.drained:
                continue
            if not began:
                began, before = monotonic(), self.events
            try:
                sleep(self._gather(self.events - before, monotonic() - began))
            except KeyboardInterrupt:
                if piece := self._body.rest():
                    yield piece
                raise
        self._end(patience)

    def _next(self) -> bytes:
        """Wait for bytes, and return everything that has arrived; b"" at the end."""
        if self._chat.finished and self._socket is not None:
            self._ends = self._ends or monotonic() + GRACE
            left = self._ends - monotonic()
            if left <= 0:
                return b""
            with suppress(OSError):  # the server may have closed it; what came can still be read
                self._socket.settimeout(left)
        try:
            return self._body.read()
        except FOREIGN as error:
            if self._chat.finished:  # the text is complete: only its usage or its closing mark is missing
                return b""
            raise translated(error, self._host, spoke=self._chat.spoke) from error

    def _end(self, patience: float | None) -> None:
        """Read the end of the body, which follows its closing mark at once, so that the connection can be reused."""
        if self._body.is_whole:
            with suppress(*FOREIGN):
                self._body.read()
        elif self._socket is not None:
            with suppress(*FOREIGN):
                self._socket.settimeout(_DRAIN)
                self._body.read()
            with suppress(OSError):
                self._socket.settimeout(patience)
