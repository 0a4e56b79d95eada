"""Decode the bytes of a WHATWG event stream to events. No I/O.

Follows "9.2.6 Interpreting an event stream" of the HTML standard (https://html.spec.whatwg.org/multipage/
server-sent-events.html), with three differences that lose no text: `SSEDecoder.flush` returns an event that the end of
the stream cuts off (servers forget the last blank line); comments are returned, as signs of life; and a line without a
known field continues an open JSON object (some servers do not escape line ends in strings).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from deepseek_magic.errors import StreamBroken

# Lines end only at CR, LF or CRLF. CR and LF never stand inside a UTF-8 sequence, so that splitting bytes is safe,
# while U+2028 or U+0085 inside the JSON text must not split (str.splitlines would).
_LINE_END = re.compile(rb"\r\n|\n|\r")
_FIELDS = ("", "event", "id", "retry")
_BOM = b"\xef\xbb\xbf"

#: The most bytes of a line or an event: longer ones would fill the memory.
MAX_EVENT_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event: its ``data``, with lines joined by line feeds, and its type ``event`` ("message" by default)."""

    data: str
    event: str = "message"


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment line, such as ``: keep-alive``."""

    text: str


class SSEDecoder:
    """Decodes an event stream piece by piece, in linear time however it is cut."""

    def __init__(self) -> None:
        self._partial: list[bytes] = []
        self._size = 0
        self._skip_line_feed = False
        self._first_line = True
        self._data: list[str] = []
        self._event = ""

    def feed(self, chunk: bytes) -> list[ServerSentEvent | Comment]:
        """Return the events and comments that ``chunk`` completes, in order.

        Raises:
            StreamBroken: a line or an event is larger than `MAX_EVENT_BYTES`.
        """
        if self._skip_line_feed and chunk:
            self._skip_line_feed = False
            if chunk.startswith(b"\n"):
                chunk = chunk[1:]
        self._skip_line_feed = self._skip_line_feed or chunk.endswith(b"\r")
        lines = _LINE_END.split(chunk) if b"\r" in chunk else chunk.split(b"\n")
        rest = lines.pop()
        found: list[ServerSentEvent | Comment] = []
        for line in lines:
            if line.startswith(b"data: ") and not (self._partial or self._first_line):  # nearly every line
                self._size += len(line)
                if self._size <= MAX_EVENT_BYTES:
                    self._data.append(line[6:].decode("utf-8", errors="replace"))
                    continue
                self._size -= len(line)
            elif not line and len(self._data) == 1 and not (self._partial or self._event):  # the blank line after it
                found.append(ServerSentEvent(self._data.pop()))
                self._size = 0
                continue
            if line:
                self._grow(line)
            if self._partial:
                self._line(b"".join(self._partial), found)
                self._partial.clear()
            else:
                self._blank(found)
        if rest:
            self._grow(rest)
        return found

    def flush(self) -> list[ServerSentEvent | Comment]:
        """Return the event or comment that the end of the stream leaves unfinished, if any."""
        found: list[ServerSentEvent | Comment] = []
        if self._partial:
            self._line(b"".join(self._partial), found)
            self._partial.clear()
        self._blank(found)
        return found

    def _grow(self, piece: bytes) -> None:
        self._partial.append(piece)
        self._size += len(piece)
        if self._size > MAX_EVENT_BYTES:
            msg = f"the stream contains an event of more than {MAX_EVENT_BYTES >> 20} MB, which no chat endpoint sends"
            raise StreamBroken(msg)

    def _blank(self, found: list[ServerSentEvent | Comment]) -> None:
        """Handle a blank line, or the end: the event is complete."""
        self._first_line = False
        self._size = 0
        if self._data:
            found.append(ServerSentEvent("\n".join(self._data), self._event or "message"))
            self._data.clear()
        self._event = ""

    def _line(self, raw: bytes, found: list[ServerSentEvent | Comment]) -> None:
        if self._first_line:
            self._first_line = False
            raw = raw.removeprefix(_BOM)
            if not raw:
                self._blank(found)
                return
        name, _, value = raw.decode("utf-8", errors="replace").partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
            return
        if self._data and name not in _FIELDS and self._data[0].startswith("{") and self._data[-1][-1:] != "}":
            self._data.append(raw.decode("utf-8", errors="replace"))
            return
        self._size -= len(raw)  # only what is kept counts
        if name == "":
            found.append(Comment(value))
        elif name == "event":
            self._event = value
        # id and retry are for reconnecting, which a chat reply cannot; other fields must be ignored
