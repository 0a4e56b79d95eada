"""Find the one JSON value in a reply, and tolerate what models put around it.

JSON mode returns one object, but replies of self-hosted servers, truncated replies and models without JSON mode may
hold a byte order mark, floods of blank space, a code fence, sentences before and after, ``NaN``, a repeated key, or
text that is not JSON but unambiguous (`rewriting`). These are accepted with a note. Several values, a cut one, none,
or anything that is not JSON is a `Problem` that says where.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from .digits import ExactFloat
from .partial import MAX_DEPTH, PartialJson, whole
from .problem import Problem, quoted
from .rewriting import rewritten

MAX_DIGITS = 4000
"""The longest whole number, in digits; Python itself refuses to read longer ones in good time."""

_MAX_TRIES = 50
_AROUND = "\ufeff \t\r\n\x00"
_FENCE = re.compile(r"(?:`{3,}|~{3,})[^\r\n`]*(?:\r?\n|\r)")
_BRACKET = re.compile(r"[\[{]")
_TOO_DEEP = Problem("syntax", f"at most {MAX_DEPTH} levels", "deeper nesting")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A value, and ``notes`` of one line each on what was ignored or read leniently."""

    value: Any
    notes: tuple[str, ...] = ()


def parse(text: str, *, exact: bool = False) -> Parsed | Problem:
    """Read the JSON value of a reply.

    Args:
        text: the reply's text.
        exact: whether numbers with a fraction or an exponent keep their digits (`ExactFloat`).

    Returns:
        The value with notes, or what is wrong with the text. Whole numbers of up to `MAX_DIGITS` digits are exact. If
        an object has a key twice, the last one counts. Lone surrogates are replaced.
    """
    inside = text.strip(_AROUND)
    if not inside:
        found = f"{len(text):,} blank characters" if text else "an empty reply"
        if text and not text.strip(" "):  # JSON mode replaces text that is not JSON by spaces
            found += ": the model wrote no JSON"
        return Problem("empty", "a JSON value", found)
    reader = _Reader(exact)
    fence = _FENCE.match(inside)
    if fence:
        mark = inside[0]
        inside = inside[fence.end() :].rstrip(_AROUND).rstrip(mark).strip(_AROUND)
        reader.notes.append("the code fence around the value was taken away")
    try:
        value = reader.decode(inside)
    except RecursionError:
        return _TOO_DEEP
    except _TooLong as error:
        return Problem("syntax", f"a number of at most {MAX_DIGITS:,} digits", str(error))
    except ValueError as error:
        return _among_prose(inside, reader) or _wrong(inside, error)
    return _TOO_DEEP if _too_deep(value) else Parsed(value, tuple(reader.notes))


class _TooLong(Exception):
    """A number has more digits than Python reads."""


class _Reader(json.JSONDecoder):
    """Python's decoder, which accepts line ends inside strings. It notes what is not standard JSON."""

    def __init__(self, exact: bool) -> None:
        super().__init__(
            strict=False,
            object_pairs_hook=self._object,
            parse_constant=self._constant,
            parse_int=self._whole_number,
            parse_float=self._number,
        )
        self.exact = exact
        self.notes: list[str] = []

    def _note(self, note: str) -> None:
        if note not in self.notes and len(self.notes) < 5:
            self.notes.append(note)

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            often = Counter(key for key, _ in pairs)
            twice = next(key for key in made if often[key] > 1)
            self._note(f"the key {quoted(twice)} appears twice in one object: the last one counts")
        return made

    def _constant(self, word: str) -> float:
        self._note(f"{word} is not JSON: it was read as Python reads it")
        return float(word)

    def _whole_number(self, digits: str) -> int:
        if len(digits) > MAX_DIGITS:
            raise _TooLong(f"one of {len(digits):,}")
        return int(digits)

    def _number(self, digits: str) -> float:
        number = ExactFloat(digits) if self.exact else float(digits)
        if math.isinf(number):
            self._note("a number is too large for a float: it was read as infinity")
        return number

    def decode(self, s: str, *args: Any) -> Any:
        """Return the value of ``s``, with lone surrogates replaced."""
        return _clean(super().decode(s, *args)) if "\\ud" in s or "\\uD" in s else super().decode(s, *args)


def _too_deep(value: Any) -> bool:
    """Return whether ``value`` has more than `MAX_DEPTH` levels; without recursion."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [
            inner
            for one in level
            if isinstance(one, (dict, list))
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return False
    return True


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, list):
        return [_clean(one) for one in value]
    if isinstance(value, dict):
        return {whole(key): _clean(one) for key, one in value.items()}
    return value


def _among_prose(text: str, reader: _Reader) -> Parsed | Problem | None:
    """Return the only object, or list of objects, in ``text``; ``None`` if none is complete."""
    found: list[tuple[str, Any, list[str]]] = []
    position = tries = 0
    while (match := _BRACKET.search(text, position)) and tries < _MAX_TRIES and len(found) < 3:
        tries += 1
        position = match.end()
        growing = _growing(text[match.start() :])
        if not (growing.complete or growing.broken):
            break  # it is incomplete, so any value inside it is a part of it
        inner, end = _Reader(reader.exact), match.start() + growing.read
        inside = text[match.start() : end]
        if growing.broken:
            plain = rewritten(text, match.start())
            if plain is not None and not plain.whole and not _growing(plain.json).broken:
                break  # as above
            if plain is None or not plain.whole:
                continue
            inside, end = plain.json, plain.end
            inner.notes += plain.notes
        try:
            value = inner.decode(inside)
        except (ValueError, RecursionError, _TooLong):
            continue
        position = end
        if match[0] == "{" or _holds_objects(value) or not (text[: match.start()] + text[end:]).strip(_AROUND):
            found.append((text[match.start() : end], value, inner.notes))
    if not found:
        return None
    if len(found) > 1:
        count = "several values" if len(found) > 2 else "two values"
        return Problem("several", "one JSON value", f"{count}, one after the other")
    inside, value, more = found[0]
    around = ["the text around the value was ignored"] if len(inside) < len(text) else []
    notes = dict.fromkeys((*reader.notes, *around, *more))
    return _TOO_DEEP if _too_deep(value) else Parsed(value, tuple(notes))


def _growing(text: str) -> PartialJson:
    growing = PartialJson()
    growing.feed(text)
    return growing


def _holds_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _wrong(text: str, error: ValueError) -> Problem:
    """Return why ``text`` is not JSON: it ends too early, or has a syntax error."""
    match = _BRACKET.search(text)
    if not match:
        return Problem("syntax", "a JSON value", quoted(text))
    start = match.start()
    growing = _growing(text[start:])
    plain = rewritten(text, start) if growing.broken else None
    if plain is not None and not plain.whole:
        growing = _growing(plain.json)
    if not growing.broken:
        return Problem(
            "cut", "the rest of the JSON", f"the end of the reply after {len(text):,} characters", growing.path
        )
    place = start + growing.read
    if isinstance(error, json.JSONDecodeError) and place == start:
        place = error.pos
    around = quoted(text[place : place + 20])
    line = text.count("\n", 0, place) + 1
    column = place - text.rfind("\n", 0, place)
    return Problem("syntax", "valid JSON", f"{around} at line {line}, column {column}", growing.path)
