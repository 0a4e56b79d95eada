"""One line of markdown, read from left to right, in columns (CommonMark 0.31.2, section 2.2 Tabs).

A tab reaches to the next multiple of four columns, and a container may end in the middle of one; `Cursor` is the
only place that knows.
"""

from __future__ import annotations

import re
from copy import copy

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_SPACES = re.compile(r"[ \t]*")


def split_lines(text: str) -> list[str]:
    """Return the lines of ``text`` with their endings. Only LF, CR and CRLF end a line (2.1 Characters and lines)."""
    return _LINE.findall(text)


class Cursor:
    """A place in one line. ``indent`` columns of blank space are ahead of it; the text goes on at ``ahead``."""

    __slots__ = ("_column", "_position", "_size", "_text", "ahead", "blank", "character", "indent")

    def __init__(self, line: str) -> None:
        self._text = line
        self._size = len(line)
        self._position = 0
        self._column = 0
        self._measure()

    def _measure(self) -> None:
        text = self._text
        start = self._position
        match = _SPACES.match(text, start)
        self.ahead = ahead = match.end() if match else start
        if ahead == start:
            self.indent = 0
        elif text.find("\t", start, ahead) < 0:
            self.indent = ahead - start
        else:
            column = self._column
            for character in text[start:ahead]:
                column += 4 - column % 4 if character == "\t" else 1
            self.indent = column - self._column
        self.blank = ahead == len(text)
        self.character = "" if self.blank else text[ahead]

    def take(self, columns: int) -> None:
        """Leave ``columns`` columns of blank space behind; what a tab has left over stays as spaces."""
        columns = min(columns, self.indent)
        goal = self._column + columns
        text = self._text
        position = self._position
        if text.find("\t", position, position + columns) < 0:
            self._position += columns
        else:
            column = self._column
            while column < goal:
                column += 4 - column % 4 if text[position] == "\t" else 1
                position += 1
            self._text = " " * (column - goal) + text[position:]
            self._position = 0
        self._column = goal
        self._measure()

    def eat(self, characters: int) -> None:
        """Leave the blank space ahead and then ``characters`` of text behind."""
        self._column += self.indent + characters
        self._position = self.ahead + characters
        self._measure()

    def rest(self) -> str:
        """Return what is left of the line, with its blank space."""
        return self._text[self._position :]

    def words(self) -> str:
        """Return what is left of the line, without the blank space ahead."""
        return self._text[self.ahead :]

    @property
    def place(self) -> int:
        """How many characters of the line stand before its `words`."""
        return self._size - len(self._text) + self.ahead

    @property
    def has_tags(self) -> bool:
        """Whether the line may hold a tag."""
        return "<" in self._text

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Return what ``pattern`` finds where the words start."""
        return pattern.match(self._text, self.ahead)

    def search(self, pattern: re.Pattern[str], start: int = 0) -> re.Match[str] | None:
        """Return what ``pattern`` finds first in the words, from the place ``start`` of an earlier find on."""
        return pattern.search(self._text, max(start, self.ahead))

    def until(self, end: int) -> Cursor:
        """Return a cursor at this place of the line without what is there from ``end`` on, which is that of a find."""
        part = copy(self)
        part._text = self._text[:end]
        part._size -= len(self._text) - end
        part._measure()
        return part

    def eat_to(self, end: int | None) -> None:
        """Leave all behind that is before ``end``, the place of a find, or all that is left."""
        self.eat((len(self._text) if end is None else end) - self.ahead)

    def eat_quote(self) -> None:
        """Leave a block quote marker behind, with the one space that belongs to it (5.1)."""
        self.eat(1)
        self.take(1)
