"""One reply from its request to its end: events into the turn and the view, again where a step asks for another."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, Protocol

from deepseek_magic.api.events import Event, TextDelta, Waiting
from deepseek_magic.api.messages import Request
from deepseek_magic.context.receipt import Entry
from deepseek_magic.errors import DeepSeekError, InternalError, Interrupted
from deepseek_magic.render.renderer import Renderer
from deepseek_magic.text import words_of

from .interrupts import Interrupts
from .transcript import Turn


class Endpoint(Protocol):
    """What a conversation asks; `deepseek_magic.api.client.Client` is one."""

    def stream(self, request: Request, timeout: float, sent: Callable[[], object] | None = None) -> Iterator[Event]:
        """Ask ``request`` and yield the events of its reply; call ``sent`` once it is on its way."""


#: What is said of a reply that was cut.
GO_ON = "%deepseek_continue goes on with it."


class EndOfRound(Exception):  # no error: what more would come is not wanted
    """Raised by `Steps.taken` to end the stream at once; what comes next is for `Steps.then` to say."""


class Steps(Protocol):
    """What is done with the request, with the events of its reply, and after it."""

    @property
    def go_on(self) -> str:
        """How the user goes on with a reply that was cut, in a sentence; anything but `GO_ON` is another way."""

    def reopened(self) -> None:
        """Get ready for the rest of a reply that was cut. What was taken of it stays; it is shown anew."""

    def first(self, request: Request) -> Request:
        """Return ``request`` as it is sent. May raise: then nothing is."""

    def taken(self, event: Event) -> Event | None:
        """Return ``event`` as the turn and the view get it; ``None`` where they get nothing. May raise to end it."""

    def seen(self, event: Event) -> tuple[Event, ...]:
        """Return what the reader sees of an event that was taken."""

    def rest(self) -> list[Event]:
        """Return the events that were held back when the stream ended."""

    def then(self, turn: Turn, request: Request, show: Callable[[Event], None]) -> Request | None:
        """Return what is asked after ``request`` was answered; ``None`` where the reply is whole. May raise.

        ``show`` folds an event of its own into the turn and the view.
        """

    def notes(self) -> tuple[str, ...]:
        """Return what the reader is to be told about how the reply came to be."""

    def sent(self, request: Request) -> tuple[Entry, ...]:
        """Return what ``request``, one of theirs, holds beside the question, for the receipt."""

    def view(self, turn: Turn) -> str:
        """Return the markdown that the reader sees in the end; "" where it is the reply's text."""

    def json(self) -> Any:
        """Return the reply as a JSON value; ``None`` where it is none."""

    def value(self) -> Any:
        """Return what the reply was built into; ``None`` where it is text."""


class OneStep:
    """The plain case: everything is taken as it is, and one answer is all."""

    @property
    def go_on(self) -> str:
        """How the user goes on with a reply that was cut."""
        return GO_ON

    def reopened(self) -> None:
        """Do nothing."""

    def first(self, request: Request) -> Request:
        """Return ``request``."""
        return request

    def taken(self, event: Event) -> Event | None:
        """Return ``event``."""
        return event

    def seen(self, event: Event) -> tuple[Event, ...]:
        """Return ``event``."""
        return (event,)

    def rest(self) -> list[Event]:
        """Return nothing."""
        return []

    def then(self, turn: Turn, request: Request, show: Callable[[Event], None]) -> Request | None:  # noqa: ARG002
        """Return nothing."""
        return None

    def notes(self) -> tuple[str, ...]:
        """Return nothing."""
        return ()

    def sent(self, request: Request) -> tuple[Entry, ...]:  # noqa: ARG002
        """Return nothing."""
        return ()

    def view(self, turn: Turn) -> str:  # noqa: ARG002
        """Return nothing: the text is what is seen."""
        return ""

    def json(self) -> Any:
        """Return nothing."""
        return None

    def value(self) -> Any:
        """Return nothing."""
        return None


class Exchange:
    """Asks for one reply and folds what comes into its ``turn``.

    Args:
        turn: grows with the events.
        endpoint: whom to ask.
        renderer: shows the events; it is opened here and closed by the caller.
        interrupts: lets a stop of the user through where nothing is half done.
        timeout: idle timeout in seconds.
        steps: what is done with the events, and after the reply.
        already: the beginning of the reply, where there is one: it is shown first.

    ``asked`` are the requests that were sent, in order.
    """

    def __init__(
        self,
        turn: Turn,
        endpoint: Endpoint,
        renderer: Renderer,
        interrupts: Interrupts,
        timeout: float,
        steps: Steps,
        already: Sequence[Event] = (),
    ) -> None:
        self._turn = turn
        self._endpoint = endpoint
        self._renderer = renderer
        self._interrupts = interrupts
        self._timeout = timeout
        self._steps = steps
        self._already = already
        self._opened = False
        self.asked: list[Request] = []

    def run(self, request: Request) -> DeepSeekError | Interrupted | None:
        """Ask ``request`` and what follows from its answer; return what ended it, if not its own end.

        What cannot be sent at all raises: nothing is shown then, and ``asked`` is empty.
        From its return on interrupts are held back: a second stop must not cost what the first one kept.
        """
        asked: Request | None = request
        while asked is not None:
            attempts = len(self._turn.attempts)
            error, asked = self._round(asked)
            if error is not None or asked is None:
                return error
            if len(self._turn.attempts) > attempts and self._turn.attempts[-1].strip():
                self._renderer.show(TextDelta("\n\n"))  # the next attempt stands apart from this one
            try:
                self._interrupts.release()
            except KeyboardInterrupt:
                self._interrupts.hold()
                return self._stopped()
        return None

    def _round(self, request: Request) -> tuple[DeepSeekError | Interrupted | None, Request | None]:
        """Ask once; return what ended it, and what is asked next."""
        # The view is built while the request is under way: the endpoint's time, not the reader's.
        try:
            events = self._endpoint.stream(request, self._timeout, self._open_view)
        except DeepSeekError as error:  # it cannot be sent at all
            if self.asked:
                return error, None
            raise
        self.asked.append(request)
        following: Request | None = None
        try:
            self._take_all(events)
            with self._interrupts.held():
                self._release_rest()
            following = self._steps.then(self._turn, request, self._show_apart)
        except KeyboardInterrupt:
            self._release_rest()
            return self._stopped(), None
        except DeepSeekError as error:
            self._release_rest()
            return error, None
        except Exception as error:  # noqa: BLE001  # a defect of ours or of a library must not cost what has arrived
            broken = InternalError(f"a defect ended the reply ({words_of(error)}); the text so far is kept")
            broken.__cause__ = error
            with suppress(Exception):
                self._release_rest()
            return broken, None
        finally:
            self._interrupts.hold()
            close = getattr(events, "close", None)
            if close is not None:
                close()
        return None, following

    def _take_all(self, events: Iterator[Event]) -> None:
        try:
            for event in events:
                with self._interrupts.held():
                    if not isinstance(event, Waiting):
                        self._open_view()
                    self._take(self._steps.taken(event))
        except EndOfRound:
            pass

    def show(self, event: Event) -> None:
        """Fold ``event`` into the turn and show it."""
        self._turn.fold(event, time.monotonic())
        if not isinstance(event, Waiting):
            self._show_event(event)

    def _show_event(self, event: Event) -> None:
        source = getattr(self._renderer, "shows_source", False)
        for one in (event,) if source else self._steps.seen(event):
            self._renderer.show(one)

    def _show_apart(self, event: Event) -> None:
        with self._interrupts.held():
            self.show(event)

    def _take(self, event: Event | None) -> None:
        if event is not None:
            self.show(event)

    def _release_rest(self) -> None:
        for event in self._steps.rest():
            self.show(event)

    def _open_view(self) -> None:
        with self._interrupts.held():
            if not self._opened:
                self._opened = True
                self._renderer.open()
                for event in self._already:
                    self._show_event(event)

    def _stopped(self) -> Interrupted:
        return Interrupted("stopped; the text so far is kept" if self._turn.text else "stopped before any text came")
