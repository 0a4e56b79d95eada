"""Find the passwords in lines of a ``.pgpass`` file: ``host:port:database:user:HERE``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .forms import Found
from .secret_values import mixes_characters

# The port is searched for; then the text around it is checked.
_PORT = re.compile(r":(?:\*|[1-9][0-9]{3,4}):")
_HOST = re.compile(r"(?:^|[\s\"'])(?:[a-z*][\w.*-]{0,100}|[0-9]{1,3}(?:\.[0-9]{1,3}){3})$")
_LOGIN = re.compile(r"[\w*-]{1,80}:[\w.*-]{1,80}:(?P<secret>(?:[^\s:\\\"']|\\.){4,400})(?=[\"']|\r?$)", re.MULTILINE)


def by_pgpass(text: str) -> Iterator[Found]:
    """Yield the password of each line of ``text`` that has the form of such a file, in linear time."""
    for port in _PORT.finditer(text):
        line = max(text.rfind("\n", max(0, port.start() - 120), port.start()) + 1, port.start() - 120)
        login = _LOGIN.match(text, port.end()) if _HOST.search(text[line : port.start()]) else None
        if login and mixes_characters(login["secret"]):
            yield Found(*login.span("secret"), "password")
