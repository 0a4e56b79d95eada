"""A conversation that prepares questions: the turn is opened and the request made; nothing is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from deepseek_magic.record.kept import Kept

from .compared import Compared
from .exchange import Endpoint
from .plan import Plan
from .question import Prepared, Question, prepare
from .transcript import Transcript
from .turn import Turn


class Rehearsed(Compared):
    """A conversation in which a question becomes a turn and a request."""

    def from_outside(self, question: Question) -> bool:
        """Return whether words of strangers stand in ``question``, or in what is sent with it."""
        beside = any(item.kind == "file" for item in question.context)
        return beside or (question.remember and self.transcript.from_outside(fresh=question.fresh))

    def rehearse(self, question: Question, plan: Plan | None = None) -> Prepared:
        """Return what asking ``question`` would send; nothing is sent, and the conversation stays as it is."""
        plan = plan or Plan()
        transcript = self.transcript if question.remember else Transcript()
        with self._lock:
            turn, prepared = self._open(question, plan, transcript)
            transcript.discard(turn)
        return replace(prepared, noted=plan.outcome(turn, prepared.request).entries)

    def _open(
        self,
        question: Question,
        plan: Plan,
        transcript: Transcript,
        endpoint: Endpoint | None = None,
        find: Callable[[str], Kept | None] | None = None,
    ) -> tuple[Turn, Prepared]:
        """Open a turn for ``question``; return it and its request. ``endpoint`` makes summaries, ``find`` has some."""
        with self._lock:  # one that is only rehearsed is taken away at once
            turn = transcript.open(question.text, question.cell, fresh=question.fresh)
        try:
            past = self.summaries.past(transcript, turn, question, endpoint, find)
            prepared = prepare(question, plan, past, self.marker, asks=find is None)
        except BaseException:
            transcript.discard(turn)
            raise
        turn.question, turn.sent = prepared.composed.question, prepared.composed.content
        if owed := self.summaries.owed:
            turn.count(owed)
        turn.known, turn.images = prepared.composed.known, prepared.images
        return turn, prepared
