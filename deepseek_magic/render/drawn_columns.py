"""Replies side by side without widgets: all are redrawn at most twice a second, or drawn only at the end."""

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
        """Show the reply in its final form, while others are still coming."""
        self._pacer.stop()
        self._say_long(ending)
        if not is_overfull(ending):
            self.final = shown(ending, self._look)
            self._read_out(ending, self._left)
        if self.final is None or (self._most and size(self.final) + size(ending.text) > self._most * ROOM):
            html, source = beginning(ending, self._look, self._most * ROOM, WHERE)
            self._reveal(self._look(html), source)
        else:
            self._reveal(self.final, ending.text)

    def _reveal(self, html: safe_html.SafeHtml, source: str) -> None:
        self._board.draw(self, html, source)


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

    def draw(self, column: _Drawn, html: safe_html.SafeHtml, source: str) -> None:
        """Show ``html``, made of ``source``, in ``column``, beside the current state of the others; from any thread."""
        with self._lock:
            column.html, column.source = html, source
            columns = list(zip(self._labels, self.columns, strict=True))
            drawn = panels.columns([(label, one.html) for label, one in columns])
            text = "\n\n".join(f"[{label}]\n\n{one.source}" for label, one in columns)
            column.html = panels.unheard(html)  # for the next drawing, which another column may cause
            self._place.show({"text/html": str(drawn), "text/plain": text})

    def close(self, final: Columns) -> None:
        """Show the final form of the replies."""
        self._place.end(bundle(final, [one.final for one in self.columns]), final.metadata)


class HeadlessColumns:
    """Shows the replies once all have ended, and nothing before."""

    def __init__(self, labels: Sequence[str]) -> None:
        self.columns: tuple[Renderer, ...] = tuple(Silent() for _ in labels)

    def close(self, final: Columns) -> None:
        """Display the bundle."""
        InCell().end(bundle(final), final.metadata)


def make(screen: Screen, view: View, labels: Sequence[str], *, live: bool) -> Beside | None:
    """Return the view of replies under ``labels``, ``live`` or only at the end; ``None`` in a terminal."""
    if not view.front_end.in_kernel:
        return None
    if not live or view.front_end.captured:
        return HeadlessColumns(labels)
    place = InOutput() if view.inside else InCell(opening=view.opening, execution=view.front_end.execution)
    return DrawnColumns(labels, place, view.look, view.front_end.needs.most, readers_of(screen, view))
