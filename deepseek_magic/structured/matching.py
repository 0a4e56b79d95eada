"""Make a string that matches a regular expression, for an example, from the expression's parse tree."""

from __future__ import annotations

import importlib
import re
import string
import sys
from collections.abc import Callable, Iterable
from typing import Any

_CHARACTERS = string.ascii_lowercase + string.ascii_uppercase + string.digits + "_-. /:@,;+*#!?'\"()[]{}<>=&%$~^|\\`\t"
_CLASSES: dict[str, Callable[[str], bool]] = {
    "DIGIT": str.isdigit,
    "SPACE": str.isspace,
    "WORD": lambda one: one.isalnum() or one == "_",
}
_REPEATED = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")
_LONGEST = 200


def matching(pattern: str, turn: int = 0, least: int = 0, most: int | None = None) -> str | None:
    """Return a string that ``pattern`` matches; ``None`` if none could be made.

    Args:
        pattern: a regular expression of Python's ``re``.
        turn: which of several possible strings to return; 0 is the first.
        least: its minimum length in characters.
        most: its maximum length; ``None`` for no limit.
    """
    for more in sorted({0, 1, 2, least}):
        try:
            text = _Writer(turn, min(more, _LONGEST)).text(_parsed(pattern))
            fits = least <= len(text) and (most is None or len(text) <= most) and re.search(pattern, text)
        except Exception:  # noqa: BLE001  # the parser is a private module of Python and may change; then there is no example
            return None
        if fits:
            return text
    return None


def _parsed(pattern: str) -> Iterable[Any]:
    name = "re._parser" if sys.version_info >= (3, 11) else "sre_parse"
    parsed: Iterable[Any] = importlib.import_module(name).parse(pattern)
    return parsed


class _Writer:
    """Writes a string; each repetition has ``more`` items than its minimum."""

    def __init__(self, turn: int, more: int) -> None:
        self._turn = turn
        self._more = more
        self._groups: dict[int, str] = {}

    def text(self, nodes: Iterable[Any]) -> str:
        return "".join(self._one(str(kind), said) for kind, said in nodes)

    def _one(self, kind: str, said: Any) -> str:
        if kind in _REPEATED:
            least, most, inner = said
            return "".join(self.text(inner) for _ in range(min(least + self._more, int(most), _LONGEST)))
        match kind:
            case "LITERAL":
                return chr(said)
            case "SUBPATTERN":
                group, _, _, inner = said
                self._groups[group] = self.text(inner)
                return self._groups[group]
            case "BRANCH":
                branches = said[1]
                return self.text(branches[self._turn % len(branches)])
            case "GROUPREF":
                return self._groups[said]
            case "ATOMIC_GROUP":
                return self.text(said)
            case "IN" | "ANY" | "NOT_LITERAL" | "CATEGORY":
                items = said if kind == "IN" else [(kind, said)]
                fitting = [one for one in _CHARACTERS if _is_in(one, items)] or _named(items)
                return fitting[self._turn % len(fitting)]
        return ""  # anchors and look-arounds match a position, not a character


def _is_in(character: str, items: Iterable[Any]) -> bool:
    found, negated = False, False
    for kind, said in items:
        match str(kind):
            case "NEGATE":
                negated = True
            case "LITERAL":
                found = found or ord(character) == said
            case "NOT_LITERAL":
                found = found or ord(character) != said
            case "RANGE":
                found = found or said[0] <= ord(character) <= said[1]
            case "ANY":
                found = True
            case "CATEGORY":
                _, not_, name = str(said).rpartition("NOT_")
                found = found or _CLASSES[name.removeprefix("CATEGORY_")](character) != bool(not_)
    return found != negated


def _named(items: Iterable[Any]) -> list[str]:
    """Return the characters that a set names itself, such as letters of another script."""
    return [
        chr(said if str(kind) == "LITERAL" else said[0]) for kind, said in items if str(kind) in ("LITERAL", "RANGE")
    ]
