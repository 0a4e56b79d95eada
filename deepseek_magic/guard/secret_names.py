"""Judge a name: does it say that its value is a secret, and how certain is that?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from functools import cache, lru_cache
from typing import Any, NamedTuple

from .data_files import endings, words

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+")
_NAME_BEFORE = re.compile(r"[\w.-]*")  # read from the right
_WORD_BEFORE = re.compile(r"[ ][A-Za-z]{2,20}(?![A-Za-z])")
_NAME_AFTER = re.compile(r"[\w-]{0,60}(?:\.key(?!\w))?")  # fs.s3a.secret.key
_LONGEST_NAME = 60
_VISIT = re.compile(r"(?i:session[_ -]id)s?$|[sS]essionId$")
_PARTS = re.compile(r"[\w. -]+")
_LONGEST_LABEL = 200


class Certainty(Enum):
    """How certain a name makes it that its value is a secret."""

    PASSWORD = "any value that is not a placeholder is the secret"
    SECRET = "any value that is not plain words is the secret"
    RANDOM = "only a value that looks generated is the secret"
    LONG = "only a long value that looks generated is the secret"


#: What a name says of its value: how certain it is a secret, and of which kind.
Said = tuple[Certainty, str]


@lru_cache(maxsize=4096)
def classify_name(name: str) -> Said | None:
    """Return what ``name`` says of its value; ``None`` if it does not say that it is a secret."""
    split = [word.lower() for word in _WORDS.findall(name)]
    while len(split) > 1 and split[-1] in words("suffixes"):
        split.pop()
    if not split:
        return None
    joined, last = "".join(split), split[-1]
    passed = last in ("pass", "pw") and not words("passes").intersection(split)
    if passed or joined in words("password names") or joined.endswith(endings("passwords")):
        return Certainty.PASSWORD, "password"
    if joined.endswith(("secret", "secrets")):
        return Certainty.SECRET, "secret"
    if joined.endswith(("credential", "credentials", "creds")):
        return Certainty.SECRET, "credentials"
    if joined.endswith(endings("sessions")) or last == "sid" or joined == "sig":
        return Certainty.LONG, "session"
    if joined.endswith("token"):
        return Certainty.RANDOM, "token"
    if joined.endswith(endings("keys")):
        kind = "API key" if "api" in joined else "private key" if "private" in joined else "secret key"
        return Certainty.SECRET, kind
    if last == "key" and len(split) > 1 and split[-2] not in words("harmless keys"):
        return Certainty.RANDOM, "key"
    return None


def classify_column(name: str) -> Said | None:
    """Return what the ``name`` of a column says: as `classify_name`, but visits are counted by a ``session_id``."""
    return None if _VISIT.search(name) else classify_name(name)


@lru_cache(maxsize=4096)
def _classify_label(label: str) -> Said | None:
    return next((said for part in _PARTS.findall(label) if (said := classify_column(part.strip()))), None)


def classify_label(label: object) -> Said | None:
    """Return what the label of a value says: a key, a column, a field; of a tuple any member may say it.

    No code of the label is run, whatever it is.
    """
    if type(label) is str:
        return _classify_label(label[:_LONGEST_LABEL])
    levels: tuple[Any, ...] = label if type(label) is tuple else (label,)
    names = (str.__getitem__(level, slice(_LONGEST_LABEL)) for level in levels if issubclass(type(level), str))
    return next((said for name in names if (said := _classify_label(name))), None)


class NameFound(NamedTuple):
    """Where a name that says "secret" stands, how certain it makes that, and the kind of the secret."""

    start: int
    end: int
    certainty: Certainty
    kind: str


@cache
def _stem() -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, words("stems")), key=len, reverse=True)))


def may_say(name: str) -> bool:
    """Return quickly whether `classify_name` may say something of ``name``: most names say nothing."""
    return _stem().search(name.lower()) is not None


def find_names(text: str) -> Iterator[NameFound]:
    """Yield where each name stands in ``text`` that says "secret", in order. The time is linear in ``text``."""
    # This is the only letter that changes the length of a string in lower case.
    lowered = text.replace("İ", "I").lower()
    reached = 0
    for found in _stem().finditer(lowered):
        if found.start() < reached:
            continue
        window = max(reached, found.start() - _LONGEST_NAME)
        before = _NAME_BEFORE.match(lowered[window : found.start()][::-1])
        start = found.start() - (before.end() if before else 0)
        # What follows a name in Chinese or Japanese characters without a blank is not part of it.
        after = _NAME_AFTER.match(text, found.end()) if found[0] < "\u3000" else None
        reached = after.end() if after else found.end()
        # An escape before a name is not part of it: "\npassword" in the repr of a string.
        if start and text[start - 1] == "\\" and text[start] in "nrt" and reached - start > 1:
            start += 1
        said = classify_name(text[start:reached].strip("-."))
        if said is None and lowered[start:reached] == "key":
            # Of "API key" and "Secret Access Key" the word before says which key it is.
            word = _WORD_BEFORE.match(text[max(0, start - 32) : start][::-1])
            start -= word.end() if word else 0
            said = classify_name(text[start:reached])
        if said:
            yield NameFound(start, reached, *said)
