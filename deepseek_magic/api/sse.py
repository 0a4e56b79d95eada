"""Bytes to events of a WHATWG event stream; no I/O.

Follows "9.2.6 Interpreting an event stream" of the HTML standard (https://html.spec.whatwg.org/multipage/
server-sent-events.html), with three differences that lose no text: an event that the end of the stream cuts off is
handed on by `SSEDecoder.flush` (servers forget the last blank line), comments are handed on, as signs of life, and a
line of no known field goes on with a JSON object that is open (some servers do not escape line ends in strings).
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

#: A line or event of more bytes than this is not an event stream but an attack on memory.
MAX_EVENT_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event: ``data`` with its lines joined by a line feed, and the ``event`` type ("message" if none)."""

    data: str
    event: str = "message"


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment line, such as ``: keep-alive``."""

    text: str


class SSEDecoder:
    """Decodes an event stream piece by piece; linear in the bytes fed, however they are cut."""

    def __init__(self) -> None:
        self._partial: list[bytes] = []
        self._size = 0
        self._skip_line_feed = False
        self._first_line = True
        self._data: list[str] = []
        self._event = ""

    def feed(self, chunk: bytes) -> list[ServerSentEvent | Comment]:
        """Return what ``chunk`` completes, in order.

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
            elif not line and len(self._data) == 1 and not (self._partial or self._event):  # and what ends it
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
        """Return what the end of the stream leaves open, if anything."""
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
        # id and retry serve reconnection, which a chat reply has not; others are to be ignored
