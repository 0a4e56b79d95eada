"""Our connections through a SOCKS proxy. Imported only for one, because `urllib3` needs PySocks for it."""

from __future__ import annotations

from typing import Any

from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.contrib.socks import SOCKSConnection, SOCKSHTTPSConnection

from .http_connection import Connection, OpenConnections


class _SocksConnection(Connection, SOCKSConnection):
    pass


class _SecureSocksConnection(Connection, SOCKSHTTPSConnection):
    pass


class _SocksPool(HTTPConnectionPool):
    ConnectionCls = _SocksConnection
    QueueCls: Any = OpenConnections


class _SecureSocksPool(HTTPSConnectionPool):
    ConnectionCls = _SecureSocksConnection
    QueueCls: Any = OpenConnections


#: The classes of the pools for a SOCKS proxy, by scheme.
SOCKS_POOLS = {"http": _SocksPool, "https": _SecureSocksPool}
