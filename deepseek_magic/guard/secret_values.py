"""Judges a value by itself: a placeholder, something plain, or what a generator of secrets would make."""

from __future__ import annotations

import re

from .masks import FILL

# What people write where a secret would stand.
_PLACEHOLDER_WORDS = """
    password passwd passwort pass pwd pw passphrase kennwort secret secrets token key apikey api_key api-key
    changeme change_me change-me changeit changethis string str bytes text varchar none null nil true false
    undefined empty required optional hidden redacted masked removed example placeholder dummy todo tbd default
    incorrect invalid wrong missing forgotten forgot expired unknown unset credentials username user login basic
    bearer digest oauth oauth2 input int bool float object any list dict tuple bytearray char blank encrypted
    hashed protected sha256 bcrypt md5 argon2 prompt env environ vault keyring getpass nan <na> field column yes
    no not is are was were must should will can cannot has from with that this the and for
"""
_PLACEHOLDERS = frozenset(_PLACEHOLDER_WORDS.split())
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
_TOLD = re.compile(
    r"([x*.•#])\1{5,}|(?<![a-z0-9])(?:your|enter|insert|replace|put)[_\- ]|^your|placeholder|[_\- ]here$"
    r"|^change[_\- ]?(?:me|this)",
    re.IGNORECASE,
)
# One to three words in natural case, with a short number: production, gpt-4, DeepSeek, LOCAL_HOST, step_12.
_WORD = r"(?:[a-z]{1,20}|[A-Z]{1,20}|(?:[a-z]{3,20}|[A-Z]{1,3}[a-z]{2,20})(?:[A-Z]{1,3}[a-z]{2,20}){0,4})[0-9]{0,3}"
_PLAIN = re.compile(rf"[_\-.]*(?:{_WORD}|[0-9]{{1,4}})(?:[_\-./:\s,+@]+(?:{_WORD}|[0-9]{{1,4}}))*[_\-./:]*")
_PATH = re.compile(r"(?:~|\.{1,2}|[A-Za-z]:)?[/\\]{1,2}[A-Za-z][a-z._-]+(?:[/\\].*)?$", re.DOTALL)
_SENTENCE = re.compile(r"[^\W\d]{1,20}[,:]?(?: (?:[^\W\d]{1,20}|\d{1,3})[,:]?)+[.!?…]?")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,20}://[^@\s]*$")
_LONGEST_PLAIN = 200


def placeholder(value: str) -> bool:
    """Whether ``value`` only stands for a secret: ``changeme``, ``<token>``, ``${KEY}``, ``YOUR_API_KEY``, ``xxxx``."""
    value = value.strip()
    if (
        _FILLER.fullmatch(value)
        or value.rstrip(" :").casefold() in _PLACEHOLDERS
        or (FILL in value and not value.strip(FILL + " \t,;"))
    ):
        return True
    if ("..." in value or "…" in value) and sum(map(str.isalnum, value)) < 8:
        return True
    return bool(_REFERENCE.match(value) or _TOLD.search(value[:_LONGEST_PLAIN]))


def sentence(value: str) -> bool:
    """Whether ``value`` is words of prose: a label or a message, as in ``{"password": "This field is required."}``."""
    if not _SENTENCE.fullmatch(value[:_LONGEST_PLAIN]):
        return False
    words = value.rstrip(".!?…").split()
    told = value[-1] in ".!?…" or (value[0].isupper() and any(map(str.islower, words)))
    return told or any(word.casefold() in _PLACEHOLDERS for word in words)


def path(value: str) -> bool:
    """Whether ``value`` is the path of a file."""
    return bool(_PATH.match(value))


def plain(value: str) -> bool:
    """Whether ``value`` is made of words, numbers or a path, which also occur where they are no secret."""
    if not _LETTER.search(value):
        return True
    if len(value) > _LONGEST_PLAIN:
        return False
    return bool(_PLAIN.fullmatch(value) or path(value) or _URL.match(value))


def random(value: str, shortest: int = 8) -> bool:
    """Whether ``value`` looks made by a generator: long enough, in one piece, and neither plain nor a placeholder."""
    if len(value) < shortest or _BLANK.search(value):
        return False
    mixed = len(value) >= 12 and not value.islower() and not value.isupper()
    return bool(mixed or _DIGIT.search(value)) and not plain(value) and not placeholder(value)


def distinctive(value: str) -> bool:
    """Whether ``value``, known to be a secret, may be masked wherever it occurs without spoiling other text."""
    return len(value) >= 8 and len(set(value)) >= 4 and not plain(value) and not placeholder(value)


def firm(value: str) -> bool:
    """Whether ``value`` can be told from a word or a name of code: it mixes letters, digits and other characters."""
    if len(value) < 5 or placeholder(value) or sentence(value):
        return False
    if value.isdigit():
        return len(value) >= 6
    return any(map(str.isdigit, value)) or not plain(value)
