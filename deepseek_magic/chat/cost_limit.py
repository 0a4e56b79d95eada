"""A limit on what one reply may cost: checked before it is asked for, and while it comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from deepseek_magic.api.catalogue import Prices
from deepseek_magic.api.events import Event, ReasoningDelta, TextDelta, ToolCallDelta, Usage
from deepseek_magic.api.messages import Request
from deepseek_magic.context.receipt import Entry
from deepseek_magic.errors import ConfigurationError, CostLimit
from deepseek_magic.text import estimate_tokens

from .exchange import Steps
from .transcript import Turn


@dataclass(frozen=True, slots=True)
class Limit:
    """The most that one reply may cost, in US dollars, and the prices at the endpoint that is asked."""

    dollars: float
    prices: Prices
    base_url: str


class Capped:
    """Steps that end where the reply, all its requests together, costs more than its limit by our estimate.

    Args:
        inner: what is done otherwise.
        limit: the most it may cost.
        prompt: estimated tokens of the first request.

    Prompt tokens count as if none of them came from the cache, and at the higher of two possible prices.
    """

    def __init__(self, inner: Steps, limit: Limit, prompt: int) -> None:
        self._inner = inner
        self._limit = limit
        self._prompt = prompt
        self._completion = 0.0
        self._model = ""

    @property
    def go_on(self) -> str:
        """What the inner steps say."""
        return self._inner.go_on

    def reopened(self) -> None:
        """Get the inner steps ready for the rest of a reply."""
        self._inner.reopened()

    def first(self, request: Request) -> Request:
        """Return the request, unless its prompt alone costs more than the limit.

        Raises:
            ConfigurationError: the price is not known.
            CostLimit: the prompt alone is too dear.
        """
        self._model = request.model
        spent = self._spent()
        if spent is None:
            msg = (
                f"--max-cost: the price of {request.model} at {self._limit.base_url} is not known; "
                "give it by %config DeepSeek.prices, or leave the limit out"
            )
            raise ConfigurationError(msg)
        if spent > self._limit.dollars:
            msg = (
                f"not asked: the prompt alone costs about ${spent:.2g}, and --max-cost is ${self._limit.dollars:g}; "
                "send less context, start afresh with --new, or raise the limit"
            )
            raise CostLimit(msg)
        return self._inner.first(request)

    def taken(self, event: Event) -> Event | None:
        """Count ``event`` and hand it on.

        Raises:
            CostLimit: the limit is reached.
        """
        match event:
            case TextDelta(text) | ReasoningDelta(text):
                self._completion += _tokens(text)
            case ToolCallDelta(arguments=text):
                self._completion += _tokens(text)
            case _:
                return self._inner.taken(event)
        spent = self._spent()
        if spent is not None and spent > self._limit.dollars:
            msg = f"stopped at --max-cost {self._limit.dollars:g}: about ${spent:.2g} so far; the text so far is kept"
            raise CostLimit(msg)
        return self._inner.taken(event)

    def seen(self, event: Event) -> tuple[Event, ...]:
        """Return what the reader sees of ``event``."""
        return self._inner.seen(event)

    def rest(self) -> list[Event]:
        """Return what the inner steps held back."""
        return self._inner.rest()

    def then(self, turn: Turn, request: Request, show: Callable[[Event], None]) -> Request | None:
        """Return what the inner steps ask next; its prompt is counted too."""
        following = self._inner.then(turn, request, show)
        if following is not None:
            self._prompt += sum(estimate_tokens(message.text) for message in following.messages)
        return following

    def notes(self) -> tuple[str, ...]:
        """Return what the inner steps tell the reader."""
        return self._inner.notes()

    def sent(self, request: Request) -> tuple[Entry, ...]:
        """Return what is in it by the inner steps."""
        return self._inner.sent(request)

    def view(self, turn: Turn) -> str:
        """Return the inner steps' view."""
        return self._inner.view(turn)

    def json(self) -> Any:
        """Return the inner steps' JSON value."""
        return self._inner.json()

    def value(self) -> Any:
        """Return the inner steps' value."""
        return self._inner.value()

    def _spent(self) -> float | None:
        """Return the dollars so far, at the most; ``None`` where the price is not known."""
        usage = Usage(self._prompt, int(self._completion))
        limit = self._limit
        cost = limit.prices.cost(limit.base_url, self._model, usage, datetime.now(timezone.utc), 0)
        return None if cost is None else cost.high


def _tokens(text: str) -> float:
    """Estimate the tokens of a piece of text, by the rule of `estimate_tokens` without its rounding."""
    others = len(text) - len(text.encode("ascii", "ignore"))
    return 0.3 * (len(text) - others) + 0.6 * others
