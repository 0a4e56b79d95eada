"""Which executed cells some names come from: a backward slice over what was executed."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Sequence

from deepseek_magic.notebook.cells import ExecutedCell, run_again

from . import names as reading
from .effects import Effects, FunctionEffects

_IDENTIFIER = re.compile(r"[^\W\d]\w*")
# what makes the next word an attribute (``df.size``) or the end of a shortened one (``it's``)
_AFTER = re.compile(r"[\w)\]}\"'][.'’]\Z")
_SPAN = re.compile(r"(`+)(.+?)\1", re.DOTALL)
_WORDS = """
a about after all also an and any are as at be been but by can do does each for from get give go had has have he help
here how i if in into is it its just let like make many may me more most my need new no not now of off on one only or
other our out over please same say see set she should show so some such take tell than that the their them then there
these they this to two up us use was we were what when where which who why will with would you your
"""
#: Words of everyday English: in a sentence they are not variables, whatever the user's are called.
_EVERYDAY = frozenset(_WORDS.split())


def names_in_text(text: str, known: Collection[str]) -> tuple[str, ...]:
    """Return those of the ``known`` names that a question speaks of, in the order of their appearance.

    In backticks every identifier counts; in a sentence words do, everyday ones such as ``a`` or ``it`` apart.
    An attribute (``size`` in ``df.size``) is none.
    """
    spans = [found.span() for found in _SPAN.finditer(text)]
    found: dict[str, None] = {}
    for word in _IDENTIFIER.finditer(text):
        name, start = word[0], word.start()
        quoted = any(first <= start < end for first, end in spans)
        if name in known and not _AFTER.search(text[:start][-2:]) and (quoted or name.lower() not in _EVERYDAY):
            found[name] = None
    return tuple(found)


def cells_behind(
    cells: Sequence[ExecutedCell], names: Iterable[str], transform: Callable[[str], str] | None = None
) -> tuple[list[ExecutedCell], list[int]]:
    """Return the cells that ``names`` come from, in the order of execution, and the counts of those it cannot read.

    Walking back from the end, a cell counts where it binds a name that is needed or may change its value; what it
    reads for that is needed from before it. A cell that failed may have bound its names or not, so the walk goes on
    behind it. An execution whose cell ran again since counts only where nothing else binds the name.

    Not seen: values changed inside functions of libraries, under another name, or by other threads.

    Args:
        cells: the executed cells that may be taken, oldest first.
        names: where to start; builtins are known to everybody.
        transform: turns IPython's own syntax into Python.
    """
    walk = _Walk(cells, transform)
    for name in names:
        walk.need(name, len(cells))
    walk.run()
    return [cells[place] for place in sorted(walk.taken)], sorted(walk.unread)


class _Walk:
    """The walk back: names that are needed at a place, and the cells that were taken for them.

    Cells are read only where a name that is needed stands in their text, so that a long session costs little.
    """

    def __init__(self, cells: Sequence[ExecutedCell], transform: Callable[[str], str] | None) -> None:
        self.taken: set[int] = set()
        self.unread: set[int] = set()
        self._cells = cells
        self._transform = transform
        self._old = run_again(cells)
        self._read: dict[int, list[Effects]] = {}
        self._places: dict[str, list[int]] = {}
        for at, cell in enumerate(cells):
            for word in set(_IDENTIFIER.findall(cell.source)):
                self._places.setdefault(word, []).append(at)
        self._touching: dict[str, list[int]] = {}
        self._waiting: list[tuple[str, int, bool]] = []
        self._seen: set[tuple[str, int]] = set()
        self._functions = self._all_functions()
        self._changers: dict[str, list[str]] = {}
        for function, effects in self._functions.items():
            for changed in effects.changes:
                self._changers.setdefault(changed, []).append(function)
        self._imports: dict[str, bool] = {}

    def need(self, name: str, place: int, bound: bool = False) -> None:
        """Need the value that ``name`` has before cell ``place``; ``bound``: a later cell may have bound it."""
        if (name, place) not in self._seen:
            self._seen.add((name, place))
            self._waiting.append((name, place, bound))

    def run(self) -> None:
        """Take all cells that what is needed comes from."""
        while self._waiting:
            name, place, bound = self._waiting.pop()
            touched = self._touched(name)
            earlier = range(bisect_left(touched, place) - 1, -1, -1)
            found = next((touched[one] for one in earlier if not self._is_old(touched[one])), None)
            if found is None and not bound:
                found = next((touched[one] for one in earlier if self._binds(touched[one], name)), None)
            if found is not None:
                self._take(found, name, place, bound)
            elif not bound and not reading.is_builtin(name):
                self._take_unknown(place)

    def _take(self, at: int, name: str, place: int, bound: bool) -> None:
        self.taken.add(at)
        cell = self._cells[at]
        needed, later = {name}, set()
        binds = False
        for effects in reversed(self._effects(at)):
            touches = needed & (effects.binds | effects.may_bind | self._changes(effects))
            if not touches:
                continue
            binds |= name in effects.binds | effects.may_bind
            if not cell.failed:
                needed -= effects.binds
            needed |= effects.reads
            later |= effects.later
        for one in needed:
            self.need(one, at, one == name and (bound or (binds and not cell.failed)))
        for one in later:
            self.need(one, place)

    def _take_unknown(self, place: int) -> None:
        """Nobody binds a name by its name: take the cells that bind names which they do not name."""
        for at in range(place):
            source = self._cells[at].source
            if ("*" in source or "%" in source) and any(effects.binds_unknown for effects in self._effects(at)):
                self.taken.add(at)

    def _is_old(self, at: int) -> bool:
        return self._cells[at].count in self._old

    def _binds(self, at: int, name: str) -> bool:
        return any(name in effects.binds | effects.may_bind for effects in self._effects(at))

    def _touched(self, name: str) -> list[int]:
        """Return the places of all cells that bind ``name`` or may change it."""
        if name not in self._touching:
            words = (name, *self._changers.get(name, ()))
            self._touching[name] = [
                at
                for at in sorted({at for word in words for at in self._places.get(word, ())})
                if any(
                    name in effects.binds or name in effects.may_bind or name in self._changes(effects)
                    for effects in self._effects(at)
                )
            ]
        return self._touching[name]

    def _effects(self, at: int) -> list[Effects]:
        if at not in self._read:
            cell = self._cells[at]
            effects = reading.effects_of(cell.source, self._transform)
            if effects is None and not cell.failed:
                self.unread.add(cell.count)
            self._read[at] = effects or []
        return self._read[at]

    def _changes(self, effects: Effects) -> set[str]:
        """Return the names whose values a statement may change, also by the user's functions that it calls."""
        found = {name for name in effects.methods if not self._is_import(name)} | effects.changes
        for called, given in effects.calls:
            function = self._functions.get(called)
            if function is not None:
                found |= {name for name in function.changes if not self._is_import(name)}
                by_place = zip(function.parameters, given, strict=False)
                found |= {name for parameter, name in by_place if name and parameter in function.changed_parameters}
        return found

    def _is_import(self, name: str) -> bool:
        """Return whether every cell that binds ``name`` imports it: a module's method does not change the module."""
        if name not in self._imports:
            self._imports[name] = False
            pattern = re.compile(rf"\b{re.escape(name)}\b(?!\s*[.(])")  # what is followed by these is not bound there
            binders = [
                name in effects.imports
                for at in self._places.get(name, ())
                if pattern.search(self._cells[at].source)
                for effects in self._effects(at)
                if name in effects.binds | effects.may_bind
            ]
            self._imports[name] = bool(binders) and all(binders)
        return self._imports[name]

    def _all_functions(self) -> dict[str, FunctionEffects]:
        """Return the user's functions, the newest of each name, each with what those that it calls change."""
        functions: dict[str, FunctionEffects] = {}
        for at, cell in enumerate(self._cells):
            if "def " in cell.source:
                for effects in self._effects(at):
                    functions.update(effects.functions)
        changed = True
        while changed:
            changed = False
            for function in functions.values():
                for called in function.calls & functions.keys():
                    more = functions[called].changes - function.changes
                    changed |= bool(more)
                    function.changes |= more
        return functions
