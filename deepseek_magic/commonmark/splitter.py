"""Cut a growing reply into its top-level blocks (CommonMark 0.31.2 and GFM tables).

A block is closed as soon as no text that may follow can change it, and never because of its own unfinished last line.
The blocks do not depend on how the text was cut when it arrived: all decisions are made by line, and a line is read
once when it is complete and once when its first word starts.

The live view repaints an open block, so the cost grows with its length. A long one is therefore cut into pieces: a code
fence at a line end, a table between rows and a list between its top-level items, once a piece is longer than `PIECE` or
`SMALL_PIECE` characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

from .blocks import BlockParser
from .links import Target
from .open_markup import open_end
from .tree import Node

PIECE = 512
SMALL_PIECE = 256
"""For a code fence, and for a table that has been cut before: their HTML is many times their source."""

_WORD = re.compile(r"[^ \t]")
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Block:
    """One top-level block, or a piece of one. The sources of all blocks, joined, are the whole reply.

    Attributes:
        source: its lines. A line that ends a section belongs to the block that begins after it on that line.
        nodes: its tree: one node, or none if the source is blank. The open end of a reply may have several.
        resumed: whether it continues the piece before it; a piece of a table then repeats the header.
        last: whether the next piece does not continue it.
        open: whether it is the end of a reply that is still growing.
    """

    source: str
    nodes: tuple[Node, ...]
    resumed: bool = False
    last: bool = True
    open: bool = False


def wholes(blocks: Iterable[Block]) -> list[Node]:
    """Return the trees of ``blocks``, with pieces of one block joined."""
    found: list[list[Node]] = []
    for block in blocks:
        for node in block.nodes:
            if found and block.resumed and node is block.nodes[0]:
                found[-1].append(node)
            else:
                found.append([node])
    return [_joined(pieces) if len(pieces) > 1 else pieces[0] for pieces in found]


def _joined(pieces: list[Node]) -> Node:
    rows = 1 if pieces[0].kind == "table" else 0  # later pieces repeat the header
    lines = [*pieces[0].lines[:rows], *(line for piece in pieces for line in piece.lines[rows:])]
    children = [child for piece in pieces for child in piece.children]
    return replace(pieces[0], children=children, lines=lines, loose=pieces[-1].loose, growing=pieces[-1].growing)


class BlockSplitter:
    """Takes a reply in parts and returns its blocks. Work and memory are linear in the reply.

    Attributes:
        definitions: the link definitions of the last finished reply.
    """

    def __init__(self) -> None:
        self.definitions: dict[str, Target] = {}
        self._reset()

    def _reset(self) -> None:
        self._parser = BlockParser()
        self._lines: list[str] = []  # complete lines, with line ends, that are not yet in a block
        self._size = 0
        self._base = 0  # the index in the reply at which they start
        self._partial: list[str] = []  # the parts of the unfinished line
        self._word = False  # whether its first word was read
        self._return = False  # whether it ends in a CR that may be half of a CRLF
        self._resumed = False
        self._closed: list[Block] = []
        self._open = 0

    def feed(self, text: str) -> tuple[Block, ...]:
        """Read the next part, and return the blocks that it closed, in order (often none)."""
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
        closed, self._closed = self._closed, []
        return tuple(closed)

    @property
    def open_size(self) -> int:
        """The number of characters in the open end, counted without joining it."""
        return self._open

    @property
    def tail(self) -> Block:
        """The open end of the reply."""
        line = "".join(self._partial)
        nodes = open_end(self._parser, line)
        return Block("".join(self._lines) + line, tuple(nodes), self._resumed, open=True)

    def finish(self) -> tuple[Block, ...]:
        """Return the open blocks at the end of the reply. The splitter is then ready for another reply."""
        if self._partial:
            self._line()
        self._close_all()
        closed, self.definitions = self._closed, self._parser.definitions
        self._reset()
        return tuple(closed)

    # -- one line

    def _line(self) -> None:
        """Read the unfinished line, which is now complete."""
        line = "".join(self._partial)
        self._partial.clear()
        self._word = self._return = False
        self._cut_fence()
        self._parser.read(line)
        tops = self._parser.document.children
        for node, following in pairwise(tops):
            self._emit(following.start, node)
        del tops[:-1]
        if tops and self._size >= (SMALL_PIECE if self._resumed and tops[0].kind == "table" else PIECE):
            self._cut_between(tops[0])
        self._lines.append(line)
        self._size += len(line)

    def _look_ahead(self, text: str) -> None:
        """Close the open block if it cannot go on in the unfinished line, which has grown by ``text``."""
        self._cut_fence()
        if self._word or not _WORD.search(text):
            return
        self._word = True
        if self._parser.document.children and self._parser.is_over("".join(self._partial)):
            self._close_all()

    # -- blocks and pieces

    def _close_all(self) -> None:
        """Make a block of the complete lines."""
        nodes = self._parser.finish()
        if self._lines:
            self._emit(self._base + self._size, *nodes)
        nodes.clear()

    def _emit(self, end: int, *nodes: Node, last: bool = True) -> None:
        """Make a block of the lines up to ``end``, an index in the reply."""
        lines = "".join(self._lines)
        source, rest = lines[: end - self._base], lines[end - self._base :]
        self._closed.append(Block(source, nodes, self._resumed, last))
        self._lines = [rest] if rest else []
        self._base = end
        self._size -= len(source)
        self._open -= len(source)
        self._resumed = not last

    def _cut_fence(self) -> None:
        """Cut off a piece of an open fence if it is long: the next line continues or closes the fence."""
        fence = self._parser.leaf
        if self._size < SMALL_PIECE or fence is None or fence.kind != "fence" or not fence.lines:
            return
        if self._parser.document.children[-1] is fence:
            self._emit(self._base + self._size, replace(fence), last=False)
            fence.lines = []

    def _cut_between(self, top: Node) -> None:
        """Cut off a piece of a list or table before the item or row that the last line began."""
        if top.kind == "list" and len(top.children) > 1 and top.children[-1].start == self._parser.start:
            piece = replace(top, children=top.children[:-1])
            top.children, top.number = top.children[-1:], top.number + len(piece.children)
        elif top.kind == "table" and len(top.lines) > 1 and self._parser.leaf is top:
            piece = replace(top, lines=top.lines[:-1])
            top.lines, top.places = [top.lines[0], top.lines[-1]], []
        else:
            return
        self._emit(self._base + self._size, piece, last=False)
