"""Determine how a turn ended, and write the notices for its reader."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from deepseek_magic import errors
from deepseek_magic.api.catalogue import Cost
from deepseek_magic.api.decode import TOO_LONG, UNSAID
from deepseek_magic.context.receipt import Receipt
from deepseek_magic.errors import Interrupted
from deepseek_magic.record.kept import Kept
from deepseek_magic.text import one_line

from .plan import ASK_AGAIN, GO_ON
from .turn import State, Turn

_CUT_REASONS = {
    "content_filter": "the endpoint's filter withheld the rest. Ask it differently.",
    "insufficient_system_resource": "the endpoint ran out of capacity in the middle of the answer.",
    TOO_LONG: "it is longer than DeepSeek.max_characters allows, and the rest was not read.",
    "aborted": "the endpoint gave up in the middle of the answer.",
    "abort": "the endpoint gave up in the middle of the answer.",
}
#: The finish reasons of a complete reply.
WHOLE_REASONS = ("stop", "tool_calls", "eos", "end_turn", "stop_sequence", UNSAID)


@dataclass(frozen=True, slots=True)
class TurnContext:
    """What is known about a turn that is not part of it.

    Attributes:
        conversation: the name of its conversation.
        elapsed: the seconds that it took.
        cost: its cost.
        max_tokens: the limit on its tokens.
        history_tokens: the limit on the tokens of earlier turns.
        left_out: how many earlier turns were not sent because of that limit.
        outdated: how many later turns were answered before this one was asked again.
        digest: the digest of the request.
        answered: when the answer came, in UTC.
        keeps: what is kept of the reply.
        kept: the kept reply that was shown, if nothing was asked.
        servers: the servers of tools that would have been started to ask.
        notes: notices from the settings and the plan.
        receipt: what was sent.
        go_on: how to continue a reply that was cut, in a sentence.
    """

    conversation: str
    elapsed: float = 0.0
    cost: Cost | None = None
    max_tokens: int | None = None
    history_tokens: int = 0
    left_out: int = 0
    outdated: int = 0
    digest: str = ""
    answered: str = ""
    keeps: Kept | None = None
    kept: Kept | None = None
    servers: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    receipt: Receipt = field(default_factory=Receipt)
    go_on: str = GO_ON


def state_of(turn: Turn, error: BaseException | None) -> State:
    """Return the state in which ``turn`` ends, given the ``error`` that ended it, if any."""
    if isinstance(error, Interrupted):
        return "interrupted"
    if error is not None:
        return "cut" if turn.text else "failed"
    if not turn.text.strip():
        return "complete" if turn.handed_over else "failed"
    return "complete" if turn.finish_reason in WHOLE_REASONS else "cut"


def notices(turn: Turn, around: TurnContext, error: BaseException | None) -> tuple[str, ...]:
    """Return the notices for the reader, each one or two sentences that say what to do."""
    remarks = dict.fromkeys((*around.notes, *turn.remarks))
    return (*remarks, *_about_the_end(turn, around, error), *about_the_conversation(around))


def _about_the_end(turn: Turn, around: TurnContext, error: BaseException | None) -> Iterator[str]:
    if error is not None:
        yield from filter(None, (above_error(turn, around, error),))
    elif turn.handed_over:
        yield "You chose to edit the proposed code: it is in the next cell, and none of it was run."
    elif turn.uncalled:
        offered = "Ask again" if turn.between else "Offer functions with --tools, or ask again"
        yield f"The model called the function {one_line(turn.uncalled, 60)}, and nothing was run. {offered}."
    elif turn.finish_reason == UNSAID and turn.text.strip():
        yield "The endpoint closed the reply without a reason; it may be incomplete."
    elif turn.finish_reason == "length":
        yield _cut_by_length(turn, around)
    elif turn.finish_reason == "content_filter":
        yield f"Incomplete: {_CUT_REASONS[turn.finish_reason]}"
    elif turn.finish_reason in _CUT_REASONS:
        what = around.go_on if turn.text.strip() else "Run the cell again."
        yield f"Incomplete: {_CUT_REASONS[turn.finish_reason]} {what}"
    elif turn.finish_reason not in WHOLE_REASONS:
        yield f"Ended for a reason unknown to this version ({one_line(turn.finish_reason, 40)}); it may be incomplete."
    elif not turn.text.strip() and turn.reasoning:
        yield "The model thought but gave no answer. Run the cell again, or use --think off."
    elif not turn.text.strip():
        yield "The reply is empty. Run the cell again."


def above_error(turn: Turn, around: TurnContext, error: BaseException | None) -> str:
    """Return what the reply is and how to continue it. The error line below the reply says what happened."""
    if error is None or isinstance(error, errors.DoesNotFit):
        return ""
    how = ASK_AGAIN if around.go_on == GO_ON else around.go_on
    thought = f"No answer yet. {how}" if turn.reasoning else ""
    return f"Incomplete. {around.go_on}" if turn.text or turn.between else thought


def _cut_by_length(turn: Turn, around: TurnContext) -> str:
    limit = f"--max-tokens {around.max_tokens}" if around.max_tokens else "the endpoint's token limit"
    if not turn.text.strip():
        return f"No answer: thinking used up {limit}. Raise --max-tokens, or use --think low or off."
    return f"Incomplete: cut at {limit}. {around.go_on}"


def about_the_conversation(around: TurnContext) -> Iterator[str]:
    """Yield notices of what happened to the conversation."""
    if around.left_out:
        turns = "The oldest turn was" if around.left_out == 1 else f"The {around.left_out} oldest turns were"
        yield f"{turns} left out (DeepSeek.history_tokens is {around.history_tokens:,})."
    if around.outdated:
        turns = "1 later turn was" if around.outdated == 1 else f"{around.outdated} later turns were"
        yield f"In this conversation {turns} answered before this change."


def model_changed(turn: Turn, kept: Kept | None = None) -> tuple[str, ...]:
    """Return a note where another model, or another version of it, answers than when the same was asked before.

    ``kept`` is the reply that was kept to the same request, of another model; without it that counts which the cell got
    when it ran before.
    """
    now = turn.served
    if kept is not None and now.model:
        if kept.model and kept.model != now.model:
            return (
                f"Answered by {one_line(now.model, 60)}; the kept answer, of {kept.date}, came from "
                f"{one_line(kept.model, 60)}.",
            )
        return (f"Since {kept.date} {one_line(now.model, 60)} has changed: its fingerprint is different.",)
    before = turn.replaces.served if turn.replaces else None
    if before is None or not (before.model and now.model):
        return ()
    if before.model != now.model:
        return (
            f"Answered by {one_line(now.model, 60)}; before, this cell was answered by {one_line(before.model, 60)}.",
        )
    if before.fingerprint and now.fingerprint and before.fingerprint != now.fingerprint:
        return (f"Since this cell last ran, {one_line(now.model, 60)} has changed: its fingerprint is different.",)
    return ()
