"""Read an HTTP answer with limits on its headers and trailers, where the standard library reads without limit."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

#: The most lines of trailers, and the most interim answers ("100 Continue"), that are read.
_MOST_TRAILERS = 32
_MOST_INTERIM = 8
#: The most headers of an answer, as in the standard library.
_MOST_HEADERS = 99
# No blank may match two parts of the pattern, or an answer that almost matches would take quadratic time.
_FIELD = r"\r\n([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([^\r\n]*)"
_FIELDS = re.compile(_FIELD)
_HEAD = re.compile(r"HTTP/1\.1 ([2-5]\d\d)((?: [^\r\n]*)?)((?:" + _FIELD + r")*)\r\n\r\n")
_BODILESS = ("204", "304")


class Headers(Mapping[str, str]):
    """The headers of an answer by name, in any case; several values of one name are joined by a comma."""

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
    """An HTTP answer whose headers and trailers are within these limits."""

    _begun = 0

    def begin(self) -> None:
        """Read the status and the headers, which for nearly every answer takes one regular expression.

        The standard library parses them as an e-mail, which takes longer than everything else about a short answer.
        """
        if self.headers is None and not self._begun_at_once():
            super().begin()

    def _begun_at_once(self) -> bool:
        """Read headers of the usual form if all of them have arrived; if not, consume nothing and return ``False``."""
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
    """Return the length in a header; ``None`` if it is not valid, as in the standard library."""
    try:
        length = int(said)
    except ValueError:
        return None
    return length if length >= 0 else None
