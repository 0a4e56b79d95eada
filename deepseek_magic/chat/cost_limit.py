"""Limit the cost of one reply: checked before it is requested and while it arrives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timezone

from deepseek_magic.api.catalogue import Prices
from deepseek_magic.api.events import Batch, Called, Calling, Event, ReasoningDelta, TextDelta, ToolCallDelta, Usage
from deepseek_magic.api.messages import FimRequest, Request
from deepseek_magic.errors import ConfigurationError, CostLimit
from deepseek_magic.settings.parameters import Settings
from deepseek_magic.settings.urls import is_loopback
from deepseek_magic.text import TokenCount

from .kernel_budget import Budget
from .prompt_size import prompt_tokens


class Together:
    """The total cost of several replies that are asked for at the same time, to which a limit applies."""

    def __init__(self) -> None:
        self.members: list[Spending] = []

    def beside(self, one: Spending) -> float:
        """Return the US dollars that the others have spent, as of their latest events."""
        return sum(other.latest for other in self.members if other is not one)


class Spending:
    """The estimated cost of one reply with all its requests, and its limit.

    Prompt tokens count as if none of them came from the cache, and at the higher of two possible prices.

    Args:
        settings: the model, the endpoint and the limit.
        prices: the prices.
        prompt: the estimated tokens of the first request.
        before: the US dollars that were spent before it.
        together: the replies that are asked for at the same time, which count as well.
        budget: the budget of the kernel, which has its own limit.

    Raises:
        ConfigurationError: the price is not known.
        CostLimit: the prompt alone is too expensive.
    """

    @classmethod
    def of(
        cls,
        settings: Settings,
        prices: Prices,
        request: Request | FimRequest,
        before: float = 0.0,
        together: Together | None = None,
        budget: Budget | None = None,
    ) -> Spending | None:
        """Return the spending of ``request`` under the limits that are set; ``None`` if there are no limits.

        For a budget, a server on this machine without a known price is free.
        """
        limited = budget is not None and budget.limit is not None and not _is_free(settings, prices)
        if settings.max_cost is None and not limited:
            return None
        return cls(settings, prices, prompt_tokens(request), before, together, budget if limited else None)

    def __init__(
        self,
        settings: Settings,
        prices: Prices,
        prompt: int,
        before: float = 0.0,
        together: Together | None = None,
        budget: Budget | None = None,
    ) -> None:
        self.latest = 0.0
        self._together = together or Together()
        self._together.members.append(self)
        self._budget = budget
        self._before = before
        self._settings = settings
        self._prices = prices
        self._prompt = prompt
        self._completion = TokenCount()
        self.most = float("inf") if settings.max_cost is None else settings.max_cost
        try:
            self._begin()
        except BaseException:
            self.settle({})
            raise

    def _begin(self) -> None:
        spent = self.dollars()
        if spent is None:
            if self._budget is not None:
                self._budget.check_price(None, self._settings.base_url, self._settings.model)
            msg = (
                f"--max-cost: the price of {self._settings.model} at {self._settings.base_url} is not known; "
                "give it by %config DeepSeek.prices, or leave the limit out"
            )
            raise ConfigurationError(msg)
        if spent > self.most:
            prompts = len(self._together.members)
            what = "the prompt alone costs" if prompts == 1 else f"the prompts of {prompts} columns alone cost"
            msg = (
                f"not asked: {what} about ${spent:.2g}, and --max-cost is ${self.most:g}; "
                "send less context, start over with --new, or raise the limit"
            )
            raise CostLimit(msg)
        if self._budget is not None:
            self._budget.check()

    def settle(self, spent: Mapping[str, float]) -> None:
        """Make the budget count ``spent``, US dollars by what they were spent on, instead of the estimate."""
        if self._budget is not None:
            self._budget.settle(self, spent)

    def over(self, more: float = 0.0) -> CostLimit | None:
        """Return the error to raise if ``more`` US dollars would exceed a limit; ``None`` if they would not."""
        spent = (self.dollars() or 0.0) + more
        if spent > self.most:
            return _reached(self.most, spent)
        return (
            self._budget.error(kept="the text so far")
            if self._budget is not None and self._budget.left < more
            else None
        )

    def add_prompt(self, request: Request) -> None:
        """Count the prompt of ``request``, one after the first."""
        self._prompt += prompt_tokens(request)

    def add(self, event: Event) -> None:
        """Count the part of the reply in ``event``, or the cost of a call.

        Raises:
            CostLimit: a call that is about to be made would be too expensive.
        """
        if isinstance(event, TextDelta | ReasoningDelta):
            self._completion.add(event.text)
        elif isinstance(event, ToolCallDelta):
            self._completion.add(event.arguments)
        elif isinstance(event, Calling):
            if event.cost and (error := self.over(event.cost)):
                raise error
        elif isinstance(event, Called):
            self._before += event.cost or 0.0

    def dollars(self) -> float | None:
        """Return the most US dollars spent so far, with replies asked at the same time; ``None`` without a price."""
        usage, settings = Usage(self._prompt, self._completion.tokens), self._settings
        cost = self._prices.cost(settings.base_url, settings.model, usage, datetime.now(timezone.utc), 0)
        if cost is None:
            return None
        self.latest = self._before + cost.high
        if self._budget is not None:
            self._budget.note(self, self.latest)
        return self.latest + self._together.beside(self)


def limited(batches: Iterator[Batch], spending: Spending) -> Iterator[Batch]:
    """Yield ``batches`` until they cost more than the limit.

    Raises:
        CostLimit: the limit is reached.
    """
    for batch in batches:
        for place, event in enumerate(batch):
            spending.add(event)
            if error := spending.over():
                if place:
                    yield batch[:place]
                raise error
        yield batch


def _is_free(settings: Settings, prices: Prices) -> bool:
    return is_loopback(settings.base_url) and prices.price(settings.base_url, settings.model) is None


def _reached(most: float, spent: float) -> CostLimit:
    return CostLimit(f"stopped at --max-cost {most:g}: about ${spent:.2g} so far; the text so far is kept")
