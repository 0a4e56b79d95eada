"""Count and cut text to keep it within a budget."""

from __future__ import annotations

from deepseek_magic.guard import safe_cut

ELLIPSIS = "…"


def room(tokens: int) -> int:
    """Return the largest number of characters that cost at most ``tokens`` (`cost`): they are all ASCII."""
    return max(0, int(tokens / 0.3))


def cost(text: str) -> int:
    """Return the cost of ``text`` in tokens: 0.3 for an ASCII character, 0.6 for any other, an upper limit for prose.

    A fixed cost for each character lets a layout be computed in characters. Numbers may have twice as many tokens;
    `deepseek_magic.context.budget` cuts by estimated tokens.
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
    """Return ``count`` with commas between its thousands."""
    return f"{count:,}"
