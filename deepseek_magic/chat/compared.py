"""A question that is asked several times at once: which of its answers is the turn, and which others can be picked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import add
from typing import TYPE_CHECKING

from deepseek_magic.errors import QuestionError
from deepseek_magic.render.columns import Columns
from deepseek_magic.render.renderer import Ending
from deepseek_magic.text import one_line

from . import footer
from .asked import Asked
from .plan import ASK_AGAIN, GO_ON
from .question import Prepared, Question
from .reply import Reply
from .shaped import Shaped

if TYPE_CHECKING:
    from typing_extensions import Self


@dataclass(slots=True)
class Answer:
    """One of the answers: its label, and everything that the conversation keeps of its last reply."""

    label: str
    asked: Asked
    ending: Ending
    reply: Reply
    sent: Prepared | None


@dataclass(slots=True)
class Comparison:
    """The answers of one comparison.

    Attributes:
        answers: the answers that can be the turn, by their columns from 1.
        stands: the column of the answer that is the turn.
        known: whether the user picked it, or has been told which one it is.
        repairs: the cell whose repair was asked for; "" if none was.
    """

    answers: Mapping[int, Answer]
    stands: int
    known: bool = False
    repairs: str = ""


class Compared(Shaped):
    """A conversation in which a question can be asked several times at once."""

    _comparison: Comparison | None = None
    #: The last comparison as it was shown, with the ending of the reply that stood.
    side_by_side: tuple[Ending | None, Columns | None] = (None, None)

    def branch(self) -> Self:
        """Return a copy in which one column is asked; `take_over` merges the copies."""
        made = self.fork(self.name)
        made.transcript, made.marker = self.transcript.branch(), self.marker
        made._endings.clear()
        return made

    def beside(self) -> Self:
        """Return a conversation for a question that is not remembered and is asked at the same time as others here."""
        made = type(self)(self.name)
        made.marker, made.system = self.marker, self.system
        return made

    def take(self, other: Compared) -> None:
        """Take the reply of ``other``, which was asked `beside`, as the last one of this conversation."""
        with self._lock:
            self._endings.extend(other._endings)
            if other._last is not None:
                self._last, self.last_reply, self.last_sent = other._last, other.last_reply, other.last_sent
                self.output, self.is_value = other.output, other.is_value

    @property
    def comparison(self) -> Comparison | None:
        """The last comparison, as long as its turn exists."""
        found = self._comparison
        if found is not None and found.answers[found.stands].asked.turn not in self.transcript.turns:
            self._comparison = found = None
        return found

    def take_over(self, branches: Sequence[tuple[str, Compared]]) -> int:
        """Merge the answers to one question in ``branches``, each with its label; return the column that is the turn.

        That is the first one with an answer, until the user picks another; 0 if no column has an answer, or if the
        question was asked outside the conversation.
        """
        answers = {number: made for number, one in enumerate(branches, 1) if (made := _answer(*one)) is not None}
        if not answers:
            return 0
        first = min(answers)
        last, branch = answers[first], branches[first - 1][1]
        inside = last.asked.transcript is branch.transcript
        if inside:
            self.transcript.adopt(last.asked.turn)
            for one in answers.values():
                one.asked.transcript = self.transcript
            self._comparison, self.summaries = Comparison(answers, first), branch.summaries
        self._endings.append(last.ending)
        self._leave(last)
        return first if inside else 0

    def pick(self, number: int) -> tuple[Answer, int]:
        """Make answer ``number`` of the last comparison the turn; return it, and how many later turns become stale.

        Raises:
            QuestionError: there is no comparison, no such answer, or it is being continued.
        """
        self.check_idle()
        found = self.compared()
        if number not in found.answers:
            there = ", ".join(map(str, found.answers))
            msg = f"there is no answer {number} to pick in conversation {self.name}: expected one of {there}"
            raise QuestionError(msg)
        before, chosen = found.answers[found.stands], found.answers[number]
        found.known = True
        if number == found.stands:
            return chosen, 0
        turn = self.turn(before.asked.turn.number)  # raises while it is being continued
        outdated = self.transcript.exchange(turn, chosen.asked.turn)
        found.stands = number
        for place, shown in enumerate(self._endings):
            if footer.number_of(shown) == turn.number:
                before.ending, self._endings[place] = shown, chosen.ending
        if self._last is None or self._last.turn is turn:
            self._leave(chosen)
        return chosen, outdated

    def compared(self) -> Comparison:
        """Return the last comparison.

        Raises:
            QuestionError: there is none, or its turn is gone.
        """
        found = self.comparison
        if found is None:
            msg = f"conversation {self.name} has nothing to pick from: --compare asks for several answers"
            raise QuestionError(msg)
        return found

    def standing(self, question: Question) -> tuple[str, ...]:
        """Return, once, the note on which answer ``question`` continues from, if the user has not picked one."""
        found = self._comparison and self.comparison
        if found is None or found.known or question.fresh or not question.remember:
            return ()
        if (
            question.cell and question.cell == found.answers[found.stands].asked.turn.cell
        ):  # this cell asks the compared question again
            return ()
        found.known = True
        which = f"answer {found.stands} of the comparison ({one_line(found.answers[found.stands].label, 60)})"
        return (f"This goes on from {which}; %deepseek_chat pick N keeps another.",)

    def reset(self) -> None:
        """Forget every turn."""
        super().reset()
        self._comparison, self.side_by_side = None, (None, None)

    def _leave(self, answer: Answer) -> None:
        """Make ``answer`` the last reply of the conversation."""
        self._last, self.last_reply, self.last_sent = answer.asked, answer.reply, answer.sent


def worded(ending: Ending, number: int, *, remember: bool) -> Ending:
    """Return ``ending`` for column ``number``: only the reply that is the turn can be continued."""
    go_on = f"%deepseek_chat pick {number} keeps it, and %deepseek_continue goes on with it then."
    go_on = go_on if remember else "%deepseek_continue goes on with the first answer."
    notices = (one.replace(GO_ON, go_on).replace(ASK_AGAIN, "Run the cell again.") for one in ending.notices)
    return replace(ending, notices=tuple(notices))


def closing(conversation: Compared, stands: int, replies: Sequence[Reply | None]) -> str:
    """Return the line below the columns: their total cost, and which of them later questions continue from."""
    parts = [f"{len(replies)} answers"]
    costs = [reply.cost for reply in replies if reply is not None and not reply.kept]
    known = [cost for cost in costs if cost is not None]
    if known and len(known) == len(costs):
        parts.append(f"{reduce(add, known)} together")
    found = conversation.comparison if stands else None
    if found is not None:
        turn = found.answers[stands].asked.turn.number
        said = f"answer {stands} is kept as turn {turn} of conversation {one_line(conversation.name, 40)}"
        if found.answers[stands].asked.outcome.is_code:
            said += "; %deepseek_chat pick N keeps one, and puts its code into the next cell"
        elif len(found.answers) > 1:
            said += "; %deepseek_chat pick N keeps another"
        parts.append(said)
    return " · ".join(parts)


def _answer(label: str, branch: Compared) -> Answer | None:
    """Return the answer in ``branch``; ``None`` if it cannot be a turn."""
    asked, ending, reply = branch._last, branch.last_ending, branch.last_reply
    if asked is None or ending is None or reply is None or not asked.turn.sendable:
        return None
    return Answer(label, asked, ending, reply, branch.last_sent)
