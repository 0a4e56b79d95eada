"""The masks that replace secrets, such as ``[masked: AWS key]``: make them, find them, and never cut one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from .data_files import read

# The kinds of secrets besides those in ``forms.json`` and besides ``value of NAME``.
_KINDS = (
    *("password", "password in a URL", "connection string", "secret", "secret key", "key", "token", "API key"),
    *("private key", "credentials", "session", "key of the endpoint", "value of a variable"),
)
_LONGEST = 140  # of a mask, in characters
#: Fills the place of a mask while the rest is searched: neither letter, digit, white space nor punctuation.
FILL = "\ue000"


@cache
def kinds() -> frozenset[str]:
    """Return every kind of secret except ``value of NAME``.

    The list is closed, so that text which only looks like a mask, with a secret inside its brackets, is searched.
    """
    forms = read("forms")
    return frozenset((*_KINDS, *(row["kind"] for row in (*forms["forms"], *forms["places"]))))


@cache
def _mask() -> re.Pattern[str]:
    listed = "|".join(sorted(map(re.escape, kinds()), key=len, reverse=True))
    name = r"value of (?P<name>[A-Za-z_][A-Za-z0-9_]{0,99})"
    return re.compile(rf"\[masked: (?P<kind>{listed}|{name})(?: [0-9]{{1,5}})?\]")


def mask(kind: str, number: int = 1) -> str:
    """Return the mask of the ``number``-th secret of its ``kind``."""
    return f"[masked: {kind}]" if number == 1 else f"[masked: {kind} {number}]"


def masks(text: str) -> list[tuple[int, int, str, str]]:
    """Return start, end, kind and variable of each mask in ``text``; the last is "" if it masks no variable's value."""
    if "[masked: " not in text:
        return []
    return [(*found.span(), found["kind"], found["name"] or "") for found in _mask().finditer(text)]


def replaced(text: str, spans: Iterable[tuple[int, int, str]]) -> str:
    """Return ``text`` with each of ``spans`` (start and end, in order) replaced by its string."""
    pieces, last = [], 0
    for start, end, new in spans:
        pieces += [text[last:start], new]
        last = end
    return "".join([*pieces, text[last:]])


def mask_spans(text: str) -> list[tuple[int, int]]:
    """Return start and end of each mask in ``text``, in order."""
    return [(start, end) for start, end, _, _ in masks(text)]


def safe_cut(text: str, place: int, *, forward: bool = False) -> int:
    """Return ``place``, or if it falls into a mask the start of that mask (its end with ``forward``).

    Cutting ``text`` there never cuts a mask.
    """
    place = max(0, min(place, len(text)))
    window = max(0, place - _LONGEST)
    for start, end in mask_spans(text[window : place + _LONGEST]):
        if window + start < place < window + end:
            return window + (end if forward else start)
    return place
