"""Check the way to the endpoint step by step: proxy, name, connection, TLS; and this machine's clock."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from deepseek_magic.api.network import Way, certificate_files, certificates_of, tls_failed
from deepseek_magic.text import counted, one_line

from .findings import Finding, of_sentence

#: Seconds for one step.
PATIENCE = 5.0
# By how many seconds the two clocks may differ.
_CLOCKS = 300


def steps(url: str, reached: Way, certificate: str = "") -> Iterator[Finding]:
    """Yield a finding for each step on the way to ``url``, up to the first that is wrong.

    Args:
        url: the endpoint.
        reached: how it is reached.
        certificate: the client certificate, as the setting has it.
    """
    yield _proxy(reached)
    host, port = _target(url, reached)
    if not host:
        yield of_sentence("proxy", f"{reached.proxy} ({reached.proxy_from}) is not a URL; write http://HOST:PORT")
        return
    name = _name(host, port, reached)
    yield name
    if name.state == "wrong":
        return
    connected, connection = _connection(host, port, reached)
    yield connected
    if connection is None:
        return
    with connection:
        if urlsplit(url).scheme == "https":
            if reached.proxy:
                yield Finding(
                    "TLS",
                    "not checked",
                    f"it goes through the proxy; the certificate is checked against {reached.authorities}",
                )
            else:
                yield _tls(connection, reached, certificate)


def _proxy(reached: Way) -> Finding:
    if reached.proxy:
        return Finding("proxy", "fine", f"{reached.proxy} ({reached.proxy_from})")
    if reached.direct_by:
        return Finding("proxy", "fine", f"none: {reached.direct_by} keeps {reached.host} from it")
    return Finding("proxy", "fine", "none is set")


def _target(url: str, reached: Way) -> tuple[str, int]:
    """Return the host and the port to connect to; "" as the host if the proxy is not a URL."""
    try:
        parts = urlsplit(
            reached.proxy if "://" in reached.proxy else f"http://{reached.proxy}" if reached.proxy else url
        )
        port = parts.port
    except ValueError:
        return "", 0
    usual = 1080 if parts.scheme.startswith("socks") else {"https": 443}.get(parts.scheme, 80)
    return parts.hostname or "", port or usual


def _name(host: str, port: int, reached: Way) -> Finding:
    """Look up ``host``; the look-up has no time limit of its own, so it runs in a thread."""
    found: list[str] = []
    failed: list[str] = []

    def look_up() -> None:
        try:
            found.extend(str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            failed.append(one_line(str(getattr(error, "strerror", "") or error), 80))

    thread = threading.Thread(target=look_up, daemon=True, name="doctor")
    thread.start()
    thread.join(PATIENCE)
    if found:
        return Finding("name", "fine", f"{host} is {one_line(found[0], 60)}")
    why = failed[0] if failed else f"no answer within {PATIENCE:.0f} s"
    remedy = (
        f"correct {reached.proxy_from}"
        if reached.proxy
        else "check the base URL and the network; behind a company's proxy set HTTPS_PROXY"
    )
    return Finding("name", "wrong", f"{host} cannot be found ({why})", remedy)


def _connection(host: str, port: int, reached: Way) -> tuple[Finding, socket.socket | None]:
    place, began = f"{host}:{port}", time.monotonic()
    remedy = (
        f"correct {reached.proxy_from}, or name {reached.host} in NO_PROXY"
        if reached.proxy
        else "start the server there, or correct the base URL"
    )
    try:
        connection = socket.create_connection((host, port), PATIENCE)
    except ConnectionRefusedError:
        return Finding("connection", "wrong", f"nothing listens at {place}", remedy), None
    except OSError as error:
        why = "no answer" if isinstance(error, TimeoutError) else one_line(error.strerror or str(error), 80)
        firewall = remedy if reached.proxy else "check the network; behind a firewall set HTTPS_PROXY"
        return Finding("connection", "wrong", f"{place} cannot be reached ({why})", firewall), None
    return Finding("connection", "fine", f"{place} in {(time.monotonic() - began) * 1000:.0f} ms"), connection


def _tls(connection: socket.socket, reached: Way, certificate: str) -> Finding:
    """Do the TLS handshake as the client does, with the same authorities."""
    try:
        authorities = Path(certificates_of(reached))
        context = ssl.create_default_context(
            cafile=None if authorities.is_dir() else str(authorities),
            capath=str(authorities) if authorities.is_dir() else None,
        )
        files = certificate_files(certificate)
        if files is not None:
            context.load_cert_chain(*((files,) if isinstance(files, str) else files))
    except FileNotFoundError:
        missing = certificate if Path(certificates_of(reached)).exists() else reached.bundle
        named = "DeepSeek.client_cert" if missing == certificate else reached.bundle_from
        return Finding("TLS", "wrong", f"{one_line(missing, 120)} ({named}) is not there", f"correct {named}")
    except (ssl.SSLError, OSError) as error:
        return of_sentence("TLS", tls_failed(f"pem {error}", reached, certificate))
    try:
        with context.wrap_socket(connection, server_hostname=reached.host) as secure:
            version, peer = secure.version() or "TLS", secure.getpeercert() or {}
    except ssl.SSLError as error:
        return of_sentence("TLS", tls_failed(str(error), reached, certificate))
    except (OSError, ValueError) as error:
        return of_sentence("TLS", tls_failed(one_line(str(error), 100), reached, certificate))
    rows: Any = peer.get("issuer", ())
    issuer = {name: value for row in rows for name, value in row}
    signed = one_line(str(issuer.get("organizationName") or issuer.get("commonName") or "an unnamed authority"), 60)
    return Finding("TLS", "fine", f"{version}, signed by {signed}, checked against {reached.authorities}")


def clock(said: str, now: datetime) -> Finding:
    """Return the finding on this machine's clock, ``now``, by the header ``Date`` of the endpoint."""
    try:
        theirs = parsedate_to_datetime(said)
    except (TypeError, ValueError):
        return Finding("clock", "not checked", "the endpoint does not say what time it is")
    if theirs.tzinfo is None:
        theirs = theirs.replace(tzinfo=timezone.utc)
    ahead = (now - theirs).total_seconds()
    if abs(ahead) <= _CLOCKS:
        return Finding("clock", "fine", f"agrees with the endpoint's within {counted(int(abs(ahead)) + 1, 'second')}")
    by = f"{abs(ahead) / 60:.0f} minutes" if abs(ahead) < 7_200 else f"{abs(ahead) / 3_600:,.0f} hours"
    return Finding(
        "clock",
        "wrong",
        f"this machine's is {by} {'ahead of' if ahead > 0 else 'behind'} the endpoint's",
        "set it: certificates, and prices by the time of day, go by it",
    )
