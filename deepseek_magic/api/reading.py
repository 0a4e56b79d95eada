"""The body of an open reply, read the moment its bytes are there, as events."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from time import monotonic, sleep
from typing import Any

from deepseek_magic.errors import StreamBroken, UnexpectedResponse

from .events import Drained, Event, KeepAlive
from .foreign import FOREIGN, translated
from .refusals import web_page
from .sse import ServerSentEvent, SSEDecoder
from .wire import ChatDecoder

#: Seconds that a finished reply is waited on for its usage and its closing mark; and those for the body's own end.
GRACE = 5.0
_DRAIN = 0.02
#: Seconds in which the answer gathers, once some of it has come: a token that one has to wake for costs three times as
#: much as one that comes with others, and nothing is painted more often. A read that took `_AT_ONCE` had to wait:
#: nothing more is there. A stream of more than `FAST` pieces a second gathers by itself.
GATHER = 0.128
FAST = 1000
_AT_ONCE = 0.0005
_READ = 64 * 1024


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
    chunks = _chunks(raw, host, chat)
    head = b""
    for chunk in chunks:
        head = chunk.lstrip()  # blank lines before the reply are a sign of life, in both forms
        if head:
            break
        yield KeepAlive()
    if head.startswith(b"<"):
        raise web_page(host)
    if head.startswith(b"{"):
        whole = b"".join((head, *chunks))
        yield from chat.feed(whole.decode("utf-8", "replace"))
        return
    stream = SSEDecoder()
    for piece in chain((head,), chunks, (None,)):
        if piece == b"":
            yield Drained()
            continue
        for event in stream.flush() if piece is None else stream.feed(piece):
            if isinstance(event, ServerSentEvent):
                yield from chat.feed(event.data)
            else:
                yield KeepAlive()


def _chunks(raw: Any, host: str, chat: ChatDecoder) -> Iterator[bytes]:
    """Yield the body's bytes the moment they are there; once the answer has begun, `GATHER` later at most.

    An empty piece tells that all was read, and that what comes next is left to gather.

    ``read1`` hands on what one read of the socket gave; requests' own iterators wait for a full buffer.
    """
    encoded = bool(raw.headers.get("Content-Encoding"))
    most = _READ if encoded else None  # a compressed body may grow without end; a plain one comes as it was sent
    # `raw` hands each piece through three layers of its own, which costs more than to parse it. Below them lies the
    # standard library's response; what that raises is translated as well, and the client closes `raw` in any case.
    read1 = getattr(getattr(raw, "_original_response", None), "read1", None) if most is None else None
    socket = getattr(getattr(raw, "connection", None), "sock", None)
    patience = socket.gettimeout() if socket is not None else None
    waited, pieces, began = False, 0, monotonic()
    while not chat.done:
        if not chat.answered:
            began = monotonic()
        elif waited and not chat.finished and pieces <= FAST * (monotonic() - began):
            yield b""
            sleep(GATHER)
        if chat.finished and socket is not None:
            socket.settimeout(GRACE)
        asked = monotonic()
        try:
            # `raw` must see the end, or the connection is not used again.
            chunk = (read1() if read1 else b"") or raw.read1(most, decode_content=encoded)
        except FOREIGN as error:
            if chat.finished:  # the text is whole: only its usage or its closing mark is missing
                return
            raise translated(error, host, spoke=chat.spoke) from error
        if not chunk:
            return
        waited = monotonic() - asked > _AT_ONCE
        pieces += chat.answered
        yield chunk
    # The end of the body follows its closing mark at once; a body read to its end leaves the connection usable.
    if socket is not None:
        socket.settimeout(_DRAIN)
        with suppress(*FOREIGN):
            raw.read1(most, decode_content=encoded)
        with suppress(OSError):
            socket.settimeout(patience)
