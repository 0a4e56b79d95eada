"""The widgets of replies that have ended: they stay open for a while, and are closed a few at a time."""

from __future__ import annotations

import threading
import time
from collections import deque
from functools import partial
from typing import TYPE_CHECKING

from ipywidgets import Widget

from .pacing import READ_OUT, READ_OUT_SHARE
from .renderer import Attempt

if TYPE_CHECKING:
    from .choose import Screen, View

#: Widgets of replies that have ended which stay open. A page that was loaded again while a reply came shows its
#: widgets for as long as they live, and never the bundle that replaced them on the page before.
KEPT = 200


def stage_of(screen: Screen, view: View) -> Stage:
    """Return the stage of ``screen``, which is made when it is first needed."""
    stage = screen.stage = screen.stage or Stage()
    stage.has_readers = view.front_end.names_cells
    return stage


class Stage:
    """Holds the widgets of the replies that have ended; the oldest are closed while the next reply is shown.

    Closing all that are over at once would be a burst of messages. ``has_readers``: somebody may listen to the page.
    """

    def __init__(self, *, has_readers: bool = False) -> None:
        self.has_readers = has_readers
        self._retired: deque[Widget] = deque()
        self._lock = threading.Lock()  # replies in the background end beside others
        self._read_out_until = -READ_OUT * READ_OUT_SHARE

    def retire(self, widgets: list[Widget]) -> None:
        """Take over ``widgets`` of a reply that has ended."""
        self._retired.extend(widgets)

    def wait_for_readers(self, attempt: Attempt) -> None:
        """Wait by way of ``attempt`` until a screen reader has found what was just shown; not for each of a series."""
        if self.has_readers and time.monotonic() - self._read_out_until >= READ_OUT * READ_OUT_SHARE:
            attempt(partial(time.sleep, READ_OUT))
            self._read_out_until = time.monotonic()

    def close(self) -> None:
        """Close all of them."""
        self._close(len(self._retired))

    def sweep(self, most: int = 1) -> None:
        """Close at most ``most`` of those that are more than are `KEPT`."""
        self._close(min(most, len(self._retired) - KEPT))

    def make_room(self) -> None:
        """Close as many as a short reply leaves behind when it has been painted once, and more where more wait."""
        self.sweep(min(4 + len(self._retired) // 8, 8))

    def _close(self, count: int) -> None:
        with self._lock:
            closing = [self._retired.popleft() for _ in range(min(count, len(self._retired)))]
        for widget in closing:
            widget.close()
