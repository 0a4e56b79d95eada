"""Token figures by the documented estimate, and text in pieces of about one token.

Source: DeepSeek's page quick_start/token_usage: an English character counts 0.3 of a token, a Chinese one 0.6. Sums
are kept in tenths, so that they are exact.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

# Ideographs, kana, hangul and full-width forms: scripts in which a character carries about a word's part.
_WIDE = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
# Three to five characters of English, as real streams have them; the sizes take turns.
_SIZES = (12, 9, 15)


def estimate(text: str) -> int:
    """Return the tokens of ``text``: 0 for none, else at least 1."""
    return (3 * len(text) + 3 * len(_WIDE.findall(text)) + 9) // 10


def pieces(text: str) -> Iterator[str]:
    """Yield ``text`` in pieces of about one token, which join to it."""
    start = weight = turn = 0
    for position, character in enumerate(text, 1):
        weight += 6 if _WIDE.match(character) else 3
        if weight >= _SIZES[turn % 3]:
            yield text[start:position]
            start, weight, turn = position, 0, turn + 1
    if start < len(text):
        yield text[start:]


def cut(text: str, budget: int) -> str:
    """Return the longest beginning of ``text`` that costs at most ``budget`` tokens."""
    if estimate(text) <= budget:
        return text
    # An estimate grows with each character, so that the place is found by halving.
    return text[: max(0, bisect_right(range(len(text)), budget, key=lambda length: estimate(text[:length])) - 1)]
