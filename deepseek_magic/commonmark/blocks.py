"""The blocks of markdown: the structure that CommonMark gives it, and formulas that blank lines tear apart (`torn`)."""

from __future__ import annotations

from . import torn
from .leaves import add_line
from .lines import Cursor, split_lines
from .structure import Structure
from .tree import Node


def read(text: str) -> BlockParser:
    """Return a parser that has read ``text``; what is open at its end is still open."""
    parser = BlockParser()
    for line in split_lines(text):
        parser.read(line)
    return parser


class BlockParser(Structure):
    """Reads lines, of which it holds some back until it is clear whether they are those of an open formula."""

    def __init__(self) -> None:
        super().__init__()
        self._held: list[torn.HeldLine] = []

    def read(self, line: str) -> None:
        """Take the next line in."""
        if self.leaf is None or not self.leaf.formula or not self._hold(self.leaf, line):
            super().read(line)

    def finish(self) -> list[Node]:
        """Close what is open, since no more lines come, and return the blocks."""
        self._release()
        return super().finish()

    def copy(self) -> BlockParser:
        """Return a parser that goes on from here without changing this one; blocks that are over are shared."""
        twin = super().copy()
        twin._held = self._held.copy()
        return twin

    def join_held(self) -> None:
        """Put the lines that are held into the paragraph of the formula; a blank one has no place there."""
        held, self._held = self._held, []
        for start, line in held:
            cursor = Cursor(line.rstrip("\r\n"))
            self._continued(cursor)
            if self.leaf is not None and not cursor.blank:
                add_line(self.leaf, cursor, start)

    def _hold(self, leaf: Node, line: str) -> bool:
        """Hold a line if it may go on, after a blank one, with the formula that is open in ``leaf``."""
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
        """Read the lines that are held as what they are without the formula, which never was one."""
        held, self._held = self._held, []
        if held:
            self._end = held[0].start
            super().read(held[0].text)  # the blank one, after which another formula may be torn
            for _, line in held[1:]:
                self.read(line)
