"""The back ends of IPython's display system: one final bundle, or the whole of it again at most twice a second."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from IPython.display import DisplayHandle, display

from deepseek_magic.api.events import (
    Batch,
    Called,
    Noted,
    ReasoningDelta,
    TextDelta,
    Underway,
    assert_never,
)
from deepseek_magic.render import safe_html
from deepseek_magic.render.bundle import bundle, calls_html
from deepseek_magic.render.pacing import Pacer
from deepseek_magic.render.page import Page
from deepseek_magic.render.renderer import Ending
from deepseek_magic.render.status import Status


class HeadlessRenderer:
    """Shows the final bundle and nothing before: for runs that nobody watches.

    Args:
        display_id: the output to show it in; a new one where it is "".
    """

    shows_source = False

    def __init__(self, display_id: str = "", *, apart: bool = False) -> None:
        self._place = InCell(display_id)
        self._apart = apart

    @property
    def display_id(self) -> str:
        """The output that holds the reply; "" where it is kept apart from the page, and no update would reach it."""
        return "" if self._apart else self._place.display_id

    def open(self) -> None:
        """Do nothing: nobody is there to see it."""

    def show(self, batch: Batch) -> None:
        """Do nothing."""

    def close(self, ending: Ending) -> None:
        """Display the bundle."""
        self._place.end(bundle(ending), ending.metadata)


class Place(Protocol):
    """Where a growing view is shown."""

    @property
    def display_id(self) -> str:
        """The output that is shown in; "" where it cannot be named."""

    def show(self, data: Mapping[str, str]) -> None:
        """Show the MIME bundle ``data`` in place of what is there."""

    def end(self, data: Mapping[str, str], metadata: Mapping[str, Any]) -> None:
        """Show ``data`` for good."""


class InCell:
    """The cell's own output, or one that was shown before: one display id, whose data are replaced."""

    def __init__(self, display_id: str = "") -> None:
        self._handle = DisplayHandle(display_id) if display_id else None

    @property
    def display_id(self) -> str:
        """The output that is shown in, once it is there."""
        return "" if self._handle is None else str(self._handle.display_id)

    def show(self, data: Mapping[str, str]) -> None:
        """Show ``data`` over the display id."""
        if self._handle is None:
            self._handle = display(data, raw=True, display_id=True)
        else:
            self._handle.update(data, raw=True)

    def end(self, data: Mapping[str, str], metadata: Mapping[str, Any]) -> None:
        """Show ``data`` for good, with what the saved output records."""
        if self._handle is None:
            self._handle = display(data, raw=True, metadata=dict(metadata), display_id=True)
        else:
            self._handle.update(data, raw=True, metadata=dict(metadata))


class InOutput:
    """An `Output` widget of the user's own, where updates of a display have no effect.

    The view grows in a widget of ours, whose content can be replaced; at the end the reply is displayed as any output
    is, and ours is emptied: so the user's widget holds the reply itself, wherever it is shown, read or saved. Ours
    stays open, empty and hidden: the user's one names it, and would show an error in its place.
    """

    display_id = ""

    def __init__(self) -> None:
        self._output: Any = None

    def show(self, data: Mapping[str, str]) -> None:
        """Show ``data`` in place of what is there."""
        if self._output is not None:
            self._fill(data)
            return
        from ipywidgets import Output  # this module serves kernels without it, too

        self._output = Output()
        self._fill(data)
        display(self._output)

    def end(self, data: Mapping[str, str], metadata: Mapping[str, Any]) -> None:
        """Display ``data``, and nothing else any more."""
        display(data, raw=True, metadata=dict(metadata))
        if self._output is not None:
            self._output.outputs = ()
            self._output.layout.display = "none"

    def _fill(self, data: Mapping[str, str]) -> None:
        self._output.outputs = ({"output_type": "display_data", "data": dict(data), "metadata": {}},)


class DisplayRenderer:
    """Repaints the whole reply in one ``place``: for front ends without widgets.

    Its updates carry the source so far as ``text/plain``, which a terminal can follow.
    """

    shows_source = False

    def __init__(
        self, place: Place | None = None, interval: float = 0.5, look: safe_html.Look = safe_html.as_made
    ) -> None:
        self._look = look
        self._place: Place = InCell() if place is None else place
        self._pacer = Pacer(self._paint, self._paint, interval)
        self._status = Status(self._pacer.now)
        self._page = Page()
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._calls: list[Called] = []

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
                        self._page.feed(text)
                    case ReasoningDelta(text):
                        first = first or not self._reasoning
                        grown += len(text)
                        self._reasoning.append(text)
                    case Called():
                        first = True
                        self._calls.append(event)
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
        final = bundle(ending, self._page.finish() if self._page.holds(ending.view) else None, look=self._look)
        self._place.end(final, ending.metadata)

    def _paint(self) -> None:
        self._place.show(self._live())

    def _live(self) -> dict[str, str]:
        now = self._pacer.now
        parts = []
        if self._reasoning:
            body = safe_html.text("".join(self._reasoning))
            opened = not self._text
            parts.append(safe_html.reasoning(body, summary=self._status.thought(now), open=opened))
        if self._calls:
            parts.append(calls_html(self._calls, live=True))
        if self._text:
            parts.append(self._page.whole())
        parts.append(safe_html.status(self._status.line(now)))
        return {"text/html": str(self._look(safe_html.growing(parts))), "text/plain": "".join(self._text)}
