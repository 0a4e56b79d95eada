"""The tree that markdown is read into."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from .links import resolved

Containers = Literal["document", "quote", "list", "item", "details"]
Kind = Literal[Containers, "summary", "paragraph", "heading", "rule", "fence", "code", "table"]


@dataclass(slots=True)
class Node:
    """One block. ``start`` is where its first line starts in the source; ``kind`` decides what the others mean.

    A paragraph or heading that is over holds its text as one string, and in ``info`` the lines of the link definitions
    before it; ``places`` say where each of these lines, or of a table's rows, is in the source.
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
    growing: bool = False  # a leaf in which the text so far ends

    @property
    def text(self) -> str:
        """The text of a paragraph or heading, or the code of a block of code, whose last line end is not part of it."""
        end = len(self.lines)
        while self.kind == "code" and end and not self.lines[end - 1].strip(" \t"):
            end -= 1  # 4.4: blank lines at its end do not belong to it
        return "\n".join(self.lines[:end])

    @property
    def language(self) -> str:
        """The first word of what the opening line of a fence says; "" if it says nothing."""
        return next(iter(resolved(self.info).split(maxsplit=1)), "") if self.kind == "fence" else ""

    def copy(self) -> Node:
        """Return a node that may grow without changing this one; the nodes in it are shared."""
        return replace(self, children=self.children.copy(), lines=self.lines.copy(), places=self.places.copy())

    def leaves(self) -> Iterator[Node]:
        """Yield the blocks in it that hold no other blocks."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()
