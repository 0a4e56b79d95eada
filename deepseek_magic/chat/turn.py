"""`Turn`: one question and its answer, which grows with the events and is sent with later questions."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from deepseek_magic.api.events import (
    Batch,
    Called,
    Finished,
    Opened,
    ReasoningDelta,
    Remark,
    Served,
    TextDelta,
    ToolCallDelta,
    Underway,
    Usage,
    UsageReport,
    WebSource,
    assert_never,
)
from deepseek_magic.api.images import IMAGE_TOKENS
from deepseek_magic.api.messages import ImagePart, Message, user_message
from deepseek_magic.context.wrapping import unwrapped
from deepseek_magic.render.renderer import with_rules
from deepseek_magic.text import known_tokens

from .strangers import is_from_outside

#: Separates thinking that was cut from the thinking when the question was asked again.
APART = "\n\n---\n\n"
State = Literal["partial", "complete", "cut", "interrupted", "failed"]
#: Who wrote the answer: the model, the user in its place, or the author of a file.
Origin = Literal["model", "edited", "imported"]


@dataclass(slots=True, eq=False)
class Turn:
    """One question and its answer, which grows as events are folded in."""

    number: int
    question: str  # what the user asked
    cell: str = ""  # the id of the cell that asked: asking again from it replaces the turn
    state: State = "partial"
    stale: bool = False  # an earlier turn was asked again after this one was answered
    fresh: bool = False  # the conversation starts over here: earlier turns are kept, but no longer sent
    served: Served = field(default_factory=Served)
    usage: Usage | None = None
    finish_reason: str = ""
    request_id: str = ""
    replaces: Turn | None = None  # the earlier turn of the same cell
    sent: str = ""  # the message that was sent: the question with its context
    images: tuple[ImagePart, ...] = ()
    known: Mapping[str, str] = field(default_factory=dict)  # a digest of each item of context in it, by its name
    attempts: tuple[str, ...] = ()  # earlier answers, which were not good enough and were asked for again
    calls: tuple[Called, ...] = ()  # the functions that ran
    between: tuple[Message, ...] = ()  # the messages with these calls and their results
    _round_from: tuple[int, int] = (0, 0)  # where text and thinking of the current round of calls begin
    fallen_back: bool = False  # the answer is an earlier attempt, because the next one brought nothing
    remarks: tuple[str, ...] = ()  # notes on how the answer was made
    uncalled: str = ""  # a function that the model called and that did not run
    origin: Origin = "model"
    handed_over: bool = False  # there is no answer because the user goes on by hand
    read_in: bool = False  # all of it is from a file, which anybody may have written
    named: tuple[WebSource, ...] = ()  # the pages that a restored or imported answer cites
    _counted: Usage | None = None
    _text: list[str] = field(default_factory=list)
    _reasoning: list[str] = field(default_factory=list)
    _thought_from: float | None = None
    _thought_until: float = 0.0
    _thought_before: float = 0.0
    _text_cuts: tuple[int, ...] = ()
    _thinking_cuts: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        """The answer so far, exact."""
        return "".join(self._text)

    @property
    def reasoning(self) -> str:
        """The thinking so far, exact; never part of the answer."""
        return "".join(self._reasoning)

    @property
    def drawn(self) -> str:
        """The answer so far as markdown that is drawn: those of several rounds of calls stand apart."""
        return with_rules(self.text, self._text_cuts)

    @property
    def drawn_thinking(self) -> str:
        """The thinking so far, likewise."""
        return with_rules(self.reasoning, self._thinking_cuts)

    @property
    def rounds(self) -> Iterator[TextDelta]:
        """The answer of each round of calls so far, as the events that show them."""
        for start, end in pairwise((0, *self._text_cuts, len(self.text))):
            if text := self.text[start:end]:
                yield TextDelta(text, apart=start > 0)

    @property
    def sources(self) -> tuple[WebSource, ...]:
        """The pages that were named in this turn, in the order of their numbers."""
        return (*self.named, *(source for call in self.calls for source in call.sources))

    @property
    def web_requests(self) -> int:
        """How many requests to the web are billed."""
        return sum(call.requests for call in self.calls)

    @property
    def web_dollars(self) -> float:
        """What its calls cost, in US dollars, as far as that is known."""
        return sum(call.cost or 0.0 for call in self.calls)

    @property
    def sendable(self) -> bool:
        """Whether this turn is sent with later ones: with an empty answer, every later call would be refused."""
        return self.state != "failed" and bool(self.text.strip() or self.between)

    @property
    def from_outside(self) -> bool:
        """Whether it holds words of strangers: of a file, of the web, or of a tool of another program."""
        called = (call.name for message in self.between for call in message.tool_calls)
        files = any(title.startswith("file ") for title, _ in unwrapped(self.sent)[0])
        return files or self.read_in or any(map(is_from_outside, called))

    @property
    def begun(self) -> bool:
        """Whether there is something to continue."""
        return bool(self.text.strip() or self.reasoning.strip() or self.between)

    @property
    def tokens(self) -> int:
        """Estimated tokens of the message, the calls with their results, and the answer."""
        asked = known_tokens(self.sent or self.question) + IMAGE_TOKENS * len(self.images)
        calls = [call.arguments for message in self.between for call in message.tool_calls]
        results = [message.text for message in self.between if message.role == "tool"]
        return asked + sum(map(known_tokens, (*calls, *results, self.text)))

    @property
    def thinking_seconds(self) -> float:
        """Seconds from the first delta of thinking to the first of the answer (or to the last of thinking)."""
        lasted = 0.0 if self._thought_from is None else self._thought_until - self._thought_from
        return round(self._thought_before + lasted, 3)

    def fold(self, batch: Batch, now: float = 0.0) -> None:
        """Take in the events of ``batch``, which came at ``now`` (seconds of a monotonic clock)."""
        for event in batch:
            match event:
                case TextDelta(text):
                    if self._thought_from is not None and not self._text:
                        self._thought_until = now
                    if event.apart:
                        self._text_cuts += (len(self.text),)
                    self._text.append(text)
                case ReasoningDelta(text):
                    if event.apart:
                        self._thinking_cuts += (len(self.reasoning),)
                    self._think(text, now)
                case Opened(request_id):
                    self.request_id = request_id
                case Called():
                    self.calls = (*self.calls, event)
                case Underway():
                    pass
                case _:
                    self._note(event)

    def _note(self, event: ToolCallDelta | Served | UsageReport | Finished | Remark) -> None:
        """Take in what stands beside text and thinking."""
        match event:
            case Served():
                self.served = event
            case UsageReport(usage):
                self.usage = usage if self._counted is None else self._counted + usage
            case Finished(reason):
                self.finish_reason = reason
            case ToolCallDelta(name=name):
                self.uncalled = self.uncalled or name
            case Remark(text):
                self.remarks = (*self.remarks, text)
            case _:
                assert_never(event)

    def _think(self, text: str, now: float) -> None:
        if self._thought_from is None:
            self._thought_from = now
        self._thought_until = now
        self._reasoning.append(text)

    def thought_for(self, seconds: float) -> None:
        """Take the thinking to have lasted ``seconds``: it was kept, and came at once."""
        self._thought_before, self._thought_from = seconds, None

    def count(self, usage: Usage | None) -> None:
        """Count the tokens of ``usage``, which were used before it was asked, with its own."""
        self.usage = self._counted = usage

    def reopen(self) -> None:
        """Begin to take in the rest of the answer: what was counted so far stays, how it ended does not."""
        self.state, self.finish_reason, self._counted = "partial", "", self.usage
        self._thought_before, self._thought_from = self.thinking_seconds, None
        if self.fallen_back:
            self.start_over()
        if not self.round_so_far()[0].strip():  # it is asked for again, and thought about from the beginning
            self._round_from = (self._round_from[0], len(self.reasoning))

    def start_over(self) -> None:
        """Begin the answer again: what was answered so far is kept in ``attempts``, and its tokens stay counted."""
        self.attempts, self.fallen_back = (*self.attempts, self.text), False
        self._text.clear()
        self._text_cuts = ()
        self.finish_reason, self._counted = "", self.usage

    def fall_back(self) -> None:
        """Take the last attempt for the answer again where the next one brought no text: it was shown already."""
        if self.attempts and not self.text:
            *earlier, last = self.attempts
            self.attempts, self.fallen_back = tuple(earlier), True
            self._text.append(last)

    def round_so_far(self) -> tuple[str, str]:
        """Return text and thinking since the last round of calls: what the assistant says with the next calls."""
        text, thinking = self._round_from
        return self.text[text:].lstrip("\n") if text else self.text, self.reasoning[thinking:].removeprefix(APART)

    def end_round(self, messages: tuple[Message, ...]) -> None:
        """Keep one round of calls, every one of them answered; what comes next is another."""
        self.between = (*self.between, *messages)
        self._round_from, self.uncalled = (len(self.text), len(self.reasoning)), ""
        self.finish_reason, self._counted = "", self.usage

    def hand_over(self) -> None:
        """End the turn after a round of calls, all answered: the user goes on by hand."""
        self.handed_over, self.finish_reason = True, "tool_calls"

    def trim(self) -> bool:
        """Take the blank space at the end of the answer away, since the rest brings its own.

        Return whether that was all of a round that came after calls: the rest begins this round again.
        """
        begun, text = self._round_from[0], self.text
        kept = text[:begun] + text[begun:].rstrip()
        is_gone = 0 < begun == len(kept) < len(text)
        if is_gone:
            self._text_cuts = tuple(cut for cut in self._text_cuts if cut < begun)
        self._text[:] = [kept]
        return is_gone

    def settle(self) -> None:
        """Keep the text as one piece: thousands of deltas cost many times their characters."""
        self._text[:] = [self.text]
        self._reasoning[:] = [self.reasoning]

    def edit(self, text: str) -> None:
        """Make ``text`` the answer: thinking, calls and their results belonged to the one that it replaces."""
        self.between, self.calls, self.named, self._round_from, self.uncalled = (), (), (), (0, 0), ""
        self._text[:], self._reasoning[:] = [text], []
        self._text_cuts = self._thinking_cuts = ()
        self.state, self.origin, self.stale = "complete", "edited", False

    def copied(self) -> Turn:
        """Return this turn, ended, for another conversation: nothing that changes is shared."""
        made = copy.copy(self)
        made._text, made._reasoning, made.replaces = [self.text], [self.reasoning], None
        return made

    def messages(self) -> tuple[Message, ...]:
        """Return this turn as it is sent with later ones.

        The thinking goes along, for an endpoint that demands it back; if none does it is not sent. A reply that
        was stopped between two rounds of calls has no text of its own at its end.
        """
        text, reasoning = self.round_so_far()
        last = (Message("assistant", text, reasoning=reasoning),) if text.strip() or not self.between else ()
        return (user_message(self.sent or self.question, self.images), *self.between, *last)
