"""Which executed cells some names come from: a backward slice over what was executed."""

from __future__ import annotations

import gc
import itertools
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from deepseek_magic.forks import in_child
from deepseek_magic.notebook.cells import ExecutedCell, run_again

from . import names as reading
from . import states
from .cell_effects import IDENTIFIER, CellEffects
from .effects import Effects
from .sharing import Sharing, before

# what makes the next word an attribute (``df.size``) or the end of a shortened one (``it's``)
_AFTER = re.compile(r"[\w)\]}\"'][.'’]\Z")
_SPAN = re.compile(r"(`+)(.+?)\1", re.DOTALL)
_WORDS = """
a about after all also an and any are as at be been but by can do does each for from get give go had has have he help
here how i if in into is it its just let like make many may me more most my need new no not now of off on one only or
other our out over please same say see set she should show so some such take tell than that the their them then there
these they this to two up us use was we were what when where which who why will with would you your
"""
#: Names under which IPython keeps results: ``_``, ``__`` and ``_3``.
_RESULT = re.compile(r"_(_{0,2}|\d+)")
#: What a cell has in its text that binds names which it does not name.
_UNNAMED = re.compile(r"\*|%|exec|globals|locals|vars")
#: Words of everyday English: in a sentence they are not variables, whatever the user's are called.
_EVERYDAY = frozenset(_WORDS.split())


def names_in_text(text: str, known: Collection[str]) -> tuple[str, ...]:
    """Return those of the ``known`` names that a question speaks of, in the order of their appearance.

    In backticks every identifier counts; in a sentence words do, everyday ones such as ``a`` or ``it`` apart.
    An attribute (``size`` in ``df.size``) is none.
    """
    spans = [found.span() for found in _SPAN.finditer(text)]
    found: dict[str, None] = {}
    for word in IDENTIFIER.finditer(text):
        name, start = word[0], word.start()
        quoted = any(first <= start < end for first, end in spans)
        if name in known and not _AFTER.search(text[:start][-2:]) and (quoted or name.lower() not in _EVERYDAY):
            found[name] = None
    return tuple(found)


def cells_behind(
    cells: Sequence[ExecutedCell],
    names: Iterable[str],
    transform: Callable[[str], str] | None = None,
    namespace: Mapping[str, Any] | None = None,
) -> tuple[list[ExecutedCell], list[int]]:
    """Return the cells that ``names`` come from, in the order of execution, and the counts of those it cannot read.

    Walking back from the end, a cell counts where it binds a name that is needed or may change its value; what it
    reads for that is needed from before it. A cell that failed may have bound its names or not, so the walk goes on
    behind it. An execution whose cell ran again since counts only if nothing else binds the name.

    Not seen: values changed inside functions of libraries that nobody would expect to, or by other threads.

    Args:
        cells: the executed cells that may be taken, oldest first.
        names: where to start; builtins are known to everybody.
        transform: turns IPython's own syntax into Python.
        namespace: the user's names and values, whose types say what their methods do; none of their code runs.
    """
    with _uncollected():
        walk = _Walk(CellEffects(cells, transform, namespace or {}))
        for name in names:
            walk.need(name, len(cells))
        walk.run()
    return [cells[place] for place in sorted(walk.taken)], sorted(walk.effects.unread)


class _Pause:
    """Lives as long as the collector pauses: a child that another thread forks meanwhile has nobody to end that."""


def _collect(_: _Pause) -> None:
    gc.enable()


@contextmanager
def _uncollected() -> Iterator[None]:
    """Pause the collector of garbage: what a walk makes lives to its end, and to look through it takes half as long."""
    collects, pause = gc.isenabled(), _Pause()
    try:
        if collects:
            in_child(pause, _collect)
        gc.disable()
        yield
    finally:
        if collects:
            gc.enable()


class _Walk:
    """The walk back: names that are needed at a place, and the cells that were taken for them."""

    def __init__(self, effects: CellEffects) -> None:
        self.taken: set[int] = set()
        self.effects = effects
        self._cells = effects.cells
        self._old = run_again(self._cells)
        self._sharing = Sharing(effects)
        self._touching: dict[str, list[int]] = {}
        self._waiting: list[tuple[str, int, bool]] = []
        self._seen: set[tuple[str, int]] = set()
        self._seeded = {state: self._is_seeded(state) for state in states.SEEDED}

    def need(self, name: str, place: int, bound: bool = False) -> None:
        """Need the value that ``name`` has before cell ``place``; ``bound``: a later cell may have bound it."""
        if (name, place) not in self._seen and self._seeded.get(name, True):
            self._seen.add((name, place))
            self._waiting.append((name, place, bound))

    def run(self) -> None:
        """Take all cells that what is needed comes from."""
        while self._waiting:
            name, place, bound = self._waiting.pop()
            touched = self._touched(name)
            earlier = before(touched, place)
            found = next((touched[one] for one in earlier if not self._is_old(touched[one])), None)
            if found is None and not bound:
                found = next((touched[one] for one in earlier if self._binds(touched[one], name)), None)
            if found is not None:
                self._take(found, name, place, bound)
            elif not bound and not states.is_state(name):
                if (result := _RESULT.fullmatch(name)) is not None:
                    self._take_result(place, result[1])
                elif not reading.is_builtin(name):
                    self._take_unknown(place)

    def _take(self, at: int, name: str, place: int, bound: bool) -> None:
        self.taken.add(at)
        cell = self._cells[at]
        needed, later = {name}, set()
        binds = False
        for effects in reversed(self.effects.of(at)):
            if not any(self._touches(effects, at, one) for one in needed):
                continue
            binds |= name in effects.binds | effects.may_bind | effects.augmented
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
            if _UNNAMED.search(source):
                for effects in self.effects.of(at):
                    if effects.binds_unknown:
                        self.taken.add(at)
                        for one in effects.reads:
                            self.need(one, at)

    def _take_result(self, place: int, number: str) -> None:
        """Take the cell whose result is asked for: ``_`` is the last one's, ``_3`` that of the third."""
        kept = self.effects.namespace.get("_oh")
        results = set(kept) if type(kept) is dict else None
        for at in range(place - 1, -1, -1):
            statements = self.effects.of(at)
            shown = bool(statements) and statements[-1].is_expression
            count = self._cells[at].count
            if shown and (str(count) == number or (not number.isdigit() and (results is None or count in results))):
                self.taken.add(at)
                for one in statements[-1].reads:
                    self._need_in(one, at, len(statements) - 1)
                return

    def _need_in(self, name: str, at: int, end: int) -> None:
        """Need the value that ``name`` has before statement ``end`` of cell ``at``."""
        if any(self._touches(effects, at, name) for effects in self.effects.of(at)[:end]):
            self.need(name, at + 1)
        else:
            self.need(name, at)

    def _is_seeded(self, state: str) -> bool:
        """Return whether anybody seeds a state: random numbers without a seed come from nowhere."""
        seeding = sorted({at for word in ("seed", "manual_seed") for at in self.effects.places.get(word, ())})
        return any(
            state in effects.binds
            or any(change.name == state for function in effects.functions.values() for change in function.changes)
            for at in seeding
            for effects in self.effects.of(at)
        )

    def _is_old(self, at: int) -> bool:
        return self._cells[at].count in self._old

    def _binds(self, at: int, name: str) -> bool:
        return any(name in effects.binds | effects.may_bind for effects in self.effects.of(at))

    def _touched(self, name: str) -> list[int]:
        """Return the places of all cells that bind ``name`` or may change its value."""
        if name not in self._touching:
            places = self.effects.places_of(name)
            for one in itertools.chain.from_iterable(self._sharing.related(name).values()):
                places |= {at for at in self.effects.places_of(one.name) if one.first <= at <= one.last}
            self._touching[name] = [
                at for at in sorted(places) if any(self._touches(effects, at, name) for effects in self.effects.of(at))
            ]
        return self._touching[name]

    def _touches(self, effects: Effects, at: int, name: str) -> bool:
        """Return whether a statement of cell ``at`` binds ``name`` or may change its value."""
        if name in effects.binds or name in effects.may_bind or name in effects.augmented:
            return True
        changes = self.effects.changes(effects)
        if not changes:
            return False
        if any(change.name == name for change in changes):
            return True
        related = self._sharing.related(name)
        return bool(related) and any(
            (one.stands != "graph" or change.method == "backward") and one.meets(change, at, self.effects)
            for change in changes
            for one in related.get(change.name, ())
        )
