"""`Budget`: a limit on what one kernel spends in all, from any thread."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from deepseek_magic.api.catalogue import Cost
from deepseek_magic.errors import ConfigurationError, CostLimit
from deepseek_magic.settings.urls import host_of

#: What money is spent on besides the kinds of questions.
WEB, MAPS = "the web", "maps"


@dataclass(eq=False)
class Budget:
    """What was spent, and on what; ``limit`` is in US dollars, ``None`` for no limit.

    A reply that is under way counts with its latest estimate, which is an upper limit; one that has ended, with its
    cost.
    """

    limit: float | None = None
    _spent: dict[str, float] = field(default_factory=dict)
    _under_way: dict[object, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def left_behind(self) -> Budget:
        """Return the budget for the child of a fork: replies that are under way, and the lock, stay with the parent."""
        return Budget(_spent=dict(self._spent))

    def __deepcopy__(self, memo: object) -> Budget:
        return self

    @property
    def spent(self) -> float:
        """The US dollars spent so far, including replies that are under way."""
        with self._lock:
            return sum(self._spent.values()) + sum(self._under_way.values())

    @property
    def left(self) -> float:
        """The US dollars that may still be spent; infinite without a limit."""
        return float("inf") if self.limit is None else self.limit - self.spent

    def note(self, who: object, dollars: float) -> None:
        """Count ``dollars`` for ``who``, which is under way, instead of its earlier estimate."""
        with self._lock:
            self._under_way[who] = dollars

    def settle(self, who: object, spent: Mapping[str, float]) -> None:
        """Count ``spent``, US dollars by what they were spent on, for ``who``, which has ended."""
        with self._lock:
            self._under_way.pop(who, None)
            for kind, dollars in spent.items():
                self._spent[kind] = self._spent.get(kind, 0.0) + dollars

    def spend(self, kind: str, dollars: float) -> None:
        """Count ``dollars`` that were spent without an estimate."""
        self.settle(None, {kind: dollars})

    def check(self, more: float = 0.0) -> None:
        """Raise `CostLimit` if ``more`` US dollars would be more than is left."""
        if self.limit is not None and (self.left < more or self.left <= 0):
            raise self.error()

    def check_price(self, price: object, base_url: str, what: str) -> None:
        """Raise `ConfigurationError` if there is a limit and the ``price`` of ``what`` is not known (``None``)."""
        if self.limit is not None and price is None:
            msg = (
                f"DeepSeek.budget: the price of {what} at {host_of(base_url)} is not known; give it by "
                "%config DeepSeek.prices, or remove the limit with %config DeepSeek.budget = None"
            )
            raise ConfigurationError(msg)

    def error(self, *, kept: str = "") -> CostLimit:
        """Return the error for a budget that is used up; ``kept`` names what has arrived, if anything has."""
        rest = f"{kept} is kept; " if kept else ""
        return CostLimit(
            f"{'stopped' if kept else 'not asked'}: the budget of {_dollars(self.limit or 0.0)} (DeepSeek.budget) is "
            f"spent ({self.on_what()}); {rest}raise it to go on, or set it to None"
        )

    def on_what(self) -> str:
        """Return what was spent on what, in words."""
        with self._lock:
            spent, under_way = dict(self._spent), sum(self._under_way.values())
        parts = [f"{kind} {_dollars(dollars)}" for kind, dollars in spent.items() if dollars]
        parts += [f"under way {_dollars(under_way)}"] if under_way else []
        return ", ".join(parts) or "nothing so far"


def _dollars(amount: float) -> str:
    return str(Cost(amount, amount))
