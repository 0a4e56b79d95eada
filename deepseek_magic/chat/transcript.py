"""`Transcript`: the turns of a conversation, which of them is replaced, and which are sent again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .turn import State, Turn


@dataclass(slots=True, eq=False)
class Transcript:
    """The turns of one conversation, in the order in which they are sent."""

    _turns: list[Turn] = field(default_factory=list)
    _asked: int = 0
    _floor: int = 0
    _limit: int = 0

    @classmethod
    def of(cls, turns: Sequence[Turn]) -> Transcript:
        """Return a transcript of ``turns``, which must have ended and be in the order of their numbers."""
        return cls(list(turns), max((turn.number for turn in turns), default=0))

    @property
    def turns(self) -> Sequence[Turn]:
        """The turns, oldest first."""
        return tuple(self._turns)

    def open(self, question: str, cell: str = "", *, fresh: bool = False) -> Turn:
        """Add a partial turn and return it.

        Its place is that of the turn of the same cell, which it replaces once it has an answer; otherwise the end.
        """
        earlier = next((turn for turn in self._turns if cell and turn.cell == cell), None)
        if earlier is None:
            self._asked += 1
        turn = Turn(earlier.number if earlier else self._asked, question, cell, fresh=fresh, replaces=earlier)
        place = self._turns.index(earlier) + 1 if earlier else len(self._turns)
        self._turns.insert(place, turn)
        return turn

    def close(self, turn: Turn, state: State) -> int:
        """End ``turn`` in ``state`` and return how many later turns that makes stale.

        A turn that replaces another does so only if it has an answer.
        """
        turn.state = state
        turn.settle()
        earlier = turn.replaces
        if turn in self._turns and earlier is not None and earlier.sendable and not turn.sendable:
            self._turns.remove(turn)
            return 0
        turn.replaces = None
        if turn not in self._turns or earlier is None:
            return 0
        self._turns.remove(earlier)
        return self._changed_at(self._turns.index(turn) + 1)

    def _changed_at(self, place: int) -> int:
        """Mark the turns from ``place`` on as answered before a change, and return how many have an answer."""
        later = [turn for turn in self._turns[place:] if turn.sendable]
        for turn in later:
            turn.stale = True
        return len(later)

    def edit(self, turn: Turn, text: str) -> int:
        """Make ``text`` the answer of ``turn``, and return how many later turns that makes stale."""
        turn.edit(text)
        return self._changed_at(self._turns.index(turn) + 1)

    def drop(self, turn: Turn) -> int:
        """Remove ``turn``, and return how many later turns that makes stale.

        If it started the conversation over, the next turn does so instead: earlier turns stay hidden.
        """
        place = self._turns.index(turn)
        self._turns.remove(turn)
        self._floor = 0
        if turn.fresh and place < len(self._turns):
            self._turns[place].fresh = True
        return self._changed_at(place) if turn.sendable else 0

    def fork(self, last: int | None = None) -> Transcript:
        """Return a deep copy of the turns up to number ``last`` (``None``: of all that have ended)."""
        ended = [turn for turn in self._turns if turn.state != "partial"]
        made = Transcript.of([turn.copied() for turn in ended if last is None or turn.number <= last])
        if last is None:
            made._floor, made._limit = self._floor, self._limit
        return made

    def branch(self) -> Transcript:
        """Return a copy in which the next question gets the same number as it would here."""
        made = self.fork()
        made._asked = self._asked
        return made

    def adopt(self, turn: Turn) -> int:
        """Add ``turn``, which was answered in a `branch`; return how many later turns that makes stale.

        It replaces the turn of the same cell, if there is one; otherwise it is added at the end.
        """
        earlier = next((one for one in self._turns if turn.cell and one.cell == turn.cell), None)
        if earlier is not None:
            return self.exchange(earlier, turn)
        self._asked = max(self._asked, turn.number)
        self._turns.append(turn)
        return 0

    def exchange(self, before: Turn, turn: Turn) -> int:
        """Replace ``before`` by ``turn``, and return how many later turns that makes stale."""
        place = self._turns.index(before)
        self._turns[place], turn.number = turn, before.number
        return self._changed_at(place + 1)

    def reopen(self, turn: Turn) -> None:
        """Open ``turn`` again for its continuation; if `close` removed it for lack of an answer, put it back."""
        turn.reopen()
        if turn.replaces in self._turns and turn not in self._turns:
            self._turns.insert(self._turns.index(turn.replaces) + 1, turn)

    def discard(self, turn: Turn) -> None:
        """Remove ``turn`` as if it had never been opened, because it was not sent."""
        self._turns.remove(turn)
        if turn.replaces is None:
            self._asked -= 1

    def history(self, turn: Turn, limit: int) -> tuple[list[Turn], list[Turn]]:
        """Return the turns before ``turn`` that are sent with it, and those that ``limit`` left out.

        The oldest are left out first. At least a quarter of the limit is freed at once, so that the following questions
        share a prefix that the endpoint's cache serves.

        Args:
            turn: the turn about to be asked.
            limit: the most estimated tokens of the earlier turns together.
        """
        place = self._turns.index(turn.replaces if turn.replaces else turn)
        start = max((n for n, earlier in enumerate(self._turns[:place]) if earlier.fresh), default=0)
        before = [] if turn.fresh else [earlier for earlier in self._turns[start:place] if earlier.sendable]
        if limit > self._limit:
            self._floor = 0
        self._limit = limit
        # if a turn that was left out is asked again, the turns before it may fit
        floor = self._floor if turn.number >= self._floor else 0
        kept = [earlier for earlier in before if earlier.number >= floor]
        total = sum(earlier.tokens for earlier in kept)
        if total > limit:
            while kept and total > limit * 3 // 4:
                total -= kept.pop(0).tokens
            if floor == self._floor:
                self._floor = kept[0].number if kept else turn.number
        return kept, before[: len(before) - len(kept)]

    def from_outside(self, *, fresh: bool) -> bool:
        """Return whether turns that are sent with the next question (``fresh``: none) hold words of strangers."""
        start = max((place for place, turn in enumerate(self._turns) if turn.fresh), default=0)
        return not fresh and any(turn.from_outside for turn in self._turns[start:])

    def undo(self) -> Turn | None:
        """Remove the last turn with an answer, and failed turns after it, and return it."""
        self._floor = 0
        while self._turns:
            turn = self._turns.pop()
            if turn.sendable:
                return turn
        return None

    def reset(self) -> None:
        """Forget every turn."""
        self._turns.clear()
        self._floor = self._asked = 0
