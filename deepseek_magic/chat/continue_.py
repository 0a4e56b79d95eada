"""Continue a reply that was cut: make the request for the rest, and join the two parts.

Source: DeepSeek's chat-prefix-completion guide. If the endpoint does not support that, the model is asked in words to
repeat the end and go on; the repetition shows where exactly to join.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from deepseek_magic.api.dialects import Dialect
from deepseek_magic.api.events import Batch, Event, Finished, ReasoningDelta, TextDelta
from deepseek_magic.api.filters.filtering import filtered
from deepseek_magic.api.messages import Message, Request
from deepseek_magic.settings.parameters import Thinking

from .join import SEARCHED, end_of, joined, restarts
from .turn import APART, Turn

_IN_WORDS = (
    "Your last reply was cut off. Go on with it, exactly where it ends. Begin by repeating, word for word, its "
    "last characters, which follow, and then go on; say nothing about it.\n\n"
)
#: The note if the rest was asked for in words.
IN_WORDS = "This server cannot continue a partial reply: the rest was asked for in words and joined to it."


def continued(request: Request, turn: Turn, dialect: Dialect, thinking: Thinking | None) -> Request:
    """Return the request that asks for the rest of ``turn``.

    Args:
        request: the request that its text, or the last round of it, answers.
        turn: the turn, with the beginning of the answer.
        dialect: says whether the endpoint continues a reply that was begun.
        thinking: how much to think before the rest, if the user set it; otherwise the model does not think, because it
            has finished thinking. If the endpoint has no field for the thinking, the original setting is kept.

    Blank space at the end is left out: models continue badly after it, and begin with it themselves. If there is no
    answer yet, this is ``request`` itself, with the results of calls that ran since. Thinking that was cut is not sent,
    because the documented prefix continues an answer after complete thinking.
    """
    begun, reasoning = turn.round_so_far()
    begun = begun.rstrip()
    sent = sum(message in request.messages for message in turn.between)
    request = replace(request, messages=(*request.messages, *turn.between[sent:]))
    if not begun:
        return request.changed(thinking=thinking or request.settings.thinking)
    asked = request.messages[:-1] if request.continues else request.messages
    if dialect.prefix:
        messages = (*asked, Message("assistant", begun, reasoning=reasoning, prefix=True))
        thinking = thinking or ("off" if dialect.deepseek else request.settings.thinking)
    else:
        messages = (*asked, Message("assistant", begun), Message("user", f"{_IN_WORDS}{end_of(begun)}"))
        thinking = thinking or request.settings.thinking
    return replace(request, messages=messages, response_format=None).changed(thinking=thinking)


def joined_to(turn: Turn, batches: Iterator[Batch], *, exact: bool) -> Iterator[Batch]:
    """Yield ``batches`` with their text joined to the beginning in ``turn``, and without a repeated word.

    Args:
        turn: the turn with the beginning. Blank space at its end is removed when the rest comes.
        batches: the stream of the rest.
        exact: whether the endpoint continues exactly where the beginning ends; if not, the model was asked in words,
            and what it repeats is removed.
    """
    rest = _Rest(turn, in_words=not exact)
    return filtered(batches, rest.feed, rest.flush)


class _Rest:
    """The filter that joins the rest of a reply to its beginning."""

    def __init__(self, turn: Turn, *, in_words: bool) -> None:
        self._turn = turn
        begun = turn.round_so_far()[0]
        self._begun = begun.rstrip()
        self._blank = begun[len(self._begun) :]
        self._held: list[str] | None = (
            [] if in_words and self._begun else None
        )  # the text until it is clear where it joins
        self._came = self._whole = False
        self._gap = "" if not turn.reasoning else "\n\n" if self._begun else APART

    def feed(self, batch: Batch) -> Batch:
        made: list[Event] = []
        for event in batch:
            if isinstance(event, TextDelta):
                made += self._text(event.text)
            elif isinstance(event, ReasoningDelta):
                made += [ReasoningDelta(self._gap + event.text)]
                self._gap = ""
            else:
                self._whole = self._whole or (isinstance(event, Finished) and event.reason == "stop")
                made.append(event)
        return made

    def flush(self) -> Batch:
        if not self._held:
            return ()
        text, self._held = joined(self._begun, "".join(self._held), self._blank, cut=not self._whole), None
        return self._text(text)

    def _text(self, text: str) -> list[Event]:
        if self._held is not None:
            self._held.append(text)
            text = "".join(self._held)
            # A model that starts over reaches the end of the beginning only after repeating all of it.
            if len(text) < SEARCHED + (len(self._begun) if restarts(self._begun, text) else 0):
                return []
            text, self._held = joined(self._begun, text, self._blank), None
        if not text:
            return []
        if not self._came:
            self._came = True
            if self._turn.trim():
                return [TextDelta(f"\n\n{text}", apart=True)]
        return [TextDelta(text)]
