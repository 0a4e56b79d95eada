"""Summarise the turns that the length limit leaves out; the model does it in a separate request."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial

from deepseek_magic.api.dialects import dialect_of
from deepseek_magic.api.events import Served, TextDelta, Usage
from deepseek_magic.api.messages import Message, Request
from deepseek_magic.errors import DeepSeekError, IncompleteReply
from deepseek_magic.record.digest import digest_of
from deepseek_magic.record.kept import Kept
from deepseek_magic.text import counted, one_line

from .cost_limit import Spending, limited
from .exchange import Endpoint
from .footer import now_in_utc
from .keeping import kept_of
from .notices import WHOLE_REASONS
from .question import Past, Question
from .transcript import Transcript
from .turn import Turn

#: The question for a summary. In later requests the summary follows it as its answer.
ASKED = (
    "Before we go on: summarise our conversation so far, for yourself. From now on you will see your summary in its "
    "place. Keep what later questions may need: what I want, names, figures, decisions, code that was agreed on, what "
    "is open. Write at most 400 words, and nothing but the summary."
)
_MOST_TOKENS = 1_000
#: How many summaries are kept: an early turn that is asked again has fewer turns before it.
_KEPT = 8
#: The least estimated tokens of turns that one request summarises.
_LEAST_ROOM = 8_000


def none_kept(_request: str) -> Kept | None:
    """Return ``None``: no summary is kept."""
    return None


@dataclass(frozen=True, slots=True)
class _Summary:
    """A summary: the ids of the turns it replaces, and the turn that is sent for them."""

    stands_for: tuple[int, ...]
    turn: Turn


#: Returns the kept reply to a request, given its digest.
Find = Callable[[str], Kept | None]


@dataclass(slots=True, eq=False)
class Summaries:
    """Keeps the latest summaries of a conversation. A summary is valid until one of the turns that it replaces changes.

    Attributes:
        owed: the tokens used for a summary, until a reply counts them.
    """

    owed: Usage | None = None
    _kept: deque[_Summary] = field(default_factory=partial(deque, maxlen=_KEPT))

    def copied(self) -> Summaries:
        """Return the summaries for a copy of the conversation."""
        return Summaries(_kept=self._kept.copy())

    @property
    def text(self) -> str:
        """The latest summary; "" for none."""
        return self._kept[-1].turn.text if self._kept else ""

    def past(
        self,
        transcript: Transcript,
        turn: Turn,
        question: Question,
        endpoint: Endpoint | None,
        find: Find | None = None,
    ) -> Past:
        """Return the part of the conversation to send with ``turn``, which asks ``question``.

        Args:
            transcript: the transcript with the turns.
            turn: the turn about to be asked.
            question: its settings say how much is sent, and whether the rest is summarised.
            endpoint: makes a summary if one is needed; ``None`` to ask nothing.
            find: returns a summary that was kept in an earlier run, so that none has to be made.
        """
        settings = question.settings
        limit, reserve = settings.history_tokens, 0
        if settings.overflow == "summarise":
            reserve = min(_MOST_TOKENS, limit // 4)
        earlier, left = transcript.history(turn, limit - reserve)
        if not left or not reserve:
            return Past(earlier, len(left))
        stands_for = tuple(hash(one.messages()) for one in left)
        base = self._longest_within(stands_for)
        if base is not None and base.stands_for == stands_for:
            return Past([base.turn, *earlier], 0, summarised=len(left))
        request = _request(left if base is None else [base.turn, *left[len(base.stands_for) :]], question, reserve)
        kept, spent = find(digest_of(request).whole) if find else None, 0.0
        if kept is not None:
            made = _again(kept)
        elif endpoint is None:
            return Past(earlier, len(left), notes=("The oldest turns would be summarised, by a request of its own.",))
        else:
            try:
                made, spent = _made(request, question, endpoint)
            except DeepSeekError as error:
                why = one_line(str(error), 160)
                return Past(earlier, len(left), notes=(f"No summary of the oldest turns: {why}.",))
            self.owed = made.usage
            kept = kept_of(made, digest_of(request), now_in_utc(), (), ())
            kept = kept and replace(kept, question=f"(a summary of {counted(len(left), 'turn')})", sent="")
        self._kept.append(_Summary(stands_for, made))
        notes = (_note(made, len(left)),)
        return Past([made, *earlier], 0, summarised=len(left), notes=notes, spent=spent, summary=kept)

    def _longest_within(self, stands_for: tuple[int, ...]) -> _Summary | None:
        """Return the summary that replaces the most of these turns, from the first on; ``None`` if there is none."""
        within = [one for one in self._kept if one.stands_for == stands_for[: len(one.stands_for)]]
        return max(within, key=lambda one: len(one.stands_for), default=None)


def _again(kept: Kept) -> Turn:
    """Return the turn to send for a kept summary."""
    made = Turn(0, ASKED)
    made.fold((Served(model=kept.model), TextDelta(kept.text)))
    made.usage = kept.usage
    made.edit(kept.text)
    return made


def _made(request: Request, question: Question, endpoint: Endpoint) -> tuple[Turn, float]:
    """Return the summary that ``request`` asks for, and its cost in US dollars if there is a limit on it.

    Raises:
        DeepSeekError: it could not be made.
    """
    spending = Spending.of(question.settings, question.prices, request, budget=question.budget)
    made = Turn(0, ASKED)
    stream = endpoint.stream(request, request.settings.timeout)
    try:
        with closing(stream):
            for batch in stream if spending is None else limited(stream, spending):
                made.fold(batch)
    finally:
        if spending is not None:  # its cost counts towards the question that needs it
            spending.settle({})
    if not made.text.strip() or made.finish_reason not in (*WHOLE_REASONS, "length"):
        raise IncompleteReply("the reply was not complete: ask again, or set DeepSeek.overflow to 'leave out'")
    made.edit(made.text.strip())
    return made, 0.0 if spending is None else spending.dollars() or 0.0


def _request(turns: Sequence[Turn], question: Question, most: int) -> Request:
    """Return the request for a summary of ``turns``. It begins like the last request, so that the cache serves it.

    Of very many turns, the oldest are not sent.
    """
    settings, read = question.settings, list(turns)
    room = max(settings.history_tokens, _LEAST_ROOM)
    while len(read) > 1 and sum(one.tokens for one in read) > room:
        read.pop(0)
    system = question.guard.clean(settings.system, "the system text").text
    messages = (
        *([Message("system", system)] if system else []),
        *(message for turn in read for message in turn.messages()),
        Message("user", ASKED),
    )
    plain = replace(settings, stop=(), max_tokens=None)
    if dialect_of(settings).deepseek:  # elsewhere thinking cannot always be turned off, and would use up the tokens
        plain = replace(plain, thinking="off", max_tokens=most)
    return Request(plain, messages)


def _note(made: Turn, turns: int) -> str:
    said = f"{'The oldest turn was' if turns == 1 else f'The {turns} oldest turns were'} sent as a summary"
    usage = made.usage
    if usage is None or usage.prompt is None or usage.completion is None:
        return f"{said}."
    return f"{said}; making it took {usage.prompt:,} tokens in and {usage.completion:,} out, which are counted below."
