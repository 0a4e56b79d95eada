"""What the user's functions and methods do to what they are given, however deep they call each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .effects import CallEffect, Change, Effects, FunctionEffects, Origins
from .mutation import lineage
from .origins import NOWHERE, parts

_APPLIES = ("map", "filter", "apply", "applymap", "starmap", "transform", "pipe", "submit")


class Functions:
    """The user's functions, the newest of each name; methods as ``Class.method``."""

    def __init__(self, statements: Iterable[Effects]) -> None:
        self.known: dict[str, FunctionEffects] = {}
        self.bases: dict[str, tuple[str, ...]] = {}
        for effects in statements:
            self.known.update(effects.functions)
            self.bases.update(effects.bases)
        self._methods: dict[str, list[str]] = {}
        for key in self.known:
            if "." in key:
                self._methods.setdefault(key.rpartition(".")[2], []).append(key)
        self._settle()

    def _settle(self) -> None:
        """Let each function do what those do that it calls, until nothing is added."""
        callers: dict[str, set[str]] = {}
        called: dict[str, list[tuple[str, CallEffect]]] = {}
        for key, function in self.known.items():
            called[key] = [(callee, call) for call in function.calls for callee in self.callees(call)]
            for callee, _ in called[key]:
                callers.setdefault(callee, set()).add(key)
        waiting = list(self.known)
        while waiting:
            key = waiting.pop()
            function = self.known[key]
            before = len(function.changes)
            for callee, call in called[key]:
                function.changes |= set(self.done_by(callee, call))
            if len(function.changes) > before:
                waiting += callers.get(key, ())

    def is_class(self, name: str) -> bool:
        """Return whether ``name`` is a class of the user's."""
        return name in self.bases

    def method(self, owner: str, name: str) -> str | None:
        """Return the key of the method ``name`` of the class ``owner``, which may have inherited it."""
        waiting, seen = [owner], set()
        while waiting:
            one = waiting.pop(0)
            if f"{one}.{name}" in self.known:
                return f"{one}.{name}"
            if one not in seen:
                seen.add(one)
                waiting += self.bases.get(one, ())
        return None

    def methods(self, name: str, kind: type | None = None) -> list[str]:
        """Return the keys of the methods ``name`` that an object may have: of its class, or of all where it is gone."""
        if kind is None:
            return self._methods.get(name, [])
        for _, owner in lineage(kind):
            if f"{owner}.{name}" in self.known:
                return [f"{owner}.{name}"]
        return []

    def callees(self, call: CallEffect, kind: type | None = None) -> list[str]:
        """Return the keys of the functions that ``call`` may run; ``kind`` is the object's type, if it is known."""
        if call.receiver is not None:
            return self.methods(call.callee, kind)
        if call.callee in self.known:
            return [call.callee]
        if call.callee in self.bases:
            made = self.method(call.callee, "__init__")
            return [made] if made else []
        return self.methods("__call__", kind) + self.methods("forward", kind) if kind is not None else []

    def done_by(self, callee: str, call: CallEffect) -> Iterator[Change]:
        """Yield what ``call`` does by running ``callee``, in terms of whoever calls."""
        function = self.known[callee]
        given = arguments(function, call, bound="." in callee)
        for change in function.changes:
            if change.name not in function.parameters:
                yield change
                continue
            for origin in given.get(change.name, ()):
                found = change.on(origin)
                if found is not None:
                    yield found

    def handed_over(self, call: CallEffect) -> Iterator[Change]:
        """Yield what functions do that are handed over to a call, which may call them."""
        every = [*call.given, *[one for _, one in call.keywords]]
        for one in every:
            for name, how in one:
                if how == "same" and name in self.known and name != call.callee:
                    others = frozenset().union(
                        *(other for other in every if other is not one), call.receiver or NOWHERE
                    )
                    first = parts(others) if call.callee in _APPLIES else NOWHERE
                    yield from self.done_by(name, CallEffect(name, None, (first,)))


def arguments(function: FunctionEffects, call: CallEffect, *, bound: bool) -> dict[str, Origins]:
    """Return what each parameter of ``function`` is given by ``call``; ``bound``: its first is the object itself."""
    given = [call.receiver or NOWHERE, *call.given] if bound else list(call.given)
    found = dict(zip(function.parameters[: function.positional], given, strict=False))
    more, named = function.rest
    for origin in given[function.positional :]:
        if more:
            found[more] = found.get(more, NOWHERE) | frozenset((name, "holds") for name, _ in origin)
    for keyword, origin in call.keywords:
        if keyword in function.parameters:
            found[keyword] = origin
        elif named:
            found[named] = found.get(named, NOWHERE) | frozenset((name, "holds") for name, _ in origin)
    return found
