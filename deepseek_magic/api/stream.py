"""The body of an open reply, read the moment its bytes are there, as events."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from time import monotonic, sleep
from typing import Any

from deepseek_magic.errors import StreamBroken, UnexpectedResponse

from .api_errors import web_page
from .decode import ChatDecoder
from .events import Drained, Event, KeepAlive
from .http_errors import FOREIGN, translated
from .limits import MOST_SILENT, MOST_WHOLE, Body
from .sse import ServerSentEvent, SSEDecoder

#: Seconds that a finished reply is waited on for its usage and its closing mark; and those for the body's own end.
GRACE = 5.0
_DRAIN = 0.02
#: Seconds in which a reply that is sent in one piece has to come, once it has begun.
WHOLE_TIME = 120.0
#: Seconds in which the answer gathers, once some of it has come: a token that one has to wake for costs three times as
#: much as one that comes with others, and nothing is painted more often. A read that took `_AT_ONCE` had to wait:
#: nothing more is there. A stream of more than `FAST` pieces a second gathers by itself.
GATHER = 0.128
FAST = 1000
_AT_ONCE = 0.0005
_BOM = b"\xef\xbb\xbf"


def events(raw: Any, host: str) -> Iterator[Event]:
    """Yield the events of a reply.

    Args:
        raw: the `urllib3.HTTPResponse` of a 200, unread.
        host: who sends it, for errors.

    Raises:
        TryAgain: it failed before the first token, and another try may help.
        DeepSeekError: it is no reply, breaks off, falls silent, or ends before it is whole.
    """
    chat = ChatDecoder()
    yield from _body(raw, host, chat)
    yield from chat.flush()
    _check_end(chat, host)


def _check_end(chat: ChatDecoder, host: str) -> None:
    """Tell a whole reply from a stream that merely ended: only a finish reason makes a reply whole."""
    if chat.finished:
        return
    if chat.spoke:
        msg = f"{host} ended the stream in the middle of the reply; the text so far is kept"
        raise StreamBroken(msg)
    msg = f"{host} sent an empty reply; run the cell again, or ask for less if the question is very long"
    raise UnexpectedResponse(msg)


def _body(raw: Any, host: str, chat: ChatDecoder) -> Iterator[Event]:
    """Yield the events of an event stream, or of the one JSON body that a server without streaming sends."""
    chunks = iter(_Pieces(raw, host, chat))
    head, silent = b"", 0
    for chunk in chunks:
        head = chunk.lstrip()  # blank lines before the reply are a sign of life, in both forms
        if head:
            break
        silent = _silent(silent + len(chunk), host)
        yield KeepAlive()
    if head.startswith(b"<"):
        raise web_page(host)
    if head.startswith((b"{", _BOM + b"{")):
        yield from chat.feed(_whole(head.removeprefix(_BOM), chunks, host))
        return
    stream, said = SSEDecoder(), 0
    for piece in chain((head,), chunks, (None,)):
        if piece == b"":
            yield Drained()
            continue
        for event in stream.flush() if piece is None else stream.feed(piece):
            if isinstance(event, ServerSentEvent):
                yield from chat.feed(event.data)
            else:
                yield KeepAlive()
        silent = 0 if chat.size > said or piece is None else _silent(silent + len(piece), host)
        said = chat.size


def _silent(size: int, host: str) -> int:
    """Return ``size``, the bytes since anything was said."""
    if size > MOST_SILENT:
        msg = f"{host} sent {MOST_SILENT >> 20} MB in which nothing is said; what came before is kept"
        raise StreamBroken(msg)
    return size


def _whole(head: bytes, chunks: Iterator[bytes], host: str) -> str:
    """Return the one JSON body that begins with ``head``."""
    parts, size, end = [head], len(head), monotonic() + WHOLE_TIME
    for chunk in chunks:
        parts.append(chunk)
        size += len(chunk)
        if size > MOST_WHOLE or monotonic() > end:
            limit = f"takes more than {MOST_WHOLE >> 20} MB or {WHOLE_TIME:.0f} s"
            msg = f"{host} sent a reply in one piece that {limit}; ask for less, or check the base URL"
            raise UnexpectedResponse(msg)
    return b"".join(parts).decode("utf-8", "replace")


class _Pieces:
    """The bytes of an open body, each piece as one read of the socket gave it; requests' own iterators wait for more.

    Args:
        raw: the `urllib3.HTTPResponse`.
        host: who sends it, for errors.
        chat: is fed with the pieces, and tells how far the reply is.
    """

    def __init__(self, raw: Any, host: str, chat: ChatDecoder) -> None:
        self._host = host
        self._chat = chat
        try:
            self._body = Body(raw)
        except FOREIGN as error:
            raise translated(error, host) from error
        self._socket = self._body.socket
        self._ends = 0.0

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes the moment they are there; once the answer has begun, `GATHER` later at most.

        An empty piece tells that all was read, and that what comes next is left to gather.
        """
        chat = self._chat
        patience = self._socket.gettimeout() if self._socket is not None else None
        waited, pieces, began = False, 0, monotonic()
        while not chat.done:
            if not chat.answered:
                began = monotonic()
            elif waited and not chat.finished and pieces <= FAST * (monotonic() - began):
                yield b""
                yield from self._gathering()
            asked = monotonic()
            piece = self._next()
            if not piece:
                return
            waited = monotonic() - asked > _AT_ONCE
            pieces += chat.answered
            yield piece
        self._end(patience)

    def _next(self) -> bytes:
        """Return what one read gives; nothing at the end."""
        if self._chat.finished and self._socket is not None:
            self._ends = self._ends or monotonic() + GRACE
            left = self._ends - monotonic()
            if left <= 0:
                return b""
            self._socket.settimeout(left)
        try:
            return self._body.read()
        except FOREIGN as error:
            if self._chat.finished:  # the text is whole: only its usage or its closing mark is missing
                return b""
            raise translated(error, self._host, spoke=self._chat.spoke) from error

    def _gathering(self) -> Iterator[bytes]:
        """Let the stream gather. A stop does not cost what came meanwhile: it is yielded before the stop goes on."""
        try:
            sleep(GATHER)
        except KeyboardInterrupt:
            if self._socket is not None:
                with suppress(Exception):  # whatever it is, the stop must go on
                    self._socket.settimeout(0)  # nothing is waited for; the connection is not used again
                    while piece := self._body.read():
                        yield piece
            raise

    def _end(self, patience: float | None) -> None:
        """Read to the end of the body, which follows its closing mark at once: so the connection is usable again."""
        if self._socket is not None:
            self._socket.settimeout(_DRAIN)
            with suppress(*FOREIGN):
                self._body.read()
            with suppress(OSError):
                self._socket.settimeout(patience)
