"""Count the tokens and the cost of a run, and start a value only if it fits within the limit."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timezone

from deepseek_magic.api.catalogue import Cost, Prices, longest_reply
from deepseek_magic.api.events import Usage
from deepseek_magic.chat.kernel_budget import MAPS, Budget
from deepseek_magic.errors import ConfigurationError, CostLimit
from deepseek_magic.settings.parameters import Settings
from deepseek_magic.settings.urls import is_loopback

from .results import ValueOutcome


class Cap:
    """The cost of a run so far, and whether another value may be started. It may be used from several threads.

    Args:
        settings: the settings for each value; ``max_cost`` is the limit on the whole run.
        prices: the prices.
        count: called with each outcome that was paid for, and its cost if the price is known.
        budget: the budget of the kernel, which has its own limit.

    A value is taken to cost what those before it cost on average, and the first ones what their longest reply would:
    so the limit is not passed by a whole round of requests that are under way, but by the difference of one value
    from the others at most.
    """

    def __init__(
        self,
        settings: Settings,
        prices: Prices,
        count: Callable[[ValueOutcome, Cost | None], object],
        budget: Budget | None = None,
    ) -> None:
        self._budget = budget or Budget()
        self._of_budget = False
        self._settings = settings
        self._prices = prices
        self._count = count
        self._lock = threading.Lock()
        self._under_way = 0
        self._paid = 0
        self.reached = False
        self.usage = Usage()
        self.cost: Cost | None = None
        self.asked = 0

    def check(self, tokens: int) -> None:
        """Check the limit before anything is asked; ``tokens`` are those of all prompts.

        Raises:
            ConfigurationError: there is a limit, and the price is not known.
            CostLimit: the prompts alone would cost more.
        """
        limit, settings = self._settings.max_cost, self._settings
        cost = self._price(Usage(tokens, 0), "")
        if not (cost is None and is_loopback(settings.base_url)):
            self._budget.check_price(cost, settings.base_url, settings.model)
            self._budget.check(0.0 if cost is None else cost.high)
        if limit is None:
            return
        if cost is None:
            msg = (
                f"--max-cost: the price of {settings.model} at {settings.base_url} is not known; "
                "give it by %config DeepSeek.prices, or leave the limit out"
            )
            raise ConfigurationError(msg)
        if cost.high > limit:
            msg = (
                f"not asked: just the prompts would cost about {cost}, and --max-cost is ${limit:g}; "
                "ask about fewer values, or raise the limit"
            )
            raise CostLimit(msg)

    def admit(self) -> bool | None:
        """Return whether another value may be started; it then counts as under way until `settle`.

        ``None`` if that depends on the values under way; ``False`` for good once the limit is reached.
        """
        limit = self._settings.max_cost
        with self._lock:
            more = self._more()
            over_budget = more > self._budget.left
            if not self.reached and (over_budget or (limit is not None and self._spent() + more > limit)):
                if self._under_way:
                    return None
                self.reached, self._of_budget = self._paid > 0 or self._budget.left <= 0, over_budget
            if not self.reached:
                self._under_way += 1
            return not self.reached

    def settle(self, outcome: ValueOutcome, *, admitted: bool = True) -> None:
        """Count the outcome of a value; ``admitted``: `admit` started it, and it was not asked elsewhere."""
        with self._lock:
            self._under_way -= admitted
            self._add(outcome)
            if not admitted and self._settings.max_cost is not None:
                self.reached = self.reached or self._spent() >= self._settings.max_cost
            if not admitted and self._budget.left <= 0:
                self.reached = self._of_budget = True

    def error(self) -> CostLimit:
        """Return the error for the limit that was reached."""
        limit = self._settings.max_cost or 0
        if self._of_budget:
            return self._budget.error(kept="every finished value")
        return CostLimit(
            f"stopped at --max-cost {limit:g}: about {self.cost} so far; every finished value is kept: "
            "run it again with a higher limit to go on"
        )

    def _add(self, outcome: ValueOutcome) -> None:
        if outcome.stopped:
            return
        self.asked += 1
        if outcome.usage == Usage():
            return
        self._paid += 1
        self.usage = self.usage + outcome.usage
        cost = self._price(outcome.usage, outcome.model)
        if cost is not None:
            self.cost = cost if self.cost is None else self.cost + cost
            self._budget.spend(MAPS, cost.high)
        self._count(outcome, cost)

    def _spent(self) -> float:
        return 0.0 if self.cost is None else self.cost.high

    def _more(self) -> float:
        """Return the estimated US dollars of the values under way and of one more."""
        if self._paid:
            one = self._spent() / self._paid
        else:
            longest = self._price(Usage(0, longest_reply(self._settings)), "")
            one = 0.0 if longest is None else longest.high
        return (self._under_way + 1) * one

    def _price(self, usage: Usage, model: str) -> Cost | None:
        """Return the cost of ``usage``, by the requested model if the server's own name for it has no price."""
        at = datetime.now(timezone.utc)
        for name in (model, self._settings.model):
            cost = self._prices.cost(self._settings.base_url, name, usage, at, 0) if name else None
            if cost is not None:
                return cost
        return None
