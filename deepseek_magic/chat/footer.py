"""A turn that has ended, for the reader: its state, the notices, the footer, and what the saved output records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from deepseek_magic import errors
from deepseek_magic.api.catalogue import Cost
from deepseek_magic.api.decode import TOO_LONG, UNSAID
from deepseek_magic.context.receipt import Receipt
from deepseek_magic.errors import Interrupted
from deepseek_magic.record.kept import VERSION, Kept, Origin, block
from deepseek_magic.record.placed import OPEN, pages, sealed
from deepseek_magic.render.renderer import Ending
from deepseek_magic.text import counted, estimate_tokens, one_line

from .plan import ASK_AGAIN, GO_ON
from .turn import State, Turn

_CUT_REASONS = {
    "content_filter": "the endpoint's filter withheld the rest. Ask it differently.",
    "insufficient_system_resource": "the endpoint ran out of capacity in the middle of the answer.",
    TOO_LONG: "it is longer than DeepSeek.max_characters allows, and the rest was not read.",
    "aborted": "the endpoint gave up in the middle of the answer.",
    "abort": "the endpoint gave up in the middle of the answer.",
}
_FOUND: dict[Origin, str] = {
    "memory": "in this kernel",
    "record": "in the record",
    "notebook": "in the notebook",
}
#: Finish reasons of a reply that is whole.
WHOLE_REASONS = ("stop", "tool_calls", "eos", "end_turn", "stop_sequence", UNSAID)


@dataclass(frozen=True, slots=True)
class TurnContext:
    """What is known of a turn beyond itself: seconds it took, its cost, and what happened to its conversation.

    ``left_out`` counts the earlier turns that ``history_tokens`` kept from being sent, ``outdated`` the later turns
    that were answered before this one was asked again. ``notes`` are what the settings and the plan say about it,
    ``receipt`` lists what was sent. ``go_on`` says how the user goes on with a reply that was cut. ``digest`` is that
    of the request, ``keeps`` what is kept of the reply, and ``kept`` what was, where this one was not asked for;
    ``answered`` is when it came, in UTC; ``servers`` are those of tools that would be started to ask.
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
    """Return the state in which ``turn`` ends, ``error`` being what ended it."""
    if isinstance(error, Interrupted):
        return "interrupted"
    if error is not None:
        return "cut" if turn.text else "failed"
    if not turn.text.strip():
        return "complete" if turn.handed_over else "failed"
    return "complete" if turn.finish_reason in WHOLE_REASONS else "cut"


def notices(turn: Turn, around: TurnContext, error: BaseException | None) -> tuple[str, ...]:
    """Return what the reader must know beside the answer, each a sentence or two, with what to do."""
    remarks = dict.fromkeys((*around.notes, *turn.remarks))
    return (*remarks, *_about_the_end(turn, around, error), *_about_the_conversation(around))


def _about_the_end(turn: Turn, around: TurnContext, error: BaseException | None) -> Iterator[str]:
    if error is not None:
        yield from filter(None, (_above(turn, around, error),))
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


def _above(turn: Turn, around: TurnContext, error: BaseException | None) -> str:
    """Return what the reply is and how the user goes on; what happened stands in the error's own line below it."""
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


def _about_the_conversation(around: TurnContext) -> Iterator[str]:
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


def thought(turn: Turn) -> str:
    """Return the heading of the thinking: its seconds and its tokens, as counted or else estimated; "" if none."""
    if not turn.reasoning:
        return ""
    reported = turn.usage.reasoning if turn.usage is not None else None
    used = counted(reported, "token") if reported else f"about {counted(estimate_tokens(turn.reasoning), 'token')}"
    return f"Thinking · {turn.thinking_seconds:.0f} s · {used}"


def _footer(turn: Turn, around: TurnContext) -> str:
    """Return the one quiet line: model, time, tokens that went in and came out, share from the cache, cost.

    "" if nothing was answered.
    """
    if not turn.text and not turn.reasoning:
        return ""
    if around.kept is not None:
        return _kept(turn, around.kept, around.servers)
    parts = [one_line(turn.served.model, 60), f"{around.elapsed:.1f} s"]
    usage = turn.usage
    if usage is not None and usage.prompt is not None and usage.completion is not None:
        cached = usage.cache_hit / usage.prompt if usage.prompt and usage.cache_hit is not None else 0
        parts.append(f"{usage.prompt:,} in ({cached:.0%} cached)" if cached else f"{usage.prompt:,} in")
        parts.append(f"{usage.completion:,} out")
    if turn.web_requests:
        parts.append(_web(turn))
    if around.cost is not None:
        parts.append(str(around.cost))
    return " · ".join(part for part in parts if part)


def _web(turn: Turn) -> str:
    """Return how many requests to the web are billed, with what they cost if that is known."""
    cost = f" ({Cost(turn.web_dollars, turn.web_dollars)})" if turn.web_dollars else ""
    return f"{counted(turn.web_requests, 'web request')}{cost}"


def _kept(turn: Turn, kept: Kept, servers: tuple[str, ...]) -> str:
    """Return the one quiet line of a reply that was kept: when it came, and where it was found."""
    parts = [one_line(turn.served.model, 60), f"kept since {kept.date}, {_FOUND[kept.origin]}"]
    if turn.calls:
        parts.append(f"{counted(len(turn.calls), 'call')} not run again")
    if servers:
        parts.append(f"{one_line(', '.join(servers), 60)} not started")
    return " · ".join(part for part in parts if part)


def details(turn: Turn, around: TurnContext) -> str:
    """Return what stands behind the footer: the conversation, the thinking's share, prices, fingerprint and ids."""
    parts = []
    if around.receipt.turns:
        parts.append(f"turn {turn.number} of {one_line(around.conversation, 40)}")
    if around.cost is not None:
        parts.append(f"cost estimated by the prices as of {around.cost.as_of}")
    if turn.usage is not None and turn.usage.reasoning:
        parts.append(f"{counted(turn.usage.reasoning, 'token')} of thinking")
    if turn.served.fingerprint:
        parts.append(f"fingerprint {one_line(turn.served.fingerprint, 60)}")
    if turn.request_id:
        parts.append(f"request {turn.request_id}")
    return " · ".join(parts)


def metadata(turn: Turn, around: TurnContext) -> dict[str, Any]:
    """Return what the saved output records under ``deepseek_magic``: no key, no context, no question.

    Of a finished reply that is all it takes to show it again where the same is asked.
    """
    usage, summary = turn.usage, around.keeps and around.keeps.summary
    figures = {} if usage is None else {name: getattr(usage, name) for name in usage.__dataclass_fields__}
    said = {
        "version": VERSION,
        "conversation": around.conversation,
        "turn": turn.number if around.conversation else 0,
        "cell": turn.cell,
        "model": turn.served.model,
        "finish_reason": turn.finish_reason,
        "state": turn.state,
        "usage": {name: count for name, count in figures.items() if count is not None},
        "request": around.digest,
        **({"answered": around.answered} if around.answered else {}),
        **({} if turn.origin == "model" else {"origin": turn.origin}),
        **({"fresh": True} if turn.fresh else {}),
        **(pages(turn.sources) if around.keeps is None else block(around.keeps)),
        **({} if summary is None else {"summary": {"version": VERSION, "text": summary.text, **block(summary)}}),
    }
    return {"deepseek_magic": sealed(said, turn.text)}


def opening(conversation: str, cell: str) -> dict[str, Any]:
    """Return what the output of a reply records until that has ended, so that nobody takes it for a finished one.

    Args:
        conversation: its name; "" if the reply belongs to none.
        cell: the cell that asks; "" if that is not known.
    """
    return {"deepseek_magic": {"version": VERSION, "conversation": conversation, "cell": cell, "state": OPEN}}


def now_in_utc() -> str:
    """Return the time, as it stands in metadata."""
    return f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ}"


def number_of(ending: Ending) -> int:
    """Return the number of the turn that ``ending`` shows; 0 if it is in no conversation."""
    return int(ending.metadata["deepseek_magic"]["turn"]) if ending.metadata else 0


def edited(turn: Turn, conversation: str, outdated: int) -> Ending:
    """Return how ``turn`` is shown once the user has written its answer; ``outdated`` counts the later turns."""
    around = TurnContext(conversation, outdated=outdated, answered=now_in_utc())
    what = f"Edited: this is the answer of turn {turn.number} that later questions are sent with."
    return Ending(turn.text, notices=(what, *_about_the_conversation(around)), metadata=metadata(turn, around))


def ending(turn: Turn, around: TurnContext, error: BaseException | None, *, footer: bool, view: str = "") -> Ending:
    """Return what every back end leaves behind of ``turn``.

    Args:
        turn: has ended.
        around: what is known beside it.
        error: the error that ended it, if any.
        footer: whether the figures and the receipt are shown.
        view: the markdown that the reader sees, if it is not the text.
    """
    return Ending(
        text=turn.text,
        reasoning=turn.drawn_thinking,
        thought=thought(turn),
        footer=_footer(turn, around) if footer else "",
        details=details(turn, around) if footer else "",
        notices=notices(turn, around, error),
        above_error=_above(turn, around, error),
        metadata=metadata(turn, around),
        receipt=around.receipt.line() if footer else "",
        receipt_rows=around.receipt.rows() if footer else (),
        calls=turn.calls,
        sources=turn.sources,
        shown=view or turn.drawn,
    )
