"""Find secrets in rows whose names are listed once: ``INSERT INTO t (a, b) VALUES (…)``, structured arrays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

from .forms import Found
from .secret_names import classify_name
from .secret_values import is_secret

_VALUES = re.compile(r"\)\s{0,40}VALUES\s{0,10}(?=\()", re.IGNORECASE)
_DTYPE = "dtype=[("
_FIELD = re.compile(r"\('([^'\n]{1,80})'")
_ITEM = re.compile(
    r"\s{0,40}[NEbru]{0,2}(?:'(?P<one>(?:[^'\\\n]|\\.|''){0,2000})'|\"(?P<two>(?:[^\"\\\n]|\\.){0,2000})\"|[^,()'\"]{0,200})"
    r"\s{0,40}(?P<ends>[,)])"
)
_ROW = re.compile(r"[\s,.\[\]]{0,60}\(")
_LONGEST = 4000


def by_listing(text: str) -> Iterator[Found]:
    """Yield the secrets in ``text`` that are listed in the order of their names, in linear time."""
    reached = 0
    listed = list(_VALUES.finditer(text)) if "VALUES" in text or "values" in text else []
    for found, following in zip_longest(listed, listed[1:]):
        opened = text.rfind("(", max(reached, found.start() - _LONGEST), found.start())
        reached = found.end()
        if opened >= 0:
            names = [name.strip(" \t\n\"'`[]") for name in text[opened + 1 : found.start()].split(",")]
            limit = following.start() if following else len(text)
            yield from _rows(text, reached, min(limit, reached + _LONGEST), names)
    place, reached = text.find(_DTYPE), 0
    while place >= 0:
        end = text.find(")]", place, place + _LONGEST)
        names = _FIELD.findall(text, place, end) if end >= 0 else []
        lowest = max(reached, place - _LONGEST)
        opened = max(text.rfind(mark, lowest, place) for mark in ("array(", ".void("))
        if opened >= 0:
            yield from _rows(text, opened + len("array("), place, names)
        reached = place + len(_DTYPE)
        place = text.find(_DTYPE, reached)


def _rows(text: str, start: int, limit: int, names: list[str]) -> Iterator[Found]:
    """Yield the secrets in the rows ``(…), (…)`` between ``start`` and ``limit``."""
    columns = {number: said for number, name in enumerate(names) if (said := classify_name(name))}
    place = start
    while columns and (row := _ROW.match(text, place, limit)):
        items: list[re.Match[str]] = []
        place = row.end()
        while len(items) < len(names) and (item := _ITEM.match(text, place, limit)):
            items.append(item)
            place = item.end()
            if item["ends"] == ")":
                break
        for number, (certainty, kind) in columns.items() if len(items) == len(names) else ():
            group = "one" if items[number]["one"] else "two"
            value = items[number][group]
            if value and is_secret(value, certainty, exact=True):
                yield Found(*items[number].span(group), kind)
