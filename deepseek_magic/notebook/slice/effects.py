"""What a statement does to the names of the user's namespace."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

#: A name and how a value stands to its: "same" object, "part" of it, "holds" it, or a "copy" with the same elements.
Origin = tuple[str, str]
Origins = frozenset[Origin]


class Change(NamedTuple):
    """Something done to the value of a name that may change it.

    Attributes:
        name: the name; in a function it may be a parameter.
        method: the method that is called on it; "" for a definite change, ``+=`` for an augmented assignment.
        deep: whether it is done to a part of the value, not to the value itself.
        in_place: whether the call says ``inplace=True``.
    """

    name: str
    method: str = ""
    deep: bool = False
    in_place: bool = False

    def on(self, origin: Origin) -> Change | None:
        """Return what it is to ``origin`` where it is done to a value of that origin; ``None``: nothing."""
        name, how = origin
        if how in ("holds", "copy") and not self.deep:
            return None
        return Change(name, self.method, how == "part" or (self.deep and how != "holds"), self.in_place)


class CallEffect(NamedTuple):
    """A call of something that may be the user's function, class or method.

    Attributes:
        callee: its name, without what is before the last dot.
        receiver: where the object is from whose method it is; ``None`` for a plain name.
        given: where the values by position are from.
        keywords: where those by keyword are from.
    """

    callee: str
    receiver: Origins | None
    given: tuple[Origins, ...]
    keywords: tuple[tuple[str, Origins], ...] = ()


class Link(NamedTuple):
    """Two names of one statement whose values share something; with a ``callee`` this depends on what it returns.

    Attributes:
        target: the name that gets the value.
        source: the name that it is from.
        how: how the value stands to the source's, as in `Origin`; "graph": it was computed by calling the source.
        callee: the function or class whose result the target is; "" if it is none.
        place: which argument the source is, by position or keyword; "self" for the object of a method; "each" where a
            loop binds the target to one after the other.
    """

    target: str
    source: str
    how: str
    callee: str = ""
    place: int | str = 0


@dataclass(slots=True)
class FunctionEffects:
    """What calling a function may change: names of the namespace, and its parameters; whom it calls.

    Attributes:
        parameters: names of its parameters, those by position first.
        positional: how many of them are given by position.
        rest: names of the parameters for all other arguments by position and by keyword; "" if there is none.
        changes: what it does, to parameters and to names of the namespace.
        calls: what it calls.
        returns: where its result is from.
        holds: pairs of a parameter and what is stored in it, such as ``self`` and an argument.
    """

    parameters: tuple[str, ...] = ()
    positional: int = 0
    rest: tuple[str, str] = ("", "")
    changes: set[Change] = field(default_factory=set)
    calls: list[CallEffect] = field(default_factory=list)
    returns: set[Origin] = field(default_factory=set)
    holds: set[tuple[str, str]] = field(default_factory=set)


# They stand for what stayed empty, and nobody adds to them.
_NOTHING: Any = frozenset()
_NO_CALLS: Any = ()
_NO_NAMES: Any = MappingProxyType({})


@dataclass(slots=True)
class Effects:
    """What one statement of a cell does to the names of the namespace.

    Beside names there are states, which code shares without naming them: ``state:numpy`` is where NumPy's random
    numbers come from, ``file:a.csv`` a file.

    Attributes:
        reads: names whose values it reads when it runs.
        later: names that functions and classes which it defines read when they are called.
        binds: names that it binds, or deletes, whatever happens.
        may_bind: names that it binds in some branch.
        augmented: names that it binds to a new value made of the old one, or changes: ``n += 1``.
        changes: what it does to values.
        imports: those of the bound names that an import binds.
        calls: what it calls.
        links: names whose values share something from here on.
        functions: the functions that it defines; methods as ``Class.method``.
        bases: the classes that it defines, with the names of their bases.
        runs: names of strings that it gives to ``exec``.
        is_expression: whether it is an expression, whose value IPython keeps as ``_``.
        binds_unknown: whether it binds names that it does not name, as ``from x import *`` does.
    """

    reads: set[str] = field(default_factory=set)
    later: set[str] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)
    may_bind: set[str] = field(default_factory=set)
    augmented: set[str] = field(default_factory=set)
    changes: set[Change] = field(default_factory=set)
    imports: set[str] = field(default_factory=set)
    calls: list[CallEffect] = field(default_factory=list)
    links: set[Link] = field(default_factory=set)
    functions: dict[str, FunctionEffects] = field(default_factory=dict)
    bases: dict[str, tuple[str, ...]] = field(default_factory=dict)
    runs: set[str] = field(default_factory=set)
    is_expression: bool = False
    binds_unknown: bool = False

    def settle(self) -> None:
        """Let go of what stayed empty: each would cost the collector of garbage time, and a session has thousands."""
        self.reads = self.reads or _NOTHING
        self.later = self.later or _NOTHING
        self.binds = self.binds or _NOTHING
        self.may_bind = self.may_bind or _NOTHING
        self.augmented = self.augmented or _NOTHING
        self.changes = self.changes or _NOTHING
        self.imports = self.imports or _NOTHING
        self.calls = self.calls or _NO_CALLS
        self.links = self.links or _NOTHING
        self.functions = self.functions or _NO_NAMES
        self.bases = self.bases or _NO_NAMES
        self.runs = self.runs or _NOTHING
