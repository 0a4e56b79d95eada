"""Cutting a growing reply into its top-level blocks (CommonMark 0.31.2 and GFM tables).

A block is closed as soon as nothing that may follow can change it, and never on its own unfinished last line. The
blocks do not depend on how the text was cut on its way here: all decisions are made by line, a line is looked at
once when it is complete and once when its first word starts.

A block without an end would make the live view repaint more and more, so a long one is cut into pieces: a code fence
at a line end, a table between rows and a list between its top-level items, each once the piece has passed `PIECE` or
`SMALL_PIECE` characters. `Block.resumes` is what makes a piece read as in the whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .blocks import Node, Structure
from .lines import Cursor

PIECE = 512
SMALL_PIECE = 256
"""For a code fence, and for a table that has been cut before: their HTML is many times their source."""

_WORD = re.compile(r"[^ \t]")
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Block:
    """One top-level block, or a piece of one; the sources of all blocks joined are the whole reply.

    ``resumes`` is "" for a block that stands alone, else what must stand before ``source`` so that it reads as in the
    whole: the opening line of a cut code fence, the head and delimiter row of a cut table, an empty item with the
    number before in front of the items of a cut list. ``last`` is False where the block goes on in the next `Block`.
    """

    source: str
    resumes: str = ""
    last: bool = True


class BlockSplitter:
    """Takes a reply in parts and gives its blocks. Work and memory are linear in the reply."""

    def __init__(self) -> None:
        self._reset()

    def _reset(self) -> None:
        self._structure = Structure()
        self._lines: list[str] = []  # complete lines that no block has taken yet, with their ends
        self._size = 0
        self._first = 0  # the number of the first of them
        self._partial: list[str] = []  # the parts of the unfinished line
        self._word = False  # whether its first word was looked at
        self._return = False  # whether it ends in a CR that may be half of a CRLF
        self._resumes = ""
        self._closed: list[Block] = []
        self._open = 0

    def feed(self, text: str) -> tuple[Block, ...]:
        """Take the next part in; the blocks that it closed, in order (often none)."""
        self._open += len(text)
        start = 0
        if self._return and text:
            if text[0] == "\n":
                self._partial.append("\n")
                start = 1
            self._line()
        for match in _LINE_END.finditer(text, start):
            self._partial.append(text[start : match.end()])
            start = match.end()
            if match[0] == "\r" and start == len(text):
                self._return = True
            else:
                self._line()
        if start < len(text):
            self._partial.append(text[start:])
            self._look_ahead(text[start:])
        return self._taken()

    @property
    def open_size(self) -> int:
        """Characters of the open rest, counted without joining it."""
        return self._open

    @property
    def tail(self) -> Block:
        """The open rest of the reply."""
        return Block("".join([*self._lines, *self._partial]), self._resumes)

    def finish(self) -> tuple[Block, ...]:
        """The reply is over: the blocks that were still open. The splitter is then ready for another reply."""
        if self._partial:
            self._line()
        self._close(len(self._lines))
        closed = self._taken()
        self._reset()
        return closed

    def _taken(self) -> tuple[Block, ...]:
        closed = tuple(self._closed)
        self._closed.clear()
        return closed

    # -- one line

    def _line(self) -> None:
        """The unfinished line is complete."""
        line = "".join(self._partial)
        self._partial.clear()
        self._word = self._return = False
        self._cut_fence()
        structure = self._structure
        structure.read(line.rstrip("\r\n"))
        tops = structure.document.children
        for node in tops[1:]:
            self._close(node.start - self._first)
        del tops[:-1]
        if tops and self._size >= (SMALL_PIECE if self._resumes and tops[0].kind == "table" else PIECE):
            self._cut_between(tops[0], line)
        self._lines.append(line)
        self._size += len(line)

    def _look_ahead(self, text: str) -> None:
        """The unfinished line has grown by ``text``: close what its first word cannot belong to."""
        self._cut_fence()
        if self._word or not _WORD.search(text):
            return
        self._word = True
        tops = self._structure.document.children
        if tops and _is_over(self._structure, Cursor("".join(self._partial))):
            self._close(len(self._lines))

    # -- blocks and pieces

    def _close(self, count: int) -> None:
        """Make a block of the first ``count`` lines."""
        if count > 0:
            self._emit(count, last=True)
            self._resumes = ""

    def _emit(self, count: int, last: bool) -> None:
        source = "".join(self._lines[:count])
        del self._lines[:count]
        self._first += count
        self._size -= len(source)
        self._open -= len(source)
        self._closed.append(Block(source, self._resumes, last))

    def _cut(self, resumes: str) -> None:
        """Make a piece of the lines so far; ``resumes`` stands before the next one."""
        self._emit(len(self._lines), last=False)
        self._resumes = resumes

    def _cut_fence(self) -> None:
        """The line that starts now continues or closes an open fence: in both cases the block goes on."""
        fence = self._structure.leaf
        if self._size < SMALL_PIECE or fence is None or fence.kind != "fence":
            return
        if self._structure.document.children[-1] is fence:
            opening = self._resumes or self._lines[fence.start - self._first]
            if len(opening) <= PIECE:
                self._cut(opening)
                fence.lines.clear()

    def _cut_between(self, top: Node, line: str) -> None:
        """Cut a list before the item, a table before the row, that ``line``, just read, began."""
        if top.kind == "list" and len(top.children) > 1 and top.children[-1].start == self._structure.count - 1:
            top.number += len(top.children) - 1
            del top.children[:-1]
            self._cut(_item_before(top, line))
        elif top.kind == "table" and len(top.lines) > 1 and self._structure.leaf is top:
            start = top.start - self._first
            resumes = self._resumes or "".join(self._lines[start : start + 2])
            if len(resumes) <= PIECE:
                self._cut(resumes)
                del top.lines[2:]


def _item_before(node: Node, line: str) -> str:
    """An empty item that, put before the item in ``line``, gives the rest of the list its number and looseness."""
    number = min(max(node.number - 1, 0), 999_999_999)
    marker = f"{number}{node.marker}" if node.marker in ".)" else node.marker
    # As far right as the item itself, or that would be inside it.
    indent = " " * (len(line) - len(line.lstrip(" ")))
    return f"{indent}{marker}\n\n" if node.loose else f"{indent}{marker}\n"


def _is_over(structure: Structure, ahead: Cursor) -> bool:
    """Whether the open top-level block cannot take in a line that starts like this."""
    leaf = structure.leaf
    top = structure.document.children[-1]
    if leaf is top:
        return leaf.kind == "code" and ahead.indent < 4
    if leaf is not None and leaf.kind == "paragraph":
        return False  # it may go on lazily
    if top.kind != "list":
        return not structure.inside
    if ahead.indent >= structure.inside:
        return False
    return not ahead.character.isdigit() if top.marker in ".)" else ahead.character != top.marker
