"""Secrets that are known by their form or by their place: how a key begins, where headers and logins hold theirs.

The forms are kept in ``forms.json``, each with an example and with a harmless likeness.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from .data_files import read
from .secret_values import firm, placeholder, random, sentence


class Found(NamedTuple):
    """Where a secret stands in the text, and its kind."""

    start: int
    end: int
    kind: str


class Form(NamedTuple):
    """One form: its prefixes, the pattern of what follows, and the pattern of what is left of a key that was cut."""

    kind: str
    prefixes: tuple[str, ...]
    body: str
    cut: str


class Place(NamedTuple):
    """A pattern, searched where one of the hints occurs; ``accepts`` names the test that the secret must pass.

    ``solid`` is whether neither blank nor comma stands in what the pattern matches; ``short`` whether it may be found
    in a text without long pieces.
    """

    kind: str
    hints: tuple[str, ...]
    pattern: str
    accepts: str
    solid: bool
    short: bool


# What may stand before a key though it ends in a letter: an escape of a string, of a URL, or of a terminal's colour.
_ESCAPE = re.compile(
    r"(?:\\[abefnrtv0]|\\x[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|%[0-9a-fA-F]{2}|\x1b\[[0-9;]{0,8}m|\\x1b\[[0-9;]{0,8}m"
    r"|\\u001b\[[0-9;]{0,8}m|&[a-z]{2,5};)$"
)
_CUT = ("…", "...")
_LEAST_OF_A_CUT = 8
# No form or solid place is shorter, cut or not; nor can a hint of this length stand in a shorter piece.
_LEAST = 10
_BLANKS = re.compile(r"\\s| |\[\^|(?<![0-9]),")  # a blank or a comma in a pattern, except of a quantifier
_OPTION = re.compile(r" -.")
_HEX = re.compile(r"[0-9a-fA-F]+")
_PAIR = re.compile(r"[A-Za-z][\w.@+-]{1,60}:(?P<secret>[^\s:/][^\s:]{3,200})")


@cache
def _forms() -> tuple[Form, ...]:
    return tuple(
        _form(**{name: row[name] for name in ("kind", "prefixes", "body", "least")}) for row in read("forms")["forms"]
    )


def _form(kind: str, prefixes: list[str], body: str, least: int) -> Form:
    characters = body[: body.index("]") + 1]
    # No more of a run is read where it is too short or too long for the form.
    cut = f"{characters}{{{_LEAST_OF_A_CUT},{max(least, _LEAST_OF_A_CUT)}}}(?!{characters})"
    return Form(kind, tuple(prefixes), f"{body}{{{least},}}" if body.endswith("]") else body, cut)


@cache
def _places() -> tuple[Place, ...]:
    return tuple(
        _place(**{name: row[name] for name in ("kind", "hints", "pattern", "accepts")})
        for row in read("forms")["places"]
    )


def _place(kind: str, hints: list[str], pattern: str, accepts: str) -> Place:
    solid = not _BLANKS.search(pattern)
    return Place(kind, tuple(hints), pattern, accepts, solid, not solid and not all(map(_is_long, hints)))


@cache
def _is_long(hint: str) -> bool:
    """Return whether ``hint`` stands in long pieces of a text only."""
    return len(hint) >= _LEAST and not _BLANKS.search(hint)


@cache
def _short_places() -> tuple[Place, ...]:
    return tuple(place for place in _places() if place.short)


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """Compile a pattern when its beginning is met for the first time: most of them never are."""
    return re.compile(text)


def by_form(text: str) -> Iterator[Found]:
    """Yield every secret in ``text`` that is known by its form or its place. The time is linear in ``text``."""
    # Nearly every text has none of them, and most of it is short words: only what is long is searched for the prefixes.
    dense = "\n".join({piece for piece in text.replace(",", " ").split() if len(piece) >= _LEAST})
    for form in _forms() if dense else ():
        for prefix in form.prefixes:
            if prefix in dense:
                yield from _with_prefix(text, form, prefix)
    options = frozenset(_OPTION.findall(text))
    for place in _places() if dense else _short_places():
        if _may_hold(place, text, dense, options):
            for found in _pattern(place.pattern).finditer(text):
                if _accepted(place, found):
                    yield Found(*found.span(_group(found)), place.kind)


def _may_hold(place: Place, text: str, dense: str, options: frozenset[str]) -> bool:
    """Return whether ``place`` may be found in ``text``, by its hints and by the long pieces of ``text``."""
    if place.solid:
        held = any(hint in dense for hint in place.hints)
        return held and any(_accepted(place, found) for found in _pattern(place.pattern).finditer(dense))
    for hint in place.hints:
        if hint.startswith(" -"):
            if hint[:3] in options and hint in text:
                return True
        elif hint in (dense if _is_long(hint) else text):
            return True
    return False


def _accepted(place: Place, found: re.Match[str]) -> bool:
    """Return whether what the pattern of ``place`` has ``found`` passes its test."""
    if place.accepts == "form":
        return begins(found.string, found.start())
    return _PASSES[place.accepts](found[_group(found)])


def _group(found: re.Match[str]) -> str | int:
    return "secret" if "secret" in found.re.groupindex else 0


def begins(text: str, start: int) -> bool:
    """Return whether something can begin at ``start``: no letter or digit stands before, or only an escape."""
    if start == 0 or not text[start - 1].isascii() or not text[start - 1].isalnum():
        return True
    return _ESCAPE.search(text[max(0, start - 16) : start]) is not None


def _with_prefix(text: str, form: Form, prefix: str) -> Iterator[Found]:
    start = text.find(prefix)
    while start >= 0:
        after = start + len(prefix)
        end = _end(text, after, form) if _may_begin(text, start, form) else 0
        if end and not _harmless(text[after:end]):
            yield Found(start, end, form.kind)
        start = text.find(prefix, end or start + 1)


def _may_begin(text: str, start: int, form: Form) -> bool:
    """Return whether ``form`` may begin at ``start``: one of several parts only once in a run, or time is quadratic."""
    if r"\." in form.body and start and text[start - 1] in "-_":
        return False
    return begins(text, start)


def _end(text: str, after: int, form: Form) -> int:
    """Return where the secret ends that goes on at ``after``, or 0 where none does."""
    if found := _pattern(form.body).match(text, after):
        return found.end()
    # A key that something has shortened is still most of a key.
    found = _pattern(form.cut).match(text, after)
    return found.end() if found and (text.startswith(_CUT, found.end()) or found.end() == len(text)) else 0


def _harmless(body: str) -> bool:
    """Return whether what follows the prefix is words (``sk-learn-contrib-something``) or a placeholder."""
    if placeholder(body):
        return True
    return not any(map(str.isdigit, body)) and (body.islower() or body.isupper() or body.istitle())


def decoded(value: str) -> str:
    """Return what ``value`` is in base64; "" where that is not printable."""
    try:
        text = base64.b64decode(value + "=" * (-len(value) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return text if text.isprintable() else ""


def _is_login(value: str) -> bool:
    """Return whether ``value`` is ``user:password`` in base64."""
    return ":" in decoded(value)


def _is_pair(value: str) -> bool:
    """Return whether ``value`` is in base64 what nothing else is than a user with a password."""
    pair = _PAIR.fullmatch(decoded(value))
    return pair is not None and firm(pair["secret"])


def _generated(value: str) -> bool:
    """Return whether ``value`` is what makers of keys generate: hexadecimal of their lengths, or mixed characters."""
    if _HEX.fullmatch(value):
        return len(value) in (32, 40, 48, 64) and not value.isdigit()
    mixed = not value.islower() and not value.isupper() and sum(map(str.isdigit, value)) > 1
    return mixed and random(value, 20) and value.isalnum()


_PASSES: dict[str, Callable[[str], bool]] = {
    "any": lambda value: not placeholder(value) and not sentence(value),
    "firm": firm,
    "random": random,
    "generated": _generated,
    "login": _is_login,
    "pair": _is_pair,
}
