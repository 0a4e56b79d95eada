"""Parse, check and classify the URLs of endpoints."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

from deepseek_magic.errors import ConfigurationError
from deepseek_magic.text import one_line

from .servers import DEFAULT_BASE_URL, SERVERS, no_server, server_name


@lru_cache(maxsize=64)
def host_of(url: str) -> str:
    """Return the host of ``url`` in lower case, with its port if that is not the scheme's own.

    Raises:
        ConfigurationError: ``url`` is not a valid URL, for example because of its port.
    """
    parts = _split(url)
    host = (parts.hostname or "").lower()
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return host if parts.port in (None, default) else f"{host}:{parts.port}"


@lru_cache(maxsize=64)
def is_loopback(url: str) -> bool:
    """Return whether ``url`` names this machine."""
    host = (urlsplit(url).hostname or "").lower()
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@lru_cache(maxsize=64)
def is_deepseek(url: str) -> bool:
    """Return whether ``url`` is on a host of DeepSeek itself."""
    host = (urlsplit(url).hostname or "").lower()
    return host == "deepseek.com" or host.endswith(".deepseek.com")


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  # reading it is the check: a port that is not a number raises
    except ValueError as error:
        msg = f"bad URL {one_line(url, 80)!r}: {error}; expected something like {DEFAULT_BASE_URL}"
        raise ConfigurationError(msg) from None
    return parts


def _with_scheme(shown: str) -> str:
    """Return ``shown`` with the missing scheme added if that makes it a URL; otherwise an example."""
    if not re.fullmatch(r"[\w-]+(?:\.[\w-]+)*(?::\d+)?(?:/[\w./-]*)?", shown):
        return DEFAULT_BASE_URL
    return f"{'http' if is_loopback(f'http://{shown}') else 'https'}://{shown}"


def checked_base_url(url: str) -> str:
    """Return ``url`` without a trailing slash or the path of the chat call; a known server's name becomes its URL.

    Raises:
        ConfigurationError: it is neither a known name nor an http(s) URL with a host, or it carries a login, a query
            or a fragment.
    """
    url = url.strip()
    if name := server_name(url):
        return SERVERS[name]
    if url.replace("-", "_").isidentifier():
        raise no_server(url)
    parts = _split(url)
    if parts.username is not None or parts.password is not None:
        msg = "bad URL: it carries a login, which would end up in outputs; give the key with %deepseek_login"
        raise ConfigurationError(msg)
    shown = one_line(url, 80)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not url.isprintable() or " " in url:
        msg = f"bad URL {shown!r}: expected http:// or https:// and a host, like {_with_scheme(shown)}"
        raise ConfigurationError(msg)
    if parts.query or parts.fragment:
        msg = f"bad URL {shown!r}: expected no '?' or '#' part, like {DEFAULT_BASE_URL}"
        raise ConfigurationError(msg)
    return url.rstrip("/").removesuffix("/chat/completions").rstrip("/")
