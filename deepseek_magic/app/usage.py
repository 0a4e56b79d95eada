"""Tokens and dollars of a session, by model."""

from __future__ import annotations

from dataclasses import dataclass

from deepseek_magic.api.catalogue import Cost
from deepseek_magic.api.events import Usage
from deepseek_magic.chat.reply import Reply


@dataclass(slots=True)
class Tally:
    """What one model has cost so far: replies, tokens, and dollars where the price is known.

    ``uncounted`` of the replies ended before the endpoint told their tokens: they were stopped, or broke off.
    """

    replies: int = 0
    uncounted: int = 0
    prompt: int = 0
    cache_hit: int = 0
    completion: int = 0
    cost: Cost | None = None

    def add(self, reply: Reply, before: Reply | None = None) -> None:
        """Count ``reply``; where it went on with one that was counted ``before``, what it has more than that."""
        self.replies += before is None
        self.uncounted += (reply.usage is None) - (before is not None and before.usage is None)
        usage, counted = reply.usage or Usage(), (before.usage if before else None) or Usage()
        self.prompt += (usage.prompt or 0) - (counted.prompt or 0)
        self.cache_hit += (usage.cache_hit or 0) - (counted.cache_hit or 0)
        self.completion += (usage.completion or 0) - (counted.completion or 0)
        if reply.cost is not None:
            cost = reply.cost if before is None or before.cost is None else reply.cost - before.cost
            self.cost = cost if self.cost is None else self.cost + cost
