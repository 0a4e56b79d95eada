"""Replies side by side in widgets: each column grows like a single reply, and one static bundle replaces them all."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from deepseek_magic.text import visible

from . import drawn_columns, panels, safe_html
from .back_ends.widget import WidgetRenderer
from .bundle import whole
from .columns import Beside, Columns, bundle, title
from .pacing import INTERVAL, Pacer
from .places import InCell
from .renderer import Ending
from .sections import Maker
from .stage import Stage, stage_of
from .style import COLUMN_WIDTH

if TYPE_CHECKING:
    from .choose import Screen, View

# The gap of the static form, less the 20 pixels by which JupyterLab pads the text of each column on the right.
_GAP = "14px 8px"


class _Live(WidgetRenderer):
    """One reply, in a box of `LiveColumns`. All columns together paint as often as a single reply."""

    def __init__(self, board: LiveColumns, number: int, count: int, look: safe_html.Look) -> None:
        super().__init__(board.stage, look=look)
        self._pacer = Pacer(self._catch_up, self._tick, INTERVAL * count)
        self._board = board
        self._number = number
        self.final: safe_html.SafeHtml | None = None

    def close(self, ending: Ending) -> None:
        """Show the reply in its final form, while others are still coming."""
        if self._make is None:  # it failed before there was anything to show
            self._pacer.stop()
            self._board.fill(self._number, whole(ending))
            return
        html, _ = self._final(ending)
        self.final = None if html is None else self._look(html)
        with suppress(Exception):  # the bundle shows the reply in any case
            self._leave(ending, html)
        self._stage.retire(self._make.made)

    def _reveal(self, box: Any) -> None:
        self._board.place(self._number, box)


class LiveColumns:
    """Shows the replies live in one output, and replaces them by a static bundle in the end."""

    def __init__(self, stage: Stage, labels: Sequence[str], view: View) -> None:
        self.stage = stage
        self._titles = [title(number, label) for number, label in enumerate(labels, 1)]
        self._cell = InCell(opening=view.opening, execution=view.front_end.execution)
        look = self._look = view.look
        self._make: Maker | None = None
        self._below: Any = None
        self._boxes: list[Any] = []
        self.columns: tuple[_Live, ...] = tuple(_Live(self, place, len(labels), look) for place in range(len(labels)))

    def place(self, number: int, box: Any) -> None:
        """Show ``box`` in the column ``number``, counted from 0."""
        made = self._shown()
        made[number].children = (made[number].children[0], box)

    def fill(self, number: int, html: safe_html.SafeHtml) -> None:
        """Show ``html`` in the column ``number``."""
        boxes = self._shown()
        assert self._make is not None
        boxes[number].children = (boxes[number].children[0], self._make.text(html))

    def close(self, final: Columns) -> None:
        """Replace the widgets by the static bundle, over the same display id."""
        static = bundle(final, [one.final for one in self.columns])
        if self._make is not None and final.closing:  # for a page that was reloaded meanwhile
            with suppress(Exception):  # the bundle shows it in any case
                self._make.paint(self._below, safe_html.live(panels.closing_line(visible(final.closing))))
                self._below.layout.display = "block"
        self._cell.end(static, final.metadata)
        if self._make is not None:
            self.stage.retire(self._make.made)

    def _shown(self) -> list[Any]:
        """Return the boxes of the columns, which are shown at the first call."""
        if self._make is None:
            make = self._make = Maker(self._look)
            width = f"1 1 {COLUMN_WIDTH}"
            column = make.layout(display="block", flex=width, min_width="0", margin="0", overflow="visible")
            row = make.layout(display="flex", flex_flow="row wrap", grid_gap=_GAP, margin="0", overflow="visible")
            all_of_it = make.layout(display="flex", flex_flow="column", grid_gap=_GAP, margin="0", overflow="visible")
            for one in self._titles:
                self._boxes.append(make.box(make.text(safe_html.live(panels.column_title(one))), layout=column))
            rows = [make.box(*boxes, layout=row) for boxes in panels.in_rows(self._boxes)]
            # Made now: a page that is reloading at the end would miss a new widget, and show an error for it.
            self._below = make.text(layout=make.layout(display="none", margin="0", overflow="visible"))
            self._cell.show({**make.output(make.box(*rows, self._below, layout=all_of_it)), **self._cell.unfinished()})
        return self._boxes


def make(screen: Screen, view: View, labels: Sequence[str]) -> Beside | None:
    """Return the view of replies under ``labels`` if widgets can be shown; ``None`` in a terminal."""
    if view.front_end.captured or view.inside or not view.front_end.in_kernel:
        return drawn_columns.make(screen, view, labels, live=True)
    return LiveColumns(stage_of(screen, view), labels, view)
