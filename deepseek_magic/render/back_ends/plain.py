"""Plain text as it comes: for pipes, for terminals without `rich`, and for logs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from deepseek_magic.api.events import (
    Batch,
    Called,
    Noted,
    ReasoningDelta,
    Retrying,
    TextDelta,
    Underway,
    assert_never,
)
from deepseek_magic.render.renderer import Ending, Renderer
from deepseek_magic.text import LINK_BEGINNING, one_line, unlinked, visible

if TYPE_CHECKING:
    from deepseek_magic.render.choose import Screen, View

Write = Callable[[str], object]


class Visible:
    """Makes streamed text safe to print: controls are shown, not sent. A CRLF that is cut in two stays a line end."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, text: str) -> str:
        """Return what of the text so far can be printed now."""
        text = self._held + text
        self._held = "\r" if text.endswith("\r") else ""
        return visible(text[:-1] if self._held else text)

    def flush(self) -> str:
        """Return what was held back."""
        held, self._held = self._held, ""
        return visible(held)


class Unlinked:
    """Writes to a notebook's page, which makes links of addresses, also of those whose parts come one by one."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._before = ""

    def __call__(self, text: str) -> None:
        """Write ``text`` without an address that would run script."""
        text = unlinked(text, self._before)
        self._before = (self._before + text)[-LINK_BEGINNING:]
        self._write(text)


def called(event: Called) -> str:
    """Return a call that ran, and what came of it, on one line."""
    failed = "failed: " if event.failed else ""
    return f"{visible(event.call)} -> {failed}{one_line(event.result, 160)} ({event.seconds:.1f} s)"


class PlainRenderer:
    """Writes the answer as it comes, and everything else aside.

    Args:
        write: takes the answer's text; it must not buffer, or the reader waits.
        aside: takes the thinking, the retries, the notices and the footer, each in whole lines; ``None`` drops them.
    """

    display_id = ""  # what a terminal has printed stays as it is
    shows_source = True  # a value is JSON in a pipe

    def __init__(self, write: Write, aside: Write | None = None) -> None:
        self._write = write
        self._aside = aside if aside is not None else lambda _text: None
        self._answer = Visible()
        self._thought = Visible()
        self._thinking = False
        self._wrote = ""

    def open(self) -> None:
        """Do nothing: plain text has no place for a status that passes."""

    def show(self, batch: Batch) -> None:
        """Write what ``batch`` adds."""
        for event in batch:
            match event:
                case ReasoningDelta(text):
                    if not self._thinking:
                        self._thinking = True
                        self._aside("Thinking:\n")
                    self._aside(self._thought.feed(text))
                case TextDelta(text):
                    self._end_thinking()
                    self._put(self._answer.feed(text))
                case Called():
                    self._aside(f"[{called(event)}]\n")
                case Retrying(attempt, delay, reason):
                    self._aside(f"retrying in {delay:.1f} s (try {attempt}): {one_line(reason)}\n")
                case Underway() | Noted():
                    pass
                case _:
                    assert_never(event)

    def close(self, ending: Ending) -> None:
        """Write the notices and the footer; and the text, where no event brought it."""
        self._end_thinking()
        self._put(self._answer.flush() if self._wrote else visible(ending.text))
        if self._wrote and not self._wrote.endswith("\n"):
            self._write("\n")
        for notice in ending.notices:
            self._aside(f"[{visible(notice)}]\n")
        if ending.footer:
            self._aside(f"-- {visible(ending.footer)}\n")
        if ending.receipt_rows:  # where only the question was sent, that is plain to see here
            self._aside(f"-- {visible(ending.receipt)}\n")

    def _put(self, text: str) -> None:
        if text:
            self._write(text)
            self._wrote = text

    def _end_thinking(self) -> None:
        if self._thinking:
            self._thinking = False
            self._aside(self._thought.flush() + "\n\n")


def make(_screen: Screen, view: View) -> Renderer:
    """Return the renderer for ``view``."""
    return PlainRenderer(view.write, view.write)
