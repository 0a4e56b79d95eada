"""Parse Markdown into blocks: CommonMark's structure, and formulas that blank lines tear apart (`torn`)."""

from __future__ import annotations

from . import torn
from .leaves import add_line
from .lines import Cursor, split_lines
from .structure import Structure
from .tree import Node


def read(text: str) -> BlockParser:
    """Return a parser that has read ``text``; blocks that are open at its end are left open."""
    parser = BlockParser()
    for line in split_lines(text):
        parser.read(line)
    return parser


class BlockParser(Structure):
    """Reads lines, and holds some back until it is clear whether they belong to an open formula."""

    def __init__(self) -> None:
        super().__init__()
        self._held: list[torn.HeldLine] = []

    def read(self, line: str) -> None:
        """Read the next line."""
        if self.leaf is None or not self.leaf.formula or not self._hold(self.leaf, line):
            super().read(line)

    def finish(self) -> list[Node]:
        """Close the open blocks at the end of the text, and return all blocks."""
        self._release()
        return super().finish()

    def copy(self) -> BlockParser:
        """Return a parser that can go on from here without changing this one; closed blocks are shared."""
        twin = super().copy()
        twin._held = self._held.copy()
        return twin

    def join_held(self) -> None:
        """Add the held lines to the paragraph of the formula, except blank ones."""
        held, self._held = self._held, []
        for start, line in held:
            cursor = Cursor(line.rstrip("\r\n"))
            self._continued(cursor)
            if self.leaf is not None and not cursor.blank:
                add_line(self.leaf, cursor, start)

    def _hold(self, leaf: Node, line: str) -> bool:
        """Hold the line if it may continue, after a blank line, the formula that is open in ``leaf``."""
        cursor = Cursor(line.rstrip("\r\n"))
        inside = self._continued(cursor) == len(self._open) - 1
        if not self._held and not (cursor.blank and inside):
            return False
        self.start, self._end = self._end, self._end + len(line)
        self._held.append(torn.HeldLine(self.start, line))
        if not inside or len(self._held) > torn.MOST or not torn.fits(cursor, leaf.formula):
            self._release()
        elif torn.ends(cursor, leaf.formula):
            self.join_held()
        return True

    def _release(self) -> None:
        """Read the held lines as usual: it was not a formula."""
        held, self._held = self._held, []
        if held:
            self._end = held[0].start
            super().read(held[0].text)  # the blank line, after which another torn formula may begin
            for _, line in held[1:]:
                self.read(line)
