"""Cut text by tokens, as `estimate_tokens` counts them: into pieces of about one, or to a budget."""

from __future__ import annotations

from collections.abc import Iterator

from deepseek_magic.text import estimate_tokens, largest_that_fits

# Sizes that take turns: three to five characters of English, as in real streams.
_SIZES = (12, 9, 15)


def pieces(text: str) -> Iterator[str]:
    """Yield ``text`` in pieces of about one token."""
    start = weight = turn = 0
    for position, character in enumerate(text, 1):
        weight += 3 if character.isascii() else 6
        if weight >= _SIZES[turn % 3]:
            yield text[start:position]
            start, weight, turn = position, 0, turn + 1
    if start < len(text):
        yield text[start:]


def cut(text: str, budget: int) -> str:
    """Return the longest beginning of ``text`` that costs at most ``budget`` tokens."""
    return text[: largest_that_fits(lambda length: estimate_tokens(text[:length]) <= budget, len(text))]
