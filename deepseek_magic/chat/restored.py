"""Conversations out of a saved notebook: which of its replies are their turns, and how they become turns again.

A notebook may come from anybody: of it alone a turn is text. What this user's own record has of it is taken as it was.
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
    """A saved reply with what was asked, as text that the guard has seen.

    Attributes:
        placed: the reply, and its place in its conversation.
        question: what was asked; "" if the notebook does not say.
        named: how a mark names the turn.
        asker: the cell that asked; "" if the output may stand in another one.
        kept: the reply as this user's record has it; ``None`` if it does not.
        sent: the message that asked, with its context, as the record has it; "" if it does not.
    """

    placed: Placed
    question: str
    named: Named
    asker: str = ""
    kept: Kept | None = None
    sent: str = ""

    def _is_gone(self, gone: Iterable[tuple[str, Named]]) -> bool:
        """Return whether its turn is among those that are ``gone``, each with when: an earlier answer of it is, too."""
        number, digest, cell = self.named
        return any(
            number == one[0] and (digest == one[1] or (cell and cell == one[2] and self.placed.answered <= at))
            for at, one in gone
        )

    def _goes_on(self, before: Remembered) -> bool:
        """Return whether the run of the conversation that holds ``before`` can hold this reply, of the same number."""
        one, other = self.placed, before.placed
        if "edited" in (one.origin, other.origin) or (one.text, one.answered) == (other.text, other.answered):
            return True
        if one.cell and other.cell:
            return one.cell == other.cell
        return not (self.asker and before.asker) or self.asker == before.asker


def changed_by(
    marks: Iterable[Mark], found: Mapping[str, Sequence[Remembered]]
) -> tuple[dict[str, list[Remembered]], int]:
    """Return the replies ``found`` by the names of conversations, as the ``marks`` of commands change them.

    Copies have the replies of what they are copied from; what was dropped, taken back or forgotten is gone. With it
    comes how many replies of copies are not there any more.
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
    """Return the replies of one conversation that its last kernel had, by number, and how many are not used.

    Each turn has its latest reply. Two cells with one number are of two kernels: everything before the later one is
    older.
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
    """Return ``one``; what is edited, gone on with or shown again stands in a cell that does not hold the question."""
    if one.question:
        return one
    return replace(one, question=before.question, asker=before.asker, sent=one.sent or before.sent)


def transcript_of(turns: Sequence[Remembered], marker: str) -> Transcript:
    """Return the transcript with ``turns``, which are in the order of their numbers; nothing is asked or run.

    Args:
        turns: the replies.
        marker: that of the conversation; what was wrapped as data is wrapped with it again.
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
