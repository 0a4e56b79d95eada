"""A request that is under way: how other code hears that it was sent, and how another thread ends it."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from typing import Any

#: Called once a request has been sent, before its answer is waited for.
on_sent: ContextVar[Callable[[], object] | None] = ContextVar("deepseek_magic_on_sent", default=None)
#: Called in the thread that sends a request before a new connection is made for it.
on_connect: ContextVar[Callable[[], object] | None] = ContextVar("deepseek_magic_on_connect", default=None)
#: Called with the socket of a request once that is sent, so that another thread can `end` it.
on_socket: ContextVar[Callable[[Any], object] | None] = ContextVar("deepseek_magic_on_socket", default=None)


def tell_sent(connection: Any) -> None:
    """Say that a request has been sent over the socket ``connection``."""
    if sent := on_sent.get():
        sent()
    if taken := on_socket.get():
        taken(connection)


def end(connection: Any) -> None:
    """End the ``connection`` (a socket) from another thread: its reader wakes up at once, and the server hears of it.

    A TLS connection is ended like a plain socket, too: the way of `ssl` would take away what its reader is using.
    """
    with suppress(OSError):  # it is closed already
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
