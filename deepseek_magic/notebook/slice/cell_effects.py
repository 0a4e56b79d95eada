"""The executed cells as the slice reads them: what each does, which names share what, what changes what."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from deepseek_magic.notebook.cells import ExecutedCell

from . import names as reading
from . import states
from .effects import CallEffect, Change, Effects, Link
from .functions import Functions
from .mutation import changes_by_name, changes_by_type, is_container, is_estimator, is_value, lineage, never_changes

IDENTIFIER = re.compile(r"[^\W\d]\w*")
_PIPELINES = ("Pipeline", "make_pipeline", "FeatureUnion", "make_union", "ColumnTransformer", "make_column_transformer")


class CellEffects:
    """Reads cells where a name that is needed stands in their text, so that a long session costs little.

    Args:
        cells: the executed cells, oldest first.
        transform: turns IPython's own syntax into Python.
        namespace: the user's names and values; nothing but the types of the values is looked at.
    """

    def __init__(
        self, cells: Sequence[ExecutedCell], transform: Callable[[str], str] | None, namespace: Mapping[str, Any]
    ) -> None:
        self.cells = cells
        self.namespace = namespace
        self.unread: set[int] = set()
        self.places: dict[str, list[int]] = {}
        self._transform = transform
        self._read: dict[int, list[Effects]] = {}
        self._by_source: dict[str, list[Effects] | None] = {}
        self._changed: dict[int, frozenset[Change]] = {}
        self._imports: dict[str, bool] = {}
        self._meant: dict[str, list[str]] = {}
        self._bound: dict[str, list[int]] = {}
        for at, cell in enumerate(cells):
            for word in set(IDENTIFIER.findall(cell.source)):
                self.places.setdefault(word, []).append(at)
        defining = (at for at, cell in enumerate(cells) if "def " in cell.source or "lambda" in cell.source)
        self.functions = Functions(effects for at in defining for effects in self.of(at))
        self.changers: dict[str, list[str]] = {}
        for key, function in self.functions.known.items():
            for change in function.changes:
                if change.name not in function.parameters:
                    word = key.removesuffix(".__init__").rpartition(".")[2]
                    self.changers.setdefault(change.name, []).append(word)

    def of(self, at: int) -> list[Effects]:
        """Return what the statements of a cell do."""
        if at not in self._read:
            cell = self.cells[at]
            if cell.source not in self._by_source:  # a cell that ran again is read once
                self._by_source[cell.source] = effects = self._effects_of(cell.source)
                for one in effects or ():
                    for name in one.runs:
                        self._run_string(name, one)
            effects = self._by_source[cell.source]
            if effects is None and not cell.failed:
                self.unread.add(cell.count)
            self._read[at] = effects or []
        return self._read[at]

    def _effects_of(self, source: str) -> list[Effects] | None:
        try:
            return reading.effects_of(source, self._transform)
        except RecursionError:  # an expression of thousands of terms
            return None

    def _run_string(self, name: str, effects: Effects) -> None:
        code = self.namespace.get(name)
        if type(code) is str:
            for inner in self._effects_of(code) or ():
                effects.reads |= inner.reads - effects.binds
                effects.binds |= inner.binds
                effects.may_bind |= inner.may_bind
                effects.changes |= inner.changes

    def kind(self, name: str) -> type | None:
        """Return the type of the value of ``name``, if it is alive."""
        return type(self.namespace[name]) if name in self.namespace else None

    def places_of(self, name: str) -> set[int]:
        """Return the cells that may bind or change ``name``, or share its value: those where its words stand."""
        words = states.words_of(name) if states.is_state(name) else (name,)
        return {at for word in (*words, *self.changers.get(name, ())) for at in self.places.get(word, ())}

    def bound(self, name: str) -> list[int]:
        """Return the cells that bind ``name`` whatever happens."""
        if name not in self._bound:
            self._bound[name] = [
                at for at in sorted(self.places_of(name)) if any(name in effects.binds for effects in self.of(at))
            ]
        return self._bound[name]

    def is_import(self, name: str) -> bool:
        """Return whether every cell that binds ``name`` imports it: a module's method does not change the module."""
        if name not in self._imports:
            self._imports[name] = False
            pattern = re.compile(rf"\b{re.escape(name)}\b(?!\s*[.(])")  # what is followed by these is not bound there
            binders = [
                name in effects.imports
                for at in self.places.get(name, ())
                if pattern.search(self.cells[at].source)
                for effects in self.of(at)
                if name in effects.binds | effects.may_bind
            ]
            self._imports[name] = bool(binders) and all(binders)
        return self._imports[name]

    # What changes

    def changes(self, effects: Effects) -> frozenset[Change]:
        """Return what a statement changes, also by the user's functions that it calls."""
        known = self._changed.get(id(effects))
        if known is None:
            found = effects.changes
            for call in effects.calls if self.functions.known else ():
                found = found.union(self._by_call(call))
            known = self._changed[id(effects)] = frozenset([change for change in found if self._is_change(change)])
        return known

    def _by_call(self, call: CallEffect) -> Iterator[Change]:
        yield from self.functions.handed_over(call)
        if call.receiver is not None and not self.functions.methods(call.callee):
            return
        kind, known = self._receiver(call)
        callees = self.functions.callees(call, kind)
        if not callees and call.receiver is None and not known:
            callees = self._named(call.callee)
        for callee in callees if not known or kind is not None else ():
            yield from self.functions.done_by(callee, call)

    def _receiver(self, call: CallEffect) -> tuple[type | None, bool]:
        """Return the type of the object whose method is called, and whether its class is known not to be the user's."""
        if call.receiver is None:
            return (None, False) if call.callee in self.functions.known else (self.kind(call.callee), False)
        for name, how in call.receiver:
            if how == "same" and self.is_import(name):
                return None, True
            kind = self.kind(name)
            if how == "same" and kind is not None and len(call.receiver) == 1:
                return kind, False
        return None, False

    def _named(self, name: str) -> list[str]:
        """Return the functions that ``name`` may mean: those that its values are from (``for step in steps``)."""
        if name in self._meant:
            return self._meant[name]
        found: list[str] = []
        waiting, seen = [] if reading.is_builtin(name) or self.is_import(name) else [name], set()
        while waiting and self.functions.known:
            one = waiting.pop()
            for at in self.places.get(one, ()) if one not in seen else ():
                for effects in self.of(at):
                    waiting += [link.source for link in effects.links if link.target == one and link.how != "graph"]
            seen.add(one)
            if one in self.functions.known:
                found.append(one)
        self._meant[name] = found
        return found

    def _is_change(self, change: Change) -> bool:
        if change.method == "":
            return True
        if states.is_state(change.name) or self.is_import(change.name):
            return False
        kind = self.kind(change.name)
        mine = self.functions.methods(change.method, None if change.deep else kind)
        if mine:
            return self._by_own_method(mine)
        if kind is not None and (by_type := changes_by_type(kind, change)) is not None:
            return by_type
        if kind is not None and self._is_users(kind):
            return change.deep and changes_by_name(change)
        return change.method == "+=" or changes_by_name(change)

    def _is_users(self, kind: type) -> bool:
        return lineage(kind)[0][1] in self.functions.bases

    def _by_own_method(self, keys: list[str]) -> bool:
        """Return whether one of the user's methods changes its object."""
        for key in keys:
            function = self.functions.known[key]
            for inner in function.changes if function.parameters else ():
                if inner.name == function.parameters[0]:
                    own = self.functions.methods(inner.method)
                    if inner.method == "" or (not own and changes_by_name(inner)):
                        return True
        return False

    # What shares

    def is_shared(self, link: Link, at: int) -> str:
        """Return how the values of ``link``, made in cell ``at``, stand to each other; "": they share nothing."""
        target, source = self.kind(link.target), self.kind(link.source)
        if any(kind is not None and never_changes(kind) for kind in (target, source)):
            return ""
        how = self._of_result(link, target) if link.callee else link.how
        if how in ("part", "holds", "copy") and target is not None and is_value(target):
            # of arrays, axes in an array for example, parts are views; a container's are the very objects
            is_itself = lineage(target)[0][1] == "ndarray" or (source is not None and is_container(source))
            return how if is_itself and how == "part" else ""
        if how == "same" and link.place != "each" and target is not None and source is not None:
            newest = [self.bound(name)[-1:] or [-1] for name in (link.target, link.source)]
            if (
                all(found[0] <= at for found in newest)
                and self.namespace[link.target] is not self.namespace[link.source]
            ):
                return ""
        return how

    def _of_result(self, link: Link, target: type | None) -> str:
        key = link.callee
        mine = [key] if key in self.functions.known else self.functions.methods(key) if link.place == "self" else []
        if mine:
            return self._returned(mine[0], link)
        if self.functions.is_class(key):
            return self._kept(key, link)
        if link.place == "self" or link.how == "copy":
            return ""
        if target is not None:
            if is_value(target) or is_container(target) or (is_estimator(target) and key not in _PIPELINES):
                return ""
            return "holds"
        return "holds" if key[:1].isupper() and not key.endswith("CV") else ""

    def _returned(self, key: str, link: Link) -> str:
        function = self.functions.known[key]
        parameter = _parameter(function.parameters, link.place, bound="." in key)
        return next((how for name, how in function.returns if name == parameter), "")

    def _kept(self, owner: str, link: Link) -> str:
        """Return whether an object of the user's class ``owner`` keeps what it was made with."""
        made = self.functions.method(owner, "__init__")
        if made is None:
            return "holds"
        function = self.functions.known[made]
        parameter = _parameter(function.parameters, link.place, bound=True)
        return "holds" if (function.parameters[0], parameter) in function.holds else ""


def _parameter(parameters: tuple[str, ...], place: int | str, *, bound: bool) -> str:
    if place == "self":
        return parameters[0] if parameters else ""
    if isinstance(place, str):
        return place
    place += bound
    return parameters[place] if place < len(parameters) else ""
