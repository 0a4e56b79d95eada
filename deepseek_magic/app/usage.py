"""Count the tokens and the cost of a session, by model."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from deepseek_magic.api.catalogue import Cost
from deepseek_magic.api.events import Usage
from deepseek_magic.chat.reply import Reply

if TYPE_CHECKING:
    from deepseek_magic.batch.results import ValueOutcome


@dataclass(slots=True)
class ModelTally:
    """The usage of one model: replies, tokens, and US dollars if the price is known.

    ``uncounted`` of the replies ended before the endpoint sent their count of tokens: they were stopped, or broke off.
    """

    replies: int = 0
    uncounted: int = 0
    prompt: int = 0
    cache_hit: int = 0
    completion: int = 0
    cost: Cost | None = None

    def add(self, usage: Usage, counted: Usage, cost: Cost | None) -> None:
        """Add the tokens of ``usage`` beyond those already ``counted``, and ``cost``."""
        self.prompt += (usage.prompt or 0) - (counted.prompt or 0)
        self.cache_hit += (usage.cache_hit or 0) - (counted.cache_hit or 0)
        self.completion += (usage.completion or 0) - (counted.completion or 0)
        if cost is not None:
            self.cost = cost if self.cost is None else self.cost + cost


@dataclass(eq=False, slots=True)
class Tallies:
    """The tallies of a session by model. Maps count from their threads, each in the ``lock``; a copy has its own.

    Attributes:
        by_model: the usage of each model.
        web_requests: how many requests to the web were billed.
        web_dollars: the US dollars for those with a known price.
    """

    by_model: dict[str, ModelTally] = field(default_factory=dict)
    web_requests: int = 0
    web_dollars: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def count(self, reply: Reply, model: str, before: Reply | None = None) -> None:
        """Count ``reply``, asked of ``model``; where it went on with one that was counted ``before``, what it adds."""
        cost = _of_model(reply)
        earlier = None if before is None else _of_model(before)
        if cost is not None and earlier is not None:
            cost -= earlier
        requests, dollars = (0, 0.0) if before is None else (before.web_requests, before.web_dollars)
        with self.lock:
            self._add_web(reply.web_requests - requests, reply.web_dollars - dollars)
            tally = self.by_model.setdefault(reply.model or model, ModelTally())
            tally.replies += before is None
            tally.uncounted += (reply.usage is None) - (before is not None and before.usage is None)
            tally.add(reply.usage or Usage(), (before.usage if before else None) or Usage(), cost)

    def count_web(self, requests: int, dollars: float) -> None:
        """Count ``requests`` to the web that the user made himself, and what they cost."""
        with self.lock:
            self._add_web(requests, dollars)

    def _add_web(self, requests: int, dollars: float) -> None:
        self.web_requests += requests
        self.web_dollars += dollars

    def count_mapped(self, outcome: ValueOutcome, cost: Cost | None, model: str) -> None:
        """Count the tokens of one value of a map, asked of ``model``, and what they cost."""
        with self.lock:
            tally = self.by_model.setdefault(outcome.model or model, ModelTally())
            tally.replies += 1
            tally.add(outcome.usage, Usage(), cost)


def _of_model(reply: Reply) -> Cost | None:
    """Return what ``reply`` cost without its requests to the web."""
    web = reply.web_dollars
    return None if reply.cost is None else reply.cost - Cost(web, web, reply.cost.as_of)
