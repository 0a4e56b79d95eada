"""A `requests` adapter that tells when a request has been sent, before its answer is waited for.

That instant is the best one to build what will show the reply: the endpoint is at work, and nobody waits for us.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_on_sent: ContextVar[Callable[[], object] | None] = ContextVar("deepseek_magic_on_sent", default=None)


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


class _Connection(HTTPConnection):
    def getresponse(self) -> Any:
        _tell()
        return super().getresponse()


class _SecureConnection(HTTPSConnection):
    def getresponse(self) -> Any:
        _tell()
        return super().getresponse()


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class TellingAdapter(HTTPAdapter):
    """The adapter; `telling` says what to call."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools, with connections that tell."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """Make the pools of a proxy, likewise."""
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
        return manager
