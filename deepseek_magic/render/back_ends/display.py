"""The back end of front ends without widgets: the whole reply, shown again at most twice a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deepseek_magic.api.events import (
    Batch,
    Called,
    Calling,
    Noted,
    Piece,
    ReasoningDelta,
    TextDelta,
    Underway,
    assert_never,
)
from deepseek_magic.render import ran_pieces, safe_html
from deepseek_magic.render.bundle import bundle, calls_html, is_long
from deepseek_magic.render.pacing import Pacer
from deepseek_magic.render.page import Page
from deepseek_magic.render.places import UNFINISHED, InCell, InOutput, Place
from deepseek_magic.render.renderer import Ending, Renderer, Rounds
from deepseek_magic.render.status import Status

from . import headless

if TYPE_CHECKING:
    from deepseek_magic.render.choose import Apart, Screen, View


_LONG = "longer than this front end shows while it comes"


class DisplayRenderer:
    """Repaints the whole reply in one ``place``: for front ends without widgets.

    Its updates carry the source so far as ``text/plain``, which a terminal can follow; before there is any, a sentence
    for whoever opens a file that was saved then.
    """

    shows_source = False

    def __init__(
        self,
        place: Place | None = None,
        interval: float = 0.5,
        look: safe_html.Look = safe_html.as_made,
        apart: Apart | None = None,
        most: int = 0,
    ) -> None:
        self._most = most
        self._beside = "" if apart is None else f" · {apart.name} · {apart.how}"
        self._look = look
        self._place: Place = InCell() if place is None else place
        self._pacer = Pacer(self._paint, self._paint, interval)
        self._status = Status(self._pacer.now)
        self._page = Page()
        self._said, self._thought = Rounds(), Rounds()
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._calls: list[Called] = []
        self._piece: Piece | None = None
        self._parts: list[safe_html.SafeHtml] = []  # as shown last

    @property
    def display_id(self) -> str:
        """The output that holds the reply, once it is shown."""
        return self._place.display_id

    def open(self) -> None:
        """Show the status line."""
        self._place.show(self._live())
        self._pacer.start()

    def show(self, batch: Batch) -> None:
        """Take in the events of ``batch``, and repaint if it is time."""
        grown, first = 0, False
        with self._pacer.lock:
            self._status.fold(batch, self._pacer.now)
            for event in batch:
                match event:
                    case TextDelta(text):
                        first = first or not self._text
                        grown += len(text)
                        self._text.append(text)
                        self._page.feed(self._said.drawn(event))
                    case ReasoningDelta(text):
                        first = first or not self._reasoning
                        grown += len(text)
                        self._reasoning.append(self._thought.drawn(event))
                    case Called():
                        first, self._piece = True, None
                        self._calls.append(event)
                        self._page.cite(event.sources)
                    case Calling(piece=Piece() as piece):
                        first, self._piece = True, piece
                    case Underway() | Noted():
                        pass
                    case _:
                        assert_never(event)
            if first or (grown and self._pacer.due(grown, 0)):
                self._paint()
                self._pacer.painted()

    def close(self, ending: Ending) -> None:
        """Show the final bundle over the same display id."""
        self._pacer.stop()
        if is_long(ending) and self._parts:  # they are shown once more, with what is done now
            self._status.draw(len(ending.view), stops=not self._beside)
            self._place.show(self._shown())
        final = bundle(ending, self._page.finish if self._page.holds(ending.view) else None, self._look)
        self._place.end(final, ending.metadata)

    def _paint(self) -> None:
        self._place.show(self._live())

    def _live(self) -> dict[str, str]:
        self._parts = self._live_parts()
        return self._shown()

    def _shown(self) -> dict[str, str]:
        html, text = self._within()
        return {"text/html": str(html), "text/plain": text or UNFINISHED}

    def _within(self) -> tuple[safe_html.SafeHtml, str]:
        """Return the parts above the status line, and the source; that line alone where they would be cut."""
        line = self._status.line(self._pacer.now)
        html = self._look(safe_html.growing([*self._parts, safe_html.status(line + self._beside)]))
        text = "".join(self._text)
        if self._most and len(html) + len(text) > self._most / 4:  # a character has up to four bytes
            return safe_html.growing([safe_html.status(f"{line} · {_LONG}")]), ""
        return html, text

    def _live_parts(self) -> list[safe_html.SafeHtml]:
        now = self._pacer.now
        parts = []
        if self._reasoning:
            body = safe_html.text("".join(self._reasoning))
            opened = not self._text
            parts.append(safe_html.reasoning(body, summary=self._status.thought(now), open=opened))
        if self._calls:
            parts.append(calls_html(self._calls, live=True))
        if self._piece is not None:
            parts.append(ran_pieces.proposed(self._piece))
        if self._text:
            parts.append(self._page.whole())
        return parts


def make(screen: Screen, view: View) -> Renderer | None:
    """Return the renderer for ``view``; ``None`` in a terminal, which shows no HTML."""
    if not view.front_end.in_kernel:
        return None
    if view.front_end.captured:  # a live view has no sense there
        return headless.make(screen, view)
    place = InOutput() if view.inside else InCell(view.display_id, view.opening)
    most = view.front_end.needs.most
    return DisplayRenderer(place, look=view.look, apart=view.apart, most=most)
