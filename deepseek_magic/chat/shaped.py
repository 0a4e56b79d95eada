"""`Shaped`: a conversation whose turns the user can undo, drop, edit and fork."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from deepseek_magic.context.wrapping import new_marker
from deepseek_magic.errors import EmptyQuestion, QuestionError
from deepseek_magic.forks import in_child
from deepseek_magic.record.kept import Kept
from deepseek_magic.render.renderer import Ending
from deepseek_magic.text import one_line

from . import footer
from .asked import Asked
from .plan import Outcome
from .question import Prepared
from .reply import Reply
from .summary import Summaries
from .transcript import Transcript
from .turn import Turn

if TYPE_CHECKING:
    from typing_extensions import Self

#: How many replies of a conversation can be shown again.
KEPT = 20


class Shaped:
    """The state of a conversation: its turns, its system text, and its last replies as they were shown."""

    def __init__(self, name: str = "main") -> None:
        self.name = name
        self.transcript = Transcript()
        #: The system text of this conversation; "" for the configured one.
        self.system = ""
        self.summaries = Summaries()
        # The marker that wraps context. Authors of text in a notebook cannot know it, and so cannot close the block.
        self.marker = new_marker()
        self.last_reply: Reply | None = None
        self.last_sent: Prepared | None = None
        #: The variable of the last reply, and whether it holds a value; a continuation is bound to it as well.
        self.output, self.is_value = "", False
        self._endings: deque[Ending] = deque(maxlen=KEPT)
        self._last: Asked | None = None
        #: The numbers of the background jobs that ask in it, in order; later questions wait for them.
        self.underway: list[int] = []
        self._lock = threading.RLock()
        in_child(self, Shaped._leave_to_parent)

    def _leave_to_parent(self) -> None:
        """Forget the background jobs in the child of a fork, where none of them goes on."""
        self._lock, self.underway = threading.RLock(), []

    @property
    def last_ending(self) -> Ending | None:
        """The last reply as it was shown."""
        return self._endings[-1] if self._endings else None

    def ending(self, number: int) -> Ending | None:
        """Return the ending of the reply ``number`` from the end (from 1); ``None`` if it is not kept."""
        return self._endings[-number] if 0 < number <= len(self._endings) else None

    def endings_of(self, execution: int) -> Sequence[Ending]:
        """Return the endings of the replies in the cell with this execution count."""
        return [ending for ending in self._endings if ending.execution == execution]

    @property
    def executions(self) -> Sequence[int]:
        """The execution counts of the cells whose replies are kept, newest first."""
        return list(dict.fromkeys(ending.execution for ending in reversed(self._endings) if ending.execution))

    @property
    def place(self) -> str:
        """The display id of the output that holds the last reply; "" if it cannot be continued there."""
        return "" if self._last is None else self._last.place

    @property
    def execution(self) -> int:
        """The number of the cell whose question the last reply answers, continued or not; 0 if it is not known."""
        return 0 if self._last is None else self._last.question.front_end().execution

    @property
    def opening(self) -> Mapping[str, Any]:
        """The metadata of the output of the last reply while it is continued."""
        return {} if self._last is None else self._last.question.opening(self.name)

    @property
    def kept(self) -> Kept | None:
        """What is kept of the last reply, if it is complete."""
        return None if self._last is None else self._last.keeps

    @property
    def outcome(self) -> Outcome:
        """The outcome of the last reply."""
        return Outcome() if self._last is None else self._last.outcome

    @property
    def can_go_on(self) -> bool:
        """Whether the last reply was cut."""
        return self._last is not None and self._last.turn.state in ("cut", "interrupted")

    def join(self, job: int) -> None:
        """Make later questions wait for the background ``job``."""
        with self._lock:
            self.underway.append(job)

    def check_idle(self) -> None:
        """Raise `QuestionError` if a reply of this conversation is still coming in the background."""
        if self.underway:
            job = self.underway[-1]
            msg = (
                f"a reply of conversation {self.name} is still coming in the background: %deepseek_jobs wait {job} "
                f"waits for it, and %deepseek_jobs stop {job} stops it"
            )
            raise QuestionError(msg)

    def reset(self) -> None:
        """Forget every turn."""
        self.check_idle()
        self.transcript.reset()
        self.summaries = Summaries()
        self._endings.clear()
        self.last_reply = self._last = None

    def undo(self) -> Turn | None:
        """Remove the last turn that was answered, and return it."""
        self.check_idle()
        turn = self.transcript.undo()
        self._tidy()
        return turn

    def next_source(self, cell: str) -> int:
        """Return the number of the first source that ``cell`` adds: those of other turns keep theirs."""
        others = (turn for turn in self.transcript.turns if not cell or turn.cell != cell)
        return 1 + max((source.number for turn in others for source in turn.sources), default=0)

    def turn(self, number: int) -> Turn:
        """Return the turn ``number``, which has ended.

        Raises:
            QuestionError: there is no such turn, or it is still being answered.
        """
        found = [turn for turn in self.transcript.turns if turn.number == number]
        if not found:
            numbers = ", ".join(str(turn.number) for turn in self.transcript.turns)
            msg = (
                f"conversation {self.name} has no turn {number}: it has {one_line(numbers, 60) or 'none'}; "
                "choose one of those"
            )
            raise QuestionError(msg)
        if any(turn.state == "partial" for turn in found):
            msg = f"turn {number} of conversation {self.name} is still being answered: wait for it, or stop it"
            raise QuestionError(msg)
        return found[0]

    def fork(self, name: str, last: int | None = None) -> Self:
        """Return a conversation named ``name`` with copies of the turns, up to number ``last`` if given.

        Raises:
            QuestionError: there is no turn of that number.
        """
        if last is not None:
            self.turn(last)
        made = type(self)(name)
        made.transcript, made.system = self.transcript.fork(last), self.system
        made.summaries = self.summaries.copied()
        made._endings.extend(self._endings)
        made._tidy()
        return made

    def drop(self, number: int) -> tuple[Turn, int]:
        """Remove turn ``number``; return it, and how many later turns were answered with it.

        Raises:
            QuestionError: as for `turn`.
        """
        self.check_idle()
        turn = self.turn(number)
        outdated = self.transcript.drop(turn)
        self._tidy()
        return turn, outdated

    def edit(self, number: int, text: str) -> Ending:
        """Make ``text`` the answer of turn ``number`` for all later questions, and return its ending.

        Raises:
            EmptyQuestion: there is no text.
            QuestionError: as for `turn`.
        """
        if not text.strip():
            msg = f"there is no answer for turn {number}: write one, or drop the turn"
            raise EmptyQuestion(msg)
        self.check_idle()
        turn = self.turn(number)
        ending = footer.edited(turn, self.name, self.transcript.edit(turn, text))
        for place, shown in enumerate(self._endings):
            if footer.number_of(shown) == number:
                self._endings[place] = ending = replace(ending, execution=shown.execution)
        return ending

    def _tidy(self) -> None:
        """Release the replies whose turns no longer exist."""
        left = {turn.number for turn in self.transcript.turns}
        kept = [ending for ending in self._endings if footer.number_of(ending) in (0, *left)]
        self._endings = deque(kept, maxlen=KEPT)
        last = self._last
        if last is None or (last.transcript is self.transcript and last.turn not in self.transcript.turns):
            self.last_reply = self._last = None
