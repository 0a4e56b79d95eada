"""The tree of blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from .links import resolved

Containers = Literal["document", "quote", "list", "item", "details"]
Kind = Literal[Containers, "summary", "paragraph", "heading", "rule", "fence", "code", "table"]


@dataclass(slots=True)
class Node:
    """One block. The ``kind`` decides what the other fields mean.

    A closed paragraph or heading holds its text as one string in ``lines``, and the lines of the link definitions
    before it in ``info``. ``start`` is the index of its first line in the source; ``places`` are the indices of each of
    its lines, or of a table's rows.
    """

    kind: Kind
    start: int
    children: list[Node] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    marker: str = ""  # list: bullet or delimiter; fence: its characters; details: "open" where it starts open
    number: int = 0  # list: the first number; heading: the level
    offset: int = 0  # item: columns its content is indented by; fence: columns to take away; paragraph: see `head`
    info: str = ""  # fence: the raw info string; paragraph, heading: the definitions taken from its start
    columns: tuple[str, ...] = ()  # table: alignments
    formula: str = ""  # paragraph: what would end the display formula that is open
    loose: bool = False  # list
    blank: bool = False  # container: its last line was blank
    head: bool = True  # paragraph: its last line, which starts at ``offset``, may be the head of a table
    growing: bool = False  # a leaf at the end of a growing text

    @property
    def text(self) -> str:
        """The text of a paragraph or heading, or the code of a block of code without its last line end."""
        end = len(self.lines)
        while self.kind == "code" and end and not self.lines[end - 1].strip(" \t"):
            end -= 1  # 4.4: blank lines at its end do not belong to it
        return "\n".join(self.lines[:end])

    @property
    def language(self) -> str:
        """The first word of a fence's info string; "" if it has none."""
        return next(iter(resolved(self.info).split(maxsplit=1)), "") if self.kind == "fence" else ""

    def copy(self) -> Node:
        """Return a copy that can grow without changing this node; its children are shared."""
        return replace(self, children=self.children.copy(), lines=self.lines.copy(), places=self.places.copy())

    def leaves(self) -> Iterator[Node]:
        """Yield the leaf blocks in it."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()
