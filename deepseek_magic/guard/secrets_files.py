"""Find secrets in files kept for them, such as ``.env``: every value that is not plain is one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .forms import Found
from .masks import FILL
from .secret_names import Certainty, classify_name
from .secret_values import path, placeholder, plain

_FILES = re.compile(
    r"""
    \.env(?:\..+)? | .+\.env | \.envrc | [._]netrc | \.?pgpass(?:\.conf)? | \.my\.cnf | \.pypirc | \.npmrc | \.s3cfg
    | \.boto | \.dockercfg | \.htpasswd | \.git-credentials | kaggle\.json
    | \.?(?:credentials?|secrets?|passwords?|api[_-]?keys?)(?:\.(?:toml|ya?ml|json|ini|cfg|conf|txt|properties))?
    | (?:client[_-]secrets?|service[_-]account|credentials|secrets)[_-].*\.(?:json|ya?ml|toml)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_LINE = re.compile(
    r"[ \t]*(?:(?:[#;]+|//|-)[ \t]*)?(?:(?:export|set|setx|ENV)[ \t]+|\$env:)?"
    r"[\"']?(?P<name>[A-Za-z_][\w./-]{0,100})[\"']?[ \t]*(?:=>?|:=?)(?!//)[ \t]*(?P<value>[^\n]*)"
)
_LITERAL = re.compile(
    r"(?P<quote>[\"'])(?P<text>(?:[^\"'\\\n]|\\.|(?!(?P=quote))[\"']){0,4000})(?:(?P=quote)|$)(?P<key>[ \t]*[:=])?",
    re.MULTILINE,
)
_COMMENT = re.compile(r"[ \t]+#.*$")
_TOKEN = re.compile(r"[^\s\"',;{}\[\]()]+")
# host:port:database:user:password, https://www.postgresql.org/docs/current/libpq-pgpass.html
_PGPASS = re.compile(r"[^:\s#]+:(?:\d+|\*):[^:\n]+:[^:\n]+:(?P<secret>[^\n]+)")
_NETRC = re.compile(r"(?<!\S)(?:password|account)\s+(?P<secret>\S+)")
_LEAST = 6


def is_secrets_file(name: str) -> bool:
    """Return whether a file of this name is kept for secrets: ``.env``, ``.netrc``, ``secrets.toml``."""
    return _FILES.fullmatch(name) is not None


def by_assignment(text: str) -> Iterator[Found]:
    """Yield the values that are not plain in ``text``, a file kept for secrets, in linear time."""
    start = 0
    for line in text.split("\n"):
        for found in _on_line(line.rstrip("\r")):
            yield Found(start + found.start, start + found.end, found.kind)
        start += len(line) + 1


def _on_line(line: str) -> Iterator[Found]:
    if found := _PGPASS.fullmatch(line):
        if not placeholder(found["secret"]):
            yield Found(*found.span("secret"), "password")
        return
    assigned = _LINE.match(line)
    if assigned is None:
        if not line.lstrip().startswith(("#", ";")):
            for found in _NETRC.finditer(line):
                if not placeholder(found["secret"]):
                    yield Found(*found.span("secret"), "password")
        yield from _tokens(line, 0)
    elif assigned["value"][:1] in tuple("\"'{[("):
        yield from _literals(line, assigned["name"])
        if assigned["value"][:1] in tuple("{[("):
            yield from _tokens(line, assigned.start("value"))
    else:
        value = _COMMENT.sub("", assigned["value"]).rstrip(" \t,")
        if kind := _kind(value, assigned["name"]):
            place = assigned.start("value")
            yield Found(place, place + len(value), kind)


def _literals(line: str, name: str) -> Iterator[Found]:
    """Yield the literals of a line that are values. Each is judged by the key before it."""
    for literal in _LITERAL.finditer(line):
        if literal["key"]:
            name = literal["text"]
        elif kind := _kind(literal["text"], name):
            yield Found(*literal.span("text"), kind)


def _tokens(line: str, start: int) -> Iterator[Found]:
    for token in _TOKEN.finditer(line, start):
        if kind := _kind(token[0], ""):
            yield Found(*token.span(), kind)


def _kind(value: str, name: str) -> str:
    """Return the kind of ``value``, which is assigned to ``name``; "" if it is plain."""
    value = value.strip()
    if not value.strip(FILL) or placeholder(value):
        return ""
    judged = classify_name(name) if name else None
    if judged and judged[0] in (Certainty.PASSWORD, Certainty.SECRET):
        return "" if path(value) else judged[1]
    is_made = len(value) >= _LEAST and len(set(value)) >= 4 and not plain(value)
    return (judged[1] if judged else "secret") if is_made else ""
