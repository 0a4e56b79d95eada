"""Replies side by side without widgets: all are shown again, at most twice a second, or only at the end."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from . import panels, safe_html
from .back_ends.display import DisplayRenderer
from .bundle import ROOM, beginning, is_overfull, shown, size
from .columns import WHERE, Beside, Columns, bundle, title
from .places import InCell, InOutput, Place
from .readers import Readers, readers_of
from .renderer import Ending, Renderer, Silent

if TYPE_CHECKING:
    from .choose import Screen, View

_INTERVAL = 0.5


class _Drawn(DisplayRenderer):
    """One reply, which is drawn together with the others."""

    def __init__(self, board: DrawnColumns, interval: float, look: safe_html.Look, most: int) -> None:
        super().__init__(interval=interval, look=look, most=most, readers=board.readers)
        self._board = board
        self.html = safe_html.growing([])
        self.source = ""
        self.final: safe_html.SafeHtml | None = None

    def close(self, ending: Ending) -> None:
        """Show the reply as it stays, while others still come."""
        self._pacer.stop()
        self._say_long(ending, stops=True)
        if not is_overfull(ending):
            self.final = shown(ending, self._look)
            self._read_out(ending, self._left)
        if self.final is None or (self._most and size(self.final) + size(ending.text) > self._most * ROOM):
            html, self.source = beginning(ending, self._look, self._most * ROOM, WHERE)
            self.html = self._look(html)
        else:
            self.html, self.source = self.final, ending.text
        self._board.draw()

    def _reveal(self, html: safe_html.SafeHtml, source: str) -> None:
        self.html, self.source = html, source
        self._board.draw()


class DrawnColumns:
    """Draws the replies in one ``place``."""

    def __init__(
        self, labels: Sequence[str], place: Place, look: safe_html.Look, most: int, readers: Readers | None = None
    ) -> None:
        self.readers = readers
        self._labels = [title(number, label) for number, label in enumerate(labels, 1)]
        self._place = place
        self._lock = threading.Lock()
        interval, share = _INTERVAL * len(labels), most // len(labels)
        self.columns: tuple[_Drawn, ...] = tuple(_Drawn(self, interval, look, share) for _ in labels)

    def draw(self) -> None:
        """Show all replies as they are now; a column may ask for it from its pacer's thread."""
        columns = list(zip(self._labels, self.columns, strict=True))
        with self._lock:
            drawn = [(label, one.html) for label, one in columns]
            html = panels.columns(drawn)
            text = "\n\n".join(f"[{label}]\n\n{one.source}" for label, one in columns)
            self._place.show({"text/html": str(html), "text/plain": text})
            for one, (_, was) in zip(self.columns, drawn, strict=True):
                if one.html is was:  # else the next is there already
                    one.html = panels.unheard(was)

    def close(self, final: Columns) -> None:
        """Show the replies for good."""
        self._place.end(bundle(final, [one.final for one in self.columns]), final.metadata)


class HeadlessColumns:
    """Shows the replies when all have ended, and nothing before."""

    def __init__(self, labels: Sequence[str]) -> None:
        self.columns: tuple[Renderer, ...] = tuple(Silent() for _ in labels)

    def close(self, final: Columns) -> None:
        """Display the bundle."""
        InCell().end(bundle(final), final.metadata)


def make(screen: Screen, view: View, labels: Sequence[str], *, live: bool) -> Beside | None:
    """Return what shows replies under ``labels``, while they come or only at the end; ``None`` in a terminal."""
    if not view.front_end.in_kernel:
        return None
    if not live or view.front_end.captured:
        return HeadlessColumns(labels)
    place = InOutput() if view.inside else InCell(opening=view.opening)
    return DrawnColumns(labels, place, view.look, view.front_end.needs.most, readers_of(screen, view))
