"""Texts that keep within a budget: cut, counted and laid out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from deepseek_magic.guard import safe_cut
from deepseek_magic.text import estimate_tokens, visible

ELLIPSIS = "…"
#: Characters beyond a cut that are searched for secrets too, so that one across the cut is seen.
MARGIN = 1_500


def room(tokens: int) -> int:
    """Return how many characters ``tokens`` hold at most, by `estimate_tokens`: all of them ASCII."""
    return max(0, int(tokens / 0.3))


def fits(text: str, tokens: int) -> bool:
    """Return whether ``text`` is within ``tokens``."""
    return len(text) <= room(tokens) and estimate_tokens(text) <= tokens


def fit(text: str, tokens: int, mask: Callable[[str], str] = str) -> str:
    """Return ``text`` safe to show, cut at its end to ``tokens`` where it is longer; the cut is marked by an ellipsis.

    The work is bounded by ``tokens``, whatever the length of ``text``. What is cut goes through ``mask`` before.
    """
    taken = visible(text[: room(tokens) + 2])
    if len(text) <= room(tokens) and fits(taken, tokens):
        return taken
    taken = visible(mask(text[: room(tokens) + MARGIN]))
    low, high = 0, min(len(taken), room(tokens))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(taken[:middle] + ELLIPSIS, tokens) else (low, middle - 1)
    shortened = taken[: safe_cut(taken, low)].rstrip() + ELLIPSIS
    return shortened if fits(shortened, tokens) else ""


def cut(text: str, width: int) -> str:
    """Return ``text`` cut to ``width`` characters, the last one an ellipsis where it was longer; no mask is cut."""
    return text if len(text) <= width else text[: safe_cut(text, width - 1)] + ELLIPSIS


def start(value: str, width: int, mask: Callable[[str], str]) -> str:
    """Return at most the first ``width`` characters of ``value``, whose secrets ``mask`` hides before the cut."""
    taken = mask(str.__getitem__(value, slice(width + MARGIN)))
    return taken[: safe_cut(taken, width)]


def end(value: str, width: int, mask: Callable[[str], str]) -> str:
    """Return at most the last ``width`` characters of ``value``, whose secrets ``mask`` hides before the cut."""
    length = str.__len__(value)
    taken = mask(str.__getitem__(value, slice(max(0, length - width - MARGIN), length)))
    return taken[safe_cut(taken, len(taken) - width, forward=True) :]


def number(count: int) -> str:
    """Return ``count`` with its thousands set apart."""
    return f"{count:,}"


def counted(count: int, noun: str) -> str:
    """Return ``3 rows`` or ``1 row``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def first_fitting(variants: Iterable[str], tokens: int) -> str:
    """Return the first of ``variants`` (from the fullest to the shortest) that is within ``tokens``, else the last."""
    text = ""
    for text in variants:
        if fits(text, tokens):
            return text
    return text


def most_lines(
    head: str, lines: Sequence[str], tokens: int, left_out: Callable[[int], str], *, already: int = 0
) -> str:
    """Return ``head`` and as many of ``lines`` as ``tokens`` hold, each on its own line, and what was left out.

    Args:
        head: what stands first.
        lines: the rest; cut at the end.
        tokens: the budget.
        left_out: makes the last line from the count of lines that are missing.
        already: how many were left out before.
    """

    def shown(count: int) -> str:
        missing = len(lines) - count + already
        tail = [left_out(missing)] if missing else []
        return "\n".join([head, *lines[:count], *tail])

    low, high = 0, min(len(lines), room(tokens))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(shown(middle), tokens) else (low, middle - 1)
    return shown(low)
