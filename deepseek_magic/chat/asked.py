"""`Asked`: the last question of a conversation, kept so that its answer can be continued."""

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

#: Returns the kept reply to a request, by the request's digest, if another model than the one that answers now gave it.
OtherModel = Callable[[str, Served], Kept | None]


#: The note on a kept reply whose tool calls ran code at the time.
NOT_RUN = "Its code was not run again: the variables that it made are not there, and its figures are not kept."


@dataclass(slots=True)
class Asked:
    """A question that was asked, and its answer so far.

    Attributes:
        question: the question.
        prepared: the last request that was sent for it.
        transcript: the transcript that holds the turn.
        turn: the turn.
        base: the request that the text of the turn answers; a later request may have asked only for the rest of it.
        plan: the plan of the answer, which also serves a continuation.
        outcome: the plan's outcome so far.
        elapsed: the seconds so far.
        place: the display id of the output that shows it; "" if it cannot be continued there.
        cost: the cost so far.
        counted: the tokens in that cost.
        counted_web: the US dollars for requests to the web in that cost.
        counted_parts: how many parts of the answer that cost counts.
        other_model: looks for a kept reply of another model.
        kept: the kept reply that is shown, if nothing was asked.
        keeps: what is kept of this reply once it is complete.
        ending: how it is shown.
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
        """Return the events that show the answer so far."""
        thinking = self.turn.drawn_thinking
        shown: list[Event] = [ReasoningDelta(thinking)] if thinking else []
        rounds = list(self.turn.rounds)
        if rounds:  # the continuation brings its own blank space
            last = rounds.pop()
            rounds += [replace(last, text=said)] if (said := last.text.rstrip()) else []
        return (*shown, *self.turn.calls, *rounds)

    def close(
        self, conversation: str, error: BaseException | None, requests: Sequence[Request | FimRequest]
    ) -> TurnContext:
        """Close the turn, and return its context.

        Args:
            conversation: the name of the conversation.
            error: the error that ended the turn, if any.
            requests: the requests that were sent. The text answers the last one; a single request may have asked only
                for the rest of a text, whose base then stays.
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
            QuestionError: the answer is complete or empty, or cannot be continued.
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
        """Return the `Reply` for Python, once the turn is closed."""
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
        """Return the most US dollars spent so far (``None`` if not known), and how many of them on the web."""
        return (None if self.cost is None else self.cost.high), self.counted_web

    def spent(self, estimate: float) -> dict[str, float]:
        """Return what the last closed part of the answer cost, in US dollars by what they were spent on.

        ``estimate`` is the most that this part may have cost; it is used if the endpoint did not count the tokens.
        """
        before, web_before = self._before
        web = self.turn.web_dollars - web_before
        now, then = self._so_far()[0], before if self.counted_parts > 1 else 0.0
        dollars = estimate if now is None or then is None else now - then
        return {self.question.spent_on: max(0.0, dollars - web), WEB: web}

    def _cost(self) -> Cost | None:
        """Return the cost of the answer, whose parts may have come from several models and at several hours."""
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
