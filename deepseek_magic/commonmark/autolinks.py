"""Autolinks: addresses in angle brackets (CommonMark 6.5) and bare ones (GFM 6.9).

Stricter than GFM in one respect: a bare address also ends at a quotation mark, a backtick, a square bracket, and at
Chinese and Japanese punctuation, which directly follows an address in such text.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from .links import resolved

START = r"(?<![A-Za-z0-9])(?:[hH][tT][tT][pP][sS]?://|[wW][wW][wW]\.)"
MAIL = r"(?<![A-Za-z0-9.+-])[A-Za-z0-9][A-Za-z0-9._+-]{0,63}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}"
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>\"`\[\]\x00-\x1f、。，；：！？（）「」『』《》“”]*", re.IGNORECASE)
# Servers refuse a longer one. Text of nothing but halves of addresses would else be read to its end for each.
_LONGEST = 8_000
_DOMAIN = re.compile(r"(?:https?://|(?=www\.))([A-Za-z0-9\u00a1-\uffff_.-]+)", re.IGNORECASE)
_ENTITY = re.compile(r"&[A-Za-z0-9]+;$")
_ANGLES = re.compile(r"<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>\x00-\x20]*)>")
_MAIL_IN_ANGLES = re.compile(r"<([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*)>")


class Autolink(NamedTuple):
    """An autolink: its URL, the text it shows, and the index of its end in the source."""

    address: str
    text: str
    end: int


def in_angles(text: str, position: int) -> Autolink | None:
    """Return the autolink whose ``<`` is at ``position``; ``None`` if there is none."""
    if match := _ANGLES.match(text, position):
        return Autolink(match[1], match[1], match.end())
    if match := _MAIL_IN_ANGLES.match(text, position):
        return Autolink("mailto:" + match[1], match[1], match.end())
    return None


def bare(text: str, start: re.Match[str]) -> Autolink | None:
    """Return the bare address as a link; ``start`` is the match of `START` or `MAIL` at its beginning."""
    if "@" in start[0]:
        mail = start[0].rstrip(".-")
        return Autolink("mailto:" + mail, mail, start.start() + len(mail))
    match = _ADDRESS.match(text, start.start(), start.start() + _LONGEST + 1)
    address = _trimmed(match[0]) if match and len(match[0]) <= _LONGEST else ""
    domain = _DOMAIN.match(address)
    if not domain:
        return None
    parts = domain[1].strip(".").split(".")
    www = address[:4].lower() == "www."
    if not all(parts) or any("_" in part for part in parts[-2:]) or (www and len(parts) < 2):
        return None
    shown = resolved(address.replace("\\", "\\\\"))
    return Autolink(f"http://{shown}" if www else shown, shown, start.start() + len(address))


def _trimmed(address: str) -> str:
    """Return ``address`` without the punctuation that belongs to the sentence around it."""
    surplus = address.count(")") - address.count("(")
    end = len(address)
    while end:
        last = address[end - 1]
        if last in "?!.,:*_~'":
            end -= 1
        elif last == ")" and surplus > 0:
            surplus -= 1
            end -= 1
        elif last == ";" and (entity := _ENTITY.search(address, max(0, end - 40), end)):
            end = entity.start()
        elif last == ";":
            end -= 1
        else:
            break
    return address[:end]
