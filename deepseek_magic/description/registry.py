"""Which function describes which type: ours, the user's, and the hook ``__llm__``.

Types of foreign libraries are known only by their dotted name, so that none of them is imported to look one up.
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
class Known:
    """How a type that we know is described.

    Attributes:
        base: the class in the value's ``__mro__`` that is known.
        describe: makes the whole description.
        size: what stands beside the type's name in a title, like ``40`` in ``list of 40``; runs no code of the user.
        literal: whether the text stands for the value, as that of a list does: a subclass with a ``__repr__`` of its
            own is asked for that instead.
        foreign: whether code of a library runs, which is bounded by the deadline.
    """

    base: type
    describe: Describer
    size: Size
    literal: bool
    foreign: bool


_ours: dict[object, tuple[Describer, Size, bool, bool]] = {}
# The class itself is kept beside the function: its identity, the key, must not be used again.
_users: dict[object, tuple[object, UserDescriber]] = {}


def _key(kind: type | str) -> object:
    return kind if isinstance(kind, str) else id(kind)


def describes(
    *kinds: type | str, size: Size = lambda _value: "", literal: bool = False, foreign: bool = False
) -> Callable[[Describer], Describer]:
    """Make a decorator that says that the function describes values of ``kinds``: classes, or their dotted names."""

    def keep(function: Describer) -> Describer:
        for kind in kinds:
            _ours[_key(kind)] = function, size, literal, foreign
        return function

    return keep


def register(kind: type | str, function: UserDescriber) -> None:
    """Describe values of ``kind`` by ``function`` from now on.

    Args:
        kind: a class, or its dotted name ``module.QualName`` where it should not be imported for this.
        function: takes the value and the budget in tokens; returns plain text.

    Raises:
        TypeError: ``kind`` is neither, or ``function`` cannot be called.
    """
    if not isinstance(kind, (type, str)):
        raise TypeError(f"describe.register: expected a class or its dotted name, found {type(kind).__name__}")
    if not callable(function):
        raise TypeError(f"describe.register: expected a function of (value, tokens), found {type(function).__name__}")
    _users[_key(kind)] = kind, function


def unregister(kind: type | str) -> None:
    """Forget what was registered for ``kind``, if anything."""
    _users.pop(_key(kind), None)


def find(cls: type) -> UserDescriber | Known | None:
    """Return what describes values of ``cls``: the nearest class of its ``__mro__``, the user's before ours."""
    for base in mro(cls):
        name = dotted(base)
        chosen = _users.get(id(base)) or _users.get(name)
        if chosen is not None:
            return chosen[1]
        if namespace(base).get(HOOK) is not None and lookup(cls, HOOK) is not None:
            return _hook
        ours = _ours.get(id(base)) or (_ours.get(name) if name in _ours and is_real(base) else None)
        if ours is not None:
            return Known(base, *ours)
    return None


def _hook(value: Any, tokens: int) -> str:
    text: str = lookup(type(value), HOOK).__get__(value, type(value))(tokens)
    return text
