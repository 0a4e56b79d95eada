"""Find secrets by their form (a key with a known prefix) or by their place (a header, a login).

The forms are in ``forms.json``, each with an example and with a harmless counter-example.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from .data_files import read
from .secret_values import mixes_characters, placeholder, random, sentence


class Found(NamedTuple):
    """Start and end of a secret in a text, and its kind."""

    start: int
    end: int
    kind: str


class Form(NamedTuple):
    """One form of a secret.

    Attributes:
        kind: what it is, in plain words.
        prefixes: how it may begin.
        body: the pattern of what follows the prefix.
        cut: the same for a key that was cut short.
    """

    kind: str
    prefixes: tuple[str, ...]
    body: str
    cut: str


class SecretPlace(NamedTuple):
    """One place where secrets are found.

    Attributes:
        kind: what the secret is, in plain words.
        hints: strings, one of which the text must hold before it is searched.
        pattern: the pattern; its group ``secret``, or else the whole match, is the secret.
        accepts: the name of the test in `_PASSES` that the secret must pass.
        solid: whether a match can hold neither a blank nor a comma.
    """

    kind: str
    hints: tuple[str, ...]
    pattern: str
    accepts: str
    solid: bool


# Text that ends in a letter and may still precede a key: an escape of a string, of a URL, or of a terminal's colour.
_ESCAPE = re.compile(
    r"(?:\\[abefnrtv0]|\\x[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|%[0-9a-fA-F]{2}|\x1b\[[0-9;]{0,8}m|\\x1b\[[0-9;]{0,8}m"
    r"|\\u001b\[[0-9;]{0,8}m|&[a-z]{2,5};)$"
)
_CUT = ("…", "...")
_LEAST_OF_A_CUT = 8
# The shortest form or solid place, cut or not; a hint of this length cannot be in a shorter piece.
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
    # A run that is too short or too long for the form is read no further.
    cut = f"{characters}{{{_LEAST_OF_A_CUT},{max(least, _LEAST_OF_A_CUT)}}}(?!{characters})"
    return Form(kind, tuple(prefixes), f"{body}{{{least},}}" if body.endswith("]") else body, cut)


@cache
def _places() -> tuple[SecretPlace, ...]:
    return tuple(
        SecretPlace(
            row["kind"], tuple(row["hints"]), row["pattern"], row["accepts"], not _BLANKS.search(row["pattern"])
        )
        for row in read("forms")["places"]
    )


@cache
def _hints() -> tuple[tuple[tuple[str, int], ...], ...]:
    """Return the hints with the indices of their places, in three groups: of long pieces, of options, of any text."""
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
    """Compile a pattern when a text first needs it: most are never needed."""
    return re.compile(text)


def by_form(text: str) -> Iterator[Found]:
    """Yield every secret in ``text`` that is found by its form or its place, in linear time."""
    # Nearly all texts hold no secret and are mostly short words: only long pieces are searched for the prefixes.
    dense = "\n".join({piece for piece in text.replace(",", " ").split() if len(piece) >= _LEAST})
    for form in _forms() if dense else ():
        for prefix in form.prefixes:
            if prefix in dense:
                yield from _with_prefix(text, form, prefix)
    for place in map(_places().__getitem__, sorted(_hinted(text, dense))):
        # A solid match lies within one long piece.
        if not place.solid or any(_accepted(place, found) for found in _pattern(place.pattern).finditer(dense)):
            for found in _pattern(place.pattern).finditer(text):
                if _accepted(place, found):
                    yield Found(*found.span(_group(found)), place.kind)


def _hinted(text: str, dense: str) -> set[int]:
    """Return the indices of the places whose hints occur in ``text``, or in its ``dense`` (long) pieces."""
    long, options, others = _hints()
    hinted = {number for hint, number in others if hint in text}
    if dense:
        hinted |= {number for hint, number in long if hint in dense}
    if " -" in text:
        given = frozenset(_OPTION.findall(text))
        hinted |= {number for hint, number in options if hint[:3] in given and hint in text}
    return hinted


def _accepted(place: SecretPlace, found: re.Match[str]) -> bool:
    """Return whether ``found``, a match of the pattern of ``place``, passes its test."""
    if place.accepts == "form":
        return begins(found.string, found.start())
    return _PASSES[place.accepts](found[_group(found)])


def _group(found: re.Match[str]) -> str | int:
    return "secret" if "secret" in found.re.groupindex else 0


def begins(text: str, start: int) -> bool:
    """Return whether a key can begin at ``start``: after anything but a letter or digit, or after an escape."""
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
    """Return whether ``form`` may begin at ``start``: one of several parts only once in a run, to keep time linear."""
    if r"\." in form.body and start and text[start - 1] in "-_":
        return False
    return begins(text, start)


def _end(text: str, after: int, form: Form) -> int:
    """Return where the secret ends whose body starts at ``after``; 0 if there is none."""
    if found := _pattern(form.body).match(text, after):
        return found.end()
    # A shortened key may still give most of the key away.
    found = _pattern(form.cut).match(text, after)
    return found.end() if found and (text.startswith(_CUT, found.end()) or found.end() == len(text)) else 0


def _harmless(body: str) -> bool:
    """Return whether ``body``, which follows the prefix, is words (``sk-learn-contrib-x``) or a placeholder."""
    if placeholder(body):
        return True
    return not any(map(str.isdigit, body)) and (body.islower() or body.isupper() or body.istitle())


def decoded(value: str) -> str:
    """Return ``value`` decoded from base64; "" if that is not printable text."""
    try:
        text = base64.b64decode(value + "=" * (-len(value) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return text if text.isprintable() else ""


def _is_login(value: str) -> bool:
    """Return whether ``value`` is ``user:password`` in base64."""
    return ":" in decoded(value)


def _is_pair(value: str) -> bool:
    """Return whether ``value``, decoded from base64, can only be a user name and a password."""
    pair = _PAIR.fullmatch(decoded(value))
    return pair is not None and mixes_characters(pair["secret"])


def _generated(value: str) -> bool:
    """Return whether ``value`` looks like a generated key: hexadecimal of a usual length, or mixed characters."""
    if _HEX.fullmatch(value):
        return len(value) in (32, 40, 48, 64) and not value.isdigit()
    mixed = not value.islower() and not value.isupper() and sum(map(str.isdigit, value)) > 1
    return mixed and random(value, 20) and value.isalnum()


_PASSES: dict[str, Callable[[str], bool]] = {
    "any": lambda value: not placeholder(value) and not sentence(value),
    "mixes_characters": mixes_characters,
    "random": random,
    "generated": _generated,
    "login": _is_login,
    "pair": _is_pair,
}
