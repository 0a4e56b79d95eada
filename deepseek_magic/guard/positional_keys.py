"""Find keys and passwords that are positional arguments: ``Census("1a2b…")``, ``yagmail.SMTP(user, "…")``.

Such a value has no name. So it must look generated, and the call must make a client, not an object that has an
identity or a digest (``Commit("1a2b…")``, ``ObjectId("…")``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .data_files import words
from .forms import Found
from .secret_names import classify_name
from .secret_values import random

_CALL = re.compile(r"(?<!\w)(?P<name>[A-Za-z_]\w{1,60})\((?=[^()])")
_ARGUMENT = re.compile(
    r"\s{0,40}(?:[rbuRBU]{0,2}(?P<quote>\\{0,3}[\"'])(?P<value>[^\"'\\\n]{1,200})(?P=quote)"
    r"|(?:\w{1,60} ?= ?)?(?:[\w.\[\]]{1,80}|\\{0,3}\"[^\"\n]{0,200}\"|\\{0,3}'[^'\n]{0,200}'))\s{0,40}(?P<ends>[,)])"
)
_MOST = 6
_NAME_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_VERSION = re.compile(r"(?<=[A-Za-z])v?\d{1,4}[a-z]?$")  # of MD5, Blake2b, UUIDv4
_HEX = re.compile(r"(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{48}|[0-9a-f]{64})")
_SIGNS = re.compile(r"[A-Za-z0-9_-]{20,100}")


def by_position(text: str) -> Iterator[Found]:
    """Yield the secrets in ``text`` that are positional arguments of calls, in linear time."""
    for call in _CALL.finditer(text):
        name = call["name"]
        bare = name.replace("_", "").lower()
        opens = bare in words("opening calls")
        user = 2 if bare.startswith("ftp") else 1 if bare in words("calls with a password") else _MOST
        of_module = text.endswith(".", 0, call.start())
        if not (opens or user < _MOST or _is_client(name, of_module=of_module)):
            continue
        for place, argument in enumerate(_arguments(text, call.end())):
            value = argument["value"]
            if value is None:
                continue
            if _is_key(value):
                yield Found(*argument.span("value"), "key")
            elif place >= user and random(value):
                yield Found(*argument.span("value"), "password")


def _arguments(text: str, start: int) -> Iterator[re.Match[str]]:
    """Yield the first few arguments of the call whose bracket ends at ``start``, up to the first that is not plain."""
    for _ in range(_MOST):
        argument = _ARGUMENT.match(text, start)
        if argument is None:
            return
        yield argument
        start = argument.end()
        if argument["ends"] == ")":
            return


def _is_client(name: str, *, of_module: bool) -> bool:
    """Return whether ``name`` may be the class of a client, or says itself that it takes a secret.

    A name in capitals is a function of SQL, unless it follows a dot (``of_module``).
    """
    parts = [part.lower() for part in _NAME_WORDS.findall(_VERSION.sub("", name))]
    if not parts:
        return False
    if classify_name(name):
        return words("looking up").isdisjoint((parts[0], parts[-1]))
    return name[0].isupper() and (of_module or not name.isupper()) and not _is_thing(parts[-1])


def _is_thing(word: str) -> bool:
    things = words("things")
    return word in things or word.removesuffix("s") in things


def _is_key(value: str) -> bool:
    """Return whether ``value`` looks like a key of a service: hexadecimal of a usual length, or mixed characters."""
    if _HEX.fullmatch(value):
        return len(set(value)) >= 8 and not value.isdigit() and not value.isalpha()
    return (
        _SIGNS.fullmatch(value) is not None
        and sum(map(str.isdigit, value)) >= 2
        and any(map(str.islower, value))
        and any(map(str.isupper, value))
        and len({one for one in value.lower() if one.isalpha()}) >= 8
        and random(value, 20)
    )
