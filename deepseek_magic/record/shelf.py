"""`Shelf`: kept replies in memory, of this kernel or of a notebook's file."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator

from deepseek_magic.forks import in_child

from .kept import Kept

#: The most characters of all replies of this kernel that are kept.
MOST = 30_000_000


def any_kept(_: Kept) -> bool:
    """Return ``True``: every reply to a request fits it."""
    return True


class Shelf:
    """Kept replies by their requests.

    Args:
        in_order: whether repeated requests find their replies in the order of the page, if the cell that asks does not
            decide; otherwise they find the newest.
        most: the most characters in all; beyond them, the oldest replies are dropped.
    """

    def __init__(self, *, in_order: bool = False, most: int = MOST) -> None:
        self._in_order = in_order
        self._most = most
        self._size = 0
        self._kept: deque[Kept] = deque()
        self._by_request: dict[str, list[Kept]] = {}
        self._found: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()  # replies in the background are added from other threads
        in_child(self, Shelf._leave_to_parent)

    def _leave_to_parent(self) -> None:
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[Kept]:
        with self._lock:
            return iter(tuple(self._kept))

    def add(self, kept: Kept) -> None:
        """Add a reply."""
        with self._lock:
            self._kept.append(kept)
            self._by_request.setdefault(kept.request, []).append(kept)
            self._size += _size(kept)
            while self._size > self._most and len(self._kept) > 1:
                oldest = self._kept.popleft()
                self._size -= _size(oldest)
                self._by_request[oldest.request].remove(oldest)

    def find(self, request: str, cell: str | None, fits: Callable[[Kept], bool] = any_kept) -> Kept | None:
        """Return the reply to ``request`` in ``cell``, or else another one, that ``fits``; ``None`` if none does.

        ``cell`` is "" if it is not known, and ``None`` for the newest reply.
        """
        with self._lock:
            kept = list(filter(fits, self._by_request.get(request, ())))
        if not kept:
            return None
        if same := [one for one in kept if cell and one.cell == cell]:
            return same[-1]
        if cell is None or not self._in_order:
            return kept[-1]
        place = self._found.get((request, cell)) if cell else None
        if place is None:
            place = self._found.get((request, ""), 0)
            self._found[request, ""] = place + 1
            self._found.setdefault((request, cell), place)
        return kept[min(place, len(kept) - 1)]

    def same(self, request: str, answered: str, text: str) -> Kept | None:
        """Return the reply that came at ``answered`` with this ``text``; ``None`` if it is not kept."""
        found = (one for one in self._by_request.get(request, ()) if (one.answered, one.text) == (answered, text))
        return next(found, None)


def _size(kept: Kept) -> int:
    images = sum(len(one.url) for one in kept.images)
    return len(kept.text) + len(kept.thinking) + len(kept.sent) + images + 1_000
