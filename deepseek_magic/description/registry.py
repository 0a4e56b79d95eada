"""The registry of functions that describe types: ours, the user's, and the hook ``__llm__``.

Types of libraries are registered by their dotted names, so that no library is imported to look one up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from .classes import dotted, is_real, lookup, mro, namespace
from .task import Task

Describer = Callable[[Any, Task], str]
Size = Callable[[Any], str]
UserDescriber = Callable[[Any, int], str]
UserFunction = TypeVar("UserFunction", bound=Callable[[Any, int], str])
HOOK = "__llm__"


@dataclass(frozen=True, slots=True)
class KnownType:
    """How a known type is described.

    Attributes:
        base: the class in the value's ``__mro__`` that is registered.
        describe: makes the whole description.
        size: returns the size in a title, like ``40`` in ``list of 40``, without running the user's code.
        literal: whether the text is the value's literal, as for a list. For a subclass with a ``__repr__`` of its own,
            that is shown instead.
        foreign: whether it runs code of a library, which is bounded by the deadline.
    """

    base: type
    describe: Describer
    size: Size
    literal: bool
    foreign: bool


_ours: dict[object, tuple[Describer, Size, bool, bool]] = {}
# The class is kept beside the function, because the key is its id, which must not be reused.
_users: dict[object, tuple[object, UserDescriber]] = {}


def _key(kind: type | str) -> object:
    return kind if isinstance(kind, str) else id(kind)


def describes(
    *kinds: type | str, size: Size = lambda _value: "", literal: bool = False, foreign: bool = False
) -> Callable[[Describer], Describer]:
    """Return a decorator that registers a function for ``kinds``: classes, or their dotted names (see `KnownType`)."""

    def keep(function: Describer) -> Describer:
        for kind in kinds:
            _ours[_key(kind)] = function, size, literal, foreign
        return function

    return keep


def register(kind: type | str, function: UserDescriber) -> None:
    """Register the user's ``function`` for values of ``kind``.

    Args:
        kind: a class, or its dotted name ``module.QualName``, which avoids importing it.
        function: takes the value and the budget in tokens; returns plain text.

    Raises:
        TypeError: ``kind`` is neither a class nor a name, or ``function`` cannot be called.
    """
    if not isinstance(kind, (type, str)):
        raise TypeError(f"describe.register: expected a class or its dotted name, found {type(kind).__name__}")
    if not callable(function):
        raise TypeError(f"describe.register: expected a function of (value, tokens), found {type(function).__name__}")
    _users[_key(kind)] = kind, function


def unregister(kind: type | str) -> None:
    """Forget what was registered for ``kind``, if anything."""
    _users.pop(_key(kind), None)


def find(cls: type) -> UserDescriber | KnownType | None:
    """Return what describes values of ``cls``: that of the nearest class in its ``__mro__``, the user's before ours."""
    for base in mro(cls):
        name = dotted(base)
        chosen = _users.get(id(base)) or _users.get(name)
        if chosen is not None:
            return chosen[1]
        if namespace(base).get(HOOK) is not None and lookup(cls, HOOK) is not None:
            return _hook
        ours = _ours.get(id(base)) or (_ours.get(name) if name in _ours and is_real(base) else None)
        if ours is not None:
            return KnownType(base, *ours)
    return None


def _hook(value: Any, tokens: int) -> str:
    text: str = lookup(type(value), HOOK).__get__(value, type(value))(tokens)
    return text
