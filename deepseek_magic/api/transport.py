"""A `requests` adapter that adds the key at the last moment, and tells when a request has been sent.

That instant is the best one to build what will show the reply: the endpoint is at work, and nobody waits for us.
"""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from contextvars import ContextVar
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from requests.exceptions import InvalidHeader
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from deepseek_magic.forks import close_descriptor, in_child
from deepseek_magic.settings.keys import Key, Secret

from .bounded_answer import BoundedAnswer
from .http_errors import without_frames
from .network import bundle_of_openssl
from .under_way import on_connect, tell_sent

#: The key that the request under way is sent with. No object and no frame of requests or urllib3 holds the header.
_secret: ContextVar[Secret | None] = ContextVar("deepseek_magic_secret", default=None)


class _Connection(HTTPConnection):
    """What our connections do around the last line of the headers, and leave to the parent of a fork."""

    def connect(self) -> None:
        """Connect; a forked child closes its copy of the descriptor."""
        if connecting := on_connect.get():
            connecting()
        super().connect()
        in_child(self.sock, close_descriptor)

    response_class = BoundedAnswer

    _awaits_body = False

    def endheaders(self, message_body: Any = None, **kwargs: Any) -> None:
        """Send the headers; where a body follows, together with it: two writes are two packets."""
        self._awaits_body = message_body is None and any(map(_says_length, self._buffer))  # type: ignore[attr-defined]
        if not self._awaits_body:
            self._send_headers(message_body, **kwargs)

    def send(self, data: Any) -> None:
        """Send ``data``, with the headers before it where they wait for it."""
        if self._awaits_body:
            self._awaits_body = False
            self._send_headers(data)
        else:
            super().send(data)

    def _send_output(self, message_body: Any = None, encode_chunked: bool = False) -> None:  # as theirs
        if not isinstance(message_body, bytes) or encode_chunked:
            super()._send_output(message_body, encode_chunked)  # type: ignore[misc]
            return
        buffer = self._buffer  # type: ignore[attr-defined]
        whole = b"\r\n".join((*buffer, b"", message_body))
        buffer.clear()
        super().send(whole)

    def putheader(self, header: Any, *values: Any) -> None:
        """Add a header. Urllib3 would search each for its mark of one to leave out, which nobody here sets."""
        http.client.HTTPConnection.putheader(self, header, *values)

    def _send_headers(self, *args: Any, **kwargs: Any) -> None:
        """Add the key's header and send them all. What fails here loses its frames: they hold the bytes sent."""
        failed: BaseException | None = None
        try:
            self._authorize()
            super().endheaders(*args, **kwargs)
        except BaseException as error:  # noqa: BLE001  # it is raised again
            failed = without_frames(error)
        if failed is not None:
            try:
                raise failed
            finally:
                del failed

    def _authorize(self) -> None:
        secret, refused = _secret.get(), False
        if secret is None:
            return
        self.debuglevel = 0  # it would print what is sent
        try:
            self.putheader("Authorization", f"Bearer {secret.reveal()}")
        except ValueError:  # its message holds the header
            refused = True
        if refused:
            msg = "the key cannot stand in a header"
            raise InvalidHeader(msg)

    def getresponse(self) -> Any:
        """Return the answer, after it was told that the request is sent."""
        tell_sent(self.sock)
        return super().getresponse()


def _says_length(header: bytes) -> bool:
    return header[:15].lower() == b"content-length:" and header[15:].strip() != b"0"


class _SecureConnection(_Connection, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class TellingAdapter(HTTPAdapter):
    """The adapter; `telling` says what to call.

    Args:
        key: is sent to the host that it was given for, and to no other.
    """

    def __init__(self, key: Key | None) -> None:
        super().__init__()
        self._key = key
        self._pools: dict[Any, Any] = {}  # by what they were made for, which is the same each time
        self._paths: dict[Any, str] = {}

    def close(self) -> None:
        """Close all connections."""
        self._pools.clear()
        super().close()

    def get_connection_with_tls_context(
        self, request: PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> Any:
        """Return the pool for ``request``; `requests` takes its URL to pieces each time."""
        known = request.url, verify, cert, *sorted((proxies or {}).items())
        pool = self._pools.get(known)
        if pool is None:
            pool = self._pools[known] = super().get_connection_with_tls_context(request, verify, proxies, cert)
        return pool

    def request_url(self, request: PreparedRequest, proxies: Any) -> str:
        """Return what stands in the first line of ``request``."""
        known = request.url, *sorted((proxies or {}).items())
        if known not in self._paths:
            self._paths[known] = super().request_url(request, proxies)
        return self._paths[known]

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        """Send ``request``, with the key where it serves its host."""
        key = self._key
        token = _secret.set(key.secret if key is not None and key.serves(request.url or "") else None)
        try:
            return super().send(request, *args, **kwargs)
        finally:
            _secret.reset(token)

    def build_response(self, req: PreparedRequest, resp: Any) -> Any:
        """Return what a client reads of ``resp``."""
        return Arrived(resp) if isinstance(req, _Light) else super().build_response(req, resp)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools, with connections that tell."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """Make the pools of a proxy, likewise."""
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
        return manager


class Arrived:
    """An answer whose body is not read yet: what a client reads of one, without cookies, history and an encoding."""

    __slots__ = ("headers", "raw", "status_code")

    def __init__(self, raw: Any) -> None:
        self.status_code: int = raw.status
        self.headers: Mapping[str, str] = raw.headers
        self.raw = raw

    def close(self) -> None:
        """Close the connection, unless the body was read to its end."""
        self.raw.close()
        self.raw.release_conn()


class _Light(PreparedRequest):
    """A request that was prepared before, whose answer is an `Arrived`."""


class _NoLogin(AuthBase):
    """Sets nothing. Its presence keeps requests from sending a login of ``~/.netrc``; the adapter adds the key."""

    def __call__(self, prepared: PreparedRequest) -> PreparedRequest:
        return prepared


class _Session(requests.Session):
    """A session that follows nothing and keeps nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._prepared: dict[tuple[str, str], PreparedRequest] = {}
        self._settings: Any = None  # those of the environment may change from one request to the next

    def sent(self, method: str, url: str, body: bytes | None, **how: Any) -> Arrived:
        """Send a request whose answer is streamed; what is alike in all of one URL is prepared once.

        To prepare it again each time, and to look after redirects and cookies, takes `requests` as long as to send it.

        ``how`` are ``headers``, ``timeout`` and ``proxies``.
        """
        headers = how.pop("headers")
        alike = self._prepared.get((method, url))
        if alike is None:
            alike = self._prepared[method, url] = self.prepare_request(requests.Request(method, url, headers))
        request = _Light()
        request.method, request.url, request.body = method, alike.url, body
        request._cookies = alike._cookies  # type: ignore[attr-defined]  # there are none, and it is read
        request.headers = dict(alike.headers)  # type: ignore[assignment]
        if body is not None:
            request.headers["Content-Length"] = str(len(body))
        proxies, settings = how.pop("proxies") or {}, self._settings
        if settings is None or self.trust_env:
            settings = self._settings = self.merge_environment_settings(alike.url, proxies, True, None, None)
        adapter: Any = self.get_adapter(str(alike.url))
        arrived: Arrived = adapter.send(request, **how, **settings)
        return arrived

    def merge_environment_settings(self, *args: Any, **kwargs: Any) -> Any:
        """Return the settings of a request, with the authorities of OpenSSL's own variable where no other is set."""
        merged = super().merge_environment_settings(*args, **kwargs)
        if merged["verify"] is True and self.trust_env:
            merged["verify"] = bundle_of_openssl() or True
        return merged

    def get_redirect_target(self, resp: Response) -> str | None:  # noqa: ARG002
        """Return nothing: for a target, requests would read the whole body of the redirect, also one not followed."""
        return None


def session(key: Key | None) -> _Session:
    """Return a session whose requests carry ``key`` to its host."""
    made = _Session()
    made.auth = _NoLogin()
    for scheme in ("http://", "https://"):
        made.mount(scheme, TellingAdapter(key))
    return made
