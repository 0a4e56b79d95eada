"""The back end for front ends without widgets: it repaints the whole reply at most twice a second."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
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
from deepseek_magic.render import panels, ran_pieces, safe_html
from deepseek_magic.render.bundle import bundle, calls_html, closing, is_long, to_draw
from deepseek_magic.render.pacing import Pacer
from deepseek_magic.render.page import Page
from deepseek_magic.render.places import InCell, InOutput, Place
from deepseek_magic.render.readers import Readers, readers_of
from deepseek_magic.render.renderer import Ending, Renderer, Rounds
from deepseek_magic.render.status import Status

from . import headless

if TYPE_CHECKING:
    from deepseek_magic.render.choose import Apart, Screen, View


_LONG = "longer than this front end shows while it comes"
#: Characters of an end that may still be drawn for those who listen.
_HEARD = 32_000


class DisplayRenderer:
    """Repaints the whole reply in one ``place``: for front ends without widgets.

    Its updates carry the source so far as ``text/plain``, which a terminal can follow; before there is any, a sentence
    for whoever opens a file that was saved then. A screen reader hears of each paint only what is new in it: what has
    finished, and what is being done.
    """

    shows_source = False

    def __init__(
        self,
        place: Place | None = None,
        interval: float = 0.5,
        look: safe_html.Look = safe_html.as_made,
        apart: Apart | None = None,
        most: int = 0,
        readers: Readers | None = None,
    ) -> None:
        self._readers = readers or Readers()
        self._most = most
        self._beside = "" if apart is None else f" · {apart.name} · {apart.how}"
        self._look = look
        self._place: Place = InCell() if place is None else place
        self._pacer = Pacer(self._paint, self._paint, interval)
        self._status = Status(self._pacer.now)
        self._page = Page()
        self._said, self._thought = Rounds(), Rounds()
        self._text: list[str] = []
        self._reasoning = Page()
        self._calls: list[Called] = []
        self._piece: Piece | None = None
        self._parts: list[safe_html.SafeHtml] = []  # as shown last
        self._doing = ""

    @property
    def display_id(self) -> str:
        """The output that holds the reply, once it is shown."""
        return self._place.display_id

    def open(self) -> None:
        """Show the status line."""
        self._paint()
        self._pacer.start()

    def show(self, batch: Batch) -> None:
        """Add the events of ``batch``, and repaint if it is time."""
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
                        first = first or self._reasoning.empty
                        grown += len(text)
                        self._reasoning.feed(self._thought.drawn(event))
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
        if self._parts:
            self._say_long(ending)
        left = self._left
        final = bundle(ending, self._page.finish if self._page.holds(ending.view) else None, self._look)
        self._read_out(ending, left)
        self._place.end(final, ending.metadata)

    def _say_long(self, ending: Ending) -> None:
        """Show what was shown last again, with the status that the end is being drawn, if that takes long."""
        if is_long(ending):
            self._status.draw(to_draw(ending), "a stop" if self._beside else "an interrupt")
            self._parts = [panels.unheard(part) for part in self._parts]
            self._reveal(*self._within())

    @property
    def _left(self) -> int:
        """Characters that the next paint draws; to be asked for before the page is finished."""
        return self._page.open_size + self._reasoning.open_size

    def _read_out(self, ending: Ending, left: int) -> None:
        """Let those who listen hear the end: nothing is heard of the bundle that takes its place.

        Not if much is ``left`` to be drawn for it: no stop is heard meanwhile.
        """
        if left > _HEARD or not self._readers.present or not self._page.holds(ending.view):
            return
        with suppress(Exception):  # the bundle shows the reply in any case
            if not self._page.tail() and not ending.notices:
                return
            below = closing(ending)
            last = panels.heard(below, follows=True) if ending.notices else below
            html, text = self._look(safe_html.growing([*self._live_parts(last=True), last])), "".join(self._text)
            if not self._is_cut(html, text):
                self._reveal(html, text)
                self._readers.wait(ending.attempt)

    def _paint(self) -> None:
        self._parts = self._live_parts()
        self._reveal(*self._within())

    def _reveal(self, html: safe_html.SafeHtml, source: str) -> None:
        self._place.show({"text/html": str(html), "text/plain": source or self._place.words})

    def _within(self) -> tuple[safe_html.SafeHtml, str]:
        """Return the parts with the status line, and the source; only that line if they would be cut.

        It stands below the text, and above thinking, where it stays in sight.
        """
        line = self._status.line(self._pacer.now)
        before, self._doing = self._doing, line.partition(" · ")[0]
        shown = [safe_html.status(line + self._beside, heard=self._doing != before)]
        parts = [*shown, *self._parts] if self._is_thinking else [*self._parts, *shown]
        html, text = self._look(safe_html.growing(parts)), "".join(self._text)
        if self._is_cut(html, text):
            return safe_html.growing([safe_html.status(f"{line} · {_LONG}")]), ""
        return html, text

    def _is_cut(self, html: str, text: str) -> bool:
        return 0 < self._most / 4 < len(html) + len(text)  # a character has up to four bytes

    @property
    def _is_thinking(self) -> bool:
        return not self._reasoning.empty and not self._text

    def _live_parts(self, *, last: bool = False) -> list[safe_html.SafeHtml]:
        parts = []
        if not self._reasoning.empty:
            body, summary = self._reasoning.whole(), self._status.thought(self._pacer.now)
            boxed = self._is_thinking
            parts.append(panels.scrolling(body) if boxed else safe_html.reasoning(body, summary=summary, open=False))
        if self._calls:
            parts.append(calls_html(self._calls, live=True))
        if self._piece is not None:
            parts.append(ran_pieces.proposed(self._piece))
        if self._text:
            heard = partial(panels.heard, goes_on=not last)
            parts.append(safe_html.answering(self._page.whole(heard, last=last)))
        return parts


def make(screen: Screen, view: View) -> Renderer | None:
    """Return the renderer for ``view``; ``None`` in a terminal, which shows no HTML."""
    if not view.front_end.in_kernel:
        return None
    if view.front_end.captured:  # a live view has no sense there
        return headless.make(screen, view)
    place = InOutput() if view.inside else InCell(view.display_id, view.opening, view.front_end.execution)
    most = view.front_end.needs.most
    readers = readers_of(screen, view)
    return DisplayRenderer(place, look=view.look, apart=view.apart, most=most, readers=readers)
