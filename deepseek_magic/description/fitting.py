"""Texts that keep within a budget: counted and cut."""

from __future__ import annotations

from deepseek_magic.guard import safe_cut
from deepseek_magic.text import estimate_tokens

ELLIPSIS = "…"


def room(tokens: int) -> int:
    """Return how many characters ``tokens`` hold at most, by `estimate_tokens`: all of them ASCII."""
    return max(0, int(tokens / 0.3))


def fits(text: str, tokens: int) -> bool:
    """Return whether ``text`` is within ``tokens``."""
    return len(text) <= room(tokens) and estimate_tokens(text) <= tokens


def cut(text: str, width: int) -> str:
    """Return ``text`` cut to ``width`` characters, the last one an ellipsis where it was longer; no mask is cut."""
    return text if len(text) <= width else text[: safe_cut(text, width - 1)] + ELLIPSIS


def number(count: int) -> str:
    """Return ``count`` with its thousands set apart."""
    return f"{count:,}"
