"""Keep the widgets of ended replies open for a while, and close them a few at a time."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

from ipywidgets import Widget

from .readers import Readers, readers_of

if TYPE_CHECKING:
    from .choose import Screen, View

#: Widgets of replies that have ended which stay open. A page that was loaded again while a reply came shows its
#: widgets for as long as they live, and never the bundle that replaced them on the page before.
KEPT = 200


def stage_of(screen: Screen, view: View) -> Stage:
    """Return the stage of ``screen``, which is made when it is first needed."""
    readers = readers_of(screen, view)
    stage = screen.stage = screen.stage or Stage(readers)
    return stage


class Stage:
    """Holds the widgets of the replies that have ended; the oldest are closed while the next reply is shown.

    Closing all of them at once would be a burst of messages. ``readers`` are the screen readers of the page.
    """

    def __init__(self, readers: Readers | None = None) -> None:
        self.readers = readers or Readers()
        self._retired: deque[Widget] = deque()
        self._lock = threading.Lock()  # replies in the background end beside others

    def retire(self, widgets: list[Widget]) -> None:
        """Take over ``widgets`` of a reply that has ended."""
        self._retired.extend(widgets)

    def close(self) -> None:
        """Close all of them."""
        self._close(len(self._retired))

    def sweep(self, most: int = 1) -> None:
        """Close at most ``most`` of those beyond the `KEPT` newest."""
        self._close(min(most, len(self._retired) - KEPT))

    def make_room(self) -> None:
        """Close as many as a short reply leaves behind when it has been painted once, and more where more wait."""
        self.sweep(min(4 + len(self._retired) // 8, 8))

    def _close(self, count: int) -> None:
        with self._lock:
            closing = [self._retired.popleft() for _ in range(min(count, len(self._retired)))]
        for widget in closing:
            widget.close()
