"""The live back end of the notebook: committed blocks keep the reader's selection, and a static bundle ends it.

Measured: an `Output` widget that shows a box of `HTMLMath` widgets is the only design that keeps selections, costs
linear work, and can be replaced over the same display id by a bundle that a saved notebook keeps.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from IPython.display import DisplayHandle, display
from ipywidgets import HTMLMath, Layout, Output, VBox, Widget

from deepseek_magic.api.events import Event, ReasoningDelta, Retrying, TextDelta, Waiting
from deepseek_magic.errors import one_line

from . import markup
from .base import Ending
from .bundle import bundle
from .pacer import Pacer
from .page import Page
from .status import Status

#: Children of one box at most: a box resends the names of all of them with each change.
_CHILDREN = 16


class Stage:
    """Holds the widgets of the replies that have ended, to be closed while the next one is shown.

    Closing them at once would race with the page, which still draws them; all at a time would be a burst of messages.
    """

    def __init__(self) -> None:
        self._retired: deque[Widget] = deque()

    def retire(self, widgets: list[Widget]) -> None:
        """Take over ``widgets`` of a reply that has ended."""
        self._retired.extend(widgets)

    def sweep(self, most: int | None = None) -> None:
        """Close at most ``most`` of the retired widgets, or all."""
        for _ in range(len(self._retired) if most is None else min(most, len(self._retired))):
            self._retired.popleft().close()


class _Section:
    """One growing text in widgets: a spine of boxes with committed groups, and the tail below it."""

    def __init__(self, make: _Maker, wrap: Callable[[markup.SafeHtml], markup.SafeHtml] = markup.live) -> None:
        self._make = make
        self._wrap = wrap
        self.page = Page()
        self._box = make.box()
        self._tail = make.text()
        self.root = make.box(self._box, self._tail)

    def paint(self) -> None:
        """Paint the tail; from any thread."""
        self._tail.value = self._wrap(self.page.tail())

    def commit(self) -> None:
        """Move what is worth a group out of the tail; from the kernel's own thread, since it opens comms."""
        group = self.page.take_group()
        if group is None:
            return
        if len(self._box.children) == _CHILDREN - 1:
            inner = self._make.box()
            self._box.children = (*self._box.children, inner)
            self._box = inner
        self._box.children = (*self._box.children, self._make.text(self._wrap(group)))

    def collapse(self, html: markup.SafeHtml) -> None:
        """Show ``html`` in place of everything."""
        self._tail.value = markup.live(html)
        self.root.children = (self._tail,)


class _Maker:
    """Makes widgets that share one layout and one style: each costs one message instead of three."""

    def __init__(self) -> None:
        self.made: list[Widget] = []
        self._layout = self._kept(Layout())
        self._style: Any = None

    def _kept(self, widget: Any) -> Any:
        self.made.append(widget)
        return widget

    def box(self, *children: Widget) -> Any:
        return self._kept(VBox(children, layout=self._layout))

    def text(self, html: str = "") -> Any:
        if self._style is None:
            first = self._kept(HTMLMath(html, layout=self._layout))
            self._style = self._kept(first.style)
            return first
        return self._kept(HTMLMath(html, layout=self._layout, style=self._style))

    def output(self) -> Any:
        return self._kept(Output(layout=self._layout))


class WidgetRenderer:
    """Shows a reply live in widgets and leaves a static bundle behind."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._make: _Maker | None = None
        self._handle: DisplayHandle | None = None
        self._pacer = Pacer(self._paint, self._tick)
        self._status = Status(self._pacer.now)
        self._reasoning: _Section | None = None
        self._thinking: markup.SafeHtml | None = None
        self._shown_line = ""

    def open(self) -> None:
        """Show the status line where the reply will be."""
        self._stage.sweep(8)
        make = self._make = _Maker()
        self._line = make.text(self._status_html())
        self._answer = _Section(make)
        self._box = make.box(self._answer.root, self._line)
        output = make.output()
        self._handle = display(output, display_id=True)
        with output:
            display(self._box)
        self._pacer.start()

    def show(self, event: Event) -> None:
        """Take in one event, and paint if it is time."""
        with self._pacer.lock:
            self._status.fold(event, self._pacer.now)
            match event:
                case TextDelta(text):
                    self._grow(self._answer, text)
                case ReasoningDelta(text):
                    self._think(text)
                case Waiting() | Retrying():
                    self._tick()
                case _:
                    pass

    def close(self, ending: Ending) -> None:
        """Replace the live widgets by the static bundle, over the same display id."""
        self._pacer.stop()
        if self._make is None or self._handle is None:
            display(bundle(ending), raw=True, metadata=ending.metadata)
            return
        self._handle.update(self._final(ending), raw=True, metadata=ending.metadata)
        self._box.children = ()
        self._stage.retire(self._make.made)

    @property
    def _maker(self) -> _Maker:
        assert self._make is not None  # `show` comes after `open`
        return self._make

    def _final(self, ending: Ending) -> dict[str, str]:
        """Return the static bundle; where making it fails, the text alone: a dead widget must not stay in the file."""
        try:
            page = self._answer.page
            answer = page.finish() if page.holds(ending.text) else None
            thinking = self._thinking if self._reasoning and self._reasoning.page.holds(ending.reasoning) else None
            return bundle(ending, answer, thinking)
        except Exception as error:  # noqa: BLE001  # whatever it is, the text must be seen
            lines = (ending.text, *ending.notices, f"(the view failed: {one_line(repr(error), 120)})")
            return {"text/plain": "\n\n".join(line for line in lines if line)}

    def _think(self, text: str) -> None:
        """Show more thinking; what comes after the answer has begun is shown at the end."""
        if self._thinking is not None:
            return
        if self._reasoning is None:
            self._reasoning = _Section(self._maker, markup.thinking)
            self._box.children = (self._reasoning.root, self._answer.root, self._line)
        self._grow(self._reasoning, text)

    def _grow(self, section: _Section, text: str) -> None:
        first = section.page.empty
        section.page.feed(text)
        if self._pacer.due(len(text), section.page.open_size) or first:
            section.commit()
            self._paint()
            self._pacer.painted()
            self._stage.sweep(1)

    def _paint(self) -> None:
        if self._reasoning is not None and self._thinking is None:
            if self._answer.page.empty:
                self._reasoning.paint()
            else:
                summary = self._status.thought(self._pacer.now)
                self._thinking = self._reasoning.page.finish()
                self._reasoning.collapse(markup.reasoning(self._thinking, summary=summary, open=False))
        if not self._answer.page.empty:
            self._answer.paint()
        self._tick()

    def _tick(self) -> None:
        if self._make is not None and (line := self._status_html()) != self._shown_line:
            self._shown_line = line
            self._line.value = line

    def _status_html(self) -> markup.SafeHtml:
        return markup.live(markup.status(self._status.line(self._pacer.now)))
