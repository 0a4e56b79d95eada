"""The live back end of the notebook: committed blocks keep the reader's selection, and a static bundle ends it.

Measured: an `Output` widget that shows a box of `HTMLMath` widgets is the only design that keeps selections, costs
linear work, and can be replaced over the same display id by a bundle that a saved notebook keeps.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from deepseek_magic.api.events import (
    Batch,
    Called,
    Calling,
    Noted,
    Piece,
    ReasoningDelta,
    Retrying,
    TextDelta,
    Underway,
    Waiting,
    assert_never,
)
from deepseek_magic.render import safe_html
from deepseek_magic.render.bundle import bundle, closing, drawn, fitted, is_long, to_draw, undrawn, whole
from deepseek_magic.render.live_calls import LiveCalls
from deepseek_magic.render.pacing import Pacer
from deepseek_magic.render.page import Page
from deepseek_magic.render.places import InCell
from deepseek_magic.render.renderer import Ending, Renderer, Rounds, undrawable
from deepseek_magic.render.sections import Maker, Scroller, Section
from deepseek_magic.render.stage import Stage, stage_of
from deepseek_magic.render.status import Status

from . import display as display_back_end

if TYPE_CHECKING:
    from deepseek_magic.render.choose import Apart, Screen, View

# Of the button, where the kernel is busy with another cell.
_LATE = "(if a cell is running, Stop acts when it ends)"


class WidgetRenderer:
    """Shows a reply live in widgets and leaves a static bundle behind.

    Args:
        stage: takes over the widgets in the end.
        place: the output to show it in; a new one where it is ``None``.
        look: what the front end needs done to the HTML.
        apart: what its status line offers where it comes after its cell has ended.
        heard_late: whether the kernel hears of a click only when no cell runs.
    """

    shows_source = False

    def __init__(
        self,
        stage: Stage,
        place: InCell | None = None,
        look: safe_html.Look = safe_html.as_made,
        apart: Apart | None = None,
        *,
        heard_late: bool = True,
    ) -> None:
        self._stage = stage
        self._look = look
        self._make: Maker | None = None
        self._is_torn = False  # the user stopped the drawing of the end
        self._apart = apart
        self._heard_late = heard_late
        self._place = place or InCell()
        self._pacer = Pacer(self._catch_up, self._tick)
        self._status = Status(self._pacer.now)
        self._said, self._thought = Rounds(), Rounds()
        self._reasoning: Section | None = None
        self._thinking: safe_html.SafeHtml | None = None
        self._calls: LiveCalls
        self._scroller: Scroller
        # Around a reply beside which the user works, so that nothing below moves while it grows: the browser makes no
        # click of a press and a release between which the button has moved away.
        self._window: Scroller | None = None
        self._shown_line = ""

    def open(self) -> None:
        """Show the status line where the reply will be."""
        self._stage.make_room()
        make = self._make = Maker(self._look)
        self._calls = LiveCalls(make)
        self._shown_line = self._status_line()
        self._line = make.text(safe_html.live(safe_html.status(self._shown_line, heard=True)))
        self._row = self._line
        if self._apart is not None:
            self._row, self._window = self._with_stop(make, self._apart), make.scroller(steady=True)
        self._answer = Section(make, heard=True)
        self._box = make.box(*self._children())
        self._reveal(self._box)
        self._pacer.start()

    def _reveal(self, box: Any) -> None:
        self._place.show({**self._maker.output(box), **self._place.unfinished()})

    def show(self, batch: Batch) -> float:
        """Take in the events of ``batch``, and paint if it is time; return the seconds until it may be again."""
        thought: list[ReasoningDelta] = []
        said: list[TextDelta] = []
        with self._pacer.lock:
            now = self._pacer.now
            self._status.fold(batch, now)
            for event in batch:
                match event:
                    case TextDelta():
                        said.append(event)
                    case ReasoningDelta():
                        thought.append(event)
                    case Called():
                        self._calls.called(event)
                        self._arrange()
                        self._answer.page.cite(event.sources)
                    case Calling(piece=Piece() as piece):
                        self._calls.proposed(piece)
                        self._arrange()
                        self._tick()
                    case Waiting() | Retrying() | Calling():
                        self._tick()
                    case Underway() | Noted():
                        pass
                    case _:
                        assert_never(event)
            if thought:
                self._think(self._thought.drawn(*thought), now)
            if said:
                self._grow(self._answer, self._said.drawn(*said), now)
            return self._pacer.rest

    def close(self, ending: Ending) -> None:
        """Replace the live widgets by the static bundle, over the same display id."""
        if self._make is None:
            self._pacer.stop()
            self._place.end(bundle(ending, look=self._look), ending.metadata)
            return
        html, final = self._final(ending)
        with suppress(Exception):  # the bundle shows the reply in any case
            self._leave(ending, html)
        self._place.end(final, ending.metadata)
        self._stage.retire(self._make.made)

    @property
    def display_id(self) -> str:
        """The output that holds the reply, once it is shown."""
        return self._place.display_id

    @property
    def _maker(self) -> Maker:
        assert self._make is not None  # `show` comes after `open`
        return self._make

    def _final(self, ending: Ending) -> tuple[safe_html.SafeHtml | None, dict[str, str]]:
        """End the painting, and return the finished reply as HTML, and the static bundle of it.

        If making it fails, the bundle holds only the text: a dead widget must not stay in the file.
        """
        if is_long(ending):
            self._status.draw(to_draw(ending), "an interrupt" if self._apart is None else "Stop")
        with self._pacer.settled():
            try:
                html = drawn(ending, partial(self._whole, ending))
                if html is None:
                    html, self._is_torn = undrawn(ending), True
                data = {"text/html": str(self._look(html)), "text/plain": ending.text}
                return html, fitted(data, ending, self._look)
            except Exception as error:  # noqa: BLE001  # whatever it is, the text must be seen
                return None, {"text/plain": undrawable(ending, error)}

    def _whole(self, ending: Ending) -> safe_html.SafeHtml:
        at_hand = self._answer.holds(ending.view) and not ending.sources  # whose citations are links in the end
        answer = self._answer.finish(painted=True) if at_hand else None
        thinking = self._thinking if self._reasoning and self._reasoning.page.holds(ending.reasoning) else None
        return whole(ending, answer, thinking)

    def _leave(self, ending: Ending, html: safe_html.SafeHtml | None) -> None:
        """Let the widgets show the finished reply, too, for a page that was loaded again while it came."""
        page = self._answer.page
        if self._window is not None:
            self._window, self._row = None, self._line
            self._arrange()
        is_whole = not self._is_torn and page.holds(ending.view)
        if is_whole:
            self._answer.paint(last=True)
            self._maker.paint(self._line, safe_html.live(closing(ending), heard=bool(ending.notices)))
            self._stage.readers.wait(ending.attempt)
        if html is not None and (page.is_redone or not is_whole):
            self._maker.paint(self._line, html)  # a new one would be missed by a page that is being loaded again
            self._box.children = (self._line,)

    def _think(self, text: str, now: float) -> None:
        """Show more thinking; what comes after the answer has begun is shown at the end."""
        if self._thinking is not None:
            return
        if self._reasoning is None:
            self._reasoning = Section(self._maker)
            self._scroller = self._maker.scroller()
        self._grow(self._reasoning, text, now)

    def _grow(self, section: Section, text: str, now: float) -> None:
        first = section.empty
        section.add(text)
        if self._pacer.grew(len(text), now) or first:
            self._advance(section, first=first)

    def _advance(self, section: Section, *, first: bool = False) -> None:
        """Paint what has come, if it is worth it."""
        section.take()
        page = section.page
        if self._pacer.worth(page.open_size, page.swell, covered=self._covers(page)) or first:
            self._pacer.painted(self._catch_up())
            self._stage.sweep(1)

    def _covers(self, page: Page) -> bool:
        """Return whether the text so far pays for painting the open rest of ``page``."""
        pages = [section.page for section in (self._reasoning, self._answer) if section is not None]
        html, source = sum(one.html_size for one in pages), sum(one.source_size for one in pages)
        size, opens = page.open_size * page.swell, page.has_group
        return self._maker.allowance.covers(size, self._pacer.rested, opens=opens, html=html, source=source)

    def _arrange(self) -> None:
        """Show every part in its place; what stands before the first change stays as it is on the page."""
        children = self._children()
        if children != self._box.children:
            self._box.children = children

    def _children(self) -> tuple[Any, ...]:
        thought: tuple[Any, ...] = ()
        thinks = self._reasoning is not None and self._thinking is None
        if self._reasoning is not None:
            thought = self._reasoning.parts
            if thinks:
                self._scroller.fill(thought)
                thought = (self._scroller.box,)
        shown = (*thought, *self._calls.parts, *self._answer.parts)
        if self._window is not None:
            self._window.fill(shown)
            is_empty = self._answer.empty and len(shown) == len(self._answer.parts)
            return (self._row,) if is_empty else (self._row, self._window.box)
        return (self._row, *shown) if thinks else (*shown, self._row)

    def _catch_up(self) -> int:
        """Show what has come: what has finished, for good, and the open rest; from any thread.

        So what has finished is read out also where the endpoint says nothing for a while after it. Return how many
        characters are left for the next paint.
        """
        section = self._reasoning if self._answer.empty else self._answer
        if section is not None:
            section.take()
            section.commit()
        self._arrange()
        self._paint()
        return 0 if section is None else section.waiting

    def _paint(self) -> None:
        if self._reasoning is not None and self._thinking is None:
            if self._answer.empty:
                self._reasoning.paint()
            else:
                summary = self._status.thought(self._pacer.now)
                self._thinking = self._reasoning.finish_soon()
                self._reasoning.collapse(safe_html.reasoning(self._thinking, summary=summary, open=False))
                self._arrange()
        if not self._answer.empty:
            self._answer.paint()
        self._tick()

    def _tick(self) -> None:
        if self._make is not None and (line := self._status_line()) != self._shown_line:
            heard = line.partition(" · ")[0] != self._shown_line.partition(" · ")[0]  # what is done, not for how long
            self._shown_line = line
            self._make.paint(self._line, safe_html.live(safe_html.status(line, heard=heard)))

    def _status_line(self) -> str:
        line = self._status.line(self._pacer.now)
        return line if self._apart is None else f"{line} · {self._apart.name}"

    def _with_stop(self, make: Maker, apart: Apart) -> Any:
        """Return the status line with a button that stops the reply."""
        late = [make.text(safe_html.live(safe_html.status(_LATE)))] if self._heard_late else []
        return make.row(self._line, make.button("Stop", f"Stop {apart.name}", apart.stop), *late)


def make(screen: Screen, view: View) -> Renderer | None:
    """Return the renderer for ``view``, where widgets can be seen; ``None`` in a terminal."""
    if view.front_end.captured or view.inside or not view.front_end.in_kernel:
        return display_back_end.make(screen, view)
    place = InCell(view.display_id, view.opening, view.front_end.execution)
    late = not view.front_end.subshells
    return WidgetRenderer(stage_of(screen, view), place, view.look, view.apart, heard_late=late)
