"""What was asked last: kept, so that one can go on with its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone

from deepseek_magic.api.catalogue import Cost
from deepseek_magic.api.events import Event, ReasoningDelta, TextDelta, Usage
from deepseek_magic.api.messages import Request
from deepseek_magic.errors import DeepSeekError, Interrupted

from . import footer
from .exchange import Steps
from .question import Prepared, Question
from .transcript import Transcript, Turn


@dataclass(slots=True)
class Asked:
    """A question that was asked, and its answer so far: ``base`` is the request that the text of ``turn`` answers.

    ``steps`` are done with the answer and with its rest; ``place`` is the display id of the output that holds it;
    ``elapsed``, ``cost`` and ``counted`` (its tokens) are what it took so far.
    """

    question: Question
    prepared: Prepared
    transcript: Transcript
    turn: Turn
    base: Request
    steps: Steps
    elapsed: float = 0.0
    place: str = ""
    cost: Cost | None = None
    counted: Usage | None = None

    def already(self) -> tuple[Event, ...]:
        """Return what is there of the answer as the events that show it."""
        text, thinking = self.turn.text.rstrip(), self.turn.reasoning
        shown = ([ReasoningDelta(thinking)] if thinking else [], self.turn.calls, [TextDelta(text)] if text else [])
        return tuple(event for part in shown for event in part)

    def keep_base(self, requests: Sequence[Request]) -> None:
        """Keep the request that the text of the turn answers: where ``requests`` were several, the last.

        The first one may have been made to go on with a text; then its own base stays.
        """
        if len(requests) > 1:
            self.base = requests[-1]
        self.turn.fall_back()

    def close(
        self, around: footer.Circumstances, error: DeepSeekError | Interrupted | None, steps: Steps
    ) -> footer.Circumstances:
        """Close the turn, which ``error`` ended; return what is known of it then."""
        changed = footer.served_anew(self.turn)
        outdated = self.transcript.close(self.turn, footer.state_of(self.turn, error))
        self.cost, self.counted = self._cost(), self.turn.usage
        notes = (*around.notes, *steps.notes(), *changed)
        return replace(around, elapsed=self.elapsed, cost=self.cost, outdated=outdated, notes=notes)

    def _cost(self) -> Cost | None:
        """Return what the answer has cost: the rest of it may have come from another model, and at another hour."""
        turn, settings = self.turn, self.question.settings
        if turn.usage is None:
            return None
        model, now = turn.served.model or settings.model, datetime.now(timezone.utc)
        usage = turn.usage.since(self.counted)
        cost = self.question.prices.cost(settings.base_url, model, usage, now, self.elapsed)
        if self.counted is None or cost is None:
            return cost
        return None if self.cost is None else self.cost + cost
