"""One reply from its request to its end: batches of events into the turn and the view, and what the plan asks next."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Protocol

from deepseek_magic.api.events import Batch, Event, TextDelta
from deepseek_magic.api.filters.filtering import filtered
from deepseek_magic.api.messages import FimRequest, Request
from deepseek_magic.commonmark.left_open import ending
from deepseek_magic.errors import DeepSeekError, InternalError, Interrupted
from deepseek_magic.render.pacing import gather
from deepseek_magic.render.renderer import Renderer
from deepseek_magic.text import words_of

from .cost_limit import Spending, limited
from .interrupts import Interrupts
from .plan import Plan
from .turn import Turn

#: A function over a stream, such as one that joins it to what is there.
Through = Callable[[Iterator[Batch]], Iterator[Batch]]
#: The error that ended a reply, if any.
Failure = DeepSeekError | Interrupted


class Endpoint(Protocol):
    """What a conversation asks; `deepseek_magic.api.client.Client` is one."""

    def stream(
        self,
        request: Request | FimRequest,
        timeout: float,
        sent: Callable[[], object] | None = None,
        gather: Callable[[int, float], float] = ...,
    ) -> Generator[Batch, None, None]:
        """Ask ``request`` and yield the events of its reply; call ``sent`` once it is on its way."""


@dataclass(slots=True, eq=False)
class Exchange:
    """Asks for one reply and folds what comes into its ``turn``.

    Args:
        turn: grows with the events.
        endpoint: whom to ask.
        renderer: shows the events; it is opened here and closed by the caller.
        interrupts: lets a stop of the user through if nothing is half done.
        plan: what the reply is asked for.
        already: the beginning of the reply, if there is one: it is shown first.
        spending: the limit on what the reply may cost.

    ``asked`` are the requests that were sent, in order.
    """

    turn: Turn
    endpoint: Endpoint
    renderer: Renderer
    interrupts: Interrupts
    plan: Plan
    already: Batch = ()
    spending: Spending | None = None
    asked: list[Request | FimRequest] = field(default_factory=list)
    #: What shows this attempt at the reply; ``None`` until the view is open.
    _view: Renderer | None = None
    #: Seconds in which nothing more would be shown.
    _rest: float | None = None

    def run(
        self, request: Request | FimRequest, base: Request | None = None, through: Sequence[Through] = ()
    ) -> Failure | None:
        """Ask ``request`` and what follows from its answer; return the error that ended it, if any.

        Args:
            request: what to ask first.
            base: the request that the reply answers, where ``request`` asks only for its rest.
            through: functions over the first stream.

        What cannot be sent at all raises: nothing is shown then, and ``asked`` is empty. Interrupts are let through
        where the exchange waits, and held back from its return on: a second stop must not cost what the first one kept.
        """
        self.interrupts.hold()
        error = self._ask(request, through)
        answered = base or request
        while error is None and isinstance(answered, Request):
            following, error = self._follow_up(answered)
            if following is None or error is not None:
                break
            if self.spending is not None:
                self.spending.add_prompt(following)
            error = self._ask(following)
            answered = following
        return error

    def _ask(self, request: Request | FimRequest, through: Sequence[Through] = ()) -> Failure | None:
        """Ask once and show what comes; return the error that ended it, if any."""
        # The view is built while the request is under way: the endpoint's time, not the reader's.
        try:
            stream = self.endpoint.stream(request, request.settings.timeout, self._open_view, self._gather)
        except DeepSeekError as error:  # it cannot be sent at all
            if not self.asked:
                raise
            return error
        self.asked.append(request)
        with closing(stream):
            batches = self._heard(stream)
            if self.spending is not None:
                batches = limited(batches, self.spending)
            for function in through:
                batches = function(batches)
            try:
                for batch in filtered(batches, self.plan.filter, self.plan.held):
                    self._show(batch)
            except KeyboardInterrupt:
                return self._stopped()
            except Exception as error:  # noqa: BLE001  # a defect must not cost what has arrived
                return as_ours(error)
        return None

    def _heard(self, stream: Iterator[Batch]) -> Iterator[Batch]:
        """Yield what ``stream`` yields. Interrupts are let through while it is waited for, and nowhere else."""
        came: list[Batch] = []
        while True:
            try:
                self.interrupts.let_through(partial(came.extend, islice(stream, 1)))
            except KeyboardInterrupt:
                yield from came  # with the stop
                raise
            if not came:
                return
            yield came.pop()

    def _follow_up(self, answered: Request) -> tuple[Request | None, Failure | None]:
        """Return what the plan asks next, and the error that ended the reply, if any."""
        attempts = len(self.turn.attempts)
        try:
            follow_up = partial(self.plan.follow_up, self.turn, answered, self._show_apart)
            following = self.interrupts.let_through(follow_up)
        except KeyboardInterrupt:
            return None, self._stopped()
        except Exception as error:  # noqa: BLE001  # as above
            return None, as_ours(error)
        if len(self.turn.attempts) > attempts:
            if (attempt := self.turn.attempts[-1]).strip():  # the next one stands apart from it
                end = ending(attempt) if self._view is self.renderer else ""  # another view shows none of its markup
                self.renderer.show((TextDelta(f"{end}\n\n"),))
            self._view = self.plan.shown_by(self.renderer)
        return following, None

    def _show(self, batch: Batch) -> None:
        """Fold ``batch`` into the turn and show it."""
        self.turn.fold(batch, time.monotonic())
        self._rest = self._open_view().show(batch)

    def _gather(self, events: int, seconds: float) -> float:
        return gather(events, seconds, self._rest)

    def _show_apart(self, event: Event) -> None:
        if self.spending is not None:
            self.spending.add(event)
        with self.interrupts.held():
            self._show((event,))

    def _open_view(self) -> Renderer:
        """Return what shows the reply, opened."""
        if self._view is None:
            with self.interrupts.held():
                view = self._view = self.plan.shown_by(self.renderer)
                self.renderer.open()
                if self.already:
                    view.show(self.already)
        return self._view

    def _stopped(self) -> Interrupted:
        turn = self.turn
        if turn.text or any(turn.attempts):
            return Interrupted("stopped; the text so far is kept")
        if turn.between:
            return Interrupted("stopped before any text came; the calls so far are kept")
        if turn.reasoning:
            return Interrupted("stopped while the model was thinking; the thinking is kept")
        return Interrupted("stopped before any text came")


def show_again(turn: Turn, batch: Batch, renderer: Renderer, plan: Plan) -> DeepSeekError | None:
    """Show a kept answer, the events of ``batch``, which ``turn`` has taken in; return why ``plan`` does not accept it.

    Nothing is asked, and nothing that the model calls is run.
    """
    view = plan.shown_by(renderer)
    renderer.open()
    view.show(batch)
    try:
        plan.accept(turn)
    except Exception as error:  # noqa: BLE001  # a defect must not cost what is kept
        return error if isinstance(error, DeepSeekError) else _defect(error)
    return None


def as_ours(error: BaseException) -> DeepSeekError | Interrupted:
    """Return ``error``, or what says that it is a stop, or a defect of ours or of a library."""
    if isinstance(error, DeepSeekError | Interrupted):
        return error
    return Interrupted("stopped before any text came") if isinstance(error, KeyboardInterrupt) else _defect(error)


def _defect(error: BaseException) -> InternalError:
    ended = InternalError(
        f"a defect ended the reply ({words_of(error)}); the text so far is kept: ask again, and report it"
    )
    ended.__cause__ = error
    return ended
