"""Judge a value by itself (a placeholder, plain, generated), and by what its name says."""

from __future__ import annotations

import re

from .data_files import words
from .masks import FILL
from .secret_names import Certainty, classify_name

_BLANK = re.compile(r"\s")
_DIGIT = re.compile(r"\d")
_LETTER = re.compile(r"[^\W\d_]")
_FILLER = re.compile(r"[\W_xX]*|[\W_0]*")
_REFERENCE = re.compile(
    r"""
    \$\{.* | \$\(.* | \$[A-Z_][A-Z0-9_]*$ | \$[a-z_]+$ | \$env:.*      # of a shell
    | %\(\w+\)s.* | %[sr]$ | %\w+%$ | :[a-z_]+$ | \?$ | @[A-Za-z_]+$   # of formats and of SQL
    | \{[\s\w.\[\]'"!:()]*\}$ | \{\{.* | <[^<>]{0,200}>$ | \[[A-Z_\s.]*\]$ | </?[a-z]*>$  # of templates
    | (?:os\.)?(?:environ|getenv)\b.* | arn:aws.*
    """,
    re.VERBOSE | re.DOTALL,
)
_INSTRUCTION = re.compile(
    r"([x*.•#])\1{5,}|(?<![a-z0-9])(?:your|enter|insert|replace|put)[_\- ]|^your|placeholder|[_\- ]here$"
    r"|^change[_\- ]?(?:me|this)",
    re.IGNORECASE,
)
# One to three words in natural case, with a short number: production, gpt-4, DeepSeek, LOCAL_HOST, step_12.
_WORD = r"(?:[a-z]{1,20}|[A-Z]{1,20}|(?:[a-z]{3,20}|[A-Z]{1,3}[a-z]{2,20})(?:[A-Z]{1,3}[a-z]{2,20}){0,4})[0-9]{0,3}"
_PLAIN = re.compile(rf"[_\-.]*(?:{_WORD}|[0-9]{{1,4}})(?:[_\-./:\s,+@]+(?:{_WORD}|[0-9]{{1,4}}))*[_\-./:]*")
_PATH = re.compile(
    r"(?:~|\.{1,2}|[A-Za-z]:)?[/\\]{1,2}[A-Za-z][a-z._-]+(?:[/\\].*)?$|(?:~|\.{1,2})/[\w./-]{1,200}$", re.DOTALL
)
_SENTENCE = re.compile(r"[^\W\d]{1,20}[,:]?(?: (?:[^\W\d]{1,20}|\d{1,3})[,:]?)+[.!?…]?")
# Part of a word as tokenizers write it; a number with a fraction, such as a share or a coefficient.
_WORD_PIECE = re.compile(r"(?:##|[▁Ġ])[^\W_]+")
_FRACTION = re.compile(r"[-+]?[0-9]{0,9}\.[0-9]{1,20}(?:[eE][-+]?[0-9]{1,3})?%?")
# How the keys in the documentation of AWS end.
_DOCUMENTED = ("EXAMPLE", "EXAMPLEKEY")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,20}://[^@\s]*$")
_LONGEST_PLAIN = 200


def placeholder(value: str) -> bool:
    """Return whether ``value`` is a placeholder for a secret: ``changeme``, ``<token>``, ``${KEY}``, ``xxxx``."""
    value = value.strip()
    if (
        _FILLER.fullmatch(value)
        or value.rstrip(" :").casefold() in words("placeholders")
        or (FILL in value and not value.strip(FILL + " \t,;"))
        or _FRACTION.fullmatch(value)
        or value.endswith(_DOCUMENTED)
    ):
        return True
    if ("..." in value or "…" in value) and sum(map(str.isalnum, value)) < 8:
        return True
    return bool(_REFERENCE.match(value) or _INSTRUCTION.search(value[:_LONGEST_PLAIN]))


def sentence(value: str) -> bool:
    """Return whether ``value`` is prose: a label, or a message such as ``This field is required.``"""
    if not _SENTENCE.fullmatch(value[:_LONGEST_PLAIN]):
        return False
    spoken = value.rstrip(".!?…").split()
    ended = value[-1] in ".!?…" or (value[0].isupper() and any(map(str.islower, spoken)))
    return ended or any(word.casefold() in words("placeholders") for word in spoken)


def path(value: str) -> bool:
    """Return whether ``value`` is a file path."""
    return bool(_PATH.match(value))


def plain(value: str) -> bool:
    """Return whether ``value`` consists of words, numbers or a path, as ordinary text does."""
    if not _LETTER.search(value):
        return True
    if len(value) > _LONGEST_PLAIN:
        return False
    return bool(_PLAIN.fullmatch(value) or path(value) or _URL.match(value))


def random(value: str, shortest: int = 8) -> bool:
    """Return whether ``value`` looks generated: long enough, without blanks, and neither plain nor a placeholder."""
    if len(value) < shortest or _BLANK.search(value):
        return False
    mixed = len(value) >= 12 and not value.islower() and not value.isupper()
    return bool(mixed or _DIGIT.search(value)) and not plain(value) and not placeholder(value)


def distinctive(value: str) -> bool:
    """Return whether ``value``, a known secret, can be masked wherever it occurs without spoiling other text."""
    return len(value) >= 8 and len(set(value)) >= 4 and not plain(value) and not placeholder(value)


def mixes_characters(value: str) -> bool:
    """Return whether ``value`` mixes letters, digits and other characters, as words and names in code do not."""
    if len(value) < 5 or placeholder(value) or sentence(value) or path(value) or _WORD_PIECE.fullmatch(value):
        return False
    if value.isalpha() and value.islower():  # a word of any language
        return False
    if value.isdigit():
        return len(value) >= 6
    return any(map(str.isdigit, value)) or not plain(value)


def is_secret(value: str, certainty: Certainty, *, exact: bool) -> bool:
    """Return whether ``value`` is a secret. ``exact``: it is a literal that is certainly assigned to the name."""
    match certainty:
        case Certainty.PASSWORD if exact:
            return len(value) >= 3 and not (placeholder(value) or sentence(value) or path(value))
        case Certainty.PASSWORD:
            return mixes_characters(value)
        case Certainty.SECRET if exact:
            return len(value) >= 6 and not any(map(str.isspace, value)) and (mixes_characters(value) or _made_up(value))
        case Certainty.LONG:
            return random(value, 16)
        case _:
            return random(value)


def is_secret_cell(value: str, certainty: Certainty) -> bool:
    """Return whether ``value`` in a column of this certainty is a secret; in one of passwords, even a plain word is."""
    if certainty is Certainty.PASSWORD:
        # The dots of a cut word do not make it a placeholder, and a single letter is a mark.
        return len(value) > 1 and not placeholder(value.rstrip("… "))
    return is_secret(value, certainty, exact=True)


def _made_up(value: str) -> bool:
    """Return whether ``value``, of plain words, may be a password that a person made up: not a name, not a path."""
    return len(value) >= 10 and not (
        placeholder(value) or value.isupper() or classify_name(value) or set(value) & set("/\\ :.")
    )
