"""`Exchange`: fetch one reply, fold its events into the turn and the view, and send the plan's follow-up requests."""

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

#: A function over a stream of batches, such as one that joins it to the beginning of a reply.
Through = Callable[[Iterator[Batch]], Iterator[Batch]]
#: The error that ended a reply, if any.
Failure = DeepSeekError | Interrupted


class Endpoint(Protocol):
    """The endpoint of a conversation; `deepseek_magic.api.client.Client` is one."""

    def stream(
        self,
        request: Request | FimRequest,
        timeout: float,
        sent: Callable[[], object] | None = None,
        gather: Callable[[int, float], float] = ...,
    ) -> Generator[Batch, None, None]:
        """Send ``request`` and yield the events of its reply; call ``sent`` once it has been sent."""


@dataclass(slots=True, eq=False)
class Exchange:
    """Asks for one reply and folds its events into the turn.

    Attributes:
        turn: the turn, which grows with the events.
        endpoint: the endpoint to ask.
        renderer: shows the events; it is opened here and closed by the caller.
        interrupts: lets the user's interrupts through where nothing is left half done.
        plan: the plan of the reply.
        already: the beginning of the reply, if there is one: it is shown first.
        spending: the limit on the cost of the reply; ``None`` for no limit.
        asked: the requests that were sent, in order.
    """

    turn: Turn
    endpoint: Endpoint
    renderer: Renderer
    interrupts: Interrupts
    plan: Plan
    already: Batch = ()
    spending: Spending | None = None
    asked: list[Request | FimRequest] = field(default_factory=list)
    #: The renderer of this attempt at the reply; ``None`` until the view is open.
    _view: Renderer | None = None
    #: Seconds during which nothing more would be painted.
    _rest: float | None = None

    def run(
        self, request: Request | FimRequest, base: Request | None = None, through: Sequence[Through] = ()
    ) -> Failure | None:
        """Ask ``request`` and its follow-ups; return the error that ended the reply, if any.

        A request that cannot be sent at all raises; then nothing is shown, and ``asked`` is empty. Interrupts are let
        through where the exchange waits, and held back once it returns, so that a second one loses nothing.

        Args:
            request: the first request.
            base: the request that the reply answers, if ``request`` asks only for the rest of it.
            through: functions over the first stream.
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
        """Send one request and show the reply; return the error that ended it, if any."""
        # The view is built while the request is being sent, so that building it costs the reader no time.
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
            except Exception as error:  # noqa: BLE001  # a bug must not lose the text that has arrived
                return as_ours(error)
        return None

    def _heard(self, stream: Iterator[Batch]) -> Iterator[Batch]:
        """Yield the batches of ``stream``. Interrupts are let through only while waiting for them."""
        came: list[Batch] = []
        while True:
            try:
                self.interrupts.let_through(partial(came.extend, islice(stream, 1)))
            except KeyboardInterrupt:
                yield from came  # batches that came with the interrupt
                raise
            if not came:
                return
            yield came.pop()

    def _follow_up(self, answered: Request) -> tuple[Request | None, Failure | None]:
        """Return the plan's next request, and the error that ended the reply, if any."""
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
                end = ending(attempt) if self._view is self.renderer else ""  # another view does not show its markup
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
        """Open the view of this attempt at the reply, and return it."""
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
    """Show a kept answer, the events in ``batch``; return the error if ``plan`` does not accept it.

    ``turn`` has taken in the events. Nothing is asked, and no call of the model is run.
    """
    view = plan.shown_by(renderer)
    renderer.open()
    view.show(batch)
    try:
        plan.accept(turn)
    except Exception as error:  # noqa: BLE001  # a bug must not lose the kept reply
        return error if isinstance(error, DeepSeekError) else _defect(error)
    return None


def as_ours(error: BaseException) -> DeepSeekError | Interrupted:
    """Return ``error`` as one of our errors: a stop by the user, or a bug of ours or of a library."""
    if isinstance(error, DeepSeekError | Interrupted):
        return error
    return Interrupted("stopped before any text came") if isinstance(error, KeyboardInterrupt) else _defect(error)


def _defect(error: BaseException) -> InternalError:
    ended = InternalError(
        f"a defect ended the reply ({words_of(error)}); the text so far is kept: ask again, and report it"
    )
    ended.__cause__ = error
    return ended
