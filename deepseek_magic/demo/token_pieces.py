"""Token figures by the documented estimate, and text in pieces of about one token.

Source: api-docs.deepseek.com, quick_start/token_usage: an English character counts
0.3 of a token, a Chinese one 0.6. Sums are kept in tenths, so that they are exact.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# Ideographs, kana, hangul and full-width forms: scripts in which a character carries about a word's part.
_WIDE = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
# Three to five characters of English, as real streams have them; the sizes take turns.
_SIZES = (12, 9, 15)


def estimate(text: str) -> int:
    """The tokens of ``text``: 0 for none, else at least 1."""
    tenths = 3 * len(text) + 3 * len(_WIDE.findall(text))
    return (tenths + 9) // 10


def pieces(text: str) -> Iterator[str]:
    """``text`` in pieces of about one token, which join to it."""
    start = weight = turn = 0
    for position, character in enumerate(text, 1):
        weight += 6 if _WIDE.match(character) else 3
        if weight >= _SIZES[turn % 3]:
            yield text[start:position]
            start, weight, turn = position, 0, turn + 1
    if start < len(text):
        yield text[start:]


def cut(text: str, budget: int) -> str:
    """The longest beginning of ``text`` that costs at most ``budget`` tokens."""
    if estimate(text) <= budget:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if estimate(text[:middle]) <= budget:
            low = middle
        else:
            high = middle - 1
    return text[:low]
