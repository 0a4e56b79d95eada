"""Convert a finished turn to a kept reply, and a kept reply back to a turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from deepseek_magic.api.events import Batch, Event, Finished, ReasoningDelta, Remark, Served, TextDelta, UsageReport
from deepseek_magic.api.messages import Message, ToolCall
from deepseek_magic.context.receipt import Entry
from deepseek_magic.context.wrapping import unwrapped, wrap
from deepseek_magic.record.digest import Digest
from deepseek_magic.record.kept import Kept, Round, ToolAnswer

from .turn import Turn

#: The most characters of the pictures that are kept of one turn.
_MOST_IMAGES = 8_000_000


def kept_of(turn: Turn, digest: Digest, answered: str, notes: Sequence[str], entries: Sequence[Entry]) -> Kept | None:
    """Return what is kept of ``turn``, which is complete; ``None`` if its rounds of calls cannot be separated.

    Args:
        turn: the turn.
        digest: the digest of its request.
        answered: when it ended, in UTC.
        notes: the plan's notes on it.
        entries: the plan's entries in the receipt.
    """
    rounds = _rounds(turn)
    if rounds is None:
        return None
    return Kept(
        request=digest.whole,
        text=turn.text,
        answered=answered,
        parts=digest.parts,
        thinking=turn.reasoning,
        seconds=turn.thinking_seconds,
        model=turn.served.model,
        fingerprint=turn.served.fingerprint,
        finish_reason=turn.finish_reason,
        usage=turn.usage,
        rounds=rounds,
        calls=turn.calls,
        notes=tuple(notes),
        remarks=turn.remarks,
        entries=tuple(entries),
        cell=turn.cell,
        turn=turn.number,
        question=turn.question,
        sent=turn.sent,
        images=turn.images if sum(len(one.url) for one in turn.images) <= _MOST_IMAGES else (),
    )


def _rounds(turn: Turn) -> tuple[Round, ...] | None:
    """Return the rounds of calls; the assistant's text before each gives its place in the reply."""
    rounds: list[Round] = []
    text, thinking = turn.text, turn.reasoning
    said = heard = 0
    starts = [place for place, message in enumerate(turn.between) if message.role == "assistant"]
    for start, end in pairwise([*starts, len(turn.between)]):
        asked, answers = turn.between[start], turn.between[start + 1 : end]
        if asked.text and said:
            said += len(text[said:]) - len(text[said:].lstrip("\n"))
        if not text.startswith(asked.text, said) or not thinking.startswith(asked.reasoning, heard):
            return None
        said, heard = said + len(asked.text), heard + len(asked.reasoning)
        calls = {call.call_id: call for call in asked.tool_calls}
        if any(answer.tool_call_id not in calls for answer in answers):
            return None
        rounds.append(Round(said, heard, tuple(_answer(calls[one.tool_call_id], one) for one in answers)))
    return tuple(rounds)


def _answer(call: ToolCall, answer: Message) -> ToolAnswer:
    blocks, rest = unwrapped(answer.text)
    title, result = blocks[0] if blocks else ("", rest)
    return ToolAnswer(call.name, call.arguments, title, result)


def take(turn: Turn, kept: Kept, marker: str) -> Batch:
    """Make ``kept`` the answer of ``turn``, and return the events that show it; nothing is run.

    Results of calls are wrapped with ``marker``, the marker of the conversation.
    """
    shown: list[Event] = []
    said = heard = 0
    calls = iter(kept.calls)
    for number, one in enumerate(kept.rounds):
        shown += _fold(turn, kept, (said, one.text), (heard, one.thinking))
        made = [next(calls, None) for _ in one.answers]
        batch = [call for call in made if call is not None]
        turn.fold(batch)
        shown += batch
        said, heard = one.text, one.thinking
        turn.end_round(_messages(turn, one, number, marker))
    shown += _fold(turn, kept, (said, len(kept.text)), (heard, len(kept.thinking)))
    rest = tuple(calls)
    ended: list[Event] = [*rest, *map(Remark, kept.remarks), Served(model=kept.model, fingerprint=kept.fingerprint)]
    ended += [UsageReport(kept.usage)] if kept.usage is not None else []
    ended.append(Finished(kept.finish_reason))
    turn.fold(ended)
    turn.thought_for(kept.seconds)
    return (*shown, *ended)


def _fold(turn: Turn, kept: Kept, text: tuple[int, int], thinking: tuple[int, int]) -> Batch:
    """Fold the slices ``text`` and ``thinking`` of the kept reply into ``turn``, and return their events."""
    batch = tuple(_deltas(kept, text, thinking))
    turn.fold(batch)
    return batch


def _deltas(kept: Kept, text: tuple[int, int], thinking: tuple[int, int]) -> Iterator[Event]:
    if thought := kept.thinking[slice(*thinking)]:
        yield ReasoningDelta(thought, apart=thinking[0] > 0)
    if said := kept.text[slice(*text)]:
        yield TextDelta(said, apart=text[0] > 0)


def _messages(turn: Turn, one: Round, number: int, marker: str) -> tuple[Message, ...]:
    """Return the messages of a round of calls, as they were sent to the endpoint."""
    text, thinking = turn.round_so_far()
    ids = [f"call_{turn.number}_{number}_{place}" for place in range(len(one.answers))]
    asked = [ToolCall(call_id, each.name, each.arguments) for call_id, each in zip(ids, one.answers, strict=True)]
    answers = [
        Message("tool", wrap([(each.title, each.result)], marker=marker), tool_call_id=call_id)
        for call_id, each in zip(ids, one.answers, strict=True)
    ]
    return (Message("assistant", text, reasoning=thinking, tool_calls=tuple(asked)), *answers)
