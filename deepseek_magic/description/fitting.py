"""Texts that keep within a budget: counted and cut."""

from __future__ import annotations

from deepseek_magic.guard import safe_cut

ELLIPSIS = "…"


def room(tokens: int) -> int:
    """Return how many characters ``tokens`` hold at most, by `cost`: all of them ASCII."""
    return max(0, int(tokens / 0.3))


def cost(text: str) -> int:
    """Return what ``text`` costs of a budget: 0.3 for an ASCII character, 0.6 for any other, as prose does at the most.

    A layout is made to a number of characters, which a count of tokens would not give. Numbers are up to twice as
    many tokens; `deepseek_magic.context.budget` cuts by the tokens.
    """
    ascii_count = len(text.encode("ascii", "ignore"))
    return int(0.3 * ascii_count + 0.6 * (len(text) - ascii_count)) + (1 if text else 0)


def fits(text: str, tokens: int) -> bool:
    """Return whether ``text`` is within ``tokens``."""
    return len(text) <= room(tokens) and cost(text) <= tokens


def cut(text: str, width: int) -> str:
    """Return ``text`` cut to ``width`` characters, the last one an ellipsis if it was longer; no mask is cut."""
    return text if len(text) <= width else text[: safe_cut(text, width - 1)] + ELLIPSIS


def number(count: int) -> str:
    """Return ``count`` with its thousands set apart."""
    return f"{count:,}"
