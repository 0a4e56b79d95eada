"""The one loop that asks: a question becomes a request, its events a turn and a view, the turn a `Reply`."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from deepseek_magic.api.dialects import dialect_of
from deepseek_magic.api.messages import FimRequest, Request
from deepseek_magic.context.wrapping import new_marker
from deepseek_magic.errors import Interrupted, QuestionError
from deepseek_magic.render.renderer import Ending, Renderer
from deepseek_magic.settings.parameters import Settings, Thinking
from deepseek_magic.text import estimate_tokens

from . import footer
from .asked import Asked
from .continue_ import Continuation, continued
from .cost_limit import Capped, Limit
from .exchange import GO_ON, Endpoint, Exchange, OneStep, Steps
from .interrupts import Interrupts
from .question import Prepared, Question, prepare
from .reply import Reply
from .transcript import Transcript, Turn


class Conversation:
    """The turns under one name, and the loop that adds to them."""

    def __init__(self, name: str = "main") -> None:
        self.name = name
        self.transcript = Transcript()
        self.last_ending: Ending | None = None
        self.last_reply: Reply | None = None
        self.last_sent: Prepared | None = None
        self._last: Asked | None = None
        # Context is wrapped with it: nobody who writes what a notebook holds can know it, and so close the wrapping.
        self.marker = new_marker()

    def reset(self) -> None:
        """Forget every turn."""
        self.transcript.reset()
        self.last_ending = self.last_reply = self._last = None

    def undo(self) -> Turn | None:
        """Take the last turn that was answered back and return it."""
        self.last_ending = self.last_reply = self._last = None
        return self.transcript.undo()

    def ask(
        self,
        question: Question,
        endpoint: Endpoint,
        renderer: Renderer,
        shown_here: Callable[[], bool] | None = None,
        steps: Steps | None = None,
    ) -> Reply:
        """Ask ``question``, show its reply through ``renderer`` while it comes, and return it.

        Args:
            question: what to ask.
            endpoint: whom to ask.
            renderer: shows the reply; its `close` is called whatever happens.
            shown_here: tells whether the running execution is the one in which ``renderer`` shows the reply.
            steps: what is done beside asking once and showing what comes.

        Raises:
            Interrupted: the user stopped it.
            DeepSeekError: the endpoint refused, failed, or broke off. This and `Interrupted` carry what has arrived
                as their attribute ``reply``; it has been shown by then.
        """
        transcript = self.transcript if question.remember else Transcript()
        turn, prepared = self._open(question, transcript)
        inner = steps or OneStep()
        steps = _capped(question, prepared.receipt.tokens, inner)
        try:
            request = steps.first(prepared.request)
        except BaseException:
            transcript.discard(turn)
            raise
        before = self._last, self.last_sent
        self.last_sent = replace(prepared, request=request)
        self._last = Asked(question, prepared, transcript, turn, request, inner)
        try:
            return self._exchange(self._last, request, steps, endpoint, renderer, shown_here)
        except BaseException:
            if turn.state == "partial":  # nothing was sent
                transcript.discard(turn)
                self._last, self.last_sent = before
            raise

    @property
    def place(self) -> str:
        """The display id of the output that holds the last reply; "" where it cannot be gone on with there."""
        return "" if self._last is None else self._last.place

    @property
    def steps(self) -> Steps | None:
        """What was done with the last reply, and is done with its rest."""
        return None if self._last is None else self._last.steps

    @property
    def can_go_on(self) -> bool:
        """Whether the last reply was cut."""
        return self._last is not None and self._last.turn.state in ("cut", "interrupted")

    def unfinished(self) -> Settings:
        """Return the settings of the last reply, which can be gone on with.

        Raises:
            QuestionError: it is whole, or there is none.
        """
        last = self._last
        if last is None or not last.turn.text.strip() or last.turn.state == "complete":
            why = "the last reply is whole" if last and last.turn.state == "complete" else "no reply was cut"
            msg = f"there is nothing to go on with in conversation {self.name}: {why}"
            raise QuestionError(msg)
        if last.steps.go_on != GO_ON:
            msg = f"%deepseek_continue cannot go on with the last reply of conversation {self.name}: {last.steps.go_on}"
            raise QuestionError(msg)
        return last.question.settings

    def resume(
        self,
        settings: Settings,
        endpoint: Endpoint,
        renderer: Renderer,
        shown_here: Callable[[], bool] | None = None,
        thinking: Thinking | None = None,
    ) -> Reply:
        """Go on with the last reply where it was cut, and return the whole of it.

        Args:
            settings: what this part is asked with; the question and what went before it stay as they were.
            endpoint: whom to ask.
            renderer: shows the whole reply, beginning with what is there.
            shown_here: as for `ask`.
            thinking: how much to think before the rest; ``None`` leaves that to the endpoint's kind.

        Raises:
            QuestionError: there is no reply that was cut.
            Interrupted, DeepSeekError: as for `ask`.
        """
        self.unfinished()
        last = self._last
        assert last is not None  # else `unfinished` raised
        turn, dialect = last.turn, dialect_of(settings)
        base = replace(last.base, model=settings.model, max_tokens=settings.max_tokens)
        part = replace(last, question=replace(last.question, settings=settings, notes=()), base=base)
        before = turn.state, turn.finish_reason, self.last_sent
        turn.reopen()
        try:
            request = continued(base, turn, dialect, thinking)
            steps: Steps = Continuation(turn, base, last.steps, exact=bool(dialect.prefix))
            steps = _capped(part.question, last.prepared.receipt.tokens + estimate_tokens(turn.text), steps)
            request = steps.first(request)
            self.last_sent = replace(last.prepared, request=request, settings=settings)
            return self._exchange(part, request, steps, endpoint, renderer, shown_here)
        except BaseException:
            if turn.state == "partial":  # nothing was sent
                turn.fall_back()
                turn.state, turn.finish_reason, self.last_sent = before
            raise
        finally:
            self._last = replace(part, question=last.question)

    def _exchange(
        self,
        asked: Asked,
        request: Request,
        steps: Steps,
        endpoint: Endpoint,
        renderer: Renderer,
        shown_here: Callable[[], bool] | None,
    ) -> Reply:
        """Ask ``request`` for the turn of ``asked`` and what follows from its answer; show it, and return the reply."""
        turn, started = asked.turn, time.monotonic() - asked.elapsed
        around, error = self._around(asked.question, asked.prepared, asked.steps.go_on), None
        timeout, ending = asked.question.settings.timeout, Ending("")
        with Interrupts() as interrupts:
            exchange = Exchange(turn, endpoint, renderer, interrupts, timeout, steps, asked.already())
            try:
                error = exchange.run(request)
            finally:
                if exchange.asked:
                    asked.elapsed = time.monotonic() - started
                    asked.keep_base(exchange.asked)
                    around = replace(around, receipt=asked.prepared.receipt.followed_by(steps.sent(exchange.asked[-1])))
                    if self.last_sent is not None:
                        self.last_sent = replace(self.last_sent, request=exchange.asked[-1], receipt=around.receipt)
                    around = asked.close(around, error, steps)
                    ending = footer.ending(turn, around, error, footer=asked.question.footer)
                    self.last_ending = ending = replace(ending, shown=steps.view(turn))
                    renderer.close(ending)
                    asked.place = renderer.display_id or asked.place  # what is shown apart cannot be gone on with there
            if interrupts.pending and error is None:
                error = Interrupted("stopped when the reply was whole")
        made = _reply(turn, around, ending, shown_here)
        reply = self.last_reply = replace(made, value=steps.value(), _json=steps.json())
        if error is not None:
            error.reply = reply
            raise error
        return reply

    def note_sent(self, request: FimRequest) -> None:
        """Keep ``request`` as the last one that was sent: it went out in the place of a chat request."""
        if self.last_sent is not None:
            self.last_sent = replace(self.last_sent, instead=request)

    def rehearse(self, question: Question, steps: Steps | None = None) -> Prepared:
        """Return what asking ``question`` would send; nothing is sent, and the conversation stays as it is."""
        transcript = self.transcript if question.remember else Transcript()
        turn, prepared = self._open(question, transcript)
        transcript.discard(turn)
        steps = steps or OneStep()
        request = steps.first(prepared.request)
        return replace(prepared, request=request, receipt=prepared.receipt.followed_by(steps.sent(request)))

    def _open(self, question: Question, transcript: Transcript) -> tuple[Turn, Prepared]:
        """Open a turn of ``transcript`` for ``question``; return it with the request that asks it."""
        turn = transcript.open(question.text, question.cell, fresh=question.fresh)
        try:
            earlier, left_out = transcript.history(turn, question.settings.history_tokens)
            prepared = prepare(question, earlier, left_out, self.marker)
        except BaseException:
            transcript.discard(turn)
            raise
        turn.question, turn.sent = prepared.composed.question, prepared.composed.content
        turn.known, turn.images = prepared.composed.known, prepared.images
        return turn, prepared

    def _around(self, question: Question, prepared: Prepared, go_on: str) -> footer.Circumstances:
        return footer.Circumstances(
            conversation=self.name if question.remember else "",
            max_tokens=question.settings.max_tokens,
            history_tokens=question.settings.history_tokens,
            left_out=prepared.left_out,
            digest=prepared.digest(),
            notes=question.notes,
            receipt=prepared.receipt,
            go_on=go_on,
        )


def _capped(question: Question, prompt: int, steps: Steps) -> Steps:
    """Return ``steps`` with the limit on the cost of ``question`` around them, if it has one.

    ``prompt`` are the estimated tokens of what is sent.
    """
    if question.settings.max_cost is None:
        return steps
    limit = Limit(question.settings.max_cost, question.prices, question.settings.base_url)
    return Capped(steps, limit, prompt)


def _reply(turn: Turn, around: footer.Circumstances, ending: Ending, shown_here: Callable[[], bool] | None) -> Reply:
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
        _ending=ending,
        _shown_here=shown_here,
    )
