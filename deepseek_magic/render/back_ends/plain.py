"""The back end for pipes, terminals without `rich`, and logs: plain text as it arrives."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

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
    assert_never,
)
from deepseek_magic.render.ledger import facts, in_lines
from deepseek_magic.render.renderer import Ending, Renderer
from deepseek_magic.render.word_wrap import Wrapping, hanging
from deepseek_magic.text import LINK_BEGINNING, counted, one_line, unlinked, visible

if TYPE_CHECKING:
    from deepseek_magic.render.choose import Screen, View

Write = Callable[[str], object]

#: The hint that a terminal shows once if `rich` is not installed.
HINT = "(formatted replies: pip install rich)"


@dataclass(frozen=True, slots=True)
class Paper:
    """The properties of the stream that text is written to.

    Attributes:
        width: returns the columns at which lines are broken between words; ``None`` for no line breaks.
        dim: whether text can be shown dim.
        bar: the text before each line of the thinking.
    """

    width: Callable[[], int] | None = None
    dim: bool = False
    bar: str = "│ "

    def faint(self, text: str) -> str:
        """Return ``text``, dim if that can be shown."""
        return f"\x1b[2m{text}\x1b[22m" if self.dim and text else text

    def broken(self, text: str) -> str:
        """Return our own text, broken between words."""
        return text if self.width is None else hanging(text, self.width)


#: A pipe or a file.
AS_IT_IS = Paper()


def paper(stream: TextIO, *, dim: bool) -> Paper:
    """Return the properties of ``stream``; ``dim``: its terminal shows colours."""
    if not stream.isatty():
        return AS_IT_IS

    def width() -> int:
        try:
            return os.get_terminal_size(stream.fileno()).columns or 80
        except (OSError, ValueError):
            return 80

    try:
        "│".encode(stream.encoding or "ascii")
    except (UnicodeError, LookupError):
        return Paper(width, dim, "| ")
    return Paper(width, dim)


class Visible:
    """Makes streamed text safe to print: controls are shown, not sent. A CRLF that is cut in two stays a line end."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, text: str) -> str:
        """Return the part of the text so far that can be printed now."""
        text = self._held + text
        self._held = "\r" if text.endswith("\r") else ""
        return visible(text[:-1] if self._held else text)

    def flush(self) -> str:
        """Return what was held back."""
        held, self._held = self._held, ""
        return visible(held)


class Unlinked:
    """Writes to a notebook's page, which makes links of URLs even if their parts are written one by one."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._before = ""

    def __call__(self, text: str) -> None:
        """Write ``text`` with URLs that would run a script disabled."""
        text = unlinked(text, self._before)
        self._before = (self._before + text)[-LINK_BEGINNING:]
        self._write(text)


def called(event: Called) -> str:
    """Return a call that ran and its result on one line; the output of code on as many lines as it has."""
    if event.piece is not None:
        pictures = [f"{counted(len(event.piece.images), 'picture')}"] if event.piece.images else []
        ended = ", ".join([event.piece.state, f"{event.seconds:.1f} s", *pictures])
        return f"piece {event.piece.number}: {ended}\n{visible(event.result)}"
    failed = "failed: " if event.failed else ""
    took = facts(event).replace(" · failed", "")
    return f"{visible(event.call)} -> {failed}{one_line(event.result, 160)} ({took})"


def proposal(piece: Piece) -> str:
    """Return the code about which the user is asked, below a line that names it."""
    return f"piece {piece.number}:\n{visible(piece.code)}"


class PlainRenderer:
    """Writes the answer as it arrives, and everything else to another place.

    Args:
        write: writes the text of the answer; it must not buffer.
        aside: writes the thinking, the retries, the notices and the footer; ``None`` drops them.
        on: the properties of the stream of ``write``.
        beside: the properties of the stream of ``aside``.
        hint: a last line.
    """

    display_id = ""  # what a terminal has printed stays as it is
    shows_source = True  # a value is JSON in a pipe

    def __init__(
        self,
        write: Write,
        aside: Write | None = None,
        on: Paper = AS_IT_IS,
        beside: Paper = AS_IT_IS,
        hint: str = "",
    ) -> None:
        self._write = write
        self._aside = aside if aside is not None else lambda _text: None
        self._beside = beside
        self._hint = hint
        self._answer = Visible()
        self._words = Wrapping(on.width)
        self._thought = Visible()
        self._thought_words = Wrapping(beside.width, beside.bar)
        self._thinking = False
        self._is_one_page = aside is write or on.width is not None  # the text and what stands beside it
        self._came = self._wrote = ""
        self._is_parted = False  # what stands between two rounds of calls is below the text so far

    def open(self) -> None:
        """Do nothing: plain text has no place for a status that passes."""

    def show(self, batch: Batch) -> None:
        """Write what ``batch`` adds."""
        for event in batch:
            match event:
                case ReasoningDelta(text):
                    self._think(text if self._thinking else f"Thinking: {text.lstrip()}")
                case TextDelta(text):
                    gap = "" if self._end_thinking() else "\n"
                    self._came = gap + text.lstrip("\n") if event.apart and self._is_one_page else text
                    self._is_parted = False
                    self._put(self._words.feed(self._answer.feed(self._came)))
                case Called():
                    self._end_round()
                    self._say(f"[{called(event)}]")
                case Calling(piece=Piece() as piece):
                    self._end_round()
                    self._say(proposal(piece))
                case Calling():
                    self._end_round()
                case Retrying(attempt, delay, reason):
                    self._say(f"retrying in {delay:.1f} s (try {attempt}): {one_line(reason)}")
                case Underway() | Noted():
                    pass
                case _:
                    assert_never(event)

    def close(self, ending: Ending) -> None:
        """Write the notices and the footer; and the text, where no event brought it."""
        self._end_thinking()
        rest = self._answer.flush() if self._came else visible(ending.text)
        self._put(self._words.feed(rest) + self._words.flush())
        if self._wrote and not self._wrote.endswith("\n"):
            self._write("\n")
        for place, source in enumerate(in_lines(ending)):
            self._say(source if place or not self._is_one_page else f"\n{source}")
        for notice in ending.notices:
            self._aside(self._beside.broken(f"[{visible(notice)}]") + "\n")
        if ending.footer:
            self._say(f"-- {visible(ending.footer)}")
        if ending.receipt_rows:  # where only the question was sent, that is plain to see here
            self._say(f"-- {visible(ending.receipt)}")
        if self._hint:
            self._say(self._hint)

    def _end_round(self) -> None:
        """Leave a blank line below the text so far, where what comes next stands on the same page."""
        self._end_thinking()
        if self._is_one_page and self._came and not self._is_parted:
            self._put(self._words.feed(self._answer.flush() + ("\n" if self._came.endswith("\n") else "\n\n")))
            self._is_parted = True

    def _put(self, text: str) -> None:
        if text:
            self._write(text)
            self._wrote = text

    def _say(self, line: str) -> None:
        self._aside(self._beside.faint(self._beside.broken(line)) + "\n")

    def _think(self, text: str) -> None:
        self._thinking = True
        self._aside(self._beside.faint(self._thought_words.feed(self._thought.feed(text))))

    def _end_thinking(self) -> bool:
        """Write a blank line below the thinking; return whether there was any."""
        was, self._thinking = self._thinking, False
        if was:
            rest = self._thought_words.feed(self._thought.flush()) + self._thought_words.flush()
            self._aside(self._beside.faint(rest) + "\n\n")
            self._thought_words = Wrapping(self._beside.width, self._beside.bar)
        return was


def make(screen: Screen, view: View) -> Renderer:
    """Return the renderer for ``view``."""
    if view.front_end.in_kernel:
        return PlainRenderer(view.write, view.write)
    on = paper(sys.stdout, dim=screen.colours())
    hint = ""
    if on.width is not None and not screen.hinted and importlib.util.find_spec("rich") is None:
        screen.hinted, hint = True, HINT
    return PlainRenderer(view.write, view.write, on, on, hint)
