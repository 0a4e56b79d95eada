"""Going on with a reply that was cut: the request that asks for the rest, and the seam between the two.

Source: DeepSeek's chat-prefix-completion guide. Where the endpoint has no such thing, the model is asked in words to
repeat the end and go on; where it does, the repetition tells the exact place to join at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from deepseek_magic.api.dialects import Dialect
from deepseek_magic.api.events import Event, Finished, TextDelta
from deepseek_magic.api.messages import Message, Request
from deepseek_magic.context.receipt import Entry
from deepseek_magic.settings.parameters import Thinking

from .exchange import OneStep, Steps
from .join import SEARCHED, end_of, joined, restarts
from .transcript import Turn

_IN_WORDS = (
    "Your last reply was cut off. Go on with it, exactly where it ends. Begin by repeating, word for word, its "
    "last characters, which follow, and then go on; say nothing about it.\n\n"
)
_NOTE = "This server cannot go on with a reply that was begun: the rest was asked for in words, and joined."


def continued(request: Request, turn: Turn, dialect: Dialect, thinking: Thinking | None) -> Request:
    """Return the request that asks for the rest of ``turn``.

    Args:
        request: the one that its text, or the last round of it, answers.
        turn: holds the beginning of the answer.
        dialect: tells whether the endpoint completes a reply that was begun.
        thinking: how much to think first, where the user says so for the rest; else not at all, for the thinking is
            over. Where the thinking is no field of the endpoint's own, what the question was asked with stays.

    Blank space at the end is left out, since models go on badly after it, and they begin with it themselves. Where
    nothing was said yet, it is ``request`` itself; results of calls that ran since go along.
    """
    begun, reasoning = turn.round_so_far()
    begun = begun.rstrip()
    told = sum(message in request.messages for message in turn.between)
    request = replace(request, messages=(*request.messages, *turn.between[told:]))
    if not begun:
        return request
    asked = request.messages[:-1] if request.continues else request.messages
    if dialect.prefix:
        messages = (*asked, Message("assistant", begun, reasoning=reasoning, prefix=True))
        thinking = thinking or ("off" if dialect.deepseek else request.thinking)
    else:
        messages = (*asked, Message("assistant", begun), Message("user", f"{_IN_WORDS}{end_of(begun)}"))
        thinking = thinking or request.thinking
    return replace(request, messages=messages, thinking=thinking, response_format=None)


class Continuation(OneStep):
    """Joins the rest of a reply to its beginning, without a seam and without a repeated word.

    Args:
        turn: holds the beginning; from here on without blank space at its end.
        base: the request that it answers.
        inner: what was done with the reply, and is done with its rest.
        exact: whether the endpoint goes on where the beginning ends; else the model was asked in words, and what it
            repeats is taken away.
    """

    def __init__(self, turn: Turn, base: Request, inner: Steps, *, exact: bool) -> None:
        self._turn = turn
        self._base: Request | None = base
        self._inner = inner
        self._begun = self._whole = False
        begun = turn.round_so_far()[0]
        self._text = begun.rstrip()
        self._blank = begun[len(self._text) :]
        self._in_words = not exact and bool(self._text)
        self._held: list[str] | None = [] if self._in_words else None
        inner.reopened()

    @property
    def go_on(self) -> str:
        """What the inner steps say."""
        return self._inner.go_on

    def taken(self, event: Event) -> Event | None:
        """Return ``event``, or nothing while it is not clear where its text joins."""
        if not isinstance(event, TextDelta):
            self._whole = self._whole or (isinstance(event, Finished) and event.reason == "stop")
            return self._inner.taken(event)
        text = event.text
        if self._held is not None:
            self._held.append(text)
            text = "".join(self._held)
            # A model that begins anew comes to the end of what is there only after all of it.
            if len(text) < SEARCHED + (len(self._text) if restarts(self._text, text) else 0):
                return None
            text, self._held = joined(self._text, text, self._blank), None
        return self._taken(text)

    def seen(self, event: Event) -> tuple[Event, ...]:
        """Return what the inner steps show of ``event``."""
        return self._inner.seen(event)

    def rest(self) -> list[Event]:
        """Return the text that was held back."""
        first: Event | None = None
        if self._held:
            text, self._held = joined(self._text, "".join(self._held), self._blank, cut=not self._whole), None
            first = self._taken(text)
        return [*([] if first is None else [first]), *self._inner.rest()]

    def _taken(self, text: str) -> Event | None:
        if not text:
            return None
        if not self._begun:
            self._begun = True
            self._turn.trim()
        return self._inner.taken(TextDelta(text))

    def then(self, turn: Turn, request: Request, show: Callable[[Event], None]) -> Request | None:
        """Return what the inner steps ask next: they know nothing of the reply's having come in two parts."""
        base, self._base = self._base or request, None
        following = self._inner.then(turn, base, show)
        self._held, self._begun = None, True
        return following

    def notes(self) -> tuple[str, ...]:
        """Tell what the inner steps do, and that the rest was asked for in words."""
        return (*self._inner.notes(), *([_NOTE] if self._in_words else []))

    def sent(self, request: Request) -> tuple[Entry, ...]:
        """Return what is in it by the inner steps."""
        return self._inner.sent(request)

    def view(self, turn: Turn) -> str:
        """Return the inner steps' view."""
        return self._inner.view(turn)

    def json(self) -> Any:
        """Return the inner steps' JSON value."""
        return self._inner.json()

    def value(self) -> Any:
        """Return the inner steps' value."""
        return self._inner.value()
