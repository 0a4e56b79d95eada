"""Find the passwords in URLs: ``postgres://user:HERE@host/name``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .forms import Found
from .secret_values import placeholder, random

_DATABASES = re.compile(
    r"(?:postgres|postgis|mysql|mariadb|mongo|redis|valkey|amqp|oracle|mssql|db2|sqlite|cockroach|clickhouse|snowflake"
    r"|redshift|hive|presto|trino|cassandra|neo4j|bolt|couch|influx|jdbc|ldap|nats|kafka|mqtt|vertica|teradata|duckdb)",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"[A-Za-z0-9][A-Za-z0-9+._-]*$")
_QUERY = re.compile(r"\?\w+=")
_AUTHORITY = re.compile(r"[^\s\"'`<>\\]{1,400}")


def by_url(text: str) -> Iterator[Found]:
    """Yield the password, or the token in its place, of each URL that has one: ``postgres://user:HERE@host/name``."""
    place = text.find("://")
    while place >= 0:
        found = _AUTHORITY.match(text, place + 3)
        userinfo = found[0] if found else ""
        if "@" in userinfo and (span := _password(userinfo)):
            start, end = place + 3 + span[0], place + 3 + span[1]
            scheme = _SCHEME.search(text[max(0, place - 40) : place])
            database = scheme and _DATABASES.search(scheme[0])
            yield Found(start, end, "connection string" if database else "password in a URL")
        place = text.find("://", place + 3)


def _password(authority: str) -> tuple[int, int] | None:
    """Return the span of the password in ``user:password@host…``. It may hold an unescaped ``/`` or ``@``."""
    at = authority.find("@")
    # The last @ before the path and the query ends the login. A # is part of a password much more often than it begins
    # a fragment with an @.
    query = _QUERY.search(authority, at)
    slash = authority.find("/", at)
    stop = min(slash if slash >= 0 else len(authority), query.start() if query else len(authority))
    at = authority.rfind("@", at, stop)
    colon = authority.find(":", 0, at)
    if colon < 0:
        token = authority[:at]
        return (0, at) if "/" not in token and random(token, 16) else None
    slash = authority.find("/", 0, at)
    if slash >= 0 and (slash < colon or (authority[colon + 1 : slash].isdigit() and slash - colon < 7)):
        return None  # a path with an @ in it, after host or host and port
    if placeholder(authority[colon + 1 : at]):
        return None
    return colon + 1, at
