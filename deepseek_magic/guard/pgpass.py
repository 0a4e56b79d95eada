"""The passwords in lines of a ``.pgpass`` file: ``host:port:database:user:HERE``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .forms import Found
from .secret_values import firm

# Only the port is searched for; the rest is looked at around it.
_PORT = re.compile(r":(?:\*|[1-9][0-9]{3,4}):")
_HOST = re.compile(r"(?:^|[\s\"'])(?:[a-z*][\w.*-]{0,100}|[0-9]{1,3}(?:\.[0-9]{1,3}){3})$")
_LOGIN = re.compile(r"[\w*-]{1,80}:[\w.*-]{1,80}:(?P<secret>(?:[^\s:\\\"']|\\.){4,400})(?=[\"']|\r?$)", re.MULTILINE)


def by_pgpass(text: str) -> Iterator[Found]:
    """Yield the password of each line of ``text`` that may stand in such a file. The time is linear in ``text``."""
    for port in _PORT.finditer(text):
        line = max(text.rfind("\n", max(0, port.start() - 120), port.start()) + 1, port.start() - 120)
        login = _LOGIN.match(text, port.end()) if _HOST.search(text[line : port.start()]) else None
        if login and firm(login["secret"]):
            yield Found(*login.span("secret"), "password")
