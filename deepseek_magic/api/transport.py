"""A `requests` adapter that adds the key at the last moment, and tells when a request has been sent.

That instant is the best one to build what will show the reply: the endpoint is at work, and nobody waits for us.
"""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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

from .http_errors import without_frames

_on_sent: ContextVar[Callable[[], object] | None] = ContextVar("deepseek_magic_on_sent", default=None)
#: The key that the request under way is sent with. No object and no frame of requests or urllib3 holds the header.
_secret: ContextVar[Secret | None] = ContextVar("deepseek_magic_secret", default=None)

#: Called in the thread that sends a request before a new connection is made for it.
on_connect: ContextVar[Callable[[], object] | None] = ContextVar("deepseek_magic_on_connect", default=None)


@contextmanager
def telling(sent: Callable[[], object] | None) -> Iterator[None]:
    """Have ``sent`` called once a request of the block has been sent."""
    token = _on_sent.set(sent)
    try:
        yield
    finally:
        _on_sent.reset(token)


def _tell() -> None:
    sent = _on_sent.get()
    if sent is not None:
        sent()


#: Lines of trailers, and answers before the answer ("100 Continue"), that are read; the standard library has no limit.
_MOST_TRAILERS = 32
_MOST_INTERIM = 8


class _Answer(http.client.HTTPResponse):
    _begun = 0

    def _read_status(self) -> Any:
        self._begun += 1
        if self._begun > _MOST_INTERIM:
            msg = "the answer does not begin"
            raise http.client.HTTPException(msg)
        return super()._read_status()  # type: ignore[misc]

    def _read_and_discard_trailer(self) -> None:
        for _ in range(_MOST_TRAILERS):
            if self.fp.readline(1024) in (b"\r\n", b"\n", b""):
                return
        msg = "the answer does not end"
        raise http.client.HTTPException(msg)


class _Connection(HTTPConnection):
    """What our connections do around the last line of the headers, and leave to the parent of a fork."""

    def connect(self) -> None:
        """Connect; a forked child closes its copy of the descriptor."""
        connecting = on_connect.get()
        if connecting is not None:
            connecting()
        super().connect()
        in_child(self.sock, close_descriptor)

    response_class = _Answer

    def endheaders(self, *args: Any, **kwargs: Any) -> None:
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
        _tell()
        return super().getresponse()


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

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        """Send ``request``, with the key where it serves its host."""
        key = self._key
        token = _secret.set(key.secret if key is not None and key.serves(request.url or "") else None)
        try:
            return super().send(request, *args, **kwargs)
        finally:
            _secret.reset(token)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools, with connections that tell."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """Make the pools of a proxy, likewise."""
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
        return manager


class _NoLogin(AuthBase):
    """Sets nothing. Its presence keeps requests from sending a login of ``~/.netrc``; the adapter adds the key."""

    def __call__(self, prepared: PreparedRequest) -> PreparedRequest:
        return prepared


class _Session(requests.Session):
    """A session that follows nothing and keeps nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def get_redirect_target(self, resp: Response) -> str | None:  # noqa: ARG002
        """Return nothing: for a target, requests would read the whole body of the redirect, also one not followed."""
        return None


def session(key: Key | None) -> requests.Session:
    """Return a session whose requests carry ``key`` to its host."""
    made = _Session()
    made.auth = _NoLogin()
    for scheme in ("http://", "https://"):
        made.mount(scheme, TellingAdapter(key))
    return made
