"""A turn that has ended, as every back end leaves it behind: its footer, and what the saved output records."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from deepseek_magic.api.catalogue import Cost
from deepseek_magic.record.kept import VERSION, Kept, Origin, block
from deepseek_magic.record.placed import OPEN, pages, sealed
from deepseek_magic.render.renderer import Ending
from deepseek_magic.text import counted, estimate_tokens, one_line

from .notices import TurnContext, about_the_conversation, above_error, notices
from .turn import Turn

_FOUND: dict[Origin, str] = {
    "memory": "in this kernel",
    "record": "in the record",
    "notebook": "in the notebook",
}


def thought(turn: Turn) -> str:
    """Return the heading of the thinking: its seconds and its tokens, counted or estimated; "" if there is none."""
    if not turn.reasoning:
        return ""
    reported = turn.usage.reasoning if turn.usage is not None else None
    used = counted(reported, "token") if reported else f"about {counted(estimate_tokens(turn.reasoning), 'token')}"
    return f"Thinking · {turn.thinking_seconds:.0f} s · {used}"


def _footer(turn: Turn, around: TurnContext) -> str:
    """Return the footer: model, time, input and output tokens, share from the cache, cost.

    "" if there is no answer.
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
    """Return the number of billed requests to the web, with their cost if it is known."""
    cost = f" ({Cost(turn.web_dollars, turn.web_dollars)})" if turn.web_dollars else ""
    return f"{counted(turn.web_requests, 'web request')}{cost}"


def _kept(turn: Turn, kept: Kept, servers: tuple[str, ...]) -> str:
    """Return the footer of a kept reply: when it came, and where it was found."""
    parts = [one_line(turn.served.model, 60), f"kept since {kept.date}, {_FOUND[kept.origin]}"]
    if turn.calls:
        parts.append(f"{counted(len(turn.calls), 'call')} not run again")
    if servers:
        parts.append(f"{one_line(', '.join(servers), 60)} not started")
    return " · ".join(part for part in parts if part)


def details(turn: Turn, around: TurnContext) -> str:
    """Return the details of the footer: the conversation, the share of thinking, prices, fingerprint and ids."""
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
    """Return the metadata of the saved output under ``deepseek_magic``, without key, context and question.

    For a finished reply, it holds everything to show it again if the same is asked.
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
    """Return the metadata of the output of a reply that has not ended, so that it is not taken for a finished one.

    Args:
        conversation: the name of the conversation; "" if the reply is not part of one.
        cell: the id of the cell that asks; "" if it is not known.
    """
    return {"deepseek_magic": {"version": VERSION, "conversation": conversation, "cell": cell, "state": OPEN}}


def now_in_utc() -> str:
    """Return the current time in UTC, as in the metadata."""
    return f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ}"


def number_of(ending: Ending) -> int:
    """Return the number of the turn that ``ending`` shows; 0 if it is in no conversation."""
    return int(ending.metadata["deepseek_magic"]["turn"]) if ending.metadata else 0


def edited(turn: Turn, conversation: str, outdated: int) -> Ending:
    """Return the ending of a ``turn`` whose answer the user edited; ``outdated`` counts the later turns."""
    around = TurnContext(conversation, outdated=outdated, answered=now_in_utc())
    what = f"Edited: this is the answer of turn {turn.number} that later questions are sent with."
    return Ending(turn.text, notices=(what, *about_the_conversation(around)), metadata=metadata(turn, around))


def ending(turn: Turn, around: TurnContext, error: BaseException | None, *, footer: bool, view: str = "") -> Ending:
    """Return the ending of ``turn``, which every back end shows in the end.

    Args:
        turn: the turn, which has ended.
        around: its context.
        error: the error that ended it, if any.
        footer: whether the footer and the receipt are shown.
        view: the Markdown that is shown, if it is not the text of the reply.
    """
    return Ending(
        text=turn.text,
        reasoning=turn.drawn_thinking,
        thought=thought(turn),
        footer=_footer(turn, around) if footer else "",
        details=details(turn, around) if footer else "",
        notices=notices(turn, around, error),
        above_error=above_error(turn, around, error),
        metadata=metadata(turn, around),
        receipt=around.receipt.line() if footer else "",
        receipt_rows=around.receipt.rows() if footer else (),
        calls=turn.calls,
        sources=turn.sources,
        shown=view or turn.drawn,
    )
