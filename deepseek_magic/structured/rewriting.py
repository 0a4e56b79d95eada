"""Rewrite text that is nearly JSON as JSON: values as Python or JavaScript would write them.

Trailing commas, comments, single or curly quotes, ``True`` and ``None``, names without quotes, ``.5`` and ``+1`` have
only one meaning. What is ambiguous, such as a missing comma, a number with separators or a quote inside quotes, is left
alone and stays a syntax error.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""(?P<blank>\s+)|(?P<comment>//[^\n]*|/\*.*?\*/|\#[^\n]*)|(?P<mark>[{}\[\]:,])
    |(?P<double>"(?:[^"\\]|\\.)*"?)|(?P<single>'(?:[^'\\]|\\.)*'?)|(?P<curly>“(?:[^”\\]|\\.)*”?)
    |(?P<number>[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?(?![\w.]))|(?P<word>-?[^\W\d]\w*)""",
    re.DOTALL | re.VERBOSE,
)
_WORDS = {"True": "true", "False": "false", "None": "null", "nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
_MARKS = frozenset("{}[]:,")
_KNOWN = ("true", "false", "null", "NaN", "Infinity", "-Infinity")
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|U00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPED = '"\\/bfnrtu'
_HEX = re.compile("[0-9a-fA-F]{4}")


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A value, rewritten.

    Attributes:
        json: the value as JSON.
        end: the index at which it ends in the text that was read.
        notes: what was changed, one line each.
        whole: whether the value is complete, and did not end with the text.
    """

    json: str
    end: int
    notes: tuple[str, ...]
    whole: bool


def rewritten(text: str, start: int = 0) -> Rewritten | None:
    """Return the value whose first bracket is at the index ``start`` of ``text``; ``None`` if it is ambiguous."""
    try:
        return _Rewriter(text).read(start)
    except _Ambiguous:
        return None


class _Ambiguous(Exception):
    """An escape that Python, JavaScript and JSON read differently, or that one of them does not have."""


class _Rewriter:
    def __init__(self, text: str) -> None:
        self._text = text
        self._made: list[str] = []
        self._notes: dict[str, None] = {}
        self._comma = -1  # where the last comma was written; -1 once anything follows it

    def read(self, place: int) -> Rewritten | None:
        open_: list[str] = []
        while place < len(self._text):
            found = _TOKEN.match(self._text, place)
            if found is None or found.lastgroup is None:
                return None
            token, kind, place = found[0], found.lastgroup, found.end()
            if kind == "mark":
                if not self._mark(token, open_):
                    return None
                if not open_:
                    return Rewritten("".join(self._made), place, tuple(self._notes), whole=True)
            elif not self._other(token, kind, place):
                return None
        return Rewritten("".join(self._made), place, tuple(self._notes), whole=False)

    def _mark(self, mark: str, open_: list[str]) -> bool:
        if mark in "{[":
            open_.append("}" if mark == "{" else "]")
        elif mark in "}]":
            if not open_ or open_.pop() != mark:
                return False
            if self._comma >= 0 and self._made[self._comma - 1] not in ("[", "{"):
                self._made[self._comma] = ""
                self._note("a trailing comma was ignored")
        self._made.append(mark)
        self._comma = len(self._made) - 1 if mark == "," else -1
        return True

    def _other(self, token: str, kind: str, end: int) -> bool:
        if kind == "blank":
            return True
        if kind == "comment":
            self._note("comments were ignored")
            return True
        self._comma = -1
        if self._made and self._made[-1] not in _MARKS:
            return False  # either a comma is missing, or `1 000` is one number
        made = self._value(token, kind, end)
        self._made.append(made or "")
        return made is not None

    def _value(self, token: str, kind: str, end: int) -> str | None:
        """Return one scalar as JSON; ``None`` if it is ambiguous."""
        if kind == "number":
            return self._number(token)
        if kind == "word":
            if token in _KNOWN:
                return token
            if token in _WORDS:
                self._note(f"{token} was read as {_WORDS[token]}")
                return _WORDS[token]
            if re.compile(r"\s*:").match(self._text, end):
                self._note("names without quotes were read as strings")
                return json.dumps(token, ensure_ascii=False)
            return None
        closing = {"double": '"', "single": "'", "curly": "”"}[kind]
        closed = len(token) > 1 and token.endswith(closing)
        if kind != "double":
            self._note(f"{'single' if kind == 'single' else 'curly'} quotes were read as double ones")
        inside = _ESCAPE.sub(self._escape, token[1:-1] if closed else token[1:])
        if kind != "double":
            inside = re.sub(r'(\\.)|"', lambda found: found[1] or '\\"', inside)
        return f'"{inside}"' if closed else f'"{inside}'

    def _escape(self, found: re.Match[str]) -> str:
        """Return an escape as JSON: if JSON does not have it, the backslash is doubled, except before a quote."""
        character = found[1]
        if len(character) > 1:
            self._note("Python's escapes were read")
            return json.dumps(chr(int(character[1:], 16)))[1:-1]
        if character in "'“”":
            return character
        if (
            character.isdecimal()
            or character == "x"
            or (character == "u" and not _HEX.match(found.string, found.end()))
        ):
            raise _Ambiguous
        if character in _ESCAPED:
            return found[0]
        self._note("a backslash that escapes nothing was read as a character")
        return f"\\\\{character}"

    def _number(self, token: str) -> str:
        made = re.sub(r"^([-+]?)\.", r"\g<1>0.", token)
        made = re.sub(r"\.(?!\d)", ".0", made).removeprefix("+")
        if re.match(r"-?0\d", made):
            return token  # a postal code or an octal number: left for JSON's own reader to refuse
        if made != token:
            self._note(f"{token} was read as {made}")
        return made

    def _note(self, note: str) -> None:
        self._notes[note] = None
