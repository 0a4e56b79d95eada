"""The paragraphs of a question: what is left when fences and indented code are taken away.

Blocks follow CommonMark 0.31.2: 4.4 indented code, 4.5 fences, 5.1 quotes, 5.2 list items. Raw HTML is text, and a
display formula that starts a line goes on to its end whatever its lines look like, as in the renderer.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_FENCE = re.compile(r"(`{3,})[^`\r\n]*$|(~{3,})")
_HEADING = re.compile(r"#{1,6}(?=[ \t]|$)")
_RULE = re.compile(r"(?:(?:-[ \t]*){3,}|(?:_[ \t]*){3,}|(?:\*[ \t]*){3,})$")
_UNDERLINE = re.compile(r"(?:=+|-+)[ \t]*$")
_MARKER = re.compile(r"(?:[-+*]|([0-9]{1,9})[.)])(?=[ \t]|$)")
_DISPLAY = re.compile(r"\$\$|\\\[|\\begin\{([A-Za-z]+\*?)\}")
_MAX_DEPTH = 32


class Span(NamedTuple):
    """A part of a text: from ``start`` up to ``end``."""

    start: int
    end: int


def paragraphs(text: str) -> list[Span]:
    """The parts of ``text`` that inline rules apply to, in order; a heading is one, a table belongs to one."""
    blocks = _Blocks()
    start = 0
    for match in _LINE.finditer(text):
        blocks.read(match[0].rstrip("\r\n"), start)
        start = match.end()
    return blocks.paragraphs


class _Cursor:
    """A place in one line, in columns: a tab reaches to the next multiple of four (2.2 Tabs)."""

    __slots__ = ("_column", "_position", "_spare", "ahead", "blank", "indent", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._position = self._column = self._spare = 0
        self._measure()

    def _measure(self) -> None:
        column, position = self._column, self._position
        while position < len(self.text) and self.text[position] in " \t":
            column += 4 - column % 4 if self.text[position] == "\t" else 1
            position += 1
        self.ahead = position
        self.indent = self._spare + column - self._column
        self.blank = position == len(self.text)

    def take(self, columns: int) -> None:
        """Leave so many columns of blank space behind."""
        columns = min(columns, self.indent)
        used = min(columns, self._spare)
        self._spare -= used
        columns -= used
        while columns > 0:
            width = 4 - self._column % 4 if self.text[self._position] == "\t" else 1
            self._position += 1
            self._column += width
            self._spare = max(0, width - columns)
            columns -= width
        self._measure()

    def eat(self, characters: int) -> None:
        """Leave the blank space ahead and then so many characters behind."""
        self._column += self.indent - self._spare + characters
        self._position = self.ahead + characters
        self._spare = 0
        self._measure()


class _Blocks:
    """Reads lines; ``paragraphs`` are the parts that inline rules apply to ."""

    def __init__(self) -> None:
        self.paragraphs: list[Span] = []
        self._containers: list[int] = []  # the columns of an open list item; 0 for a quote
        self._leaf = ""  # "paragraph", "code", or the characters of an open fence
        self._formula = ""  # what would end the display formula that is open
        self._bare = False  # the last line opened a list item and said nothing in it

    def read(self, line: str, start: int) -> None:
        """Take in the next ``line``, which starts at ``start`` and is given without its ending."""
        cursor = _Cursor(line)
        reach = self._continued(cursor)
        if self._bare and cursor.blank and reach == len(self._containers):
            reach -= 1  # 5.2: an item that starts with two blank lines is empty
        self._bare = False
        whole = reach == len(self._containers)
        if whole and self._leaf[:1] in ("`", "~"):
            self._fence_line(cursor)
        elif whole and self._leaf == "code" and (cursor.blank or cursor.indent >= 4):
            return
        elif cursor.blank:
            self._leave(reach)
        elif whole and self._leaf == "paragraph" and self._formula and not _FENCE.match(line, cursor.ahead):
            self._go_on(cursor, start)
        else:
            self._text(cursor, reach, start)

    def _continued(self, cursor: _Cursor) -> int:
        """How many of the open containers go on in this line; their markers are eaten."""
        for index, offset in enumerate(self._containers):
            if offset == 0:
                if cursor.blank or cursor.indent > 3 or cursor.text[cursor.ahead] != ">":
                    return index
                cursor.eat(1)
                cursor.take(1)
            elif cursor.blank or cursor.indent >= offset:
                cursor.take(offset)
            else:
                return index
        return len(self._containers)

    def _fence_line(self, cursor: _Cursor) -> None:
        closing = cursor.text[cursor.ahead :].rstrip(" \t")
        if cursor.indent < 4 and len(closing) >= len(self._leaf) and not closing.strip(self._leaf[0]):
            self._leaf = ""

    def _text(self, cursor: _Cursor, reach: int, start: int) -> None:
        """A line with text that no open code took."""
        paragraph = self._leaf == "paragraph"
        whole = reach == len(self._containers)
        fresh = False
        while cursor.indent < 4:
            kind = self._starts(cursor, paragraph and whole and not fresh)
            if not kind:
                break
            if not fresh:
                self._leave(reach)
                fresh = True
            if kind not in ("quote", "item"):
                self._leaf = kind if kind[0] in "`~" else ""
                if kind == "heading":
                    self.paragraphs.append(Span(start + cursor.ahead, start + len(cursor.text)))
                return
            self._open_container(cursor, kind)
            if cursor.blank:
                self._bare = kind == "item"
                return
        if paragraph and not fresh:
            self._go_on(cursor, start)
            return
        if not fresh:
            self._leave(reach)
        self._leaf = "code" if cursor.indent >= 4 else "paragraph"
        if self._leaf == "paragraph":
            self.paragraphs.append(Span(start + cursor.ahead, start + cursor.ahead))
            self._go_on(cursor, start)

    def _starts(self, cursor: _Cursor, paragraph: bool) -> str:
        """What starts here, "" where nothing does; ``paragraph`` says that the line could go on with one."""
        text, ahead = cursor.text, cursor.ahead
        if fence := _FENCE.match(text, ahead):
            return fence[1] or fence[2]
        if _HEADING.match(text, ahead):
            return "heading"
        if (paragraph and _UNDERLINE.match(text, ahead)) or _RULE.match(text, ahead):
            return "rule"
        if len(self._containers) >= _MAX_DEPTH:
            return ""
        if text[ahead] == ">":
            return "quote"
        marker = _MARKER.match(text, ahead)
        # 5.3: only an item with text, and among ordered ones only number 1, interrupts a paragraph.
        if not marker or (paragraph and ((marker[1] or "1").lstrip("0") != "1" or not text[marker.end() :].strip())):
            return ""
        return "item"

    def _open_container(self, cursor: _Cursor, kind: str) -> None:
        if kind == "quote":
            self._containers.append(0)
            cursor.eat(1)
            cursor.take(1)
            return
        marker = _MARKER.match(cursor.text, cursor.ahead)
        width = len(marker[0]) if marker else 1
        offset = cursor.indent + width
        cursor.eat(width)
        gap = 1 if cursor.blank or cursor.indent > 4 else cursor.indent
        cursor.take(gap)
        self._containers.append(offset + gap)

    def _go_on(self, cursor: _Cursor, start: int) -> None:
        """Add the line to the open paragraph."""
        self.paragraphs[-1] = Span(self.paragraphs[-1].start, start + len(cursor.text))
        line = cursor.text[cursor.ahead :]
        if self._formula:
            self._formula = "" if self._formula in line else self._formula
        elif (opening := _DISPLAY.match(line)) and not line.startswith("$$$"):
            closing = {"$$": "$$", "\\[": "\\]"}.get(opening[0], f"\\end{{{opening[1]}}}")
            self._formula = "" if closing in line[opening.end() :] else closing

    def _leave(self, reach: int) -> None:
        self._leaf = self._formula = ""
        del self._containers[reach:]
