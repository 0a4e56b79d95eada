"""Restore conversations from a saved notebook: find the replies that are their turns, and make turns of them.

A notebook may come from anybody, so a turn from it is only text. What this user's own record holds of it is restored as
it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from deepseek_magic.api.events import Served, TextDelta
from deepseek_magic.context.wrapping import unwrapped, wrap
from deepseek_magic.record.kept import Kept
from deepseek_magic.record.placed import Mark, Named, Placed

from .keeping import take
from .transcript import Transcript
from .turn import Turn


@dataclass(frozen=True, slots=True)
class Remembered:
    """A saved reply with its question, as text that the guard has masked.

    Attributes:
        placed: the reply, and its place in its conversation.
        question: the question; "" if the notebook does not hold it.
        named: how a mark names the turn.
        asker: the cell that asked; "" if the output may be in another one.
        kept: the reply in this user's record; ``None`` if it is not there.
        sent: the message with the question and its context in the record; "" if it is not there.
    """

    placed: Placed
    question: str
    named: Named
    asker: str = ""
    kept: Kept | None = None
    sent: str = ""

    def _is_gone(self, gone: Iterable[tuple[str, Named]]) -> bool:
        """Return whether its turn is among ``gone`` (times and names), which removes its earlier answers as well."""
        number, digest, cell = self.named
        return any(
            number == one[0] and (digest == one[1] or (cell and cell == one[2] and self.placed.answered <= at))
            for at, one in gone
        )

    def _goes_on(self, before: Remembered) -> bool:
        """Return whether one run of the conversation can hold both ``before`` and this reply of the same number."""
        one, other = self.placed, before.placed
        if "edited" in (one.origin, other.origin) or (one.text, one.answered) == (other.text, other.answered):
            return True
        if one.cell and other.cell:
            return one.cell == other.cell
        return not (self.asker and before.asker) or self.asker == before.asker


def changed_by(
    marks: Iterable[Mark], found: Mapping[str, Sequence[Remembered]]
) -> tuple[dict[str, list[Remembered]], int]:
    """Return the replies ``found`` for each conversation, changed by the ``marks`` that commands left.

    Forks get the replies of their original; dropped, undone and forgotten turns are removed. The second value is the
    number of replies of forks that no longer exist.
    """
    replies, missing = {name: list(each) for name, each in found.items()}, 0
    gone: dict[str, list[tuple[str, Named]]] = {}
    for mark in marks:
        gone.setdefault(mark.conversation, []).extend((mark.at, turn) for turn in mark.gone)
        if mark.copy_of:
            there = {one.named[:2]: one for one in replies.get(mark.copy_of, ())}
            copied = [there[turn[:2]] for turn in mark.turns if turn[:2] in there]
            missing += len(mark.turns) - len(copied)
            replies[mark.conversation] = [*copied, *replies.get(mark.conversation, ())]
    left = {name: [one for one in each if not one._is_gone(gone.get(name, ()))] for name, each in replies.items()}
    return left, missing


def last_run(found: Iterable[Remembered]) -> tuple[list[Remembered], int]:
    """Return the replies of one conversation in its last kernel, by number, and how many others there are.

    Each turn has its latest reply. If two cells have the same number, they ran in two kernels, and everything before
    the later one is older.
    """
    turns: dict[int, Remembered] = {}
    older = 0
    for one in sorted(found, key=lambda one: one.placed.answered):
        before = turns.get(one.placed.turn)
        if before is not None and not one._goes_on(before):
            older += len(turns)
            turns.clear()
            before = None
        turns[one.placed.turn] = one if before is None else _in_place_of(before, one)
    return [turns[number] for number in sorted(turns)], older


def _in_place_of(before: Remembered, one: Remembered) -> Remembered:
    """Return ``one`` with the question of ``before``, which an edited, continued or repeated reply does not hold."""
    if one.question:
        return one
    return replace(one, question=before.question, asker=before.asker, sent=one.sent or before.sent)


def transcript_of(turns: Sequence[Remembered], marker: str) -> Transcript:
    """Return the transcript with ``turns``; nothing is asked or run.

    Args:
        turns: the replies, in the order of their numbers.
        marker: the marker of the conversation, which wraps the data again.
    """
    latest = ""
    made = []
    for one in turns:
        turn = _turn(one, marker)
        turn.stale = one.placed.answered < latest
        latest = max(latest, one.placed.answered)
        made.append(turn)
    return Transcript.of(made)


def _turn(one: Remembered, marker: str) -> Turn:
    placed, kept = one.placed, one.kept
    turn = Turn(placed.turn, one.question, placed.cell, fresh=placed.fresh)
    turn.sent = _wrapped_again(one.sent, marker)
    if kept is not None:
        take(turn, kept, marker)
        turn.images = kept.images
    else:
        turn.fold((Served(model=placed.model), TextDelta(placed.text)))
        turn.named, turn.read_in = placed.sources, True
        turn.origin = "edited" if placed.origin == "edited" else "imported"
    turn.state = placed.state
    turn.settle()
    return turn


def _wrapped_again(sent: str, marker: str) -> str:
    blocks, own = unwrapped(sent)
    return f"{wrap(blocks, marker=marker)}\n\n{own}" if blocks else sent
