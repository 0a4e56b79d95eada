"""The back ends of IPython's display system: one final bundle, or the whole of it again at most twice a second."""

from __future__ import annotations

from IPython.display import DisplayHandle, display

from deepseek_magic.api.events import Event, ReasoningDelta, TextDelta

from . import markup
from .base import Ending
from .bundle import bundle
from .pacer import Pacer
from .page import Page
from .status import Status


class HeadlessRenderer:
    """Shows the final bundle and nothing before: for runs that nobody watches."""

    def open(self) -> None:
        """Do nothing: nobody is there to see it."""

    def show(self, event: Event) -> None:
        """Do nothing."""

    def close(self, ending: Ending) -> None:
        """Display the bundle."""
        display(bundle(ending), raw=True, metadata=dict(ending.metadata))


class DisplayRenderer:
    """Repaints the whole reply over one display id: for front ends without widgets.

    Its updates carry the source so far as ``text/plain``, which a terminal can follow.
    """

    def __init__(self, interval: float = 0.5) -> None:
        self._pacer = Pacer(self._paint, self._paint, interval)
        self._status = Status(self._pacer.now)
        self._page = Page()
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._handle: DisplayHandle | None = None

    def open(self) -> None:
        """Show the status line."""
        self._handle = display(self._live(), raw=True, display_id=True)
        self._pacer.start()

    def show(self, event: Event) -> None:
        """Take in one event, and repaint if it is time."""
        with self._pacer.lock:
            self._status.fold(event, self._pacer.now)
            match event:
                case TextDelta(text):
                    first = not self._text
                    self._text.append(text)
                    self._page.feed(text)
                case ReasoningDelta(text):
                    first = not self._reasoning
                    self._reasoning.append(text)
                case _:
                    return
            if self._pacer.due(len(text), 0) or first:
                self._paint()
                self._pacer.painted()

    def close(self, ending: Ending) -> None:
        """Show the final bundle over the same display id."""
        self._pacer.stop()
        final = bundle(ending, self._page.finish() if self._page.holds(ending.text) else None)
        if self._handle is None:
            display(final, raw=True, metadata=dict(ending.metadata))
        else:
            self._handle.update(final, raw=True, metadata=dict(ending.metadata))

    def _paint(self) -> None:
        if self._handle is not None:
            self._handle.update(self._live(), raw=True)

    def _live(self) -> dict[str, str]:
        now = self._pacer.now
        parts = []
        if self._reasoning:
            body = markup.text("".join(self._reasoning))
            opened = not self._text
            parts.append(markup.reasoning(body, summary=self._status.thought(now), open=opened))
        if self._text:
            parts.append(self._page.whole())
        parts.append(markup.status(self._status.line(now)))
        return {"text/html": str(markup.live(markup.joined(parts))), "text/plain": "".join(self._text)}
