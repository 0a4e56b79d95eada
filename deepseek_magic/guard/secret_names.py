"""Judges a name: does it say that its value is a secret, and how sure is that?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+")
_SUFFIX_WORDS = """
    prod production dev test testing staging live value val str string text plain raw hex old new default data env
    local main backup confirm confirmation again repeat b base
"""
_SUFFIXES = frozenset(_SUFFIX_WORDS.split())
# Names that end in "key" and hold no secret: of tables, dictionaries, sorting, caches, keyboards, cryptography.
_KEY_WORDS = """
    primary foreign sort sorting partition public cache dict index column col group join map hot short arrow
    unique row object bucket file config lookup order ordering time date rng prng routing dedupe idempotency
    surrogate natural composite candidate message event translation legend answer on by left right metric param
    parameter field attr attribute state widget sub this the a any each every dictionary value json xml yaml type
    data model label title menu shift ctrl control alt enter escape tab press pressed down up home end delete
    space cell category class target feature output input result query filter meta metadata registry tag tree node
    hash range shard search item entity record user id word first last next prev previous min max best top other
    same new old my your key missing invalid bad wrong duplicate extra lambda for if in
    return def not and or is with as str int
"""
_HARMLESS_KEYS = frozenset(_KEY_WORDS.split())
_PASSWORDS: tuple[str, ...] = (
    "password",
    "passwords",
    "passwd",
    "passwort",
    "passphrase",
    "kennwort",
    "pwd",
    "contraseña",
    "contrasena",
)
_PASSWORDS += ("пароль", "密码", "密碼", "口令", "パスワード", "motdepasse", "wachtwoord", "senha", "parola", "hasło")
_PASS_WORDS = """
    low high band by first second third forward backward one two three single multi over under n num
"""
_PASS_NOT = frozenset(_PASS_WORDS.split())
_KEYS = (
    "apikey",
    "apikeys",
    "secretkey",
    "accesskey",
    "privatekey",
    "authkey",
    "accountkey",
    "encryptionkey",
    "signingkey",
)
_SESSIONS = ("sessionid", "sessid", "connectsid", "amzsignature", "googsignature", "amzsecuritytoken")

#: Every name that says "secret" holds one of these, in lower case.
STEMS: tuple[str, ...] = (
    "pass",
    "pwd",
    "pw",
    "secret",
    "token",
    "key",
    "cred",
    "sess",
    "sid",
    "sig",
    "kennwort",
    "contrase",
    "пароль",
)
STEMS += ("密码", "密碼", "口令", "パスワード", "mot_de_passe", "wachtwoord", "senha", "parola", "hasło")


_STEM = re.compile("|".join(sorted(map(re.escape, STEMS), key=len, reverse=True)))
_NAME_BEFORE = re.compile(r"[\w.-]*")  # read from the right
_WORD_BEFORE = re.compile(r"[ ][A-Za-z]{2,20}(?![A-Za-z])")
_NAME_AFTER = re.compile(r"[\w-]{0,60}")
_LONGEST_NAME = 60


class Sure(Enum):
    """How much a name says about its value."""

    PASSWORD = "any text that is no placeholder is the secret"
    SECRET = "anything that is not plain words is the secret"
    RANDOM = "only what looks generated is the secret"
    LONG = "only what looks generated and is long is the secret"


@lru_cache(maxsize=4096)
def told(name: str) -> tuple[Sure, str] | None:
    """Return how sure ``name`` says that its value is a secret, and of which kind; ``None`` where it does not."""
    words = [word.lower() for word in _WORDS.findall(name)]
    while len(words) > 1 and words[-1] in _SUFFIXES:
        words.pop()
    if not words:
        return None
    joined, last = "".join(words), words[-1]
    if joined.endswith(_PASSWORDS) or (last in ("pass", "pw") and not _PASS_NOT.intersection(words)):
        return Sure.PASSWORD, "password"
    if joined in ("dbpass", "dbpw", "mysqlpass", "pgpass", "userpass", "smtppass", "mailpass"):
        return Sure.PASSWORD, "password"
    if joined.endswith(("secret", "secrets")):
        return Sure.SECRET, "secret"
    if joined.endswith(("credential", "credentials", "creds")):
        return Sure.SECRET, "credentials"
    if joined.endswith(_SESSIONS) or last == "sid" or joined == "sig":
        return Sure.LONG, "session"
    if joined.endswith("token"):
        return Sure.RANDOM, "token"
    return _key(words, joined)


def _key(words: list[str], joined: str) -> tuple[Sure, str] | None:
    if joined.endswith(_KEYS):
        kind = "API key" if "api" in joined else "private key" if "private" in joined else "secret key"
        return Sure.SECRET, kind
    if words[-1] == "key" and len(words) > 1 and words[-2] not in _HARMLESS_KEYS:
        return Sure.RANDOM, "key"
    return None


class Named(NamedTuple):
    """Where a name that says "secret" stands in a text, how sure it says so, and of which kind."""

    start: int
    end: int
    sure: Sure
    kind: str


def named(text: str) -> Iterator[Named]:
    """Yield where each name stands in ``text`` that says "secret", in order. The time is linear in ``text``."""
    # Of all letters only this one changes the length of a text when it is put in lower case.
    lowered = text.replace("İ", "I").lower()
    reached = 0
    for found in _STEM.finditer(lowered):
        if found.start() < reached:
            continue
        window = max(reached, found.start() - _LONGEST_NAME)
        before = _NAME_BEFORE.match(lowered[window : found.start()][::-1])
        start = found.start() - (before.end() if before else 0)
        after = _NAME_AFTER.match(text, found.end())
        reached = after.end() if after else found.end()
        # An escape before a name is no part of it: "\npassword" in the repr of a string.
        if start and text[start - 1] == "\\" and text[start] in "nrt" and reached - start > 1:
            start += 1
        judged = told(text[start:reached].strip("-."))
        if judged is None and lowered[start:reached] == "key":
            # Of "API key" and "Secret Access Key" the word before says which key it is.
            word = _WORD_BEFORE.match(text[max(0, start - 32) : start][::-1])
            start -= word.end() if word else 0
            judged = told(text[start:reached])
        if judged:
            yield Named(start, reached, *judged)
