"""Find the key and pieces of it in text: as it is, in URLs, in base64 and in hexadecimal digits.

An endpoint that echoes a key rarely echoes all of it. But the rest of a key without its end, or of one whose beginning
and end are shown, can be guessed or used to look it up.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from urllib.parse import quote

from deepseek_magic.settings.keys import Secret

MASK = "****"
#: Shorter keys are placeholders such as EMPTY, which servers without keys ask for: masking them would spoil replies.
SHORTEST = 12
# A key of this length with this many digits is random; a piece of any other key may be an ordinary word.
_MADE, _DIGITS = 20, 3
# The least characters of a piece; every such piece contains a group of four that begins at a multiple of five.
_PIECE, _GROUP, _STEP = 8, 4, 5
# The text between a beginning and an end that are shown, which may be as short as four characters.
_GAP = re.compile(r"[.…*•·_\-\[\]()<> ]{0,40}")
_END = 4
# How many characters one of the key's takes in its longest form, that of URLs.
_LONGEST_FORM = 3
_RECENT = 60


class KeyPieces:
    """Finds pieces of ``secret`` in text. None of its attributes and frames holds the secret as plain text."""

    __slots__ = ("_all", "_end", "_holds", "_whole", "made", "none")

    def __init__(self, secret: Secret) -> None:
        self._whole = secret
        self.none = len(secret.reveal()) < SHORTEST
        self.made = len(secret.reveal()) >= _MADE and sum(map(str.isdigit, secret.reveal())) >= _DIGITS
        self._all = Secret("\0".join(_forms(secret)) if self.made else secret.reveal())
        places = range(len(self._all.reveal()) - _GROUP + 1)
        # A bound method, because the set itself would be printed with the attributes.
        self._holds = frozenset(self._all.reveal()[place : place + _GROUP] for place in places).__contains__
        self._end = Secret(secret.reveal()[-_END:])

    def tail(self, text: str) -> int:
        """Return how many characters at the end of ``text`` may belong to the key or to an unfinished piece of it."""
        if not self.made:
            return self._beginning(text)
        start = len(text) - self._common(text)
        least = max(0, start - _LONGEST_FORM * len(self._whole.reveal()))
        while least < start < len(text) and text[start - 1 : start + 1] in self._all.reveal():
            start -= 1  # a piece that ends in held text is held completely
        if start == least > 0:  # text that consists only of pairs from the key must not be held for ever
            start = next((first for first, end in self._found(text) if first < start < end), start)
        recent = max(0, len(text) - _RECENT - len(self._whole.reveal()) * 2)
        for first, end in self._found(text[recent:]):
            if self._goes_on(text[recent + end :]):
                start = min(start, recent + first)
        return len(text) - start

    def _beginning(self, text: str) -> int:
        """Return the length of the longest end of ``text`` that is a beginning of the key."""
        place = text.find(self._whole.reveal()[0], max(0, len(text) - len(self._whole.reveal()) + 1))
        while place >= 0 and not self._whole.reveal().startswith(text[place:]):
            place = text.find(self._whole.reveal()[0], place + 1)
        return 0 if place < 0 else len(text) - place

    def _common(self, text: str) -> int:
        """Return the length of the longest end of ``text`` that is contained in the key, in any of its forms."""
        size = 0
        while size < len(text) and text[-size - 1 :] in self._all.reveal():
            size += 1
        return size

    def _goes_on(self, rest: str) -> bool:
        """Return whether ``rest``, which follows a piece, may be the text between it and the end of the key."""
        return len(rest) < _RECENT and any(
            rest.endswith(self._end.reveal()[:size]) and _GAP.fullmatch(rest, 0, len(rest) - size)
            for size in range(_END + 1)
        )

    def passes(self, text: str) -> bool:
        """Return whether ``text`` contains no piece and none begins at its end, as in nearly all text."""
        if not self.made:
            return not (self._whole.reveal()[:2] in text or text[-1:] == self._whole.reveal()[0])
        return not self._common(text) and next(self._found(text), None) is None

    def masked(self, text: str) -> str:
        """Return ``text`` with every piece masked."""
        if self.none:
            return text
        if not self.made:
            return text.replace(self._whole.reveal(), MASK)
        parts, at = [], 0
        for start, end in self._found(text):
            parts += [text[at:start], MASK]
            at = end
            gap = _GAP.match(text, at)
            if gap and text.startswith(self._end.reveal(), gap.end()):
                parts += [gap[0], MASK]
                at = gap.end() + _END
        return "".join((*parts, text[at:]))

    def _found(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield start and end of each piece."""
        place = 0
        while place <= len(text) - _GROUP:
            if not self._holds(text[place : place + _GROUP]):
                place += _STEP
                continue
            start, end = place, place + _GROUP
            while start and text[start - 1 : end] in self._all.reveal():
                start -= 1
            while end < len(text) and text[start : end + 1] in self._all.reveal():
                end += 1
            if end - start >= _PIECE:
                yield start, end
                place = end
            else:
                place += _STEP


def _forms(secret: Secret) -> Iterator[str]:
    """Yield the forms in which a key occurs: base64 has three, depending on the position of the key."""
    yield secret.reveal()
    yield quote(secret.reveal(), safe="")
    yield secret.reveal().encode().hex()
    yield secret.reveal().encode().hex().upper()
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + secret.reveal().encode()).decode()
        certain = coded.rstrip("=")[(0, 2, 3)[before] : -1]  # the characters that its neighbours do not affect
        yield certain
        yield certain.replace("+", "-").replace("/", "_")
