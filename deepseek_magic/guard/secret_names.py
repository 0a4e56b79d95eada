"""Judge a name: whether its value is likely to be a secret, and how certain that is."""

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
    """How certain it is, by its name, that a value is a secret. The strings say which values are."""

    PASSWORD = "any value that is not a placeholder is the secret"
    SECRET = "any value that is not plain words is the secret"
    RANDOM = "only a value that looks generated is the secret"
    LONG = "only a long value that looks generated is the secret"


#: What a name says about its value: how certain it is a secret, and its kind.
Verdict = tuple[Certainty, str]


@lru_cache(maxsize=4096)
def classify_name(name: str) -> Verdict | None:
    """Return what ``name`` says about its value; ``None`` if it is not a secret name."""
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


def classify_column(name: str) -> Verdict | None:
    """Return what the ``name`` of a column says: as `classify_name`, but a ``session_id`` there only numbers visits."""
    return None if _VISIT.search(name) else classify_name(name)


@lru_cache(maxsize=4096)
def _classify_label(label: str) -> Verdict | None:
    return next((said for part in _PARTS.findall(label) if (said := classify_column(part.strip()))), None)


def classify_label(label: object) -> Verdict | None:
    """Return what the label of a value says: a key, a column or a field; of a tuple, any member counts.

    The label may be of any type; none of its code is run.
    """
    if type(label) is str:
        return _classify_label(label[:_LONGEST_LABEL])
    levels: tuple[Any, ...] = label if type(label) is tuple else (label,)
    names = (str.__getitem__(level, slice(_LONGEST_LABEL)) for level in levels if issubclass(type(level), str))
    return next((said for name in names if (said := _classify_label(name))), None)


class NameFound(NamedTuple):
    """Start and end of a secret name in a text, how certain it makes a secret, and the kind of the secret."""

    start: int
    end: int
    certainty: Certainty
    kind: str


@cache
def _stem() -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, words("stems")), key=len, reverse=True)))


def may_be_secret_name(name: str) -> bool:
    """Return quickly whether ``name`` may be a secret name, which `classify_name` then judges: most are not."""
    return _stem().search(name.lower()) is not None


def find_names(text: str) -> Iterator[NameFound]:
    """Yield each secret name in ``text``, in order, in linear time."""
    # The only letter whose lower case has another length.
    lowered = text.replace("İ", "I").lower()
    reached = 0
    for found in _stem().finditer(lowered):
        if found.start() < reached:
            continue
        window = max(reached, found.start() - _LONGEST_NAME)
        before = _NAME_BEFORE.match(lowered[window : found.start()][::-1])
        start = found.start() - (before.end() if before else 0)
        # Text that follows a name in Chinese or Japanese without a blank is not part of the name.
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
