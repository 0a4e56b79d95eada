"""A growing Markdown text as safe HTML: groups of blocks that never change again, and the open end."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from deepseek_magic.api.events import WebSource
from deepseek_magic.commonmark.splitter import Block, BlockSplitter, wholes

from . import safe_html
from .cited_text import to_the_web
from .highlight import GrowingCode

#: The least characters of finished source, or of its HTML, that are committed together: each group costs a widget, of
#: about as many bytes as the HTML.
GROUP = 400
GROUP_HTML = 1100


class Page:
    """Holds one markdown text while it grows.

    Finished blocks gather in the tail until they are worth a group; `take_group` hands them over for good.
    """

    def __init__(self) -> None:
        self._splitter = BlockSplitter()
        self._blocks: list[Block] = []
        self._html: list[safe_html.SafeHtml] = []  # each finished block that was painted
        self._pieces: list[Block] = []  # the painted pieces of an unfinished block
        self._whole: list[safe_html.SafeHtml] = []  # the blocks that have ended, their pieces joined
        self._taken = 0
        self._made = self._read = 0  # characters of `_html`, and of its source
        self._waiting = 0
        self._fed = 0
        self._tail: safe_html.SafeHtml | None = None  # the last tail, while it is still valid
        self._swell = 1.0
        self._code = GrowingCode()
        self._cites: dict[int, tuple[str, str]] = {}

    def cite(self, sources: Iterable[WebSource]) -> None:
        """Let later text cite ``sources`` by their numbers."""
        self._cites |= {one.number: (one.title, one.url) for one in sources}

    def feed(self, text: str) -> None:
        """Add ``text``."""
        self._fed += len(text)
        self._tail = None
        for block in self._splitter.feed(text):
            self._blocks.append(block)
            self._waiting += len(block.source)

    def holds(self, text: str, waiting: int = 0) -> bool:
        """Return whether all of ``text`` but ``waiting`` characters was fed: a back end that failed missed some."""
        return self._fed + waiting == len(text)

    @property
    def is_redone(self) -> bool:
        """Whether the end changes earlier blocks, because of links that are defined after their use."""
        return bool(self._splitter.definitions)

    @property
    def empty(self) -> bool:
        """Whether there is no text yet."""
        return not self._blocks and not self._splitter.open_size

    @property
    def open_size(self) -> int:
        """Characters of source that painting the tail repaints."""
        return self._waiting + self._splitter.open_size

    @property
    def has_group(self) -> bool:
        """Whether the blocks finished since the last group are probably worth one, before drawing them."""
        return self._waiting >= GROUP or self._waiting * self._swell >= GROUP_HTML

    def take_group(self) -> safe_html.SafeHtml | None:
        """Return the HTML of the blocks that have finished since the last group, if they are worth one."""
        if not self._waiting:
            return None
        group = safe_html.joined(self._finished()[self._taken :])
        if self._waiting < GROUP and len(group) < GROUP_HTML:
            return None
        self._taken, self._waiting = len(self._blocks), 0
        self._tail = None
        return group

    def tail(self) -> safe_html.SafeHtml:
        """Return the HTML of everything after the last group, with the markup of the open block closed."""
        if self._tail is None:
            self._tail = safe_html.joined([*self._finished()[self._taken :], self._open()])
            self._swell = len(self._tail) / max(self.open_size, 1)
        return self._tail

    @property
    def html_size(self) -> float:
        """The approximate size in characters of the HTML of the text so far."""
        return self._made + (self._fed - self._read) * self._swell

    @property
    def source_size(self) -> int:
        """Characters of the text so far."""
        return self._fed

    @property
    def swell(self) -> float:
        """How many characters of HTML one character of source became when the tail was last painted."""
        return self._swell

    def whole(
        self, heard: Callable[[safe_html.SafeHtml, bool], safe_html.SafeHtml] | None = None, *, last: bool = False
    ) -> safe_html.SafeHtml:
        """Return the HTML of the text so far.

        Args:
            heard: returns a group that has finished since the last time so that a screen reader reads it out; it is
                given that, and whether something stands before it.
            last: whether all that was in no group is read out.
        """
        before = self._finished()[: self._taken]
        group, rest = (self.tail(), safe_html.joined([])) if last else (self.take_group(), self.tail())
        if group and heard is not None:
            group = heard(group, bool(before))
        return safe_html.joined([*before, *([group] if group else []), rest])

    def finish(self, *, painted: bool = False) -> safe_html.SafeHtml:
        """End the text and return the HTML of the whole: pieces joined again, every link resolved.

        Args:
            painted: whether `tail` is painted once more after it; no block is rendered twice for the two then.
        """
        self._tail = None
        self._blocks.extend(self._splitter.finish())
        if self._splitter.definitions:
            return safe_html.whole(wholes(self._blocks), self._splitter.definitions)
        if painted:
            self._render_last()
        for block in self._blocks[len(self._html) :]:
            self._keep(block, None)
        return safe_html.joined(self._whole)

    def _open(self) -> safe_html.SafeHtml:
        return self._block(self._splitter.tail)

    def _block(self, block: Block) -> safe_html.SafeHtml:
        return to_the_web(safe_html.block(block, self._code, self._cites), self._cites)

    def _finished(self) -> list[safe_html.SafeHtml]:
        """Return the HTML of each finished block; each is rendered once."""
        for block in self._blocks[len(self._html) :]:
            self._render(block)
        return self._html

    def _render(self, block: Block) -> None:
        html = self._block(block)
        self._html.append(html)
        self._made += len(html)
        self._read += len(block.source)
        self._keep(block, html)
        if not block.last:
            self._code.cut()

    def _render_last(self) -> None:
        """Render what is left for the last paint: a block of which no piece is in a group as a whole, and only so."""
        begun = len(self._html) - len(self._pieces)
        if self._pieces and begun >= self._taken and not self._cites:
            del self._html[begun:]
            self._pieces.clear()
        left = self._blocks[len(self._html) :]
        while left:
            count = next((number for number, block in enumerate(left, 1) if block.last), len(left))
            pieces, left = left[:count], left[count:]
            if count == 1 or self._pieces or self._cites:
                for block in pieces:
                    self._render(block)
            else:
                html = safe_html.whole(wholes(pieces), colours=self._code.whole)
                self._html += [html, *[safe_html.joined(())] * (count - 1)]
                self._whole.append(html)

    def _keep(self, block: Block, html: safe_html.SafeHtml | None) -> None:
        """Note a block, or a piece of one, for the end; ``html`` is what it looks like alone, if that is known."""
        self._pieces.append(block)
        if block.last:
            if html is None or len(self._pieces) > 1:
                html = safe_html.whole(wholes(self._pieces), colours=self._code.whole)
            self._whole.append(html)
            self._pieces.clear()
