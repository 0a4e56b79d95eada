"""Join the two parts of a reply: the second may begin by repeating the end of the first."""

from __future__ import annotations

import re

from deepseek_magic.commonmark.code_blocks import ends_in_fence

#: How many characters of the rest are searched for the end of the beginning.
SEARCHED = 600
# How many characters of the end the model is asked to repeat.
_REPEATED = 80
# An overlap of fewer characters may be chance.
_CERTAIN = 12
# How many letters identify a word that was cut.
_TELLING = 3
_FENCE = re.compile(r"\A\s*(?:`{3,}|~{3,})[^\n`]*\n")
_PREAMBLE = re.compile(
    r"\A\s*(?:sure|certainly|of course|absolutely|okay|ok|right|here|continuing|apologies|sorry)\b[^\n]{0,120}"
    r"(?:[:.!…]|---)[ \t]*\n+(?:(?:-{3,}|\*{3,})[ \t]*\n+)?",
    re.IGNORECASE,
)


def end_of(text: str) -> str:
    """Return the last characters of ``text``, starting at the beginning of a word or a line."""
    end = text[-_REPEATED:]
    if len(end) < len(text):
        start = re.search(r"\s+(?=\S)", end)
        end = end[start.end() :] if start else end
    return end


def restarts(text: str, more: str) -> bool:
    """Return whether ``more`` begins like ``text``: the model starts over."""
    begins = text[:_REPEATED].rstrip()
    return len(begins) >= _CERTAIN and more.lstrip().startswith(begins)


def joined(text: str, more: str, blank: str = "", *, cut: bool = False) -> str:
    """Return the part of ``more`` that follows ``text``, without a repetition of the end or a second opening fence.

    Args:
        text: the beginning, without blank space at its end.
        more: the model's reply when it was asked to repeat the end and go on.
        blank: the blank space that was at the end of the beginning.
        cut: whether ``more`` was cut as well, perhaps inside the repetition.
    """
    begun = more.lstrip()
    if cut and (text.startswith(begun.rstrip()) or end_of(text).startswith(begun.rstrip())):
        return ""
    if begun.startswith(text) and len(text) >= _CERTAIN:
        return begun[len(text) :]
    if (rest := _after_repetition(text, more)) is not None:
        return rest
    bare = _PREAMBLE.sub("", more, count=1)
    if ends_in_fence(text):
        bare = _FENCE.sub("", bare, count=1)
    start = bare.lstrip()
    size = _overlap(text, start)
    if size:
        return start[size:]
    if bare[:1].isspace() or not bare:
        return bare
    return f"{blank or (' ' if _are_apart(text[-1:], bare[0]) else '')}{bare}"


def _after_repetition(text: str, more: str) -> str | None:
    """Return the text after the repeated end of ``text`` in ``more``; ``None`` if it is not repeated as requested."""
    end = end_of(text)
    if len(end) < _CERTAIN:
        start = more.lstrip()
        return start[len(end) :] if end and start.startswith(end) else None
    # The model may repeat line breaks and runs of blank space differently.
    found = re.search(r"\s+".join(map(re.escape, end.split())), more)
    return more[found.end() :] if found else None


def _overlap(text: str, more: str) -> int:
    """Return the length of the longest end of ``text`` that ``more`` starts with."""
    for size in range(min(len(more), len(text)), 0, -1):
        if text.endswith(more[:size]) and (size >= _CERTAIN or _begins_a_word(text, size)):
            return size
    return 0


def _begins_a_word(text: str, size: int) -> bool:
    """Return whether the last ``size`` characters of ``text`` begin with a word, or enough of one to identify it."""
    before, part = text[: len(text) - size][-1:], text[len(text) - size :]
    inside = before.isalnum() and part[0].isalnum() and not _has_no_blanks(before)
    return sum(map(str.isalnum, part)) >= _TELLING and not inside


def _are_apart(before: str, after: str) -> bool:
    """Return whether a blank belongs between two words that meet; scripts without blanks have none."""
    return before.isalnum() and after.isalnum() and not (_has_no_blanks(before) or _has_no_blanks(after))


def _has_no_blanks(character: str) -> bool:
    """Return whether ``character`` is Thai, Lao, Burmese, Khmer, Chinese or Japanese."""
    code = ord(character)
    return any(low <= code <= high for low, high in _WITHOUT_BLANKS)


_WITHOUT_BLANKS = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x2E80, 0xA4CF),
    (0xF900, 0xFAFF),
    (0xFF00, 0xFFEF),
    (0x20000, 0x3FFFF),
)
