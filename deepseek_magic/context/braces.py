"""Find the braces in a question that may be an expression: only those in prose.

Braces in code and formulas (`literal_spans`), in f-string literals and in arguments of backslash commands have other
meanings. All work is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from deepseek_magic.commonmark.inline import SPECIAL, Inline
from deepseek_magic.commonmark.literal_spans import Span, prose

MAX_LENGTH = 1000
"""The longest expression, in characters."""

_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_COMMAND = re.compile(r"\\[A-Za-z]+\*?")
_ENVIRONMENT = re.compile(r"\\begin\{[A-Za-z]+\*?\}")
_BRACKETS = re.compile(r"\[[^\[\]{}\r\n]{0,200}\]")
_PREFIX = r"(?<![A-Za-z0-9_])(?:[fFtT][rR]?|[rR][fFtT])(?=[\"'])"
_QUOTED = r"Q(?!QQ)(?:(?:[^Q\\\r\n{]|\\.|\{\{|\{[^{}\r\n]*\})*|(?:[^Q\\\r\n]|\\.)*)Q"  # Q is the quotation mark
_LITERAL = re.compile(f"{_PREFIX}(?:{_QUOTED.replace('Q', chr(34))}|{_QUOTED.replace('Q', chr(39))})")
_LONG_LITERAL = re.compile(_PREFIX + r"(\"\"\"|''')")


def pairs(text: str, spans: Iterable[Span]) -> dict[int, int]:
    """Return the matching braces of ``text`` inside ``spans``: the index of each ``{`` and of its ``}``.

    A brace after a backslash does not count. ``spans`` are in order and do not overlap.
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


def in_prose(text: str, meant: Callable[[str], bool]) -> dict[int, int]:
    """Return the `pairs` of braces in prose.

    ``meant`` returns whether the text between two braces is an expression: a backtick or ``$`` in its string literals
    does not open code or a formula.
    """
    return pairs(text, _outside_long_literals(text, prose(text, lambda part: _Question(part, meant))))


def _outside_long_literals(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """Yield the parts of ``spans`` outside f-string literals in triple quotes, which may hold whole paragraphs."""
    missing: set[str] = set()
    end = 0
    for span in spans:
        start = place = max(span.start, end)
        while match := _LONG_LITERAL.search(text, place, span.end):
            place = match.end()
            found = -1 if match[1] in missing else text.find(match[1], place)
            if found < 0:
                missing.add(match[1])
                continue
            if start < match.start():
                yield Span(start, match.start())
            start = place = end = found + 3
        if start < span.end:
            yield Span(start, span.end)


class _Question(Inline):
    """Reads a paragraph of a question."""

    scans = (re.compile(rf"{SPECIAL}|\{{|{_PREFIX}"),) * 2

    def __init__(self, text: str, meant: Callable[[str], bool]) -> None:
        super().__init__(text, {})
        self._meant = meant
        self._pairs = pairs(text, [Span(0, len(text))])

    def _brace(self, start: int) -> int:
        """Skip an expression, whose strings could be mistaken for code or formulas."""
        end = self._pairs.get(start, start)
        inside = self.text[start + 1 : min(end, start + MAX_LENGTH)]
        misleading = not inside.isidentifier() and ("$" in inside or "`" in inside)
        return end + 1 if misleading and self._meant(inside) else start + 1

    def _backslash(self, start: int) -> int:
        end = self._escape(start)
        command = _COMMAND.match(self.text, start)
        if end > start + 1 or not command:
            return end
        environment = _ENVIRONMENT.match(self.text, start)
        end = self._formulas.end_of(environment) if environment else 0
        return self._protect(start, end or self._arguments(command.end()))

    def _arguments(self, end: int) -> int:
        """Return the end of the arguments of a command whose name ends at ``end``."""
        text = self.text
        while end < len(text):
            brackets = _BRACKETS.match(text, end)
            if text[end] == "{" and end in self._pairs:
                end = self._pairs[end] + 1
            elif brackets and text[brackets.end() : brackets.end() + 1] == "{":
                end = brackets.end()
            else:
                break
        return end

    def _literal(self, start: int) -> int:
        literal = _LITERAL.match(self.text, start)
        return self._protect(start, literal.end()) if literal else start + 1

    def _protect(self, start: int, end: int) -> int:
        self.literal.append((start, end))
        return end


_Question.handlers = {
    **Inline.handlers,
    "\\": _Question._backslash,
    "{": _Question._brace,
    **dict.fromkeys("fFtTrR", _Question._literal),
}
