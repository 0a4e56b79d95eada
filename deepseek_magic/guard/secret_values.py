"""Judge a value by itself (a placeholder, plain, made by a generator of secrets), and by what its name says."""

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
# A piece of a word, as tokenizers write it; a number with a fraction: a share, a coefficient.
_WORD_PIECE = re.compile(r"(?:##|[▁Ġ])[^\W_]+")
_FRACTION = re.compile(r"[-+]?[0-9]{0,9}\.[0-9]{1,20}(?:[eE][-+]?[0-9]{1,3})?%?")
# The keys that AWS shows in its documentation end so.
_DOCUMENTED = ("EXAMPLE", "EXAMPLEKEY")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,20}://[^@\s]*$")
_LONGEST_PLAIN = 200


def placeholder(value: str) -> bool:
    """Return whether ``value`` only stands for a secret: ``changeme``, ``<token>``, ``${KEY}``, ``xxxx``."""
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
    """Return whether ``value`` is words of prose: a label, or a message such as ``This field is required.``"""
    if not _SENTENCE.fullmatch(value[:_LONGEST_PLAIN]):
        return False
    spoken = value.rstrip(".!?…").split()
    ended = value[-1] in ".!?…" or (value[0].isupper() and any(map(str.islower, spoken)))
    return ended or any(word.casefold() in words("placeholders") for word in spoken)


def path(value: str) -> bool:
    """Return whether ``value`` is the path of a file."""
    return bool(_PATH.match(value))


def plain(value: str) -> bool:
    """Return whether ``value`` is made of words, numbers or a path, which also occur if they are not secret."""
    if not _LETTER.search(value):
        return True
    if len(value) > _LONGEST_PLAIN:
        return False
    return bool(_PLAIN.fullmatch(value) or path(value) or _URL.match(value))


def random(value: str, shortest: int = 8) -> bool:
    """Return whether ``value`` looks generated: long enough, in one piece, and neither plain nor a placeholder."""
    if len(value) < shortest or _BLANK.search(value):
        return False
    mixed = len(value) >= 12 and not value.islower() and not value.isupper()
    return bool(mixed or _DIGIT.search(value)) and not plain(value) and not placeholder(value)


def distinctive(value: str) -> bool:
    """Return whether ``value``, known to be a secret, may be masked wherever it occurs without spoiling other text."""
    return len(value) >= 8 and len(set(value)) >= 4 and not plain(value) and not placeholder(value)


def firm(value: str) -> bool:
    """Return whether ``value`` differs from a word or a name of code: it mixes letters, digits and other characters."""
    if len(value) < 5 or placeholder(value) or sentence(value) or path(value) or _WORD_PIECE.fullmatch(value):
        return False
    if value.isalpha() and value.islower():  # a word of any language
        return False
    if value.isdigit():
        return len(value) >= 6
    return any(map(str.isdigit, value)) or not plain(value)


def is_secret(value: str, certainty: Certainty, *, exact: bool) -> bool:
    """Return whether ``value`` is a secret: ``exact`` if it is a literal that the name is certainly given."""
    match certainty:
        case Certainty.PASSWORD if exact:
            return len(value) >= 3 and not (placeholder(value) or sentence(value) or path(value))
        case Certainty.PASSWORD:
            return firm(value)
        case Certainty.SECRET if exact:
            return len(value) >= 6 and not any(map(str.isspace, value)) and (firm(value) or _made_up(value))
        case Certainty.LONG:
            return random(value, 16)
        case _:
            return random(value)


def is_secret_cell(value: str, certainty: Certainty) -> bool:
    """Return whether ``value`` is a secret in a column of this certainty; among passwords the plainest word is one."""
    if certainty is Certainty.PASSWORD:
        # A cut word is not a placeholder for another one, and a single letter is a mark.
        return len(value) > 1 and not placeholder(value.rstrip("… "))
    return is_secret(value, certainty, exact=True)


def _made_up(value: str) -> bool:
    """Return whether ``value``, of plain words, may be a secret that a person made up: no name, no path."""
    return len(value) >= 10 and not (
        placeholder(value) or value.isupper() or classify_name(value) or set(value) & set("/\\ :.")
    )
