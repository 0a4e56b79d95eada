"""`Plan`: what a reply is asked for, in four parts: prepare the request, filter the stream, follow up, outcome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from deepseek_magic.api.events import Batch, Event
from deepseek_magic.api.messages import FimRequest, Request
from deepseek_magic.context.receipt import Entry
from deepseek_magic.render.renderer import Renderer

from .turn import Turn

#: How to go on after a reply that was cut.
GO_ON = "%deepseek_continue goes on with it."
#: How to go on if only thinking came, which no endpoint continues.
ASK_AGAIN = "%deepseek_continue asks the question again; thinking starts over."

#: Folds an event that the plan makes into the turn, and shows it.
Show = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a plan makes of a reply.

    Attributes:
        value: the value that was built from it; ``None`` for text.
        json: the reply as a JSON value; ``None`` if it is not one.
        view: the Markdown that is shown in the end; "" for the text of the reply.
        notes: notices about how the reply was made.
        entries: the plan's parts of the last request, for the receipt.
        go_on: a sentence on how to continue a reply that was cut.
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

    A plan serves one reply with all its requests, including those that continue it.
    """

    def prepare(self, request: Request) -> Request | FimRequest:
        """Return ``request`` as it is sent. If this raises, nothing is sent."""
        return request

    def recognised(self, request: Request) -> Request | FimRequest:
        """Return ``request`` for its digest: like `prepare`, but nothing is started and the user is asked nothing."""
        return self.prepare(request)

    def filter(self, batch: Batch) -> Batch:
        """Return ``batch`` as the turn and the view receive it. May raise `EndOfStream`."""
        return batch

    def held(self) -> Batch:
        """Return what `filter` still holds back when a stream ends, for whatever reason."""
        return ()

    def shown_by(self, renderer: Renderer) -> Renderer:
        """Return the renderer of one attempt at the reply, which may wrap ``renderer``."""
        return renderer

    def follow_up(self, turn: Turn, request: Request, show: Show) -> Request | None:  # noqa: ARG002
        """Return the request that follows the answer to ``request``; ``None`` if the reply is complete. May raise."""
        return None

    def accept(self, turn: Turn) -> None:
        """Check a kept answer of ``turn`` like `follow_up`, but without asking or running anything. May raise."""

    def outcome(self, turn: Turn, request: Request | FimRequest) -> Outcome:  # noqa: ARG002
        """Return the outcome of the reply; ``request`` is the last one that was sent."""
        return Outcome()
