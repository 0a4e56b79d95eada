"""Make an object when it is first used: one for all threads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

_Made = TypeVar("_Made")


class MadeOnce(Generic[_Made]):
    """A property whose value is made when it is first read, and kept in the object.

    Threads that read it at the same moment may each make one, but all get the one that was kept first; so making one
    must have no effect outside of it. It has no lock, as `functools.cached_property` has before Python 3.12: one for
    all objects of a class, which a fork leaves closed in the child if another thread holds it.
    """

    def __init__(self, make: Callable[[Any], _Made]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    def __get__(self, holder: Any, owner: type | None = None) -> _Made:
        """Return the value, which `vars` of the holder has from then on."""
        if holder is None:
            return self  # type: ignore[return-value]  # somebody looks at the class
        made: _Made = vars(holder).setdefault(self._name, self._make(holder))
        return made
