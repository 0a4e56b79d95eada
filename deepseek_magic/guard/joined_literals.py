"""Find secrets that are split into string literals which the language joins: ``'…' + '…'``, lines in brackets."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator

from .forms import Found

# Between two literals: one or more of blanks, a plus and a line end; in a list that is joined, a comma.
_JOINT = re.compile(
    r"""(?P<quote>["'])(?=[\s+\\])[ \t]{0,40}(?:\+[ \t]{0,40})?"""
    r"""(?:\\?(?:\r?\n|\\n",\n)[ \t"]{0,80}(?:\+[ \t]{0,40})?)?[rbfuRBFU]{0,2}\\{0,3}(?P=quote)"""
)
_LISTED = re.compile(r"""(?P<quote>["']),\s{0,40}[rbfuRBFU]{0,2}(?P=quote)""")
_CALL = re.compile(r"""join\(\s{0,40}[\[(]\s{0,40}[^\[\]()]{0,2000}""")
_LONGEST = 400
_QUOTES = re.compile(r"""["'\n]""")


def by_joined(text: str, finders: Iterable[Callable[[str], Iterable[Found]]]) -> Iterator[Found]:
    """Yield the secrets that ``finders`` find in the joined literals of ``text``, if they span several literals."""
    flat, places = _joined(text)
    if not places:
        return
    for finder in finders:
        for found in finder(flat):
            start, end = _place(places, found.start), _place(places, found.end - 1) + 1
            if end - start > found.end - found.start:
                yield Found(start, end, found.kind)


def one_literal(text: str) -> str:
    """Return ``text`` as a single literal would hold it, so that a secret has one mask however it is written."""
    return _JOINT.sub("", text) if '"' in text or "'" in text else text


def _joints(text: str) -> list[tuple[int, int]]:
    joints = [found.span() for found in _JOINT.finditer(text)]
    if "join(" in text:
        for call in _CALL.finditer(text):
            joints += [found.span() for found in _LISTED.finditer(text, *call.span())]
        joints.sort()
    return joints


def _joined(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return the joined literals, a line for each chain, and where each piece starts in them and in ``text``."""
    pieces: list[str] = []
    places: list[tuple[int, int]] = []
    length = reached = 0

    def add(start: int, end: int, after: str = "") -> None:
        nonlocal length
        while end > start and text[end - 1] == "\\":  # it escapes the quote
            end -= 1
        places.append((length, start))
        pieces.append(text[start:end] + after)
        length += end - start + len(after)

    for start, end in _joints(text):
        if start < reached:
            continue
        if not pieces or _QUOTES.search(text, reached, start):
            if pieces:
                add(reached, _end(text, reached), "\n")
            add(_start(text, reached, start), start)
        else:
            add(reached, start)
        reached = end
    if pieces:
        add(reached, _end(text, reached), "\n")
    return "".join(pieces), places


def _start(text: str, reached: int, joint: int) -> int:
    lowest = max(reached, joint - _LONGEST)
    return max(lowest, *(text.rfind(mark, lowest, joint) + 1 for mark in "\"'\n"))


def _end(text: str, start: int) -> int:
    found = _QUOTES.search(text, start, start + _LONGEST)
    return found.start() if found else min(len(text), start + _LONGEST)


def _place(places: list[tuple[int, int]], place: int) -> int:
    """Return the index in the text itself of the character at ``place`` in the joined literals."""
    flat, original = places[bisect_right(places, place, key=lambda pair: pair[0]) - 1]
    return original + place - flat
