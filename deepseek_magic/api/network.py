"""Find out which variables decide how an endpoint is reached, and name them in the messages of errors.

`requests` reads ``HTTPS_PROXY``, ``ALL_PROXY``, ``NO_PROXY``, ``REQUESTS_CA_BUNDLE`` and ``CURL_CA_BUNDLE`` (those for
proxies also in lower case, which takes precedence). We also read ``SSL_CERT_FILE``, as OpenSSL and other programs do.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from certifi import where
from requests.utils import get_environ_proxies, select_proxy

from deepseek_magic.settings.home import home_path
from deepseek_magic.settings.urls import is_loopback
from deepseek_magic.text import one_line

_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
# In a CGI script, a request's header may set HTTP_PROXY, so it is ignored there.
_DECIDING = (*_BUNDLES, *_PROXIES, *map(str.upper, _PROXIES), "REQUEST_METHOD")


@dataclass(frozen=True, slots=True)
class Way:
    """How an endpoint is reached, and what decided it.

    Attributes:
        host: the endpoint's host.
        proxy: the proxy, as ``http://host:port`` without its login; "" for none.
        proxy_from: the variable that names it, or the system's settings.
        direct_by: the variable that excludes the host from a proxy which is set otherwise; "" for none.
        bundle: the file of the certificate authorities that are trusted; "" for the list that comes with certifi.
        bundle_from: the variable that names it.
    """

    host: str
    proxy: str = ""
    proxy_from: str = ""
    direct_by: str = ""
    bundle: str = ""
    bundle_from: str = ""

    @property
    def authorities(self) -> str:
        """The authorities against which the endpoint's certificate is checked, in words."""
        return f"those in {self.bundle} ({self.bundle_from})" if self.bundle else "the usual ones (certifi's list)"


def way(url: str, environ: Mapping[str, str] = os.environ) -> Way:
    """Return how ``url`` is reached, given the environment ``environ``."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    bundle_from = next((name for name in _BUNDLES if environ.get(name)), "") if parts.scheme == "https" else ""
    bundle = environ[bundle_from] if bundle_from else ""
    if is_loopback(url):
        return Way(host, bundle=bundle, bundle_from=bundle_from)
    names = [name for one in (f"{parts.scheme}_proxy", "all_proxy") for name in (one, one.upper())]
    named = next((name for name in names if environ.get(name)), "")
    proxy = select_proxy(url, get_environ_proxies(url))
    if proxy:
        source = named or "the system's settings"
        return Way(host, without_login(proxy), source, bundle=bundle, bundle_from=bundle_from)
    excluded = next((name for name in ("no_proxy", "NO_PROXY") if environ.get(name)), "") if named else ""
    return Way(host, direct_by=excluded, bundle=bundle, bundle_from=bundle_from)


def decided(url: str, environ: Mapping[str, str] = os.environ) -> tuple[dict[str, str], str | bool]:
    """Return the proxies for a request to ``url``, and the file of authorities or ``True``, as `requests` takes them.

    A server on this machine is asked without a proxy.
    """
    proxies = {} if is_loopback(url) else get_environ_proxies(url)
    return proxies, next((environ[name] for name in _BUNDLES if environ.get(name)), True)


def deciding(url: str, environ: Mapping[str, str] = os.environ) -> tuple[object, ...]:
    """Return everything that decides how ``url`` is reached, to notice a change between two requests."""
    if is_loopback(url) and url.startswith("http:"):
        return ()
    if sys.platform in ("darwin", "win32"):  # the system's settings count as well
        proxies, authorities = decided(url, environ)
        return (*sorted(proxies.items()), authorities)
    return tuple([environ.get(name) for name in _DECIDING])


def without_login(proxy: str) -> str:
    """Return the URL ``proxy`` without the login in it."""
    scheme, mark, rest = proxy.rpartition("://")
    return one_line(f"{scheme}{mark}{rest.rpartition('@')[2]}".rstrip("/"), 80)


def wants_login(reached: Way) -> str:
    """Return the message for a proxy that needs a password."""
    return (
        f"the proxy {reached.proxy} ({reached.proxy_from}) needs a login; put it into {reached.proxy_from} as "
        f"http://USER:PASSWORD@HOST:PORT, or name {reached.host} in NO_PROXY to go around the proxy"
    )


def proxy_failed(words: str, reached: Way) -> str:
    """Return the message for a proxy that failed with ``words``."""
    if "407" in words:
        return wants_login(reached)
    lower = words.lower()
    if "socks support" in lower:
        install = "python -m pip install PySocks"
        return (
            f"the proxy {reached.proxy} ({reached.proxy_from}) needs the package PySocks, which is missing: {install}"
        )
    if "refused" in lower:
        why = "does not answer: nothing listens there"
    elif "resol" in lower or "getaddrinfo" in lower or "name or service" in lower:
        why = "cannot be found: no such host"
    elif found := re.search(r"\b([45]\d\d) [A-Z][\w ]*", words):
        why = f"does not let the connection through ({one_line(found[0], 60)})"
    elif "timed out" in lower:
        why = "does not answer in time"
    else:
        why = f"failed ({one_line(words, 100)})"
    remedy = f"correct {reached.proxy_from}, or name {reached.host} in NO_PROXY"
    return f"the proxy {reached.proxy} ({reached.proxy_from}) {why}; {remedy}"


def tls_failed(words: str, reached: Way, certificate: str = "") -> str:
    """Return the message for a TLS connection that failed with ``words``.

    Args:
        words: the message of OpenSSL.
        reached: how the endpoint was reached.
        certificate: the client's own certificate; "" for none.
    """
    lower = words.lower()
    if "hostname mismatch" in lower or "doesn't match" in lower or "ip address mismatch" in lower:
        return "its certificate is for another host; check the base URL, or whether a portal stands in between"
    if "has expired" in lower or "not yet valid" in lower:
        return "its certificate is not valid now; check this machine's clock, or tell whoever runs the server"
    if "verify failed" in lower:
        found = re.search(r"verify failed: ([^(\[\]]+)", words)
        why = f" ({one_line(found[1], 60)})" if found else ""
        where = f"add it to {reached.bundle}" if reached.bundle else "set REQUESTS_CA_BUNDLE to a PEM file with it"
        return (
            f"the secure connection failed: its certificate is not signed by {reached.authorities}{why}; if a "
            f"company's proxy or server signs with an authority of its own, {where}"
        )
    if "certificate required" in lower or ("alert" in lower and "certificate" in lower) or "handshake failure" in lower:
        if certificate:
            return f"it refuses the client certificate {one_line(certificate, 80)}; set DeepSeek.client_cert to another"
        return "it asks for a client certificate: %config DeepSeek.client_cert = 'FILE.pem' (certificate and key)"
    if "wrong_version" in lower or "wrong version" in lower or "http_request" in lower or "record layer" in lower:
        return "it does not speak TLS on that port; check the port, or write http:// for a server on this machine"
    if "no_certificate_or_crl" in lower or "no certificate or crl" in lower or "pem" in lower:
        file, named = (
            reached.bundle or certificate or "a certificate file",
            reached.bundle_from or "DeepSeek.client_cert",
        )
        return f"{one_line(file, 120)} does not hold what it should in PEM form; check {named}"
    remedy = "behind a company proxy, set REQUESTS_CA_BUNDLE to its certificate file"
    return f"the secure connection failed ({one_line(words, 100)}); {remedy}"


def file_missing(words: str, reached: Way, certificate: str = "") -> str:
    """Return the message for a missing certificate file if ``words`` are about one; otherwise ""."""
    if "TLS CA certificate bundle" in words:
        named = f"{one_line(reached.bundle, 120)}, which {reached.bundle_from or 'a setting'} names,"
        return f"{named} is not there; correct or unset it"
    if "TLS certificate file" in words or "TLS key file" in words:
        return f"the client certificate {one_line(certificate, 120)} is not there; correct DeepSeek.client_cert"
    return ""


def certificate_files(setting: str) -> str | tuple[str, str] | None:
    """Return the setting ``client_cert`` (one file, or CERTIFICATE,KEY) as `requests` takes it; ``None`` for none."""
    if not setting:
        return None
    first, _, second = setting.partition(",")
    both = str(home_path(first.strip())), str(home_path(second.strip()))
    return both if second.strip() else both[0]


def certificates_of(reached: Way) -> str:
    """Return the file or folder of the authorities against which certificates are checked."""
    return reached.bundle or where()
