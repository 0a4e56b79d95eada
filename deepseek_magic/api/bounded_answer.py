"""An HTTP answer whose beginning and end are bounded; the standard library reads on as long as a server likes."""

from __future__ import annotations

import http.client
from typing import Any

#: Lines of trailers, and answers before the answer ("100 Continue"), that are read.
_MOST_TRAILERS = 32
_MOST_INTERIM = 8


class BoundedAnswer(http.client.HTTPResponse):
    """An answer that begins and ends within these limits."""

    _begun = 0

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
