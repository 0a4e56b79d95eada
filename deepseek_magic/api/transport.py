"""The session of an endpoint, on `requests`: it follows no redirects, keeps no cookies and reuses open connections."""

from __future__ import annotations

import errno
from dataclasses import dataclass, field
from typing import Any

import requests
from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from deepseek_magic.settings.keys import Key, Secret

from . import network
from .http_connection import POOLS, Arrived, secret_sent

# How a server ends a request that it has answered before the end of it; macOS has two more names for that.
_ENDED = (errno.EPIPE, errno.ECONNRESET, errno.EPROTOTYPE)


class _Adapter(HTTPAdapter):
    """Adds the key, and uses connections of ours.

    Args:
        key: is sent to the host that it was given for, and to no other.
    """

    def __init__(self, key: Key | None) -> None:
        super().__init__()
        self._key = key

    def secret_for(self, url: str) -> Secret | None:
        """Return the key where it serves the host of ``url``."""
        key = self._key
        return key.secret if key is not None and key.serves(url) else None

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        """Send ``request``, with the key where it serves its host."""
        token = secret_sent.set(self.secret_for(request.url or ""))
        try:
            return super().send(request, *args, **kwargs)
        finally:
            secret_sent.reset(token)

    def build_response(self, req: PreparedRequest, resp: Any) -> Any:  # noqa: ARG002
        """Return ``resp``, an `Arrived`, as it is: without cookies, history and an encoding."""
        return resp

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools, with connections of ours."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """Make the pools of a proxy, likewise."""
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = POOLS
        return manager


class _NoLogin(AuthBase):
    """Sets nothing. Its presence keeps requests from sending a login of ``~/.netrc``; the adapter adds the key."""

    def __call__(self, prepared: PreparedRequest) -> PreparedRequest:
        return prepared


@dataclass(frozen=True, slots=True)
class _Road:
    """How the last request of its kind went: its pool, the first line and the other headers, and what decided that."""

    pool: Any
    target: str
    fields: tuple[bytes, ...] = field(repr=False)  # one may be the login of a proxy
    secret: Secret | None
    decided_by: tuple[Any, ...] = field(repr=False)  # the same login, in the URL of the proxy


class _Session(requests.Session):
    """A session that follows no redirects and keeps no cookies."""

    def __init__(self) -> None:
        super().__init__()
        self._roads: dict[tuple[Any, ...], _Road] = {}

    def sent(
        self,
        method: str,
        url: str,
        body: bytes | None,
        *,
        headers: dict[str, str],
        timeout: tuple[float, float],
        proxies: dict[str, str] | None,
    ) -> Arrived:
        """Send a request, and return its answer, unread.

        ``timeout`` are the seconds to connect and those to wait for the answer. What is alike in all requests of one
        kind is prepared once: to prepare it each time takes `requests` and `urllib3` several times as long as to send
        it. If a connection is open, the request goes out on it as the one before did.
        """
        kind = (method, url, *headers.items())
        decided_by = self._decided_by(url, proxies or {})
        road = self._roads.get(kind)
        if road is not None and road.decided_by == decided_by:
            connection = road.pool._get_conn()
            if connection.sock is not None and connection.repeats:
                return _sent_again(road, connection, method, body, timeout)
            road.pool._put_conn(connection)
        request = self.prepare_request(requests.Request(method, url, headers))
        request.body = body
        if body is not None:
            request.headers["Content-Length"] = str(len(body))
        settings = self.merge_environment_settings(request.url, proxies or {}, True, None, None)
        adapter: Any = self.get_adapter(str(request.url))
        arrived: Arrived = adapter.send(request, timeout=timeout, **settings)
        connection = arrived.connection
        pool, target = arrived._pool, adapter.request_url(request, settings["proxies"])
        self._roads[kind] = _Road(pool, target, connection.fields, adapter.secret_for(request.url), decided_by)
        return arrived

    def _decided_by(self, url: str, proxies: dict[str, str]) -> tuple[Any, ...]:
        """Return what decides the way to ``url``, which the user may change from one request to the next."""
        if not self.trust_env:
            return ()
        if (variables := network.deciding()) is not None:
            return variables
        settings = self.merge_environment_settings(url, proxies, True, None, None)
        return (*sorted(settings["proxies"].items()), settings["verify"])

    def close(self) -> None:
        """Close all connections."""
        self._roads.clear()
        super().close()

    def merge_environment_settings(self, *args: Any, **kwargs: Any) -> Any:
        """Return the settings of a request, with the authorities of OpenSSL's own variable where no other is set."""
        merged = super().merge_environment_settings(*args, **kwargs)
        if merged["verify"] is True and self.trust_env:
            merged["verify"] = network.bundle_of_openssl() or True
        return merged


def _sent_again(road: _Road, connection: Any, method: str, body: bytes | None, timeout: tuple[float, float]) -> Arrived:
    """Send ``body`` over ``connection``, which is open, as the last request of its kind was sent; return the answer."""
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
        road.pool._put_conn(None)  # it may still hold headers, which the next request would begin with
        raise
    finally:
        secret_sent.reset(token)
    return arrived


def session(key: Key | None) -> _Session:
    """Return a session whose requests carry ``key`` to its host."""
    made = _Session()
    made.auth = _NoLogin()
    for scheme in ("http://", "https://"):
        made.mount(scheme, _Adapter(key))
    return made
