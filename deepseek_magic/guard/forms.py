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

    ``solid`` is whether neither blank nor comma stands in what the pattern matches.
    """

    kind: str
    hints: tuple[str, ...]
    pattern: str
    accepts: str
    solid: bool


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
        Place(row["kind"], tuple(row["hints"]), row["pattern"], row["accepts"], not _BLANKS.search(row["pattern"]))
        for row in read("forms")["places"]
    )


@cache
def _hints() -> tuple[tuple[tuple[str, int], ...], ...]:
    """Return the hints with the numbers of their places: those of long pieces, options, and those of any text."""
    long: list[tuple[str, int]] = []
    options: list[tuple[str, int]] = []
    others: list[tuple[str, int]] = []
    for number, place in enumerate(_places()):
        for hint in place.hints:
            is_long = place.solid or (len(hint) >= _LEAST and not _BLANKS.search(hint))
            (long if is_long else options if hint.startswith(" -") else others).append((hint, number))
    return tuple(long), tuple(options), tuple(others)


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
    for place in map(_places().__getitem__, sorted(_hinted(text, dense))):
        # A solid one stands in a long piece as a whole.
        if not place.solid or any(_accepted(place, found) for found in _pattern(place.pattern).finditer(dense)):
            for found in _pattern(place.pattern).finditer(text):
                if _accepted(place, found):
                    yield Found(*found.span(_group(found)), place.kind)


def _hinted(text: str, dense: str) -> set[int]:
    """Return the numbers of the places that may be found in ``text``, by their hints and by its ``dense`` pieces."""
    long, options, others = _hints()
    hinted = {number for hint, number in others if hint in text}
    if dense:
        hinted |= {number for hint, number in long if hint in dense}
    if " -" in text:
        given = frozenset(_OPTION.findall(text))
        hinted |= {number for hint, number in options if hint[:3] in given and hint in text}
    return hinted


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
    """Return where the secret ends that goes on at ``after``, or 0 if none does."""
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
    """Return what ``value`` is in base64; "" if that is not printable."""
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
