"""`Conversation`: turn a question into a request, its events into a turn and a view, and the turn into a `Reply`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from deepseek_magic.api.dialects import dialect_of
from deepseek_magic.api.messages import FimRequest, Request
from deepseek_magic.errors import Interrupted
from deepseek_magic.record.digest import Digest
from deepseek_magic.record.kept import Kept
from deepseek_magic.render.renderer import Renderer
from deepseek_magic.settings.parameters import Settings, Thinking

from . import footer
from .asked import Asked, OtherModel, nothing_to_go_on_with
from .compared import Compared
from .continue_ import IN_WORDS, continued, joined_to
from .cost_limit import Spending
from .exchange import Endpoint, Exchange, Failure, Through, show_again
from .interrupts import Interrupts, never
from .keeping import take
from .notices import TurnContext
from .plan import Plan
from .question import Prepared, Question, prepare
from .reply import Reply
from .summary import none_kept
from .transcript import Transcript


class Conversation(Compared):
    """The turns under one name. It asks questions, replays kept replies, and continues a reply that was cut."""

    def from_outside(self, question: Question) -> bool:
        """Return whether ``question``, or anything sent with it, contains words of strangers."""
        beside = any(item.kind == "file" for item in question.context)
        return beside or (question.remember and self.transcript.from_outside(fresh=question.fresh))

    def ask(
        self,
        question: Question,
        endpoint: Endpoint,
        renderer: Renderer,
        shown_here: Callable[[], bool] | None = None,
        plan: Plan | None = None,
        other_model: OtherModel | None = None,
    ) -> Reply:
        """Ask ``question``, show its reply through ``renderer`` while it comes, and return it.

        Args:
            question: the question.
            endpoint: the endpoint to ask.
            renderer: shows the reply; its `close` is always called.
            shown_here: returns whether the running execution is the one in which ``renderer`` shows the reply.
            plan: the plan of the reply; ``None`` for text.
            other_model: see `deepseek_magic.chat.asked.OtherModel`; the footer names the change.

        Raises:
            Interrupted: the user stopped it.
            DeepSeekError: the endpoint refused, failed, or broke off. This and `Interrupted` hold what has arrived in
                their attribute ``reply``; it has already been shown.
        """
        asked = self._open(question, plan, endpoint)
        asked.other_model = other_model
        before = self._last, self.last_sent
        try:
            request, spent, together = asked.base, asked.prepared.past.spent, question.together
            spending = Spending.of(question.settings, question.prices, request, spent, together, question.budget)
            self._last, self.last_sent = asked, asked.prepared
            return self._run(asked, request, endpoint, renderer, shown_here, spending=spending)
        except BaseException:
            if asked.turn.state == "partial":  # nothing was sent
                asked.transcript.discard(asked.turn)
                self._last, self.last_sent = before
            raise
        finally:
            if asked.turn.state != "partial":
                self.summaries.owed = None

    def rehearse(self, question: Question, plan: Plan | None = None) -> Prepared:
        """Return what asking ``question`` would send. Nothing is sent, and the conversation does not change."""
        with self._lock:
            asked = self._open(question, plan)
            asked.transcript.discard(asked.turn)
        return replace(asked.prepared, noted=asked.plan.outcome(asked.turn, asked.base).entries)

    def _open(
        self,
        question: Question,
        plan: Plan | None,
        endpoint: Endpoint | None = None,
        find: Callable[[str], Kept | None] | None = None,
    ) -> Asked:
        """Open a turn for ``question`` and prepare its request. ``find`` or ``endpoint`` provide summaries."""
        plan, transcript = plan or Plan(), self.transcript if question.remember else Transcript()
        with self._lock:  # a rehearsed turn is removed at once
            turn = transcript.open(question.text, question.cell, fresh=question.fresh)
        try:
            past = self.summaries.past(transcript, turn, question, endpoint, find)
            prepared = prepare(question, plan, past, self.marker, asks=find is None)
        except BaseException:
            transcript.discard(turn)
            raise
        turn.question, turn.sent = prepared.composed.question, prepared.composed.content
        if owed := self.summaries.owed:
            turn.count(owed)
        turn.known, turn.images = prepared.composed.known, prepared.images
        return Asked(question, prepared, transcript, turn, prepared.request, plan)

    def replay(
        self,
        question: Question,
        find: Callable[[Digest], Kept | None],
        began: Callable[[], Renderer],
        shown_here: Callable[[], bool] | None = None,
        plan: Plan | None = None,
        summary: Callable[[str], Kept | None] = none_kept,
    ) -> Reply | None:
        """Show the kept reply to ``question`` and return it; nothing is asked and nothing is run.

        Args:
            question: the question.
            find: returns the kept reply to a request, given its digest; ``None`` if there is none.
            began: called if there is one; returns the renderer that shows it.
            shown_here: as for `ask`.
            plan: as for `ask`.
            summary: returns a kept summary of earlier turns.

        Returns:
            The reply; ``None`` if none is kept, and then the conversation does not change.

        Raises:
            DoesNotFit: the kept reply is not the value that is asked for now.
        """
        asked = self._open(question, plan, find=summary)
        turn, prepared = asked.turn, asked.prepared
        try:
            asked.kept = kept = find(prepared.digest())
        finally:
            if asked.kept is None:
                asked.transcript.discard(turn)
        if kept is None:
            return None
        self._last = asked
        renderer = began()
        with Interrupts() as interrupts:
            interrupts.hold()
            error = show_again(turn, take(turn, kept, self.marker), renderer, asked.plan)
            around = asked.close(self.name, error, [prepared.request])
            self.last_sent = replace(prepared, noted=kept.entries)
            self._end(asked, around, error, renderer, interrupts, continues=False)
        return self._ended(asked, around, error or _stop(interrupts), shown_here)

    def unfinished(self) -> Settings:
        """Return the settings of the last reply, which can be continued.

        Raises:
            QuestionError: it is complete, or there is none.
        """
        return self._unfinished()[0].question.settings

    def _unfinished(self) -> tuple[Asked, Request]:
        if self._last is None:
            raise nothing_to_go_on_with(self.name, "no reply was cut")
        return self._last, self._last.cut_request(self.name)

    def resume(
        self,
        settings: Settings,
        endpoint: Endpoint,
        renderer: Renderer,
        shown_here: Callable[[], bool] | None = None,
        thinking: Thinking | None = None,
    ) -> Reply:
        """Continue the last reply where it was cut, and return the whole of it.

        Args:
            settings: the settings of this part; the question and everything before it are sent as before.
            endpoint: the endpoint to ask.
            renderer: shows the whole reply, starting with its beginning.
            shown_here: as for `ask`.
            thinking: how much to think before the rest; ``None`` for the default of the dialect.

        Raises:
            QuestionError: there is no reply that was cut.
            Interrupted, DeepSeekError: as for `ask`.
        """
        last, base = self._unfinished()
        turn, exact = last.turn, bool(dialect_of(settings).prefix)
        # What the plan set in the first request stays, such as its stop strings.
        base = replace(base, settings=replace(settings, thinking=base.settings.thinking, stop=base.settings.stop))
        before = turn.state, turn.finish_reason, self.last_sent
        last.transcript.reopen(turn)
        in_words = not exact and bool(turn.round_so_far()[0].strip())
        question = replace(last.question, settings=settings, notes=(IN_WORDS,) if in_words else ())
        part = replace(last, question=question, base=base)
        try:
            request = continued(base, turn, dialect_of(settings), thinking)
            spending = Spending.of(settings, question.prices, request, budget=question.budget)
            self.last_sent = replace(last.prepared, request=request)
            through = [partial(joined_to, turn, exact=exact)]
            return self._run(
                part, request, endpoint, renderer, shown_here, spending=spending, base=base, through=through
            )
        except BaseException:
            if turn.state == "partial":  # nothing was sent
                turn.fall_back()
                state, turn.finish_reason, self.last_sent = before
                last.transcript.close(turn, state)
            raise
        finally:
            self._last = replace(part, question=last.question)

    def _run(
        self,
        asked: Asked,
        request: Request | FimRequest,
        endpoint: Endpoint,
        renderer: Renderer,
        shown_here: Callable[[], bool] | None,
        *,
        spending: Spending | None,
        base: Request | None = None,
        through: Sequence[Through] = (),
    ) -> Reply:
        """Ask ``request`` and its follow-ups for the turn of ``asked``, show the answer, and return the reply."""
        started = time.monotonic() - asked.elapsed
        error: Failure | None = None
        with Interrupts() as interrupts:
            begun = asked.already() if base else ()
            exchange = Exchange(asked.turn, endpoint, renderer, interrupts, asked.plan, begun, spending)
            try:
                error = exchange.run(request, base, through)
            finally:
                if exchange.asked:
                    asked.elapsed = time.monotonic() - started
                    around = asked.close(self.name, error, exchange.asked)
                if spending is not None:
                    spending.settle(asked.spent(spending.latest) if exchange.asked else {})
                if exchange.asked:
                    self.last_sent = replace(asked.prepared, request=exchange.asked[-1], noted=asked.outcome.entries)
                    self._end(asked, around, error, renderer, interrupts, continues=base is not None)
        return self._ended(asked, around, error or _stop(interrupts), shown_here)

    def _ended(
        self, asked: Asked, around: TurnContext, error: Failure | None, shown_here: Callable[[], bool] | None
    ) -> Reply:
        """Return the reply; raise ``error``, which carries it, if there is one."""
        self._last = asked  # another question may have ended meanwhile
        reply = self.last_reply = asked.reply(around, asked.ending, shown_here)
        if error is not None:
            error.reply = reply
            raise error
        return reply

    def _end(
        self,
        asked: Asked,
        around: TurnContext,
        error: BaseException | None,
        renderer: Renderer,
        interrupts: Interrupts,
        *,
        continues: bool,
    ) -> None:
        """Show the finished reply; one that ``continues`` replaces its beginning."""
        shown, view = asked.question.footer, asked.outcome.view
        if continues and self._endings:
            self._endings.pop()
        ending = footer.ending(asked.turn, around, error, footer=shown, view=view)
        front_end = asked.question.front_end()
        asked.ending = replace(ending, needs=front_end.needs, execution=front_end.execution)
        self._endings.append(asked.ending)
        attempt = never if isinstance(error, Interrupted) else interrupts.attempt
        renderer.close(replace(asked.ending, attempt=attempt))
        asked.place = renderer.display_id or asked.place  # without a display of its own it cannot be continued there


def _stop(interrupts: Interrupts) -> Interrupted | None:
    return Interrupted("stopped when the reply was complete") if interrupts.pending else None
