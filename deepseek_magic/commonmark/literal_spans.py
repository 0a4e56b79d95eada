"""Where a question is code or a formula: the parts of it in which braces mean nothing to us.

Beside code blocks these are code spans (CommonMark 0.31.2, 6.1), formulas by the rule of the renderer, f-string
literals, and the arguments of backslash commands. All work is linear in the text, whatever it says.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Iterator

from .paragraphs import Span, paragraphs

_ENVIRONMENT = re.compile(r"\\begin\{([A-Za-z]+\*?)\}")
MAX_LENGTH = 1000
"""The longest expression, in characters."""

_SPECIAL = re.compile(r"\\|`+|\$|\{|(?<![A-Za-z0-9_])(?:[fFtT][rR]?|[rR][fFtT])(?=[\"'])")
_TICKS = re.compile(r"`+")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_COMMAND = re.compile(r"\\[A-Za-z]+\*?")
_BRACKETS = re.compile(r"\[[^\[\]{}\r\n]{0,200}\]")
_INLINE_FORMULA = re.compile(r"\$((?:[^$\\`]|\\[^`])+)\$(?![0-9])", re.DOTALL)
_LITERAL = {
    quote: (
        re.compile(rf"{quote}(?:[^{quote}\\\r\n{{]|\\.|\{{\{{|\{{[^{{}}\r\n]*\}})*{quote}"),
        re.compile(rf"{quote}(?:[^{quote}\\\r\n]|\\.)*{quote}"),
    )
    for quote in "\"'"
}


def pairs(text: str, spans: list[Span]) -> dict[int, int]:
    """The braces of ``text`` inside ``spans`` that belong together: the place of each ``{`` and that of its ``}``.

    A brace after a backslash is a character. ``spans`` are in order and do not overlap.
    """
    found: dict[int, int] = {}
    stack: list[int] = []
    for span in spans:
        for match in _BRACE.finditer(text, span.start, span.end):
            if match[0] == "{":
                stack.append(match.start())
            elif match[0] == "}" and stack:
                found[stack.pop()] = match.start()
    return found


def prose(text: str, meant: Callable[[str], bool]) -> list[Span]:
    """The parts of ``text`` that are neither code nor formula nor the argument of a command, in order.

    ``meant`` says whether what stands between two braces is an expression: its quoted texts may hold a backtick or a
    ``$`` that opens nothing.
    """
    finder = _Inline(text, meant)
    spans: list[Span] = []
    position = 0
    for paragraph in paragraphs(text):
        position = max(position, paragraph.start)
        for protected in finder.protected(position, paragraph.end):
            if protected.start > position:
                spans.append(Span(position, protected.start))
            position = protected.end
        if position < paragraph.end:
            spans.append(Span(position, paragraph.end))
            position = paragraph.end
    return spans


class _Inline:
    """Finds what is protected inside of paragraphs of one text; remembers what is nowhere ahead."""

    def __init__(self, text: str, meant: Callable[[str], bool]) -> None:
        self._text = text
        self._meant = meant
        self._pairs = pairs(text, [Span(0, len(text))])
        self._missing: dict[str, int] = {}

    def protected(self, start: int, end: int) -> Iterator[Span]:
        """What is protected in the paragraph from ``start`` to ``end``, in order; a literal may end after it."""
        ticks: dict[int, list[int]] = {}
        for run in _TICKS.finditer(self._text, start, end):
            ticks.setdefault(len(run[0]), []).append(run.start())
        position = start
        while match := _SPECIAL.search(self._text, position, end):
            token, place = match[0], match.start()
            if token == "{":
                position = self._expression(place, end)
                continue
            if token[0] == "`":
                later = ticks.get(len(token), [])
                index = bisect.bisect_left(later, match.end())
                stop = later[index] + len(token) if index < len(later) else 0
            elif token == "\\":
                stop = self._backslash(place, end)
            elif token == "$":
                stop = self._formula(place, end)
            else:
                stop = self._literal(match.end())
            if stop:
                yield Span(place, stop)
            position = stop or match.end()

    def _expression(self, place: int, end: int) -> int:
        """Where to go on after the ``{`` at ``place``: behind an expression whose texts would mislead us."""
        closing = self._pairs.get(place, end)
        inside = self._text[place + 1 : min(closing, place + MAX_LENGTH)]
        misleading = closing < end and not inside.isidentifier() and ("$" in inside or "`" in inside)
        return closing + 1 if misleading and self._meant(inside) else place + 1

    def _backslash(self, place: int, end: int) -> int:
        text = self._text
        following = text[place + 1 : place + 2]
        if following in ("(", "["):
            return self._closed(place + 2, "\\)" if following == "(" else "\\]", end) or place + 2
        environment = _ENVIRONMENT.match(text, place, end)
        if environment:
            stop = self._closed(environment.end(), f"\\end{{{environment[1]}}}", end)
            if stop:
                return stop
        command = _COMMAND.match(text, place, end)
        if not command:
            return min(place + 2, end)
        stop = command.end()
        while stop < end:
            closing = self._pairs.get(stop, end) if text[stop] == "{" else end
            brackets = _BRACKETS.match(text, stop, end)
            if closing < end:
                stop = closing + 1
            elif brackets and text[brackets.end() : brackets.end() + 1] == "{":
                stop = brackets.end()
            else:
                break
        return stop

    def _formula(self, place: int, end: int) -> int:
        """Where the formula ends that starts at the ``$`` at ``place``; 0 for a price. The rule is the renderer's."""
        text = self._text
        if text.startswith("$$", place):
            return 0 if text.startswith("$$$", place) else self._closed(place + 2, "$$", end)
        match = _INLINE_FORMULA.match(text, place, end)
        if not match or match[1][0].isspace() or match[1][-1].isspace():
            return 0
        before, after = text[place - 1 : place] if place else "", text[match.end() : match.end() + 1]
        if before.isascii() and before.isalnum() and match[1][0] != "\\":
            return 0
        if after.isascii() and after.isalpha() and match[1][-1] in "/,:;-+*=<&|([{":
            return 0
        return match.end()

    def _literal(self, place: int) -> int:
        """Where the literal ends whose opening quote is at ``place``; 0 where it is not closed."""
        quote = self._text[place]
        if self._text.startswith(quote * 3, place):
            return self._closed(place + 3, quote * 3, len(self._text))
        nested, plain = _LITERAL[quote]
        match = nested.match(self._text, place) or plain.match(self._text, place)
        return match.end() if match else 0

    def _closed(self, start: int, closing: str, end: int) -> int:
        """The end of the next ``closing`` from ``start`` on; 0 where there is none before ``end``."""
        if start < self._missing.get(closing, 0):
            return 0
        found = self._text.find(closing, start, end)
        while found > start and closing[0] == "\\" and self._text[found - 1] == "\\":
            found = self._text.find(closing, found + 1, end)
        if found < 0:
            self._missing[closing] = end
            return 0
        return found + len(closing)
