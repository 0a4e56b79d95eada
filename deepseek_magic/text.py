"""Text for people and for budgets: one line, visible controls, counts, estimated tokens."""

from __future__ import annotations

import re
from binascii import unhexlify
from collections.abc import Callable
from functools import lru_cache
from zlib import adler32

# C0 without tab and line feed, C1, and the bidirectional controls: sent to a terminal they retitle windows, write
# to the clipboard or fake a prompt; in a page they reorder what is read.
_CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
# The lab makes links of these in printed text and in errors. A colon after "data" alone may be Python: f"{data:,}".
_SCHEME = re.compile(r"(javascript|livescript|vbscript|data|blob)://|(data):[a-z0-9.+-]{1,40}/", re.IGNORECASE)
#: Characters of what was printed before that may be the beginning of such an address.
LINK_BEGINNING = 48

# What a character adds to the tokens of a text depends on its kind and on that of the character before it: a row for
# each kind before, in it a digit for each kind in the same order, in quarters of a token; and each adds 0.05 beside.
# Fitted to DeepSeek's tokenizer (V3) on prose in 17 languages, code, numbers, data, markup and random characters.
_ADDED = """
    2210143624126412  line end
    7001542504255322  space
    7303753461016422  lower-case letter
    7021733761036422  capital
    7007145624036522  digit
    0014302614336322  other ASCII
    0423230524026422  bracket, quotation mark, underscore, backslash, equals sign
    3076653061026322  accented Latin letter
    2242635611036322  Cyrillic
    4142644661026322  Arabic
    0242624661226322  any other script
    0420746624036322  symbol
    0210646624021322  emoji
    0330646624036232  kana
    0210746624036222  Chinese
    0310646624026322  Korean
"""
# The kinds by the first byte of a character in UTF-8; what is not named is "other ASCII" or "any other script".
_FIRST_BYTES = {
    0: b"\r\n",
    1: b"\t ",
    2: b"abcdefghijklmnopqrstuvwxyz",
    3: b"ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    4: b"0123456789",
    6: b"()[]{}<>\"'`=_\\",
    7: range(0xC2, 0xC6),
    8: range(0xD0, 0xD4),
    9: range(0xD8, 0xDC),
    11: b"\xe2\xef",
    12: range(0xF0, 0x100),
    13: b"\xe3",
    14: range(0xE4, 0xEA),
    15: range(0xEA, 0xEE),
}
_NAMED = {first: kind for kind, firsts in _FIRST_BYTES.items() for first in firsts}
# For each byte its kind as a hexadecimal digit, and for each pair of kinds, read as one byte, the quarters it adds.
_KIND_OF = b"".join(b"%x" % _NAMED.get(byte, 5 if byte < 0x80 else 10) for byte in range(256))
_QUARTERS = bytes(int(digit) for row in _ADDED.split("\n")[1:-1] for digit in row.split()[0])
_LATER = bytes(range(0x80, 0xC0))
# Characters that are looked at, in windows over the whole text: the time for a long text is that for a short one.
_SAMPLE, _WINDOW = 1_536, 128


# Overrides, embeddings and isolates make a page show other words than it holds. The marks beside them (LRM, RLM, ALM)
# belong to prose in Arabic and Hebrew; in code they hide.
_REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_REORDERING_CODE = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def unreordered(text: str, *, code: bool = False) -> str:
    """Return ``text`` for a page, with the characters that reorder what is read shown as escapes."""
    if text.isascii():
        return text
    return (_REORDERING_CODE if code else _REORDERING).sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def visible(text: str) -> str:
    """Return ``text`` with control, bidirectional and surrogate characters shown as escapes, not sent.

    A carriage return before a line feed is dropped; tab and line feed stay.
    """
    return _CONTROLS.sub(
        lambda found: f"\\x{ord(found[0]):02x}" if ord(found[0]) < 256 else f"\\u{ord(found[0]):04x}",
        text.replace("\r\n", "\n"),
    )


def hidden(source: str) -> str:
    """Return "" or a warning of characters that make code look like other code (CVE-2021-42574)."""
    for number, line in enumerate(source.split("\n"), 1):
        for character in line:
            if visible(character) != character and character != "\r":
                return (
                    f"this holds characters that cannot be seen (the first is U+{ord(character):04X} in line {number})"
                )
    return ""


def one_line(text: str, limit: int = 300) -> str:
    """Return ``text`` on one line of at most ``limit`` characters, safe to print."""
    if len(text) <= limit and text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()  # as nearly always
    line = visible(" ".join(text.split()))
    return line if len(line) <= limit else line[: limit - 1] + "…"


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return ``number`` of what ``noun`` names: "1 turn", "1,200 turns"."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def as_found(text: str, limit: int = 40) -> str:
    """Return ``text`` as the end of a sentence says what was found: quoted, or "nothing"."""
    return repr(one_line(text, limit)) if text.strip() else "nothing"


def with_article(noun: str) -> str:
    """Return ``noun`` after "a" or "an": "an int"."""
    return f"{'an' if noun[:1].lower() in 'aeio' else 'a'} {noun}"


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


def reason_of(error: OSError | ValueError) -> str:
    """Return why a file cannot be used, in the words of the system if there are such, on one line."""
    return one_line(str(getattr(error, "strerror", None) or error), 80)


def estimate_tokens(text: str) -> int:
    """Estimate the tokens of ``text`` as DeepSeek's tokenizer counts them; of a long text a sample is looked at."""
    size = len(text)
    if size > _SAMPLE:
        windows = _SAMPLE // _WINDOW
        apart = (size - _WINDOW) / (windows - 1)
        text = "".join([text[(start := int(apart * place)) : start + _WINDOW] for place in range(windows)])
    if text.isascii():
        kinds = text.encode().translate(_KIND_OF)
    else:
        kinds = text.encode("utf-8", "replace").translate(_KIND_OF, _LATER)
    looked_at = len(kinds)
    if not looked_at:
        return 0
    # Every kind with the one before it, which is 0 for the first: first every other pair, then those in between.
    pairs = unhexlify(b"0" + (kinds + kinds[:-1] if looked_at % 2 else kinds[:-1] + kinds))
    quarters = (adler32(pairs.translate(_QUARTERS)) & 0xFFFF) - 1  # the half of it that sums up the bytes, from 1 on
    return int((0.05 + 0.25 * quarters / looked_at) * size + 0.5) or 1


def known_tokens(text: str) -> int:
    """Return the estimate for ``text``, such as an earlier turn, which is asked for at every question."""
    return _kept_estimate(text) if len(text) <= _SHORT else estimate_tokens(text)


# What it holds is bounded: some 4 MB of texts of a few lines.
_SHORT = 1_000
_kept_estimate = lru_cache(maxsize=2_048)(estimate_tokens)


class TokenCount:
    """Estimates the tokens of a text that comes in pieces, however small they are."""

    _settled = 0
    _open = ""

    def add(self, piece: str) -> None:
        """Append ``piece`` to the text."""
        self._open += piece
        if len(self._open) >= _SAMPLE:
            self._settled += estimate_tokens(self._open)
            self._open = ""

    @property
    def tokens(self) -> int:
        """The estimate for all that has come."""
        return self._settled + estimate_tokens(self._open)


def largest_that_fits(fits: Callable[[int], bool], most: int, least: int = 0) -> int:
    """Return the largest number from ``least`` to ``most`` that ``fits``, found by bisection.

    Every number below one that fits must fit too; ``least`` is taken to fit, and is not tried.
    """
    low, high = least, max(least, most)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low
