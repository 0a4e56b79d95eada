"""What a reply is asked for, in four parts: the request, a filter of its stream, what follows it, and its outcome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from deepseek_magic.api.events import Batch, Event
from deepseek_magic.api.messages import FimRequest, Request
from deepseek_magic.context.receipt import Entry
from deepseek_magic.render.renderer import Renderer

from .turn import Turn

#: What is said of a reply that was cut.
GO_ON = "%deepseek_continue goes on with it."
#: And of one of which only thinking came: no endpoint goes on with that.
ASK_AGAIN = "%deepseek_continue asks the question again; thinking starts over."

#: Folds an event of the plan's own into the turn and shows it.
Show = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a reply.

    Attributes:
        value: what it was built into; ``None`` if it is text.
        json: the reply as a JSON value; ``None`` if it is not one.
        view: the markdown that the reader sees in the end; "" if it is the reply's text.
        notes: what the reader must know about how the reply came to be.
        entries: what the last request held beside the question, for the receipt.
        go_on: how the user goes on with a reply that was cut, in a sentence.
        is_code: whether it is the source of a cell.
        code: that source.
    """

    value: Any = None
    json: Any = None
    view: str = ""
    notes: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()
    go_on: str = GO_ON
    is_code: bool = False
    code: str = ""


class Plan:
    """Asks for text: sends the request, takes the reply as it is, and asks nothing more. Other plans override parts.

    A plan serves one reply, with all the requests that it takes, those for the rest of a reply that was cut included.
    """

    def prepare(self, request: Request) -> Request | FimRequest:
        """Return ``request`` as it is sent. May raise: then nothing is sent."""
        return request

    def recognised(self, request: Request) -> Request | FimRequest:
        """Return ``request`` as a kept answer to it is recognised: like `prepare`, but nothing is started or asked."""
        return self.prepare(request)

    def filter(self, batch: Batch) -> Batch:
        """Return ``batch`` as the turn and the view get it. May raise `EndOfStream`."""
        return batch

    def held(self) -> Batch:
        """Return what `filter` has held back when a stream ends, however it ends."""
        return ()

    def shown_by(self, renderer: Renderer) -> Renderer:
        """Return what shows one attempt at the reply by way of ``renderer``."""
        return renderer

    def follow_up(self, turn: Turn, request: Request, show: Show) -> Request | None:  # noqa: ARG002
        """Return what is asked after ``request`` was answered; ``None`` if the reply is whole. May raise."""
        return None

    def accept(self, turn: Turn) -> None:
        """Check the answer of ``turn``, which was kept: as `follow_up` does, but nothing is asked or run. May raise."""

    def outcome(self, turn: Turn, request: Request | FimRequest) -> Outcome:  # noqa: ARG002
        """Return what became of the reply; ``request`` is the last that was sent."""
        return Outcome()
