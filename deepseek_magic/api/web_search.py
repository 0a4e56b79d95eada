"""Call DeepSeek's search and fetch, and read the answers.

Source: DeepSeek's guide to search and its API reference (October 2026). A server with the same API can be used instead,
with its own key. Everything that comes back is words of strangers.
"""

from __future__ import annotations

import ipaddress
import json
import re
import unicodedata
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from deepseek_magic.errors import EndpointError, NotFound, QuestionError, UnexpectedResponse
from deepseek_magic.settings.keys import Sealed
from deepseek_magic.text import counted, one_line

from .caller import RETRIES, Caller
from .dialects import root_url
from .http_connection import Arrived
from .http_errors import TryAgain

#: The most characters of a query and of a URL, by the reference.
MOST_QUERY = 128
MOST_URL = 8_192
#: The most results of one search, by the reference.
MOST_RESULTS = 50
_SEARCH, _FETCH = "/v1/tools/search", "/v1/tools/fetch"
# Names that lead into the local network of the server that reads them.
_INSIDE = (
    "localhost",
    "local",
    "localdomain",
    "localdomain4",
    "localdomain6",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "private",
    "arpa",
    "test",
)
# Public names that resolve to the asking machine itself.
_LOOPS = ("localtest.me", "lvh.me", "vcap.me", "lacolhost.com", "fuf.me", "localhost.direct", "local.gd", "lndo.site")
# Names below these can spell any IP address, also in hexadecimal: 7f000001.nip.io, --1.sslip.io.
_WILDCARDS = ("nip.io", "sslip.io", "xip.io", "rbndr.us", "1u.ms", "traefik.me")
_BELOW = tuple(f".{one}" for one in (*_LOOPS, *_WILDCARDS))
# An IP address in a name of another such service; services differ in which four of several numbers they take.
_SPELLED = re.compile(r"(?<!\d)(?=(\d{1,3})[.-](\d{1,3})[.-](\d{1,3})[.-](\d{1,3})(?!\d))", re.ASCII)
# Numbers of which inet_aton and browsers make an IP address, besides dotted decimals: 127.1, 0x7f.1, 0x.
_NUMERIC = re.compile(r"\d+|0x[0-9a-f]*", re.ASCII)
# Full stops of IDNA (RFC 3490, 3.1) that NFKC does not convert, and characters that UTS 46 ignores in a name.
_AS_IDNA: dict[int, str | None] = {
    0x3002: ".",
    **dict.fromkeys((0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810))),
}
_AS_IDNA |= dict.fromkeys((*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))


@dataclass(frozen=True, slots=True)
class WebResult:
    """One result of a search. Every field but ``url`` may be ""."""

    title: str
    url: str
    snippet: str = ""
    summary: str = ""
    site: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class WebPage:
    """A page: its title, its URL, and its text as Markdown, which is never rendered."""

    title: str
    url: str
    content: str


class WebClient(Caller):
    """Asks a server that searches the web and reads pages; its base URL is with or without ``/v1``."""

    def search(self, query: str, count: int, timeout: float) -> tuple[WebResult, ...]:
        """Return at most ``count`` results of a search for ``query``.

        Raises:
            QuestionError: the query is blank or too long.
            DeepSeekError: the server refuses, cannot be reached, or its answer cannot be read.
        """
        check_query(query)
        return results(self._asked(_SEARCH, {"query": query, "count": count}, timeout), self._host)

    def fetch(self, url: str, timeout: float) -> WebPage:
        """Return the page at ``url``.

        Raises:
            QuestionError: `check_url` refuses it.
            DeepSeekError: as for `search`.
        """
        check_url(url)
        return page(self._asked(_FETCH, {"url": url}, timeout), url, self._host)

    def _asked(self, path: str, content: dict[str, Any], timeout: float) -> Any:
        """Return the parsed answer to ``content``, with retries if they may help."""
        url, body = root_url(self._base_url) + path, json.dumps(content).encode()
        for attempt in range(1, RETRIES + 2):
            with Sealed():
                try:
                    return self._answered("POST", url, timeout, body)
                except NotFound as error:
                    msg = f"{self._host} has no {path} (HTTP {error.status}): set DeepSeek.search_url to one that has"
                    raise NotFound(msg, status=error.status) from None
                except TryAgain as failed:
                    delay = self._pause(failed, attempt)
            self._sleep(delay)
        raise AssertionError  # the last try returned or raised

    def _check(self, response: Arrived) -> None:
        try:
            super()._check(response)
        except EndpointError as error:
            if error.status == 408 or error.status >= 500:
                raise TryAgain(error, error.retry_after) from None
            raise


def check_query(query: str) -> None:
    """Raise `QuestionError` if the endpoint does not accept ``query``."""
    if not query.strip() or len(query) > MOST_QUERY:
        found = counted(len(query), "character") if query.strip() else "nothing"
        msg = f"a search takes 1 to {MOST_QUERY} characters, found {found}: say it in fewer words"
        raise QuestionError(msg)


def check_url(url: str) -> None:
    """Raise `QuestionError` if ``url`` is not a public web address, by its form and its host name.

    Names are not resolved: the server that reads the page does that, and resolving would reveal the name to others.
    """
    shown = one_line(url, 80)
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
        parts.port  # noqa: B018  # reading it is the check
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme not in ("http", "https") or not host or not url.isprintable() or re.search(r"[\s\\]", url):
        msg = f"{shown!r} is not the address of a web page: expected http:// or https:// and a host"
        if re.fullmatch(r"[\w-]+(?:\.[\w-]+)+(?:[/?#]\S*)?", url, re.ASCII):
            msg += f"; did you mean https://{shown}?"
    elif len(url) > MOST_URL:
        msg = f"{shown!r} has {len(url):,} characters: an address has at most {MOST_URL:,}"
    elif parts.username is not None or parts.password is not None:
        msg = f"the address of {host} carries a login, which is not sent"
    elif not _is_public(host):
        msg = (
            f"{shown!r} is not read: {one_line(host, 60)} is not a host of the public web; "
            "read it yourself, and give the text with -c file:PATH"
        )
    else:
        return
    raise QuestionError(msg)


def _is_public(host: str) -> bool:
    """Return whether ``host`` is a public address, or a name that may stand for one."""
    host = unicodedata.normalize("NFKC", host).lower().translate(_AS_IDNA).rstrip(".")
    if "%" in host:  # a zone of the local network, or escapes that some servers decode
        return False
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        top = host.rpartition(".")[2]
        if "." not in host or top in _INSIDE or _NUMERIC.fullmatch(top) or host.endswith(_BELOW):
            return False
        return host not in _LOOPS and not _spells_private(host)
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    inner = inner or (getattr(address, "teredo", None) or (None, None))[1]
    plain = address.is_global and not (address.is_multicast or address.is_reserved)
    plain = plain and not getattr(address, "is_site_local", False)
    return plain and (inner is None or bool(inner.is_global))


def _spells_private(name: str) -> bool:
    """Return whether ``name`` contains an IP address of a private network, like names of wildcard services."""
    for found in _SPELLED.finditer(name):
        try:
            if not ipaddress.ip_address(".".join(str(int(part)) for part in found.groups())).is_global:
                return True
        except ValueError:
            continue
    return False


def results(answer: Any, host: str) -> tuple[WebResult, ...]:
    """Return the results in the JSON ``answer`` of a search by ``host``; those without a URL are skipped.

    Raises:
        UnexpectedResponse: the answer has an unknown form.
    """
    entries = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(entries, list):
        msg = f"{host} lists no results in a form that is known; update deepseek_magic, or ask without the web"
        raise UnexpectedResponse(msg)
    found = (entry for entry in entries[:MOST_RESULTS] if isinstance(entry, dict) and _text(entry.get("url")))
    return tuple(
        WebResult(
            title=one_line(_text(entry.get("title")), 200),
            url=entry["url"],
            snippet=_text(entry.get("snippet")),
            summary=_text(entry.get("summary")),
            site=one_line(_text(entry.get("site_name")), 60),
            date=one_line(_text(entry.get("date")), 40),
        )
        for entry in found
    )


def page(answer: Any, url: str, host: str) -> WebPage:
    """Return the page at ``url`` in the JSON ``answer`` of a fetch by ``host``.

    Raises:
        UnexpectedResponse: the answer does not hold a page.
    """
    content = answer.get("content") if isinstance(answer, dict) else None
    if not isinstance(content, str):
        msg = f"{host} sends no page in a form that is known; update deepseek_magic, or ask without the web"
        raise UnexpectedResponse(msg)
    return WebPage(one_line(_text(answer.get("title")), 200), url, content)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
