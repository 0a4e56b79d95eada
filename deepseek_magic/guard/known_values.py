"""Find secrets whose values are known: from the environment, from the caller, or found by their names before.

They are found wherever they occur, also cut short, and as URLs, base64, JSON, reprs and folded lines write them.
"""

from __future__ import annotations

import base64
import html
import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from types import FunctionType, GetSetDescriptorType, MemberDescriptorType, ModuleType
from typing import Any
from urllib.parse import quote, quote_plus

from .forms import Found, by_form
from .secret_names import Certainty, classify_name, may_be_secret_name
from .secret_values import distinctive, is_secret, plain
from .url_passwords import by_url

_LEAST = 8
#: How many characters at either end of a secret identify it if the rest was cut off.
_PIECE = 16
# Limits on what is read of a kernel's variables.
_MOST_NAMES, _MOST_MEMBERS, _LONGEST_NAME, _LONGEST = 2_000, 100, 100, 4_000
_NUMBERS = (int, float, bool, complex, type(None))
_SIMPLE = (*_NUMBERS, str, bytes, list, tuple, set, type, FunctionType, ModuleType)
_MRO = type.__dict__["__mro__"].__get__
_SPACE = type.__dict__["__dict__"].__get__
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_BASE64_RUN = re.compile(r"[A-Za-z0-9+/_-]*={0,2}")
# A line end, real or written as an escape, with the indent, the line number or the quote that follows it.
_FOLD = re.compile(
    r"(?:\\?\r?\n|\\r\\n|\\n)[ \t]*(?:(?:-+>[ \t]?)?[0-9]{1,6}[ \t]|\.\.\. |[>|+][ \t])?[ \t]*(?P<quote>[\"']?)"
)


def of_environment(environ: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the kind and value of each secret in ``environ`` that can be masked wherever it occurs.

    A variable holds a secret if its name says so, if its value is a key of a known form, or if it is a URL with a
    password (which is then a secret itself). Short values, plain words, numbers and paths are left out.
    """
    secrets: list[tuple[str, str]] = []
    for name in sorted(environ):
        value = environ[name].strip()
        kind = f"value of {name}" if _NAME.fullmatch(name) else "value of a variable"
        urls = [value[found.start : found.end] for found in by_url(value)]
        secret = classify_name(name) or urls or any(found.end - found.start == len(value) for found in by_form(value))
        secrets.extend((kind, part) for part in ([value] if secret else []) + urls if distinctive(part))
    return secrets


def of_names(names: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield the kind and value of each secret in the variables ``names``, newest first, without running their code.

    Strings and bytes are read: as a variable, in a list or a dictionary, or as an attribute. See `of_environment`.
    """
    for name, value in tuple(names.items())[: -_MOST_NAMES - 1 : -1]:
        yield from _of_name(name, value)
        # Keys and attributes are judged like names.
        for key, member in _members(value).items():
            yield from _of_name(key, member)


def _members(value: Any) -> dict[object, object]:
    """Return the items of a small dictionary, or the attributes of an object, without running code of its class."""
    if type(value) in _SIMPLE:
        return {}
    if type(value) is not dict:
        spaces = map(_SPACE, _MRO(type(value)))
        slot: Any = next((space["__dict__"] for space in spaces if "__dict__" in space), None)
        # A property named __dict__ would run the user's code; the real slot has one of these two types.
        value = slot.__get__(value) if type(slot) in (GetSetDescriptorType, MemberDescriptorType) else None
    return dict(value) if type(value) is dict and len(value) <= _MOST_MEMBERS else {}


def _of_name(name: object, value: Any) -> Iterator[tuple[str, str]]:
    named = type(name) is str and len(name) < _LONGEST_NAME and may_be_secret_name(name)
    said = classify_name(name) if named else None
    if type(value) in _NUMBERS:
        return
    for one in value[:_MOST_MEMBERS] if type(value) in (list, tuple) and said else (value,):
        text = one.decode(errors="replace") if type(one) is bytes and len(one) < _LONGEST else one
        if type(text) is not str or not _LEAST <= len(text) < _LONGEST:
            continue
        if said and said[0] is not Certainty.LONG and is_secret(text, said[0], exact=True) and distinctive(text):
            yield said[1], text
        elif "://" in text:
            parts = ((found.kind, text[found.start : found.end]) for found in by_url(text))
            yield from ((kind, part) for kind, part in parts if distinctive(part))


#: A secret, its beginning and its end; see `_ends`.
_Ends = tuple[str, str, str]


class KnownSecrets:
    """Known secrets, and the search for them. Slots keep them out of ``vars()``."""

    __slots__ = ("_encoded", "_kinds", "_spelled", "_unquoted")

    def __init__(self) -> None:
        self._kinds: dict[str, str] = {}
        self._spelled: dict[str, tuple[_Ends, ...]] = {}
        self._unquoted: dict[str, _Ends] = {}
        self._encoded: dict[str, tuple[str, ...]] = {}

    def __len__(self) -> int:
        return len(self._kinds)

    def __repr__(self) -> str:
        return f"<{len(self)} known secrets>"

    def __contains__(self, value: str) -> bool:
        return value in self._kinds

    def add(self, kind: str, value: str, *, whole: bool = False) -> None:
        """Remember ``value`` as a secret of this kind, unless it has fewer than 8 characters or is known already.

        Pieces of it are found as well, unless it is to be found only as a ``whole``.
        """
        if len(value) >= _LEAST and value not in self._kinds:
            # A quote at its beginning may have been read as the end of a literal.
            unquoted = value.strip("\"'") if len(value.strip("\"'")) >= _LEAST else value
            self._kinds[value] = kind
            self._spelled[value] = tuple(_ends(spelling, whole=whole) for spelling in _spellings(value))
            self._unquoted[value] = _ends(unquoted, whole=whole)
            self._encoded[value] = _in_base64(value)

    def find(self, text: str) -> Iterator[Found]:
        """Yield every place in ``text`` with one of the values, or with a recognisable piece of one."""
        if not self._kinds:
            return
        flat, places = _unfolded(text) if "\n" in text or "\\n" in text else ("", [])
        for value, kind in tuple(self._kinds.items()):
            for ends in self._spelled[value]:
                if ends[1] in text or ends[2] in text:
                    yield from (Found(*span, kind) for span in _occurrences(text, ends))
            for start, end in _occurrences(flat, self._unquoted[value]) if flat else ():
                yield Found(_original(places, start), _original(places, end - 1) + 1, kind)
            for encoded in self._encoded[value]:
                if encoded in text:
                    spans = _occurrences(text, (encoded, encoded, encoded))
                    yield from (Found(*_run(text, span), kind) for span in spans)


def _spellings(value: str) -> tuple[str, ...]:
    """Return the ways in which ``value`` is written in code, data and addresses."""
    in_json, in_repr = json.dumps(value)[1:-1], repr(value)[1:-1]
    spelled = {
        value: None,
        in_json: None,
        json.dumps(value, ensure_ascii=False)[1:-1]: None,
        json.dumps(in_json)[1:-1]: None,
        in_repr: None,
        repr(in_repr)[1:-1]: None,
        value.replace("'", "\\'"): None,
        repr(value.encode())[2:-1]: None,
        html.escape(value): None,
        html.escape(value, quote=False): None,
        quote(value, safe=""): None,
        quote(value): None,
        quote_plus(value): None,
        quote(value, safe="").lower(): None,
        quote(quote(value, safe=""), safe=""): None,
        value.encode().hex(): None,
        value.encode().hex().upper(): None,
    }
    return tuple(spelled)


def _in_base64(value: str) -> tuple[str, ...]:
    """Return the base64 that every encoded text with ``value`` in it holds: one form for each alignment."""
    encoded: dict[str, None] = {}
    content = value.encode()
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + content).decode().rstrip("=")
        # The first and the last character may hold bits of the neighbours.
        first = (0, 2, 3)[shift]
        steady = whole[first : len(whole) - (1 if (shift + len(content)) % 3 else 0)]
        if len(steady) >= _LEAST:
            encoded |= {steady: None, steady.replace("+", "-").replace("/", "_"): None}
    return tuple(encoded)


def _ends(secret: str, *, whole: bool) -> _Ends:
    """Return ``secret`` and the beginning and end that identify it: all of it if only the ``whole`` counts."""
    head = tail = secret
    if not whole and len(secret) >= 2 * _LEAST:
        size = max(_LEAST, min(_PIECE, len(secret) // 2))
        head = secret if plain(secret[:size]) else secret[:size]
        tail = secret if plain(secret[-size:]) else secret[-size:]
    return secret, head, tail


def _occurrences(text: str, ends: _Ends) -> Iterator[tuple[int, int]]:
    """Yield start and end of each secret in ``text``, or of a recognisable beginning or end of one."""
    secret, head, tail = ends
    start = text.find(head)
    while start >= 0:
        end = start + len(head)
        end += _agreement(text[end : start + len(secret)], secret[len(head) :])
        yield start, end
        start = text.find(head, end)
    end = text.find(tail) + len(tail) if tail != secret and tail in text else -1
    while end >= 0:
        start = end - len(tail)
        window = text[max(0, end - len(secret)) : start]
        start -= _agreement(window[::-1], secret[: -len(tail)][::-1])
        yield start, end
        following = text.find(tail, end)
        end = following + len(tail) if following >= 0 else -1


def _agreement(one: str, other: str) -> int:
    """Return the length of the common prefix of two strings."""
    if other.startswith(one):
        return len(one)
    return next((place for place, (left, right) in enumerate(zip(one, other, strict=False)) if left != right), len(one))


def _run(text: str, span: tuple[int, int]) -> tuple[int, int]:
    """Return the whole run of base64 around ``span``: its neighbours in the run may be part of the secret."""
    before = _BASE64_RUN.match(text[max(0, span[0] - 400) : span[0]][::-1])
    after = _BASE64_RUN.match(text, span[1], span[1] + 400)
    return span[0] - (before.end() if before else 0), after.end() if after else span[1]


def _unfolded(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return ``text`` without its line ends, and where each piece of it starts in the result and in ``text``."""
    pieces: list[str] = []
    places: list[tuple[int, int]] = []
    length = last = 0
    for fold in (*_FOLD.finditer(text), None):
        piece = text[last : fold.start() if fold else len(text)]
        resumed = fold.end() if fold else len(text)
        if fold:
            piece = piece.rstrip(" \t")
            if fold["quote"] and piece.endswith(fold["quote"]):
                piece = piece[:-1]  # two literals that are joined
            else:
                resumed = fold.start("quote")
        places.append((length, last))
        pieces.append(piece)
        length += len(piece)
        last = resumed
    return "".join(pieces), places


def _original(places: list[tuple[int, int]], place: int) -> int:
    """Return the index in the text itself of the character at ``place`` in the unfolded text."""
    flat, original = places[bisect_right(places, place, key=lambda pair: pair[0]) - 1]
    return original + place - flat
