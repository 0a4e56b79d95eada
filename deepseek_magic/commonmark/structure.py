"""Parse the block structure of Markdown line by line (CommonMark 0.31.2, chapters 3 to 5; GFM tables).

Every line is read once, and a tree of `Node` grows. Raw HTML is treated as text, so there are no HTML blocks (4.6)
except sections that fold (`folds`). One addition: after a line that starts a display formula (``$$`` or ``\\[``), the
lines up to its end are plain continuation text, so that a lone ``=`` or ``-`` in it does not make a heading.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TypeVar

from . import folds
from .leaves import FENCE, HEADING, UNDERLINE, add_code, add_line, leaf_at, take_definitions
from .lines import Cursor
from .links import Target
from .tables import alignments
from .tree import Node

# A list marker: its number, its bullet or delimiter, and the rest of the line.
_MARKER = re.compile(r"((?=[-+*])|[0-9]{1,9}(?=[.)]))([-+*.)])([ \t].*|$)", re.DOTALL)
Parser = TypeVar("Parser", bound="Structure")
MAX_DEPTH = 32
"""How deep quotes and list items may nest; a deeper marker is text. Bounds work per line and every recursion."""


class Structure:
    """Reads lines with their endings, and holds the tree and the link definitions (of equal labels, the first)."""

    def __init__(self) -> None:
        self.document = Node("document", 0)
        self.definitions: dict[str, Target] = {}
        self.leaf: Node | None = None
        self.start = 0  # where the last line starts in the source
        self._end = 0
        self._open = [self.document]

    def read(self, line: str) -> None:
        """Read the next line."""
        self.start, self._end = self._end, self._end + len(line)
        cursor = Cursor(line.rstrip("\r\n"))
        reach = self._continued(cursor)
        blank = cursor.blank
        if self._leaf_takes(cursor, reach):
            blank = blank and self.leaf is not None and self.leaf.kind == "code"
        elif blank:
            self._leave(reach)
        else:
            self._text(cursor, reach)
        if blank:
            self._mark_blank()
        else:
            for node in self._open:
                node.blank = False

    @property
    def containers(self) -> list[Node]:
        """The open containers, outermost first."""
        return self._open[1:]

    def finish(self) -> list[Node]:
        """Close the open blocks at the end of the text, and return all blocks."""
        self._leave(0)
        return self.document.children

    def copy(self: Parser) -> Parser:
        """Return a parser that can go on from here without changing this one; closed blocks are shared."""
        twin = type(self)()
        twin.start, twin._end = self.start, self._end
        nodes = [*self._open, self.leaf] if self.leaf is not None else self._open
        copies = [node.copy() for node in nodes]
        for parent, child in pairwise(copies):
            parent.children[-1] = child
        twin.document = copies[0]
        twin._open = copies[: len(self._open)]
        twin.leaf = copies[-1] if self.leaf is not None else None
        return twin

    def ahead(self, line: str) -> tuple[str, bool]:
        """Return the text of ``line`` after the markers of the open blocks it continues, and whether it continues all.

        The line is not read into the tree.
        """
        cursor = Cursor(line)
        whole = self._continued(cursor) == len(self._open) - 1
        return cursor.words().rstrip(" \t"), whole

    def is_over(self, line: str) -> bool:
        """Return whether a ``line`` that starts like this cannot continue the last top-level block."""
        ahead = Cursor(line)
        leaf, top = self.leaf, self.document.children[-1]
        if leaf is top:
            return leaf.kind == "code" and ahead.indent < 4
        if leaf is not None and leaf.kind == "paragraph":
            return False  # it may be a lazy continuation line
        if top.kind != "list":
            return len(self._open) < 2
        if len(self._open) > 2 and ahead.indent >= self._open[2].offset:
            return False
        return not ahead.character.isdigit() if top.marker in ".)" else ahead.character != top.marker

    @property
    def numbering(self) -> bool:
        """Whether an ordered list is open."""
        return any(node.kind == "list" and node.marker in ".)" for node in self._open)

    def start_table(self, paragraph: Node, columns: tuple[str, ...]) -> None:
        """Turn the last line of the open ``paragraph`` into the header of a table with these columns."""
        head, place = paragraph.lines.pop(), paragraph.places.pop()
        if paragraph.lines:
            self._close_leaf()
        else:
            self._open[-1].children.pop()
        self.leaf = self._add(Node("table", paragraph.offset, lines=[head], places=[place], columns=columns))

    # -- the three phases of a line

    def _continued(self, cursor: Cursor) -> int:
        """Return the index of the last open container that this line continues, and consume the markers."""
        nodes = self._open
        for index in range(1, len(nodes)):
            node = nodes[index]
            if node.kind == "quote":
                if cursor.indent > 3 or cursor.character != ">":
                    return index - 1
                cursor.eat_quote()
            elif node.kind == "item":
                if cursor.blank:
                    if not node.children:
                        return index - 1
                elif cursor.indent < node.offset:
                    return index - 1
                cursor.take(node.offset)
        return len(nodes) - 1

    def _leaf_takes(self, cursor: Cursor, reach: int) -> bool:
        """Return whether the open leaf block takes the line whatever it says, and if so, add it."""
        leaf = self.leaf
        if leaf is None or reach < len(self._open) - 1:
            return False
        if leaf.kind == "fence":
            if not add_code(leaf, cursor):
                self.leaf = None
            return True
        if leaf.kind == "code":
            return add_code(leaf, cursor)
        if leaf.kind == "summary" and not cursor.blank:
            self.leaf = folds.add_summary(leaf, cursor, self.start)
            return cursor.blank
        if leaf.kind == "table" or not leaf.formula or cursor.blank:
            return False
        if cursor.indent < 4 and any(cursor.match(start) for start in (FENCE, HEADING, folds.EDGE)):
            return False
        add_line(leaf, cursor, self.start)
        return True

    def _text(self, cursor: Cursor, reach: int) -> None:
        """Read a line that is not blank and that no leaf took: it starts a block or continues a paragraph."""
        matched = reach == len(self._open) - 1
        while True:
            if not self._folds(cursor, reach):
                paragraph = self.leaf if self.leaf is not None and self.leaf.kind == "paragraph" and matched else None
                if cursor.indent < 4 and self._leaf_starts(cursor, reach, paragraph):
                    return
                if cursor.indent > 3 or not self._container_starts(cursor, reach, paragraph):
                    break
            reach = len(self._open) - 1
            if cursor.blank:
                return
        leaf = self.leaf  # ``None`` if a container was opened
        if leaf is not None and leaf.kind == "paragraph":
            add_line(leaf, cursor, self.start, lazy=not matched)
        elif leaf is not None and leaf.kind == "table" and matched and cursor.indent < 4:
            add_line(leaf, cursor, self.start)
        else:
            self._leave(reach)
            self.leaf = self._add(Node("paragraph" if cursor.indent < 4 else "code", self.start))
            if self.leaf.kind == "code":
                add_code(self.leaf, cursor)
            else:
                add_line(self.leaf, cursor, self.start)

    # -- what may start

    def _leaf_starts(self, cursor: Cursor, reach: int, paragraph: Node | None) -> bool:
        """Open the leaf block that starts here, if any; ``paragraph`` is what the line would otherwise continue."""
        character = cursor.character
        if paragraph is not None and character in "|:-" and paragraph.head:
            columns = alignments(cursor.words(), paragraph.lines[-1])
            if columns:
                self.start_table(paragraph, columns)
                return True
        if paragraph is not None and character in "=-" and cursor.match(UNDERLINE):
            take_definitions(paragraph, self.definitions)
            if paragraph.lines:  # 4.3: unless it only held definitions
                paragraph.kind, paragraph.number = "heading", 1 if character == "=" else 2
                self.leaf = None
                return True
        node = leaf_at(cursor, self.start)
        if node is None:
            return False
        self._leave(reach)
        self._add(node)
        if node.kind == "fence":
            self.leaf = node
        return True

    def _container_starts(self, cursor: Cursor, reach: int, paragraph: Node | None) -> bool:
        """Open the quote or list item that starts here, if any, and consume its marker."""
        quote = cursor.character == ">"
        marker = None if quote else cursor.match(_MARKER)
        if not (quote or marker) or self._depth(reach) >= MAX_DEPTH:
            return False
        # 5.3: only an item with text, and among ordered ones only number 1, interrupts a paragraph.
        if paragraph is not None and marker and (int(marker[1] or 1) != 1 or not marker[3].strip(" \t")):
            return False
        self._leave(reach)
        if marker:
            self._open_item(cursor, marker)
        else:
            self._open.append(self._add(Node("quote", self.start)))
            cursor.eat_quote()
        return True

    def _folds(self, cursor: Cursor, reach: int) -> bool:
        """Read the tag of a section that folds, if there is one here, and the text before the end of the line."""
        inner = self._open[reach]
        if cursor.character == "<":
            if inner.kind == "details" and not inner.children and folds.has_summary(cursor):
                self.leaf = folds.add_summary(self._add(Node("summary", self.start)), cursor, self.start)
                return True
            fits = cursor.indent < 4 and self._depth(reach) < MAX_DEPTH
            if fits and (section := folds.opened(cursor, self.start)):
                self._leave(reach)
                self._open.append(self._add(section))
                return True
        places = [place for place in range(1, reach + 1) if self._open[place].kind == "details"]
        end = folds.closing(cursor) if places and cursor.has_tags else None
        if end is None:
            return False
        if not (before := cursor.until(end.start())).blank:
            self._text(before, reach)
        self._leave(places[-1] - 1)
        cursor.eat_to(end.end())
        return True

    def _depth(self, reach: int) -> int:
        return sum(node.kind != "list" for node in self._open[1 : reach + 1])

    def _open_item(self, cursor: Cursor, marker: re.Match[str]) -> None:
        parent = self._open[-1]
        if parent.kind != "list" or parent.marker != marker[2]:
            parent = self._add(Node("list", self.start, marker=marker[2], number=int(marker[1] or 1)))
            self._open.append(parent)
        elif parent.blank:
            parent.loose = True
        item = Node("item", self.start)
        parent.children.append(item)
        self._open.append(item)
        width = len(marker[1]) + 1
        offset = cursor.indent + width
        cursor.eat(width)
        gap = 1 if cursor.blank or cursor.indent > 4 else cursor.indent
        item.offset = offset + gap
        cursor.take(gap)

    # -- bookkeeping

    def _add(self, node: Node) -> Node:
        """Add ``node`` to the innermost open container that may hold it."""
        if self._open[-1].kind == "list":
            self._open.pop()
        parent = self._open[-1]
        # 5.3: two blocks of one item with a blank line between them make its list loose.
        if parent.kind == "item" and parent.blank and parent.children:
            self._open[-2].loose = True
        parent.children.append(node)
        return node

    def _leave(self, reach: int) -> None:
        """Close the leaf and every container after the one at index ``reach``."""
        self._close_leaf()
        del self._open[reach + 1 :]

    def _close_leaf(self) -> None:
        if self.leaf is not None and self.leaf.kind == "paragraph":
            take_definitions(self.leaf, self.definitions)
        self.leaf = None

    def _mark_blank(self) -> None:
        """Mark the open items and lists as having a blank line, which does not count if it is inside a quote."""
        for node in reversed(self._open):
            if node.kind in {"quote", "details"}:
                break
            node.blank = True
