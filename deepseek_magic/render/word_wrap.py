"""Markdown source, broken at words for a terminal while it comes; nothing that is out is taken back.

Only line ends are put in, in place of the spaces of prose. Code, tables and displayed formulas stay as they are typed,
and so does a word that is wider than the terminal, such as an address: the terminal folds it, and can still open it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

# Chinese and Japanese are broken between characters, but not before closing signs and not after opening ones. Korean
# has spaces.
_IDEOGRAPHS = "\u2e80-\u312f\u3190-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff60\uffe0-\uffe6\U00020000-\U0003ffff"
_OPENING = "「『（［｛【《〈〔〖"
_CLOSING = (
    "」』）］｝】》〉〕〗、。，．：；！？・ー々…‥ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ\u3099\u309a\ufe0e\ufe0f"
)
_UNBROKEN = re.compile(
    f"[{_OPENING}]*(?:(?![{_CLOSING}])[{_IDEOGRAPHS}]|[^ \\t\\n{_IDEOGRAPHS}{_CLOSING}]+)?[{_CLOSING}]*"
    f"(?:(?<=[{_IDEOGRAPHS}{_CLOSING}])[)\\]}}.,:;!?%\"'”’*_`]+)?"
)
_STEP = re.compile(f"([ \\t]*)({_UNBROKEN.pattern})")
_PIECE = re.compile(r"\n|[ \t]+|[^ \t\n]+")
# What stands before the words of a line: its indent, and the signs of quotes and of list items.
_MARGIN = re.compile(r"(?:[ \t]*(?:>|(?:[-+*]|\d{1,9}[.)])(?=[ \t])))*[ \t]*")
#: Characters after which nothing can be such a sign any more.
_TELLING = 12
_ITEM = re.compile(r"[-+*.)]")
_FENCE = re.compile(r"(`{3,})([^`]*)$|(~{3,})")
_TYPED = ("|", "```", "~~~", "$$", "\\[")
_LABEL = re.compile(r" *\S.*? {2,}")
_TAB = 8
_NARROWEST = 8


def columns(text: str) -> int:
    """Return how many columns of a terminal ``text`` takes."""
    if text.isascii():
        return len(text.expandtabs(_TAB))
    return sum(map(_width, text))


def _width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def breaks(text: str, width: int) -> Iterator[int]:
    """Yield the places at which a line of prose is broken, each that of the first character after a break."""
    column = 0
    for found in _STEP.finditer(text):
        size, gap = columns(found[2]), columns(found[1])
        if column and size and column + gap + size > width:
            yield found.start(2)
            column = gap = 0
        column += gap + size


def narrowest(text: str) -> int:
    """Return the columns that ``text`` takes where it is broken at every place there is."""
    return max(map(columns, _UNBROKEN.findall(text)))


def hanging(text: str, width: Callable[[], int]) -> str:
    """Return ``text`` broken at words; where two spaces part a label from what it names, that goes on in its column."""
    lines = []
    for line in text.split("\n"):
        found = _LABEL.match(line)
        label = found[0] if found and 2 * columns(found[0]) <= width() else ""
        wrapping = Wrapping(width, " " * columns(label))
        broken = wrapping.feed(line[len(label) :]) + wrapping.flush()
        lines.append(label + broken[columns(label) :])
    return "\n".join(lines)


class _Typed:
    """Knows which lines stay as they are typed: code, rows of tables, displayed formulas."""

    def __init__(self) -> None:
        self._open = ""  # what ends the code or the formula that is open
        self._text_at = 0  # the column at which the text of the last list item begins
        self._in_paragraph = False

    def begins(self, margin: str, rest: str) -> bool:
        """Return whether a line stays as typed that begins with ``margin`` and ``rest``."""
        return bool(self._open) or self._is_indented(margin) or rest.startswith(_TYPED)

    def ended(self, margin: str, rest: str) -> None:
        """Take in a whole line."""
        rest = rest.rstrip()
        if self._open:
            if self._open[0] in "`~":
                closes = rest.startswith(self._open) and not rest.strip(self._open[0])
            else:  # no formula holds an empty line
                closes = not rest or rest.endswith(self._open)
            self._open = "" if closes else self._open
            return
        if not rest:
            self._in_paragraph = False
            return
        if self._is_indented(margin):
            return
        if _ITEM.search(margin) or not self._in_paragraph:
            self._text_at = columns(margin)
        self._in_paragraph = True
        if fence := _FENCE.match(rest):
            self._open = fence[1] or fence[3]
        for sign, closing in (("$$", "$$"), ("\\[", "\\]")):
            if rest.startswith(sign) and closing not in rest[2:]:
                self._open = closing

    def _is_indented(self, margin: str) -> bool:
        deep = columns(margin) >= self._text_at + 4
        return deep and not self._in_paragraph and not _ITEM.search(margin)


class Wrapping:
    """Breaks streamed Markdown at words.

    Args:
        width: returns the columns of the terminal, which may change; ``None`` for no breaks.
        bar: what stands before each line.
    """

    def __init__(self, width: Callable[[], int] | None, bar: str = "") -> None:
        self._width = width
        self._bar = bar
        self._typed = _Typed()
        self._line = ""  # as it came
        self._begun = False
        self._as_typed = False
        self._indent = ""  # what a broken line goes on with
        self._column = 0
        self._first = True  # no word stands on the line yet
        self._gap = self._word = ""
        self._overlong = ""  # the end of a word that is out and fits no line: it may go on

    def feed(self, text: str) -> str:
        """Return what can be printed now: all but the word that ``text`` ends with."""
        return "".join(self._fed(text))

    def flush(self) -> str:
        """Return what was held back."""
        return "".join(self._rest())

    def _fed(self, text: str) -> Iterator[str]:
        for piece in _PIECE.findall(text):
            if piece == "\n":
                yield from self._rest()
                yield "\n"
                self._typed.ended(*self._parts())
                self._line, self._begun = "", False
                continue
            self._line += piece
            if self._begun:
                yield from self._put(piece)
                continue
            _, rest = self._parts()
            if rest and (self._line[-1] in " \t" or len(rest) > _TELLING):
                yield from self._begin()

    def _parts(self) -> tuple[str, str]:
        found = _MARGIN.match(self._line)
        end = found.end() if found else 0
        return self._line[:end], self._line[end:]

    def _begin(self) -> Iterator[str]:
        """Yield the beginning of the line, of which enough has come to know what it is."""
        margin, rest = self._parts()
        self._begun, self._overlong = True, ""
        self._as_typed = self._width is None or self._typed.begins(margin, rest)
        self._first = True
        self._indent = re.sub(r"[^\s>]", " ", margin)
        if 2 * columns(self._bar + self._indent) > self._room():
            self._indent = ""
        self._column = columns(self._bar + margin)
        yield self._bar + margin
        for piece in _PIECE.findall(rest):
            yield from self._put(piece)

    def _rest(self) -> Iterator[str]:
        """Yield what is held back of a line that has ended."""
        if self._begun:
            yield from self._words(ended=True)
        elif self._line.strip():
            yield from self._begin()
            yield from self._words(ended=True)
        elif self._line or self._bar:
            yield f"{self._bar}{self._line}".rstrip() if self._bar else self._line
        yield self._gap
        self._gap = ""

    def _put(self, piece: str) -> Iterator[str]:
        if self._as_typed:
            yield piece
        elif piece[0] in " \t":
            yield from self._words(ended=True)
            self._gap += piece
        else:
            self._word += piece
            yield from self._words(ended=False)

    def _words(self, *, ended: bool) -> Iterator[str]:
        """Yield what of the held word can be placed: it may go on if it is not ``ended``."""
        parts = [part for part in _UNBROKEN.findall(self._overlong + self._word) if part]
        self._word = ""
        if parts and self._overlong:
            more = parts.pop(0)[1:]
            yield self._out(more)
            self._overlong = "" if parts else (more or self._overlong)[-1]
        if parts and not ended:
            if columns(self._bar + self._indent + parts[-1]) <= self._room():
                self._word = parts.pop()
            else:  # it fits no line, so it need not wait
                self._overlong = parts[-1][-1]
        for part in parts:
            yield from self._placed(part)
        if ended:
            self._overlong = ""

    def _placed(self, part: str) -> Iterator[str]:
        gap, self._gap = self._gap, ""
        size = columns(part)
        is_overlong = columns(self._bar + self._indent) + size > self._room()
        if not self._first and (is_overlong or self._column + columns(gap) + size > self._room()):
            gap = f"\n{self._bar}{self._indent}"
            self._column = 0
        self._column += columns(gap.removeprefix("\n"))
        self._first = False
        yield gap
        yield self._out(part)

    def _out(self, part: str) -> str:
        """Return ``part``, whose place is decided; the terminal folds what is wider than it."""
        self._column += columns(part)
        if self._column > self._room():
            self._column = (self._column - 1) % self._room() + 1
        return part

    def _room(self) -> int:
        return max(_NARROWEST, self._width()) if self._width is not None else 1_000_000
