"""Send requests over open connections, with the adapter of `requests`, but without redirects, cookies and logins.

A `requests.Session` has all three, and could send the key, or a login in ``~/.netrc``, to another host.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import InvalidProxyURL

from deepseek_magic.settings.keys import Key, Secret

from . import network
from .http_connection import POOLS, Arrived, secret_sent

# The SOCKS proxies that `urllib3` knows.
_SOCKS = ("socks4", "socks4a", "socks5", "socks5h")
# Errors if a server answers and closes before it has read the whole request; two of them are macOS's.
_ENDED = (errno.EPIPE, errno.ECONNRESET, errno.EPROTOTYPE)


class _Adapter(HTTPAdapter):
    """Uses our connections, and returns the `Arrived` answer itself, without cookies, history and encoding."""

    def build_response(self, req: Any, resp: Any) -> Any:  # noqa: ARG002  # as theirs
        """Return ``resp``, an `Arrived`, as it is."""
        return resp

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Make the pools of our connections to a proxy."""
        scheme = proxy.partition("://")[0].lower()
        if scheme.startswith("socks") and scheme not in _SOCKS:
            # without the rest of the URL, which may hold a login
            msg = f"{scheme}:// is not one of {', '.join(_SOCKS)}"
            raise InvalidProxyURL(msg)
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = POOLS
        if scheme in _SOCKS:
            from .socks_connection import SOCKS_POOLS  # needs PySocks, which not everybody has

            manager.pool_classes_by_scheme = SOCKS_POOLS
        return manager


@dataclass(frozen=True, slots=True)
class _Road:
    """How the last request of a kind was sent: its pool, first line and other headers, and what decided that."""

    pool: Any
    target: str
    fields: tuple[bytes, ...] = field(repr=False)  # one may be the login of a proxy
    secret: Secret | None
    decided_by: tuple[Any, ...] = field(repr=False)  # the same login, in the URL of the proxy


class HttpSession:
    """Sends requests, and keeps the connections open.

    Args:
        key: the key, which is sent only to the host that it was given for.
        certificate: the files of a client certificate, as `network.certificate_files` returns them.
    """

    def __init__(self, key: Key | None, certificate: str | tuple[str, str] | None = None) -> None:
        self._key = key
        self._certificate = certificate
        self._adapter: Any = _Adapter()
        self._adapter.poolmanager.pool_classes_by_scheme = POOLS
        self._roads: dict[tuple[Any, ...], _Road] = {}

    def sent(
        self, method: str, url: str, body: bytes | None, *, headers: dict[str, str], timeout: tuple[float, float]
    ) -> Arrived:
        """Send a request, and return its answer, unread.

        ``timeout`` are the seconds to connect and the seconds to wait for the answer. Everything that is equal in all
        requests of one kind is prepared once, because preparing takes `requests` and `urllib3` several times as long
        as sending. An open connection is reused.
        """
        kind = (method, url, *headers.items())
        decided_by = network.deciding(url)
        road = self._roads.get(kind)
        if road is not None and road.decided_by == decided_by:
            connection = road.pool._get_conn()
            if connection.sock is not None and connection.repeats:
                return _sent_again(road, connection, method, body, timeout)
            road.pool._put_conn(connection)
        request = requests.Request(method, url, headers).prepare()
        request.body = body
        if body is not None:
            request.headers["Content-Length"] = str(len(body))
        proxies, authorities = network.decided(url)
        key = self._key
        secret = key.secret if key is not None and key.serves(str(request.url)) else None
        token = secret_sent.set(secret)
        try:
            arrived: Arrived = self._adapter.send(
                request, timeout=timeout, verify=authorities, cert=self._certificate, proxies=proxies
            )
        finally:
            secret_sent.reset(token)
        target = self._adapter.request_url(request, proxies)
        self._roads[kind] = _Road(arrived._pool, target, arrived.connection.fields, secret, decided_by)
        return arrived

    def close(self) -> None:
        """Close all connections."""
        self._roads.clear()
        self._adapter.close()


def _sent_again(road: _Road, connection: Any, method: str, body: bytes | None, timeout: tuple[float, float]) -> Arrived:
    """Send ``body`` over the open ``connection`` like the last request of its kind, and return the answer."""
    token = secret_sent.set(road.secret)
    try:
        connection.timeout, patience = timeout
        try:
            connection.again(method, road.target, road.fields, body)
        except OSError as error:
            if error.errno not in _ENDED:
                raise
        connection.timeout = patience
        arrived: Arrived = connection.getresponse()
        arrived.carried(connection, road.pool)
    except BaseException:
        connection.close()
        road.pool._put_conn(None)  # its buffer may hold headers, with which the next request would begin
        raise
    finally:
        secret_sent.reset(token)
    return arrived
