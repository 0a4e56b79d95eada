"""Text for people and for budgets: one line, visible controls, counts, estimated tokens."""

from __future__ import annotations

import re
from collections.abc import Callable

# C0 without tab and line feed, C1, and the bidirectional controls: sent to a terminal they retitle windows, write
# to the clipboard or fake a prompt; in a page they reorder what is read.
_CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
# The lab makes links of these in printed text and in errors. A colon after "data" alone may be Python: f"{data:,}".
_SCHEME = re.compile(r"(javascript|livescript|vbscript|data|blob)://|(data):[a-z0-9.+-]{1,40}/", re.IGNORECASE)
#: Characters of what was printed before that may be the beginning of such an address.
LINK_BEGINNING = 48


def visible(text: str) -> str:
    """Return ``text`` with control, bidirectional and surrogate characters shown as escapes, not sent.

    A carriage return before a line feed is dropped; tab and line feed stay.
    """
    return _CONTROLS.sub(
        lambda found: f"\\x{ord(found[0]):02x}" if ord(found[0]) < 256 else f"\\u{ord(found[0]):04x}",
        text.replace("\r\n", "\n"),
    )


def one_line(text: str, limit: int = 300) -> str:
    """Return ``text`` on one line of at most ``limit`` characters, safe to print."""
    line = visible(" ".join(text.split()))
    return line if len(line) <= limit else line[: limit - 1] + "…"


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return ``number`` of what ``noun`` names: "1 turn", "1,200 turns"."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def unlinked(text: str, before: str = "") -> str:
    """Return ``text`` so that no front end that links addresses in it makes a link that runs script when clicked.

    A zero-width space breaks the scheme. ``before`` is what was printed just before ``text``, of which `LINK_BEGINNING`
    characters are enough.
    """
    parts: list[str] = []
    whole = before + text
    start = len(before)
    for found in _SCHEME.finditer(whole):
        place = max(found.end(1), found.end(2), start)
        if place < found.end():
            parts.append(whole[start:place])
            start = place
    return "\u200b".join([*parts, whole[start:]])


def words_of(error: BaseException, limit: int = 300) -> str:
    """Return the type and the words of ``error``, which may be the user's own, on one line."""
    try:
        words = str(error)[:2_000]
    except Exception:  # noqa: BLE001  # its text is made by code of the user's
        words = "its text cannot be shown"
    return f"{type(error).__name__}: {one_line(words, limit)}"


def estimate_tokens(text: str) -> int:
    """Estimate the tokens of ``text``: 0.3 for an ASCII character, 0.6 for any other (DeepSeek's token-usage page)."""
    ascii_count = len(text.encode("ascii", "ignore"))
    return int(0.3 * ascii_count + 0.6 * (len(text) - ascii_count)) + (1 if text else 0)


def largest_that_fits(fits: Callable[[int], bool], most: int, least: int = 0) -> int:
    """Return the largest number from ``least`` to ``most`` that ``fits``, found by bisection.

    Every number below one that fits must fit too; ``least`` is taken to fit, and is not tried.
    """
    low, high = least, max(least, most)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low
