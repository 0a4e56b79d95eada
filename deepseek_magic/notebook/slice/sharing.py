"""Which names share what with a name: where one of them is changed, the other is."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from .cell_effects import CellEffects
from .effects import Change, Link
from .mutation import is_container

_MOST = 50
#: Where a step leads: from how the names stood so far, by how the next one stands to the last; the rest leads nowhere.
_DOWN = {"": "down", "down": "down", "up": "down", "copy": "down"}
_UP = {"": "up", "down": "up", "up": "up", "part": "part", "copy": "up"}


@dataclass(frozen=True, slots=True)
class Related:
    """A name that shares something with another one.

    Attributes:
        name: the name.
        stands: how it was reached: "" (same object), "down" (a part), "up" and "part" (a whole), "copy".
        first: the first cell in which this holds.
        last: the last one.
    """

    name: str
    stands: str
    first: int
    last: int

    def meets(self, change: Change, at: int, cells: CellEffects) -> bool:
        """Return whether ``change`` in cell ``at`` reaches the other name."""
        if change.name != self.name or not self.first <= at <= self.last:
            return False
        if self.stands in ("", "down") or change.deep:
            return True
        kind = cells.kind(change.name)
        # a list's own methods change no element; an optimiser's change what it holds
        return change.method not in ("", "+=") and not (kind is not None and is_container(kind))


class Sharing:
    """Finds the names that share something with a name, through the links of all cells that mention them."""

    def __init__(self, cells: CellEffects) -> None:
        self._cells = cells
        self._links: dict[str, list[tuple[int, Link, str]]] = {}
        self._related: dict[str, dict[str, list[Related]]] = {}

    def related(self, name: str) -> dict[str, list[Related]]:
        """Return the names that share something with ``name``, without itself, each with how."""
        if name not in self._related:
            found: dict[tuple[str, str], Related] = {}
            loops: set[str] = set()  # what one of a loop's values does in it says nothing of the others
            waiting = [Related(name, "", 0, len(self._cells.cells))]
            while waiting:
                one = waiting.pop()
                for at, link, how in self._links_of(one.name) if len(found) < _MOST else ():
                    if link.place == "each" and link.target in loops and link.target == one.name:
                        continue
                    following = self._step(one, at, link, how)
                    if following is not None and following.name != name:
                        if link.place == "each" and link.source == one.name:
                            loops.add(following.name)
                        key = (following.name, following.stands)
                        if key not in found:
                            found[key] = following
                            waiting.append(following)
                        else:
                            self._widen(found, key, following)
            self._related[name] = {}
            for one in found.values():
                self._related[name].setdefault(one.name, []).append(one)
        return self._related[name]

    @staticmethod
    def _widen(found: dict[tuple[str, str], Related], key: tuple[str, str], more: Related) -> None:
        known = found[key]
        found[key] = Related(*key, min(known.first, more.first), max(known.last, more.last))

    def _links_of(self, name: str) -> list[tuple[int, Link, str]]:
        if name not in self._links:
            self._links[name] = [
                (at, link, how)
                for at in sorted(self._cells.places_of(name))
                for effects in self._cells.of(at)
                for link in effects.links
                if name in (link.target, link.source) and (how := self._cells.is_shared(link, at))
            ]
        return self._links[name]

    def _step(self, one: Related, at: int, link: Link, how: str) -> Related | None:
        forward = link.target == one.name
        other = link.source if forward else link.target
        if how == "graph":
            stands = "graph" if not forward and one.stands in ("", "down") else ""
            if not stands:
                return None
        else:
            found = self._stands(one.stands, how, forward=forward)
            if found is None:
                return None
            stands = found
        last = at if "state:pyplot" in (link.source, link.target) else self._until(link, at)
        first, last = max(one.first, at), min(one.last, last)
        return Related(other, stands, first, last) if first <= last else None

    @staticmethod
    def _stands(before: str, how: str, *, forward: bool) -> str | None:
        if how == "same":
            return before
        if how == "copy":
            return "copy" if before in ("", "copy") else before if before == "down" else None
        if how == "holds" and forward and before == "up":
            return None  # what stands beside it in the same container
        if (how == "holds") == forward:  # to what is held, or to a part
            return _DOWN.get(before)
        found = _UP.get(before)
        return "part" if found == "up" and how == "part" else found

    def _until(self, link: Link, at: int) -> int:
        """Return the last cell in which ``link`` may hold: until one of its names is bound again."""
        last = len(self._cells.cells)
        for name in (link.target, link.source):
            bound = self._cells.bound(name)
            after = bisect_right(bound, at)
            if after < len(bound):
                last = min(last, bound[after])
        return last


def before(places: list[int], place: int) -> range:
    """Return the indices of ``places`` below ``place``, from the last."""
    return range(bisect_left(places, place) - 1, -1, -1)
