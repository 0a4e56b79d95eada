"""Divide a budget of tokens among the items of context, and cut their texts to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from deepseek_magic.text import estimate_tokens, largest_that_fits

# An item cut to fewer tokens would be useless to a model, so it is left out, beginning with the oldest cell.
_LEAST = 60
_MARKERS = 16  # `wrapping.wrap` writes them
# Characters beyond the budget that the first, rough cut keeps: the exact cut then removes half a secret at its edge.
MARGIN = 16_384
# To end at a line end, a cut may remove this share of the text that fits, and at most this many characters.
_REACH, _LONGEST_REACH = 3 / 4, 1_000


def frame(heading: str) -> int:
    """Return the estimated tokens of the lines around an item: its ``heading``, and the markers."""
    return _MARKERS + estimate_tokens(heading)


def allowances(worth: Sequence[int], sizes: Sequence[int], budget: int) -> list[int]:
    """Return how many tokens each item may cost; 0 for items that are left out.

    The largest items are cut first, all to one size. If that would leave too little of each, whole items are left out,
    those of the lowest rank and the oldest first.

    Args:
        worth: the rank of each item, in the order in which they are sent, so the oldest of a kind first.
        sizes: the estimated tokens of each item.
        budget: the most estimated tokens of all items together.
    """
    if sum(sizes) <= budget:
        return list(sizes)
    kept = sorted(range(len(sizes)), key=lambda place: (worth[place], place), reverse=True)

    def level(count: int) -> int:
        return _level([sizes[place] for place in kept[:count]], budget)

    count = largest_that_fits(lambda count: level(count) >= _LEAST, len(kept), min(1, len(kept)))
    limit, allowed = level(count), set(kept[:count])
    return [min(size, limit) if at in allowed else 0 for at, size in enumerate(sizes)]


def _level(sizes: Sequence[int], budget: int) -> int:
    """Return the size to which the largest of ``sizes`` are cut so that all of them fit ``budget``."""
    left = budget
    if sum(sizes) > budget:
        for place, size in enumerate(sorted(sizes)):
            share = left // (len(sizes) - place)
            if size > share:
                return share
            left -= size
    return max(budget, _LEAST)  # nothing is cut


def rough(text: str, tokens: int) -> str:
    """Return ``text`` short enough to be searched for secrets, but long enough to be cut to ``tokens`` afterwards."""
    most = tokens * 4 + 2 * MARGIN
    if len(text) <= 2 * most:
        return text
    return f"{text[:most]}\n{text[-most:]}"


def _line_end(text: str, place: int) -> int:
    """Return the last line end within reach before ``place``, or ``place`` if there is none."""
    if text[place : place + 1] == "\n":
        return place
    found = text.rfind("\n", place - _reach(place), place)
    return place if found < 1 else found


def _line_start(text: str, place: int) -> int:
    """Return the first line start within reach after ``place``, or ``place`` if there is none."""
    if text[max(0, place - 1) : place] == "\n":
        return place
    return text.find("\n", place, place + _reach(len(text) - place)) + 1 or place


def _reach(part: int) -> int:
    return min(int(part * _REACH), _LONGEST_REACH)


def cut(text: str, tokens: int, size: int, safe: Callable[[str, int], int]) -> str:
    """Return ``text`` cut in the middle to about ``tokens``, with a line that says how much was removed.

    It is cut at line ends if there are any within reach.

    Args:
        text: the text, which `rough` may have shortened already.
        tokens: the estimated tokens to keep.
        size: the estimated tokens of the whole text.
        safe: moves the index of a cut out of a mask: ``safe(text, place)``.
    """
    if size <= tokens and estimate_tokens(text) <= tokens:
        return text
    share = min(1.0, tokens / max(1, estimate_tokens(text)))
    while True:
        keep = int(len(text) * share)
        head = safe(text, _line_end(text, keep * 3 // 5))
        tail = max(head, safe(text, _line_start(text, len(text) - keep * 2 // 5)))
        left = max(1, size - estimate_tokens(text[:head]) - estimate_tokens(text[tail:]))
        result = f"{text[:head]}\n[about {left:,} token{'' if left == 1 else 's'} left out here]\n{text[tail:]}"
        if estimate_tokens(result) <= tokens or keep < 20:
            return result
        share *= 0.9
