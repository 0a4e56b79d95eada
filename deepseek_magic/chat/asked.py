"""What was asked last: kept, so that one can go on with its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone

from deepseek_magic.api.catalogue import Cost
from deepseek_magic.api.events import Batch, Event, ReasoningDelta, TextDelta, Usage
from deepseek_magic.api.messages import FimRequest, Request

from . import footer
from .footer import TurnContext
from .plan import Outcome, Plan
from .question import Prepared, Question
from .transcript import Transcript
from .turn import Turn


@dataclass(slots=True)
class Asked:
    """A question that was asked, and its answer so far: ``base`` is the request that the text of ``turn`` answers.

    ``plan`` is that of the answer and of its rest, ``outcome`` what became of it so far; ``place`` is the display id
    of the output that holds it; ``elapsed``, ``cost`` and ``counted`` (its tokens) are what it took so far.
    """

    question: Question
    prepared: Prepared
    transcript: Transcript
    turn: Turn
    base: Request | FimRequest
    plan: Plan
    outcome: Outcome = field(default_factory=Outcome)
    elapsed: float = 0.0
    place: str = ""
    cost: Cost | None = None
    counted: Usage | None = None

    def already(self) -> Batch:
        """Return what is there of the answer as the events that show it."""
        text, thinking = self.turn.text.rstrip(), self.turn.reasoning
        shown: list[Event] = [ReasoningDelta(thinking)] if thinking else []
        return (*shown, *self.turn.calls, *([TextDelta(text)] if text else []))

    def close(
        self, conversation: str, error: BaseException | None, requests: Sequence[Request | FimRequest]
    ) -> TurnContext:
        """Close the turn, and return what is known beside it.

        Args:
            conversation: its name.
            error: what ended the turn, if not its own end.
            requests: those that were sent. The last one is what the text answers; but where there was one, it may have
                asked only for the rest of a text, and the base of that stays.
        """
        if len(requests) > 1:
            self.base = requests[-1]
        turn, question, prepared = self.turn, self.question, self.prepared
        turn.fall_back()
        changed = footer.model_changed(turn)
        outdated = self.transcript.close(turn, footer.state_of(turn, error))
        self.cost, self.counted = self._cost(), turn.usage
        self.outcome = self.plan.outcome(turn, requests[-1])
        return TurnContext(
            conversation=conversation if question.remember else "",
            elapsed=self.elapsed,
            cost=self.cost,
            max_tokens=question.settings.max_tokens,
            history_tokens=question.settings.history_tokens,
            left_out=prepared.left_out,
            outdated=outdated,
            digest=prepared.digest().whole,
            notes=(*question.notes, *self.outcome.notes, *changed),
            receipt=prepared.receipt.followed_by(self.outcome.entries),
            go_on=self.outcome.go_on,
        )

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
