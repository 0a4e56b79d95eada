"""The last question, kept so that its answer can be continued."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone

from deepseek_magic.api.catalogue import Cost
from deepseek_magic.api.events import Batch, Event, ReasoningDelta, Served, Usage
from deepseek_magic.api.messages import FimRequest, Request
from deepseek_magic.errors import QuestionError
from deepseek_magic.record.kept import Kept
from deepseek_magic.render.renderer import Ending

from . import footer
from .keeping import kept_of
from .kernel_budget import WEB
from .notices import TurnContext, model_changed, state_of
from .plan import GO_ON, Outcome, Plan
from .question import Prepared, Question
from .reply import Reply
from .sent_parts import AFTER
from .transcript import Transcript
from .turn import Turn

#: Returns the reply that is kept to a request, by its digest, where another model gave it than the one that answers.
OtherModel = Callable[[str, Served], Kept | None]


#: Said of a kept reply that ran code when it came.
NOT_RUN = "Its code was not run again: the variables that it made are not there, and its figures are not kept."


@dataclass(slots=True)
class Asked:
    """A question that was asked, and its answer so far: ``base`` is the request that the text of ``turn`` answers.

    ``plan`` is that of the answer and of its rest, ``outcome`` what became of it so far; ``place`` is the display id
    of the output that holds it; ``elapsed``, ``cost`` and ``counted`` (its tokens; ``counted_web`` the dollars of
    its requests to the web) are what it took so far.
    ``kept`` is the reply that was kept, if nothing is asked; ``other_model`` looks for a kept one of another model;
    ``keeps`` is what is kept of this reply, once it is whole; ``ending`` is how it is shown.
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
    counted_web: float = 0.0
    counted_parts: int = 0
    other_model: OtherModel | None = None
    kept: Kept | None = None
    keeps: Kept | None = None
    ending: Ending = field(default=Ending(""))
    _before: tuple[float | None, float] = (None, 0.0)

    def already(self) -> Batch:
        """Return the answer so far as the events that show it."""
        thinking = self.turn.drawn_thinking
        shown: list[Event] = [ReasoningDelta(thinking)] if thinking else []
        rounds = list(self.turn.rounds)
        if rounds:  # the rest brings the blank space at its end
            last = rounds.pop()
            rounds += [replace(last, text=said)] if (said := last.text.rstrip()) else []
        return (*shown, *self.turn.calls, *rounds)

    def close(
        self, conversation: str, error: BaseException | None, requests: Sequence[Request | FimRequest]
    ) -> TurnContext:
        """Close the turn, and return what is known beside it.

        Args:
            conversation: its name.
            error: the error that ended the turn, if any.
            requests: those that were sent. The last one is what the text answers; but if there was one, it may have
                asked only for the rest of a text, and the base of that stays.
        """
        if len(requests) > 1:
            self.base = requests[-1]
        turn, question, prepared = self.turn, self.question, self.prepared
        self.counted_parts += 1
        turn.fall_back()
        digest = prepared.digest()
        other = self.other_model(digest.whole, turn.served) if self.other_model and turn.text else None
        changed = () if self.kept else model_changed(turn, other)
        outdated = self.transcript.close(turn, state_of(turn, error))
        self.cost, self.counted = self._cost(), turn.usage
        self.outcome = self.plan.outcome(turn, requests[-1])
        said = tuple(dict.fromkeys((*(self.kept.notes if self.kept else ()), *self.outcome.notes)))
        not_run = (NOT_RUN,) if self.kept and any(call.piece for call in turn.calls) else ()
        noted = self.kept.entries if self.kept else self.outcome.entries
        receipt = replace(prepared, request=requests[-1], noted=noted).receipt
        entries = tuple(entry for entry in receipt.entries if entry.kind in ("tool", *AFTER))
        answered = self.kept.answered if self.kept else footer.now_in_utc()
        if turn.state == "complete" and not turn.handed_over:
            keeps = kept_of(turn, digest, answered, said, entries)
            self.keeps = keeps and replace(
                keeps, conversation=conversation if question.remember else "", summary=prepared.past.summary
            )
        return TurnContext(
            conversation=conversation if question.remember else "",
            elapsed=self.elapsed,
            cost=self.cost,
            max_tokens=question.settings.max_tokens,
            history_tokens=question.settings.history_tokens,
            left_out=prepared.past.left_out,
            outdated=outdated,
            digest=digest.whole,
            answered=answered,
            keeps=self.keeps,
            kept=self.kept,
            servers=self.base.servers if self.kept and isinstance(self.base, Request) else (),
            notes=(*question.notes, *prepared.past.notes, *said, *not_run, *changed),
            receipt=receipt,
            go_on=self.outcome.go_on,
        )

    def cut_request(self, conversation: str) -> Request:
        """Return the request whose answer was cut.

        Raises:
            QuestionError: the answer is whole or empty, or cannot be gone on with.
        """
        turn, go_on = self.turn, self.outcome.go_on
        if not turn.begun or turn.state == "complete":
            why = "the last reply is complete" if turn.state == "complete" else "no reply was cut"
            raise nothing_to_go_on_with(conversation, why)
        if go_on != GO_ON or not isinstance(self.base, Request):
            msg = f"%deepseek_continue cannot continue the last reply of conversation {conversation}: {go_on}"
            raise QuestionError(msg)
        return self.base

    def reply(self, around: TurnContext, ending: Ending, shown_here: Callable[[], bool] | None) -> Reply:
        """Return what the question gives back to Python, once the turn is closed."""
        turn = self.turn
        return Reply(
            text=turn.text,
            reasoning=turn.reasoning,
            model=turn.served.model,
            finish_reason=turn.finish_reason,
            usage=turn.usage,
            cost=around.cost,
            request_id=turn.request_id,
            elapsed=around.elapsed,
            notices=ending.notices,
            attempts=turn.attempts,
            value=self.outcome.value,
            kept="" if self.kept is None else self.kept.origin,
            sources=turn.sources,
            web_requests=0 if self.kept else turn.web_requests,
            web_dollars=0.0 if self.kept else turn.web_dollars,
            _json=self.outcome.json,
            _code=self.outcome.code,
            _ending=ending,
            _keeps=self.keeps,
            _shown_here=shown_here,
        )

    def _so_far(self) -> tuple[float | None, float]:
        """Return the US dollars so far at the most, ``None`` if not known, and those of the web among them."""
        return (None if self.cost is None else self.cost.high), self.counted_web

    def spent(self, estimate: float) -> dict[str, float]:
        """Return what the part that was closed last spent on what: counted if that is known, else estimated.

        ``estimate`` are the US dollars of this part at the most.
        """
        before, web_before = self._before
        web = self.turn.web_dollars - web_before
        now, then = self._so_far()[0], before if self.counted_parts > 1 else 0.0
        dollars = estimate if now is None or then is None else now - then
        return {self.question.spent_on: max(0.0, dollars - web), WEB: web}

    def _cost(self) -> Cost | None:
        """Return what the answer has cost: the rest of it may have come from another model, and at another hour."""
        self._before = self._so_far()
        turn, settings = self.turn, self.question.settings
        if turn.usage is None or self.kept is not None:
            return None
        model, now = turn.served.model or settings.model, datetime.now(timezone.utc)
        usage, dollars = turn.usage.since(self.counted), turn.web_dollars
        cost = self.question.prices.cost(settings.base_url, model, usage, now, self.elapsed)
        if cost is None:
            return None
        web = Cost(dollars - self.counted_web, dollars - self.counted_web, cost.as_of)
        self.counted_web = dollars
        if self.counted is None:
            return cost + web
        return None if self.cost is None else self.cost + cost + web


def nothing_to_go_on_with(conversation: str, why: str) -> QuestionError:
    """Return the error that says that there is nothing to continue."""
    return QuestionError(f"there is nothing to continue in conversation {conversation}: {why}; ask a question instead")
