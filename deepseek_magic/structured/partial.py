"""Parse JSON (RFC 8259) incrementally, as it arrives.

`PartialJson` reads a reply piece by piece. It looks at every character a bounded number of times, and fills lists and
objects in place, so that a table or tree can be shown while the reply streams. It does not recurse.
"""

from __future__ import annotations

import json
import re
from typing import Any

from .problem import Path

MAX_DEPTH = 200
"""How many levels of lists and objects are read."""

_BLANK = " \t\r\n"
_BEFORE = "\ufeff" + _BLANK
_STRING = re.compile(r'[^"\\]+')
_SCALAR = re.compile(r"[-+.0-9A-Za-z]+")
_HIGH = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}")
_ESCAPE = re.compile(r"\\(?:[\"\\/bfnrt]|u[0-9a-fA-F]{4})")
_BRACKET = re.compile(r"[\[{]")
_WORDS = {"true": True, "false": False, "null": None, "NaN": float("nan")}
_INFINITE = {"Infinity": float("inf"), "-Infinity": float("-inf")}
_SURROGATE = re.compile("[\ud800-\udfff]")


class PartialJson:
    """A JSON value that arrives in pieces. Text before it is skipped.

    Attributes:
        started: whether its first brace or bracket was read.
        complete: whether its last one was read.
        broken: whether text was read that cannot be JSON; everything after it is ignored.
        read: how many characters were read up to the end of the value, or up to the place where it broke.
    """

    def __init__(self) -> None:
        self.started = self.complete = self.broken = False
        self.read = 0
        self._root: Any = None
        self._stack: list[Any] = []
        self._keys: list[str | int] = []
        self._expects = "start"
        self._raw: list[str] = []
        self._held = ""  # the beginning of an escape, or of something that may begin the value
        self._in_key = False
        self._prose = False  # whether there was text before the value

    def feed(self, text: str) -> None:
        """Read the next piece of the reply."""
        position = 0
        while position < len(text) and not (self.broken or self.complete):
            before = position
            position = self._step(text, position)
            self.read += position - before

    @property
    def value(self) -> Any:
        """The value so far; ``None`` before it started. Lists and objects grow in place.

        An unfinished string is included as far as it goes; an unfinished number or word is not. Takes time in
        proportion to the length of that string.
        """
        if self._expects in ("string", "escape") and not self._in_key:
            raw = self._raw[:-1] if self._raw and _HIGH.fullmatch(self._raw[-1]) else self._raw
            self._put(_decoded("".join(raw)))
        return self._root

    @property
    def closed(self) -> Any:
        """The value so far without an unfinished string: every scalar in it is complete. Takes constant time."""
        return self._root

    @property
    def path(self) -> Path:
        """The keys and indices that lead to the value that is being read."""
        named = not self._in_key and self._expects not in ("first", "key")
        return tuple(self._keys if named else self._keys[:-1])

    def _step(self, text: str, position: int) -> int:
        match self._expects:
            case "start":
                return self._start(text, position)
            case "string":
                return self._string(text, position)
            case "escape":
                return self._escape(text[position], position)
            case "scalar":
                found = _SCALAR.match(text, position)
                if found:
                    self._raw.append(found[0])
                    return found.end()
                self._end_scalar()
                return position
        return self._mark(text[position], position)

    def _start(self, text: str, position: int) -> int:
        """Find the first brace. A bracket, as prose has too, counts only if it is first or begins a list of objects."""
        if self._held:
            if text[position] in _BLANK:
                return position + 1
            self._held = ""
            if text[position] in '{["':
                self._open("[")
                return position
        found = _BRACKET.search(text, position)
        self._prose = self._prose or bool(text[position : found.start() if found else None].strip(_BEFORE))
        if not found:
            return len(text)
        if found[0] == "{" or not self._prose:
            self._open(found[0])
        else:
            self._held = "["
        return found.end()

    def _string(self, text: str, position: int) -> int:
        found = _STRING.match(text, position)
        if found:
            self._raw.append(found[0])
            return found.end()
        if text[position] == "\\":
            self._held = "\\"
            self._expects = "escape"
            return position + 1
        said = _decoded("".join(self._raw))
        self._raw.clear()
        if self._in_key:
            self._keys[-1] = said
            self._in_key = False
            self._expects = "colon"
        else:
            self._put(said)
            self._expects = "comma"
        return position + 1

    def _escape(self, character: str, position: int) -> int:
        self._held += character
        if self._held[1] != "u" or len(self._held) == 6:
            self.broken = not _ESCAPE.fullmatch(self._held)
            self._raw.append(self._held)
            self._held = ""
            self._expects = "string"
        return position + 1

    def _mark(self, character: str, position: int) -> int:
        """Read a character outside strings and scalars."""
        expects, container = self._expects, self._stack[-1]
        if character in _BLANK:
            return position + 1
        closing = "}" if isinstance(container, dict) else "]"
        if character == closing and expects in ("comma", "first"):
            self._close()
        elif expects == "comma" and character == ",":
            self._next(container)
        elif expects == "colon" and character == ":":
            self._expects = "value"
        elif expects in ("key", "first") and character == '"' and isinstance(container, dict):
            self._expects, self._in_key = "string", True
        elif expects == "value" or (expects == "first" and isinstance(container, list)):
            return self._value(character, position)
        else:
            self.broken = True
        return position if self.broken else position + 1

    def _value(self, character: str, position: int) -> int:
        if character == '"':
            self._expects = "string"
        elif character in "{[" and len(self._stack) < MAX_DEPTH:
            self._open(character)
        elif _SCALAR.match(character):
            self._expects = "scalar"
            return position
        else:
            self.broken = True
            return position
        return position + 1

    def _open(self, character: str) -> None:
        new: Any = {} if character == "{" else []
        if self._stack:
            self._put(new)
        else:
            self._root = new
            self.started = True
        self._stack.append(new)
        self._keys.append("" if character == "{" else 0)
        self._expects = "first"

    def _next(self, container: Any) -> None:
        key = self._keys[-1]
        if isinstance(key, int):
            self._keys[-1] = key + 1
        self._expects = "key" if isinstance(container, dict) else "value"

    def _close(self) -> None:
        self._stack.pop()
        self._keys.pop()
        self.complete = not self._stack
        self._expects = "comma"

    def _end_scalar(self) -> None:
        raw = "".join(self._raw)
        self._raw.clear()
        self._expects = "comma"
        if raw in _WORDS or raw in _INFINITE:
            self._put(_WORDS[raw] if raw in _WORDS else _INFINITE[raw])
            return
        try:
            self._put(json.loads(raw))
        except ValueError:
            self.read -= len(raw)
            self.broken = True

    def _put(self, value: Any) -> None:
        container, key = self._stack[-1], self._keys[-1]
        if isinstance(container, dict) or (isinstance(key, int) and key < len(container)):
            container[key] = value
        else:
            container.append(value)


def partial(text: str) -> Any:
    """Return the value of the JSON in ``text`` as far as it goes; ``None`` if no JSON starts in it."""
    growing = PartialJson()
    growing.feed(text)
    return growing.value


def whole(text: str) -> str:
    """Return ``text`` with lone surrogates replaced: they can be neither sent to a front end nor saved."""
    return _SURROGATE.sub("\ufffd", text)


def _decoded(raw: str) -> str:
    """Return the text of ``raw``, the inside of a JSON string whose escapes are complete and valid."""
    return whole(json.loads(f'"{raw}"', strict=False))
