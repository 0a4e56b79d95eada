"""What a forked child must not share with its parent.

Two processes that read one socket get each other's answers. A lock that another thread held at the fork never opens
in the child, which has only the thread that forked.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

Holder = TypeVar("Holder")

_holders: WeakKeyDictionary[Any, Callable[[Any], object]] = WeakKeyDictionary()
_left: list[object] = []


def in_child(holder: Holder, forget: Callable[[Holder], object]) -> None:
    """Have ``forget`` called with ``holder``, as long as that lives, at the start of each forked child.

    What ``forget`` returns is never freed in the child: a finalizer might wait for a lock, or send something.
    """
    _holders[holder] = forget


def close_descriptor(connection: Any) -> None:
    """Close the descriptor of the socket ``connection`` in this process, and nothing else.

    Its own `close` waits for the files that were made of it. Shutting it down, in TLS too, would end it for the parent.
    """
    with suppress(AttributeError, OSError):  # it has none, or it is closed
        os.close(connection.detach())


def _forget() -> None:
    for holder, forget in list(_holders.items()):
        _left.append(forget(holder))


if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
    os.register_at_fork(after_in_child=_forget)
