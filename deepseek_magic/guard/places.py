"""Secrets by their place: the token in a header, the fields of files that hold logins, the arguments of a login."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from .forms import Found
from .secret_values import firm, placeholder, random, sentence


class Place(NamedTuple):
    """A place that holds a secret.

    The pattern is tried where one of the hints stands, so that a text without them costs nothing; the secret is its
    group ``secret``, and it is taken when it passes as ``judged``.
    """

    kind: str
    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    judged: Literal["any", "firm", "random", "login"]


_QUOTE = r"(?:\\{0,4}[\"'])"
_TOLD = rf"{_QUOTE}?\s{{0,3}}[:=,]\s{{0,3}}[rbf]?{_QUOTE}?"
_FIRST_ARGUMENT = r"\s{0,9}(?:\"[^\"\n]{0,100}\"|'[^'\n]{0,100}'|[\w.]{1,60})\s{0,3},\s{0,9}"
_FIELD = r"\s{1,9}\S{1,200}\s{1,9}"
_USER = r"-(?:u|-user)[ =]{0,2}[\"']?[\w.@+-]{1,80}:(?P<secret>[^\s\"']{4,200})"

PLACES = (
    Place(
        "authorization",
        ("uthorization", "UTHORIZATION"),
        re.compile(
            rf"uthorization{_TOLD}(?:(?:Bearer|Basic|Token|ApiKey|Key|Digest|Negotiate|Bot)\s{{1,3}})?"
            r"(?P<secret>[A-Za-z0-9._~+/=:-]{4,4000})",
            re.IGNORECASE,
        ),
        "firm",
    ),
    Place("authorization", ("earer ",), re.compile(r"earer\s{1,3}(?P<secret>[A-Za-z0-9._~+/=-]{8,4000})"), "random"),
    Place("authorization", ("asic ",), re.compile(r"asic\s{1,3}(?P<secret>[A-Za-z0-9+/]{8,400}={0,2})"), "login"),
    Place(
        "authorization", ('"auth"',), re.compile(rf'"auth"{_TOLD}(?P<secret>[A-Za-z0-9+/]{{8,400}}={{0,2}})'), "login"
    ),
    Place(
        "cookie",
        ("ookie", "OOKIE"),
        re.compile(
            rf"ookie{_TOLD}(?P<secret>[\w.%-]{{1,60}}=[^\s;\"'\\(){{}}]{{6,4000}}"
            r"(?:;\s?[\w.%-]{1,60}=[^\s;\"'\\(){}]{0,4000}){0,40})",
            re.IGNORECASE,
        ),
        "any",
    ),
    Place(  # of a .netrc file
        "password",
        ("machine ",),
        re.compile(rf"machine{_FIELD}(?:(?:login|account){_FIELD}){{0,2}}password\s{{1,9}}(?P<secret>\S{{1,400}})"),
        "any",
    ),
    Place("password", ("login ",), re.compile(rf"login{_FIELD}password\s{{1,9}}(?P<secret>\S{{1,400}})"), "firm"),
    Place(
        "connection string",
        ("jdbc:oracle",),
        re.compile(r"jdbc:oracle:\w{1,9}:[^/\s@]{1,80}/(?P<secret>[^@\s/]{3,200})@"),
        "any",
    ),
    Place("password", (" -u", " --user"), re.compile(rf" {_USER}"), "firm"),
    Place("password", ("curl ",), re.compile(rf"curl [^\n]{{0,200}}?(?<= ){_USER}"), "any"),
    Place(
        "password",
        ("auth=(", "auth = (", "BasicAuth(", "DigestAuth(", ".login(", ".authenticate("),
        re.compile(rf"[\w.]{{4,12}} ?=? ?\({_FIRST_ARGUMENT}(?P<quote>[\"'])(?P<secret>[^\"'\n]{{3,200}})(?P=quote)"),
        "any",
    ),
    Place("key", ("sig=",), re.compile(r"sig=(?P<secret>[A-Za-z0-9%+/=_-]{20,200})"), "random"),
)
# Of a .pgpass file: host:port:database:user:password. Only the port is sought, the rest is looked at around it.
_PORT = re.compile(r":(?:\*|[1-9][0-9]{3,4}):")
_HOST = re.compile(r"[ \t]{0,9}(?:[a-z*][\w.*-]{0,100}|[0-9]{1,3}(?:\.[0-9]{1,3}){3})$")
_LOGIN = re.compile(r"[\w*-]{1,80}:[\w.*-]{1,80}:(?P<secret>(?:[^\s:\\]|\\.){4,400})(?:\r?$)", re.MULTILINE)


def by_place(text: str) -> Iterator[Found]:
    """Yield what stands where headers, login files and calls hold secrets. The time is linear in ``text``."""
    for place in PLACES:
        for hint in place.hints:
            yield from _at_hint(text, hint, place)
    for port in _PORT.finditer(text):
        line = max(text.rfind("\n", max(0, port.start() - 120), port.start()) + 1, port.start() - 120)
        login = _LOGIN.match(text, port.end()) if _HOST.match(text[line : port.start()]) else None
        if login and firm(login["secret"]):
            yield Found(*login.span("secret"), "password")


def _at_hint(text: str, hint: str, place: Place) -> Iterator[Found]:
    start = text.find(hint)
    while start >= 0:
        found = place.pattern.match(text, start)
        if found and _passes(found["secret"], place.judged):
            yield Found(*found.span("secret"), place.kind)
        start = text.find(hint, found.end() if found else start + len(hint))


def _passes(value: str, judged: str) -> bool:
    match judged:
        case "any":
            return not placeholder(value) and not sentence(value)
        case "firm":
            return firm(value)
        case "login":
            return _is_login(value)
        case _:
            return random(value)


def _is_login(value: str) -> bool:
    """Whether ``value`` is ``user:password`` in base64."""
    try:
        text = base64.b64decode(value + "=" * (-len(value) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return False
    return ":" in text and text.isprintable()
