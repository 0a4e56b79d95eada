"""Hooks for a request that is under way: when it has been sent, and how another thread can end it."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from typing import Any

#: Called once a request has been sent, before waiting for its answer.
on_sent: ContextVar[Callable[[], object] | None] = ContextVar("deepseek_magic_on_sent", default=None)
#: Called in the thread that sends a request before a new connection is made for it.
on_connect: ContextVar[Callable[[], object] | None] = ContextVar("deepseek_magic_on_connect", default=None)
#: Called with the socket of a request once it has been sent, so that another thread can `end` it.
on_socket: ContextVar[Callable[[Any], object] | None] = ContextVar("deepseek_magic_on_socket", default=None)


def tell_sent(connection: Any) -> None:
    """Report that a request has been sent over the socket ``connection``."""
    if sent := on_sent.get():
        sent()
    if taken := on_socket.get():
        taken(connection)


def end(connection: Any) -> None:
    """Shut down the ``connection`` (a socket) from another thread: its reader wakes up, and the server notices.

    A TLS connection is shut down like a plain socket: `ssl` would free what its reader is still using.
    """
    with suppress(OSError):  # it is closed already
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
