"""Bare addresses in text (GitHub Flavored Markdown, section 6.9 Autolinks (extension)).

Stricter than GFM in one respect: an address also ends at a quotation mark, a backtick, a square bracket and at the
punctuation of Chinese and Japanese text, which directly follows an address there.
"""

from __future__ import annotations

import re

START = r"(?<![A-Za-z0-9])(?:[hH][tT][tT][pP][sS]?://|[wW][wW][wW]\.)"
MAIL = r"(?<![A-Za-z0-9.+-])[A-Za-z0-9][A-Za-z0-9._+-]{0,63}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}"
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>\"`\[\]\x00-\x1f、。，；：！？（）「」『』《》“”]*", re.IGNORECASE)
_DOMAIN = re.compile(r"(?:https?://|(?=www\.))([A-Za-z0-9\u00a1-\uffff_.-]+)", re.IGNORECASE)
_ENTITY = re.compile(r"&[A-Za-z0-9]+;$")


def address_at(text: str, position: int) -> int:
    """Where the bare address that starts at ``position`` ends; ``position`` itself where it is none."""
    match = _ADDRESS.match(text, position)
    if not match:
        return position
    address = _trimmed(match[0])
    domain = _DOMAIN.match(address)
    if not domain:
        return position
    parts = domain[1].strip(".").split(".")
    www = address[:4].lower() == "www."
    if not all(parts) or any("_" in part for part in parts[-2:]) or (www and len(parts) < 2):
        return position
    return position + len(address)


def _trimmed(address: str) -> str:
    """``address`` without the punctuation that belongs to the sentence around it."""
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
