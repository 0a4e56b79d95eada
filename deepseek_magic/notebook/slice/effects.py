"""What a statement does to the names of the user's namespace."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class FunctionEffects:
    """What calling a function may change: names of the namespace, and which of its parameters; whom it calls."""

    parameters: tuple[str, ...] = ()
    changes: set[str] = field(default_factory=set)
    changed_parameters: set[str] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Effects:
    """What one statement of a cell does to the names of the namespace.

    Attributes:
        reads: names whose values it reads when it runs.
        later: names that functions and classes which it defines read when they are called.
        binds: names that it binds, or deletes, whatever happens.
        may_bind: names that it binds in some branch.
        changes: names whose values it may change in place.
        methods: names on which it calls methods that may change them, unless they are modules.
        imports: those of the bound names that an import binds.
        calls: plain functions that it calls, with the names given to them by place (``None``: no plain name).
        functions: the functions that it defines.
        binds_unknown: whether it binds names that it does not name, as ``from x import *`` does.
    """

    reads: set[str] = field(default_factory=set)
    later: set[str] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)
    may_bind: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    methods: set[str] = field(default_factory=set)
    imports: set[str] = field(default_factory=set)
    calls: list[tuple[str, tuple[str | None, ...]]] = field(default_factory=list)
    functions: dict[str, FunctionEffects] = field(default_factory=dict)
    binds_unknown: bool = False
