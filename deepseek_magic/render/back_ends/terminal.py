"""The terminal with `rich`: finished blocks are printed for good, the open one is repainted below them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from deepseek_magic.api.events import (
    Batch,
    Called,
    Calling,
    Noted,
    ReasoningDelta,
    TextDelta,
    Underway,
    assert_never,
)
from deepseek_magic.commonmark.blocks import read
from deepseek_magic.commonmark.splitter import Block, BlockSplitter, wholes
from deepseek_magic.commonmark.tree import Node
from deepseek_magic.render.ledger import in_lines
from deepseek_magic.render.pacing import Pacer
from deepseek_magic.render.renderer import Ending, Renderer, Rounds, unseen
from deepseek_magic.render.rich_text import LastLines, formatted, thinking
from deepseek_magic.render.status import Status
from deepseek_magic.text import visible

from . import plain
from .plain import Visible, called, proposal

if TYPE_CHECKING:
    from deepseek_magic.render.choose import Screen, View


class TerminalRenderer:
    """Shows a reply in a terminal as formatted text while it comes."""

    display_id = ""  # what a terminal has printed stays as it is
    shows_source = False

    def __init__(self, console: Console | None = None) -> None:
        self._console = console if console is not None else Console(file=sys.stdout, highlight=False, markup=False)
        self._splitter = BlockSplitter()
        self._answer = Visible()
        self._thought = Visible()
        self._pacer = Pacer(self._paint, self._paint)
        self._status = Status(self._pacer.now)
        self._live: Live | None = None
        self._opened = False
        self._thinking = ""
        self._thought_begun = False  # whether lines of it are printed for good
        self._pieces: list[Block] = []
        self._wrote = False
        self._come: list[str] = []
        self._rounds = Rounds()
        self._is_parted = False  # calls stand below the text so far, and part it from the next round without a rule

    def open(self) -> None:
        """Show the status line at the bottom."""
        self._begin_live()
        self._pacer.start()

    def show(self, batch: Batch) -> None:
        """Take in the events of ``batch``, and paint if it is time."""
        grown = 0
        with self._pacer.lock:
            now = self._pacer.now
            self._status.fold(batch, now)
            for event in batch:
                match event:
                    case ReasoningDelta(text):
                        seen = self._thought.feed(text)
                        self._thinking += seen
                        grown += len(seen)
                        self._print_whole_lines()
                    case TextDelta():
                        self._end_thinking()
                        drawn = self._rounds.drawn(event)
                        seen = self._answer.feed(event.text if event.apart and self._is_parted else drawn)
                        self._is_parted = False
                        self._come.append(drawn)
                        grown += len(seen)
                        self._print(self._splitter.feed(seen))
                    case Called():
                        self._end_round()
                        self._begin_live()
                        self._console.print(Text(f"[{called(event)}]", style="dim"))
                    case Calling():
                        self._end_round()
                        self._end_live()  # a prompt may come, which nothing must paint over
                        if event.piece is not None:
                            self._console.print(Text(proposal(event.piece)))
                    case Underway() | Noted():
                        pass
                    case _:
                        assert_never(event)
            due = grown and self._pacer.grew(grown, now)
            if due and self._pacer.worth(self._splitter.open_size, covered=True):
                self._paint()
                self._pacer.painted()

    def close(self, ending: Ending) -> None:
        """Print what is still open, the notices and the footer."""
        self._pacer.stop()
        self._end_thinking()
        if self._opened:
            self._print((*self._splitter.feed(self._answer.flush()), *self._splitter.finish()))
            self._end_live()
        left = unseen(ending.view, "".join(self._come))
        if left.strip():  # a failed view missed the rest, or the reply is seen in another form in the end
            self._print((Block(left, tuple(read(visible(left)).finish())),))
        if ending.sources:
            self._console.print()
        for source in in_lines(ending):
            self._console.print(Text(source, style="dim"))
        for notice in ending.notices:
            self._console.print(Text(f"[{visible(notice)}]", style="bold"))
        if ending.footer:
            self._console.print(Text(visible(ending.footer), style="dim"))
        if ending.receipt_rows:  # where only the question was sent, that is plain to see here
            self._console.print(Text(visible(ending.receipt), style="dim"))

    def _end_round(self) -> None:
        """Print the text so far, with a blank line below it: what comes next is not a part of it."""
        self._end_thinking()
        if self._come and not self._is_parted:
            self._print((*self._splitter.feed(self._answer.flush()), *self._splitter.finish()))
            self._console.print()
            self._is_parted = True

    def _begin_live(self) -> None:
        if self._live is None:
            self._opened = True
            self._live = Live(console=self._console, transient=True, auto_refresh=False, vertical_overflow="crop")
            self._live.start()
            self._paint()

    def _end_live(self) -> None:
        live, self._live = self._live, None
        if live is not None:
            live.stop()

    def _print(self, blocks: tuple[Block, ...]) -> None:
        """Print blocks that have ended; the pieces of one block wait for its last."""
        for block in blocks:
            self._pieces.append(block)
            if block.last:
                nodes = wholes(self._pieces)
                self._pieces.clear()
                if nodes:
                    if self._wrote:
                        self._console.print()
                    self._wrote = True
                    self._console.print(formatted(nodes), crop=False)

    def _print_whole_lines(self) -> None:
        lines, line_end, self._thinking = self._thinking.rpartition("\n")
        if line_end:
            self._print_thinking(lines)

    def _print_thinking(self, lines: str) -> None:
        self._console.print(thinking(lines, first=not self._thought_begun), crop=False)
        self._thought_begun = True

    def _end_thinking(self) -> None:
        self._thinking += self._thought.flush()
        if self._thinking:
            self._print_thinking(self._thinking)
            self._thinking = ""
        if self._thought_begun:
            self._console.print()
            self._thought_begun = self._wrote = False

    def _paint(self) -> None:
        if self._live is None:
            return
        parts: list[RenderableType] = []
        if self._thinking:
            parts.append(thinking(self._thinking, first=not self._thought_begun))
        if nodes := self._open_nodes():
            parts.append(formatted(nodes))
        status = Text(self._status.line(self._pacer.now), style="dim", no_wrap=True, overflow="ellipsis")
        # a line for the status, one for the cursor: what is taller than the screen could not be taken back
        self._live.update(Group(LastLines(Group(*parts), max(1, self._console.height - 2)), status), refresh=True)

    def _open_nodes(self) -> list[Node]:
        """Return the end of the open block; no more of it than the screen can hold."""
        pieces = [*self._pieces, self._splitter.tail]
        first = len(pieces) - 1
        lines = pieces[first].source.count("\n")
        while first > 0 and lines < self._console.height:
            first -= 1
            lines += pieces[first].source.count("\n")
        return wholes(pieces[first:])


def make(screen: Screen, view: View) -> Renderer:
    """Return the renderer for ``view``."""
    if view.front_end.in_kernel:  # there `rich` draws its own widgets, and leaves one in the saved notebook
        return plain.make(screen, view)
    return TerminalRenderer()
