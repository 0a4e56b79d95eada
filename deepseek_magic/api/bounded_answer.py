"""An HTTP answer whose beginning and end are bounded; the standard library reads on as long as a server likes."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

#: Lines of trailers, and answers before the answer ("100 Continue"), that are read.
_MOST_TRAILERS = 32
_MOST_INTERIM = 8
#: Headers of an answer that is read at once: as many as the standard library reads.
_MOST_HEADERS = 99
# No blank may belong to two parts of the pattern: a beginning that almost matches would take ages.
_FIELD = r"\r\n([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([^\r\n]*)"
_FIELDS = re.compile(_FIELD)
_HEAD = re.compile(r"HTTP/1\.1 ([2-5]\d\d)((?: [^\r\n]*)?)((?:" + _FIELD + r")*)\r\n\r\n")
_BODILESS = ("204", "304")


class Headers(Mapping[str, str]):
    """The headers of an answer by their names, however these are spelled; the values of one name joined by a comma."""

    __slots__ = ("_values",)

    def __init__(self, fields: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, str] = {}
        for name, value in fields:
            lower = name.lower()
            before = self._values.get(lower)
            self._values[lower] = value if before is None else f"{before}, {value}"

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value of ``name``; ``default`` if there is none."""
        return self._values.get(name.lower(), default)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


class BoundedAnswer(http.client.HTTPResponse):
    """An answer that begins and ends within these limits."""

    _begun = 0

    def begin(self) -> None:
        """Read the status and the headers; those of nearly every answer are taken to pieces at once.

        The standard library reads them as an e-mail, which takes longer than all else about a short answer.
        """
        if self.headers is None and not self._begun_at_once():
            super().begin()

    def _begun_at_once(self) -> bool:
        """Take in a beginning of the usual form, if it is there whole; else nothing of it is taken from the stream."""
        if self.debuglevel or self._method == "HEAD":  # type: ignore[attr-defined]
            return False
        stream: Any = self.fp
        head = _HEAD.match(stream.peek().decode("iso-8859-1"))
        if head is None or head[1] in _BODILESS:
            return False
        found = _FIELDS.findall(head[3])
        fields = Headers([(name, value.strip(" \t")) for name, value in found])
        if len(fields) < len(found) or len(found) > _MOST_HEADERS:  # which of two values counts is not decided here
            return False
        stream.read(head.end())
        self.code = self.status = int(head[1])
        self.reason = head[2].strip()
        self.version = 11
        self.headers = self.msg = fields  # type: ignore[assignment]
        self.chunked = fields.get("transfer-encoding", "").lower() == "chunked"
        self.chunk_left = None
        self.length = None if self.chunked else _length(fields.get("content-length", ""))
        self.will_close = self._check_close() or (self.length is None and not self.chunked)  # type: ignore[attr-defined]
        return True

    def _read_status(self) -> Any:
        self._begun += 1
        if self._begun > _MOST_INTERIM:
            msg = "the answer does not begin"
            raise http.client.HTTPException(msg)
        return super()._read_status()  # type: ignore[misc]

    def _read_and_discard_trailer(self) -> None:
        for _ in range(_MOST_TRAILERS):
            if self.fp.readline(1024) in (b"\r\n", b"\n", b""):
                return
        msg = "the answer does not end"
        raise http.client.HTTPException(msg)


def _length(said: str) -> int | None:
    """Return the length that a header ``said``; ``None`` for none, as the standard library reads it."""
    try:
        length = int(said)
    except ValueError:
        return None
    return length if length >= 0 else None
