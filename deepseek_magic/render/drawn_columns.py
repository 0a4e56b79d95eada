"""Replies side by side without widgets: the whole is shown again, at most twice a second, or only at the end."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from . import panels, safe_html
from .back_ends.display import DisplayRenderer
from .bundle import whole
from .columns import Beside, Columns, bundle, title
from .places import InCell, InOutput, Place
from .renderer import Ending, Renderer, Silent

if TYPE_CHECKING:
    from .choose import Screen, View

_INTERVAL = 0.5


class _Drawn(DisplayRenderer):
    """One reply, which is drawn together with the others."""

    def __init__(self, board: DrawnColumns, interval: float, look: safe_html.Look) -> None:
        super().__init__(interval=interval, look=look)
        self._board = board
        self.html = safe_html.growing([])
        self.source = ""

    def open(self) -> None:
        """Show the status line."""
        self._paint()
        self._pacer.start()

    def close(self, ending: Ending) -> None:
        """Show the reply as it stays, while others still come."""
        self._pacer.stop()
        self.html, self.source = whole(ending), ending.text
        self._board.draw()

    def _paint(self) -> None:
        self.html, self.source = self._live_html(), "".join(self._text)
        self._board.draw()


class DrawnColumns:
    """Draws the replies in one ``place``."""

    def __init__(self, labels: Sequence[str], place: Place, look: safe_html.Look) -> None:
        self._labels = [title(number, label) for number, label in enumerate(labels, 1)]
        self._place = place
        self._look = look
        self._lock = threading.Lock()
        self.columns: tuple[_Drawn, ...] = tuple(_Drawn(self, _INTERVAL * len(labels), look) for _ in labels)

    def draw(self) -> None:
        """Show all replies as they are now; a column may ask for it from its pacer's thread."""
        columns = list(zip(self._labels, self.columns, strict=True))
        with self._lock:
            html = panels.columns([(label, one.html) for label, one in columns])
            text = "\n\n".join(f"[{label}]\n\n{one.source}" for label, one in columns)
            self._place.show({"text/html": str(self._look(html)), "text/plain": text})

    def close(self, final: Columns) -> None:
        """Show the replies for good."""
        self._place.end(bundle(final), final.metadata)


class HeadlessColumns:
    """Shows the replies when all have ended, and nothing before."""

    def __init__(self, labels: Sequence[str]) -> None:
        self.columns: tuple[Renderer, ...] = tuple(Silent() for _ in labels)

    def close(self, final: Columns) -> None:
        """Display the bundle."""
        InCell().end(bundle(final), final.metadata)


def make(_screen: Screen, view: View, labels: Sequence[str], *, live: bool) -> Beside | None:
    """Return what shows replies under ``labels``, while they come or only at the end; ``None`` in a terminal."""
    if not view.front_end.in_kernel:
        return None
    if not live or view.front_end.captured:
        return HeadlessColumns(labels)
    return DrawnColumns(labels, InOutput() if view.inside else InCell(opening=view.opening), view.look)
