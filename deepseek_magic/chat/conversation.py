"""The one loop that asks: a question becomes a request, its events a turn and a view, the turn a `Reply`."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timezone
from typing import Protocol

from deepseek_magic.api import catalogue
from deepseek_magic.api.events import Event, Waiting
from deepseek_magic.api.messages import Request
from deepseek_magic.errors import DeepSeekError, Interrupted, StreamBroken
from deepseek_magic.render.base import Ending, Renderer
from deepseek_magic.settings import Settings

from . import closing
from .interrupts import Interrupts
from .question import Prepared, Question, prepare
from .reply import Reply
from .transcript import Transcript, Turn


class Endpoint(Protocol):
    """What a conversation asks; `deepseek_magic.api.client.Client` is one."""

    def stream(self, request: Request, timeout: float, sent: Callable[[], object] | None = None) -> Iterator[Event]:
        """Ask ``request`` and yield the events of its reply; call ``sent`` once it is on its way."""


class Conversation:
    """The turns under one name, and the loop that adds to them."""

    def __init__(self, name: str = "main") -> None:
        self.name = name
        self.transcript = Transcript()
        self.last_ending: Ending | None = None
        self.last_sent: Prepared | None = None
        # Context is wrapped with it: nobody who writes what a notebook holds can know it, and so close the wrapping.
        self._marker = secrets.token_hex(6)

    def reset(self) -> None:
        """Forget every turn."""
        self.transcript.reset()
        self.last_ending = None

    def undo(self) -> Turn | None:
        """Take the last turn that was answered back and return it."""
        self.last_ending = None
        return self.transcript.undo()

    def ask(
        self,
        question: Question,
        endpoint: Endpoint,
        renderer: Renderer,
        shown_here: Callable[[], bool] | None = None,
    ) -> Reply:
        """Ask ``question``, show its reply through ``renderer`` while it comes, and return it.

        Args:
            question: what to ask.
            endpoint: whom to ask.
            renderer: shows the reply; its `close` is called whatever happens.
            shown_here: tells whether the running execution is the one in which ``renderer`` shows the reply.

        Raises:
            Interrupted: the user stopped it.
            DeepSeekError: the endpoint refused, failed, or broke off. This and `Interrupted` carry what has arrived
                as their attribute ``reply``; it has been shown by then.
        """
        transcript = self.transcript if question.remember else Transcript()
        turn, prepared = self._open(question, transcript)
        self.last_sent = prepared
        around = self._around(question, prepared)
        started = time.monotonic()
        error: DeepSeekError | Interrupted | None = None
        with Interrupts() as interrupts:
            try:
                error = _stream(turn, prepared.request, question.settings.timeout, endpoint, renderer, interrupts)
            finally:
                elapsed = time.monotonic() - started
                outdated = transcript.close(turn, closing.state_of(turn, error))
                cost = _cost(question.settings, turn, elapsed)
                around = replace(around, elapsed=elapsed, cost=cost, outdated=outdated)
                self.last_ending = _ending(turn, around, error, footer=question.footer)
                renderer.close(self.last_ending)
            if interrupts.pending and error is None:
                error = Interrupted("stopped when the reply was whole")
        reply = _reply(turn, around, self.last_ending, shown_here)
        if error is not None:
            error.reply = reply
            raise error
        return reply

    def rehearse(self, question: Question) -> Prepared:
        """Return what asking ``question`` would send; nothing is sent, and the conversation stays as it is."""
        transcript = self.transcript if question.remember else Transcript()
        turn, prepared = self._open(question, transcript)
        transcript.discard(turn)
        return prepared

    def _open(self, question: Question, transcript: Transcript) -> tuple[Turn, Prepared]:
        """Open a turn of ``transcript`` for ``question``; return it with the request that asks it."""
        turn = transcript.open(question.text, question.cell, fresh=question.fresh)
        try:
            earlier, left_out = transcript.history(turn, question.settings.history_tokens)
            prepared = prepare(question, earlier, left_out, self._marker)
        except BaseException:
            transcript.discard(turn)
            raise
        turn.question, turn.sent = prepared.composed.question, prepared.composed.content
        turn.known = prepared.composed.known
        return turn, prepared

    def _around(self, question: Question, prepared: Prepared) -> closing.Circumstances:
        return closing.Circumstances(
            conversation=self.name if question.remember else "",
            max_tokens=question.settings.max_tokens,
            history_tokens=question.settings.history_tokens,
            left_out=prepared.left_out,
            digest=prepared.digest(),
            notes=question.notes,
            receipt=prepared.receipt,
        )


def _stream(
    turn: Turn,
    request: Request,
    timeout: float,
    endpoint: Endpoint,
    renderer: Renderer,
    interrupts: Interrupts,
) -> DeepSeekError | Interrupted | None:
    """Fold the events of the reply into ``turn`` and show them; return what ended it, if not its own end."""
    opened = False

    def open_view() -> None:
        nonlocal opened
        with interrupts.held():
            if not opened:
                opened = True
                renderer.open()

    # The view is built while the request is under way: the endpoint's time, not the reader's.
    events = endpoint.stream(request, timeout, open_view)
    try:
        for event in events:
            with interrupts.held():
                turn.fold(event, time.monotonic())
                if not isinstance(event, Waiting):
                    open_view()
                    renderer.show(event)
    except KeyboardInterrupt:
        return Interrupted("stopped; the text so far is kept" if turn.text else "stopped before any text came")
    except DeepSeekError as error:
        return error
    except Exception as error:  # noqa: BLE001  # a defect of ours or of the server must not cost what has arrived
        broken = StreamBroken(
            f"the reply could not be read on ({type(error).__name__}: {error}); the text so far is kept"
        )
        broken.__cause__ = error
        return broken
    finally:
        interrupts.hold()  # until the end: a second stop must not cost what the first one kept
        close = getattr(events, "close", None)
        if close is not None:
            close()
    return None


def _cost(settings: Settings, turn: Turn, elapsed: float) -> catalogue.Cost | None:
    if turn.usage is None:
        return None
    model = turn.served.model or settings.model
    return catalogue.cost(settings.base_url, model, turn.usage, datetime.now(timezone.utc), elapsed)


def _ending(
    turn: Turn, around: closing.Circumstances, error: DeepSeekError | Interrupted | None, *, footer: bool
) -> Ending:
    return Ending(
        text=turn.text,
        reasoning=turn.reasoning,
        thought=closing.thought(turn),
        footer=closing.footer(turn, around) if footer else "",
        details=closing.details(turn, around) if footer else "",
        notices=closing.notices(turn, around, error),
        metadata=closing.metadata(turn, around),
        receipt=around.receipt.line() if footer else "",
        receipt_rows=around.receipt.rows() if footer else (),
    )


def _reply(turn: Turn, around: closing.Circumstances, ending: Ending, shown_here: Callable[[], bool] | None) -> Reply:
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
        _ending=ending,
        _shown_here=shown_here,
    )
