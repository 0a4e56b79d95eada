"""The block structure of markdown, line by line (CommonMark 0.31.2, chapters 3 to 5; GFM tables).

Lines go in, a tree of `Node` grows; every line is looked at once, however the text was cut on its way here. Raw
HTML is text to us, so HTML blocks (4.6) do not exist. One addition: a line that starts a display formula (``$$`` or
``\\[``) makes the lines up to its end plain continuation text, so that a ``=`` or ``-`` alone does not become a
heading in the middle of a formula.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from .lines import Cursor
from .links import Target, strip_definitions
from .maths import open_formula
from .tables import alignments

Kind = Literal["document", "quote", "list", "item", "paragraph", "heading", "rule", "fence", "code", "table", "nothing"]
MAX_DEPTH = 32
"""How deep quotes and list items may nest; a deeper marker is text. Bounds work per line and every recursion."""

MAX_COLUMNS = 1 << 30


@dataclass(slots=True)
class Node:
    """One block. ``start`` is the number of its first line; which other fields mean something depends on ``kind``."""

    kind: Kind
    start: int
    children: list[Node] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    marker: str = ""  # list: bullet or delimiter; fence: its characters
    number: int = 0  # list: the first number; heading: the level
    offset: int = 0  # item: columns its content is indented by; fence: columns to take away
    info: str = ""  # fence: the raw info string; paragraph: its task box, once rendered
    columns: list[str] = field(default_factory=list)  # table: alignments
    formula: str = ""  # paragraph: what would end the display formula that is open
    closed: bool = False  # fence: its closing line was seen
    loose: bool = False  # list
    blank: bool = False  # container: its last line was blank
    head: bool = True  # paragraph: its last line may be the head of a table


class Structure:
    """Reads lines (without their endings) and holds the tree; ``definitions`` are the link definitions found."""

    def __init__(self) -> None:
        self.document = Node("document", 0)
        self.definitions: list[tuple[str, Target]] = []
        self.count = 0
        self.leaf: Node | None = None
        self._open = [self.document]

    def read(self, line: str) -> None:
        """Take the next line in."""
        cursor = Cursor(line)
        reach = self._continued(cursor)
        blank = cursor.blank
        if self._leaf_takes(cursor, reach):
            blank = blank and self.leaf is not None and self.leaf.kind == "code"
            if blank:
                self._mark_blank()
        elif blank:
            self._blank(reach)
        else:
            self._text(cursor, reach)
        if not blank:
            for node in self._open:
                node.blank = False
        self.count += 1

    def finish(self) -> None:
        """No more lines: close what is open."""
        self._leave(0)

    @property
    def inside(self) -> int:
        """The columns by which a line is in the open outermost list item; 0 where no container is open.

        A quote counts as one column; in an open list without an open item no line can be.
        """
        if len(self._open) < 2:
            return 0
        if self._open[1].kind == "quote":
            return 1
        return self._open[2].offset if len(self._open) > 2 else MAX_COLUMNS

    def ahead(self, line: str) -> tuple[str, bool]:
        """What ``line`` holds behind the markers of the open blocks that it continues, and whether it continues all.

        The line is not taken in.
        """
        cursor = Cursor(line)
        whole = self._continued(cursor) == len(self._open) - 1
        return cursor.words().rstrip(" \t"), whole

    @property
    def numbering(self) -> bool:
        """Whether an ordered list is open."""
        return any(node.kind == "list" and node.marker in ".)" for node in self._open)

    def start_table(self, paragraph: Node, columns: list[str]) -> None:
        """Turn the last line of the open ``paragraph`` into the head of a table with these columns."""
        head = paragraph.lines.pop()
        if paragraph.lines:
            self._close_leaf()
        else:
            self._open[-1].children.pop()
        self.leaf = self._add(Node("table", self.count - 1, lines=[head], columns=columns))

    # -- the three phases of a line

    def _continued(self, cursor: Cursor) -> int:
        """How far the open containers go on in this line: the index of the last one; their markers are eaten."""
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
                    cursor.take(node.offset)
                elif cursor.indent >= node.offset:
                    cursor.take(node.offset)
                else:
                    return index - 1
        return len(nodes) - 1

    def _leaf_takes(self, cursor: Cursor, reach: int) -> bool:
        """Whether the open leaf block takes the line as its own whatever it says."""
        leaf = self.leaf
        if leaf is None or reach < len(self._open) - 1:
            return False
        if leaf.kind == "fence":
            self._fence_line(leaf, cursor)
            return True
        if leaf.kind == "code" and (cursor.indent >= 4 or cursor.blank):
            cursor.take(4)
            leaf.lines.append(cursor.rest())
            return True
        if leaf.kind == "paragraph" and leaf.formula and not cursor.blank:
            if cursor.indent < 4 and (cursor.fence() or cursor.heading()):
                return False
            self._continue_paragraph(leaf, cursor)
            return True
        return False

    def _text(self, cursor: Cursor, reach: int) -> None:
        """A line that is not blank and that no leaf took: what starts here, or which paragraph it continues."""
        matched = reach == len(self._open) - 1
        fresh = False
        leaf = self.leaf
        while cursor.indent < 4:
            paragraph = leaf if leaf is not None and leaf.kind == "paragraph" and matched and not fresh else None
            if self._leaf_starts(cursor, reach, fresh, paragraph):
                return
            if not self._container_starts(cursor, reach, fresh, paragraph):
                break
            fresh = True
            if cursor.blank:
                return
        else:
            if fresh or leaf is None or leaf.kind != "paragraph":
                if not fresh:
                    self._leave(reach)
                self.leaf = self._add(Node("code", self.count))
                cursor.take(4)
                self.leaf.lines.append(cursor.rest())
                return
        if not fresh and leaf is not None:
            if leaf.kind == "paragraph":
                self._continue_paragraph(leaf, cursor, lazy=not matched)
                return
            if leaf.kind == "table" and matched:
                leaf.lines.append(cursor.words())
                return
        if not fresh:
            self._leave(reach)
        self.leaf = self._add(Node("paragraph", self.count))
        self._continue_paragraph(self.leaf, cursor)

    # -- what may start

    def _leaf_starts(self, cursor: Cursor, reach: int, fresh: bool, paragraph: Node | None) -> bool:
        """Open the leaf block that starts here, if one does. ``paragraph`` is the one that this line would go on."""
        character = cursor.character
        node: Node | None = None
        if character == "#" and (level := cursor.heading()):
            node = Node("heading", self.count, lines=[cursor.heading_text(level)], number=level)
        elif character in "`~" and (fence := cursor.fence()):
            info = cursor.words()[len(fence) :].strip(" \t")
            node = Node("fence", self.count, marker=fence, info=info, offset=cursor.indent)
        elif paragraph is not None and character in "|:-" and (columns := self._columns(cursor, paragraph)):
            self.start_table(paragraph, columns)
            return True
        elif paragraph is not None and character in "=-" and cursor.underline() and self._setext(paragraph, character):
            return True
        elif character in "-_*" and cursor.rule():
            node = Node("rule", self.count)
        if node is None:
            return False
        if not fresh:
            self._leave(reach)
        self._add(node)
        if node.kind == "fence":
            self.leaf = node
        return True

    def _container_starts(self, cursor: Cursor, reach: int, fresh: bool, paragraph: Node | None) -> bool:
        """Open the quote or list item that starts here, if one does, and eat its marker."""
        quote = cursor.character == ">"
        marker, number, width = ("", 0, 0) if quote else cursor.list_marker()
        if not (quote or marker) or self._depth(len(self._open) - 1 if fresh else reach) >= MAX_DEPTH:
            return False
        # 5.3: only an item with text, and among ordered ones only number 1, interrupts a paragraph.
        if paragraph is not None and marker and (number != 1 or not cursor.words()[width:].strip(" \t")):
            return False
        if not fresh:
            self._leave(reach)
        if quote:
            self._open.append(self._add(Node("quote", self.count)))
            cursor.eat_quote()
        else:
            self._open_item(cursor, marker, number, width)
        return True

    def _open_item(self, cursor: Cursor, marker: str, number: int, width: int) -> None:
        parent = self._open[-1]
        if parent.kind != "list" or parent.marker != marker:
            parent = self._add(Node("list", self.count, marker=marker, number=number))
            self._open.append(parent)
        elif parent.blank:
            parent.loose = True
        item = Node("item", self.count)
        parent.children.append(item)
        self._open.append(item)
        width += cursor.indent
        cursor.eat(width - cursor.indent)
        gap = 1 if cursor.blank or cursor.indent > 4 else cursor.indent
        item.offset = width + gap
        cursor.take(gap)

    def _columns(self, cursor: Cursor, paragraph: Node) -> list[str] | None:
        """The columns of the table whose delimiter row this line is, below its head at the end of ``paragraph``."""
        return alignments(cursor.words(), paragraph.lines[-1]) if paragraph.head else None

    def _setext(self, paragraph: Node, underline: str) -> bool:
        """Make ``paragraph`` a heading, unless it holds nothing but link definitions (4.3)."""
        text = strip_definitions("\n".join(paragraph.lines), self.definitions).rstrip(" \t")
        paragraph.lines = [text] if text else []
        if not text:
            return False
        paragraph.kind = "heading"
        paragraph.number = 1 if underline == "=" else 2
        self.leaf = None
        return True

    # -- bookkeeping

    def _depth(self, reach: int) -> int:
        return sum(node.kind != "list" for node in self._open[1 : reach + 1])

    def _add(self, node: Node) -> Node:
        """Put ``node`` into the innermost open container that may hold it."""
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
        leaf = self.leaf
        self.leaf = None
        if leaf is not None and leaf.kind == "paragraph":
            text = "\n".join(leaf.lines)
            if text.startswith("["):
                text = strip_definitions(text, self.definitions)
            leaf.lines = [text.rstrip(" \t")]
            if not text:
                leaf.kind = "nothing"

    def _blank(self, reach: int) -> None:
        self._leave(reach)
        self._mark_blank()

    def _mark_blank(self) -> None:
        """Tell the open items and lists that a blank line passed; one inside a quote is not theirs."""
        for node in reversed(self._open):
            if node.kind == "quote":
                break
            node.blank = True

    def _continue_paragraph(self, paragraph: Node, cursor: Cursor, lazy: bool = False) -> None:
        line = cursor.words()
        paragraph.lines.append(line)
        paragraph.head = not lazy and cursor.indent < 4
        if paragraph.formula or "$$" in line or "\\[" in line or "\\begin{" in line:
            paragraph.formula = open_formula(line, paragraph.formula)

    def _fence_line(self, fence: Node, cursor: Cursor) -> None:
        if cursor.indent < 4 and cursor.character == fence.marker[0]:
            closing = cursor.words().rstrip(" \t")
            if len(closing) >= len(fence.marker) and not closing.strip(closing[0]):
                fence.closed = True
                self.leaf = None
                return
        cursor.take(fence.offset)
        fence.lines.append(cursor.rest())
