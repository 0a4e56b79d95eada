"""Read one line of Markdown from left to right, in columns (CommonMark 0.31.2, section 2.2 Tabs).

A tab reaches to the next multiple of four columns, and a container's marker may end in the middle of one. Only `Cursor`
deals with that.
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
    """A place in one line.

    Attributes:
        indent: the columns of blank space ahead.
        ahead: the index in the line at which text follows them.
        character: the first character of that text.
        blank: whether there is no text ahead.
    """

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
        """Consume ``columns`` columns of blank space; the rest of a tab stays as spaces."""
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
        """Consume the blank space ahead and then ``characters`` of text."""
        self._column += self.indent + characters
        self._position = self.ahead + characters
        self._measure()

    def rest(self) -> str:
        """Return the rest of the line, with its blank space."""
        return self._text[self._position :]

    def words(self) -> str:
        """Return the rest of the line, without the blank space ahead."""
        return self._text[self.ahead :]

    @property
    def place(self) -> int:
        """How many characters of the line precede its `words`."""
        return self._size - len(self._text) + self.ahead

    @property
    def has_tags(self) -> bool:
        """Whether the line may hold a tag."""
        return "<" in self._text

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Return the match of ``pattern`` where the words start, or ``None``."""
        return pattern.match(self._text, self.ahead)

    def search(self, pattern: re.Pattern[str], start: int = 0) -> re.Match[str] | None:
        """Return the first match of ``pattern`` in the words from ``start`` on, the index of an earlier match."""
        return pattern.search(self._text, max(start, self.ahead))

    def until(self, end: int) -> Cursor:
        """Return a cursor at this place in the line up to ``end``, the index of a match."""
        part = copy(self)
        part._text = self._text[:end]
        part._size -= len(self._text) - end
        part._measure()
        return part

    def eat_to(self, end: int | None) -> None:
        """Consume the line up to ``end``, the index of a match; all of it for ``None``."""
        self.eat((len(self._text) if end is None else end) - self.ahead)

    def eat_quote(self) -> None:
        """Consume a block quote marker, with the one space that belongs to it (5.1)."""
        self.eat(1)
        self.take(1)
