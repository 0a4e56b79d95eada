"""Support screen readers: what is in the page only for a moment must stay until a screen reader has found it."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from .pacing import READ_OUT, READ_OUT_SHARE
from .renderer import Attempt

if TYPE_CHECKING:
    from .choose import Screen, View


def readers_of(screen: Screen, view: View) -> Readers:
    """Return the readers of ``screen``, made when they are first needed."""
    readers = screen.readers = screen.readers or Readers()
    readers.present = view.front_end.has_readers
    return readers


class Readers:
    """Waits for screen readers; if nobody is ``present`` it does not."""

    def __init__(self, *, present: bool = False) -> None:
        self.present = present
        self._read_out_until = -READ_OUT * READ_OUT_SHARE

    def wait(self, attempt: Attempt) -> None:
        """Wait, through ``attempt``, until a screen reader has found what was just shown; rarely in a series."""
        if self.present and time.monotonic() - self._read_out_until >= READ_OUT * READ_OUT_SHARE:
            attempt(partial(time.sleep, READ_OUT))
            self._read_out_until = time.monotonic()
