"""The body of an open reply, read the moment its bytes are there, as batches of events."""

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

#: Seconds that a finished reply is waited on for its usage and its closing mark; and those for the body's own end.
GRACE = 5.0
_DRAIN = 0.02
#: Seconds in which a reply that is sent in one piece has to come, once it has begun.
WHOLE_TIME = 120.0
_QUOTED = 400
_BOM = b"\xef\xbb\xbf"

#: How many seconds to leave the stream to gather before the next read, given the events and the seconds since the
#: answer began.
Gather = Callable[[int, float], float]


def at_once(events: int, seconds: float) -> float:  # noqa: ARG001
    """Return 0: whatever comes is read the moment it is there."""
    return 0.0


def batches(raw: Any, host: str, gather: Gather = at_once, most: int = MOST_REPLY) -> Iterator[Batch]:
    """Yield the events of a reply, as many at a time as are there.

    Args:
        raw: the answer as it `Arrived`, with status 200, unread.
        host: who sends it, for errors.
        gather: how long the answer, once it has begun, is left to gather after all that came was read.
        most: characters after which the reply is cut.

    Raises:
        TryAgain: it failed before the first token, and another try may help.
        DeepSeekError: it is not a reply, breaks off, falls silent, or ends before it is whole.
    """
    chat = ChatDecoder(most)
    yield from _body(raw, host, chat, gather)
    if rest := chat.flush():
        yield rest
    _check_end(chat, host)


def _check_end(chat: ChatDecoder, host: str) -> None:
    """Raise where the stream merely ended or failed: only a reason, or the closing mark, makes a reply whole."""
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
        head = (head + piece).lstrip()  # blank lines before the reply are a sign of life, in both forms
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
                yield batch  # what came before it stays
            raise
        reader.events += len(batch)
        if batch:
            yield batch
        silent = 0 if chat.size > said or part is None else _silent(silent + len(part), host)
        said = chat.size
    if not reader.events and not chat.unread:  # words of a gateway, with a status that says all is well
        chat.unread = one_line(words.decode("utf-8", "replace"), 80)


def _silent(size: int, host: str) -> int:
    """Return ``size``, the bytes since anything was said.

    Raises:
        StreamBroken: it is more than any endpoint sends.
    """
    if size > MOST_SILENT:
        msg = f"{host} sent {MOST_SILENT >> 20} MB without any text; what came before is kept"
        raise StreamBroken(msg)
    return size


def _whole(head: bytes, pieces: Iterator[bytes], host: str) -> str:
    """Return the one JSON body that begins with ``head``."""
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
    """The bytes of an open body, each piece all that was there at a time.

    Args:
        raw: the answer as it `Arrived`, unread.
        host: who sends it, for errors.
        chat: is fed with the pieces, and says how far the reply is.
        gather: see `batches`.

    ``events`` is the number of events that were made of the pieces, counted by the caller.
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
        """Yield the bytes the moment they are there; once the answer has begun, when they have gathered.

        A stop does not cost what came before it: that is yielded before the stop goes on.
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
        """Return what is there, having waited for it; nothing at the end."""
        if self._chat.finished and self._socket is not None:
            self._ends = self._ends or monotonic() + GRACE
            left = self._ends - monotonic()
            if left <= 0:
                return b""
            with suppress(OSError):  # it is closed where the server closed it, and what came is still read
                self._socket.settimeout(left)
        try:
            return self._body.read()
        except FOREIGN as error:
            if self._chat.finished:  # the text is whole: only its usage or its closing mark is missing
                return b""
            raise translated(error, self._host, spoke=self._chat.spoke) from error

    def _end(self, patience: float | None) -> None:
        """Read to the end of the body, which follows its closing mark at once: so the connection is usable again."""
        if self._body.is_whole:
            with suppress(*FOREIGN):
                self._body.read()
        elif self._socket is not None:
            with suppress(*FOREIGN):
                self._socket.settimeout(_DRAIN)
                self._body.read()
            with suppress(OSError):
                self._socket.settimeout(patience)
