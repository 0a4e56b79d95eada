"""The queue of questions in the background."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field
from itertools import count

from deepseek_magic.api.events import Behind
from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.chat.exchange import as_ours
from deepseek_magic.chat.question import Question
from deepseek_magic.chat.reply import Reply
from deepseek_magic.chat.stopping import Stop
from deepseek_magic.errors import DeepSeekError, Interrupted
from deepseek_magic.forks import in_child
from deepseek_magic.render.early import Early
from deepseek_magic.render.renderer import Renderer

from .pending import Pending

#: How many questions are asked at a time.
MOST = 4
#: How many ended jobs are still listed.
KEPT = 20
# Seconds between two checks for an interrupt; and seconds that `stop_all` waits for the jobs to end.
_LOOK = 0.5
_GRACE = 2.0


@dataclass(eq=False)
class BackgroundJob:
    """One question in the background.

    Attributes:
        number: its number.
        question: the question.
        conversation: the conversation in which it is asked.
        view: shows its reply.
        stop: stops it.
        pending: the user's `Pending` object.
        ask: asks it, and returns the reply and the user's value; called in a separate thread.
        said: notices to show with the reply in the end.
    """

    number: int
    question: Question
    conversation: Conversation
    view: Early
    stop: Stop
    pending: Pending
    ask: Callable[[BackgroundJob], tuple[Reply, object]]
    said: list[str] = field(default_factory=list)

    @property
    def place(self) -> str:
        """The name of the conversation; "" if the question is not remembered."""
        return self.conversation.name if self.question.remember else ""

    @property
    def state(self) -> str:
        """How far the question has come, or how it ended, in a line."""
        if not self.pending.done:
            return self.view.line
        error = self.pending.error
        return "done" if error is None else f"{type(error).__name__}: {error}"


class Jobs:
    """The jobs of a session, including those that ended last.

    A question is asked when the earlier ones of its conversation have their replies, and at most `MOST` at a time. The
    lock is always taken directly, never through its condition, whose Python code an interrupt could leave locked.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._numbers = count(1)
        self._asked: set[int] = set()
        self.all: list[BackgroundJob] = []
        in_child(self, Jobs.leave_to_parent)

    @property
    def live(self) -> list[BackgroundJob]:
        """The jobs that have not ended, the oldest first."""
        return [job for job in self.all if not job.pending.done]

    def new_number(self) -> int:
        """Return the number of the next job."""
        return next(self._numbers)

    def start(self, job: BackgroundJob) -> None:
        """Start ``job``, whose view is open."""
        ended = [one for one in self.all if one.pending.done]
        self.all = sorted((*ended[-KEPT:], *self.live, job), key=lambda one: one.number)
        if job.question.remember:
            job.conversation.join(job.number)
        job.stop.then(self._notify)
        threading.Thread(
            target=copy_context().run, args=(self._run, job), name=f"deepseek-job-{job.number}", daemon=True
        ).start()

    def stop_of_cell(self, cell: str) -> tuple[str, ...]:
        """Stop the jobs that ``cell`` started in an earlier run, whose output is gone; return notices about them."""
        mine = [job for job in self.live if cell and job.question.cell == cell]
        for job in mine:
            job.stop()
        return tuple(f"Job {job.number}, which this cell started when it ran before, was stopped." for job in mine)

    def stop_all(self) -> None:
        """Stop all jobs, and wait a moment for them to end."""
        live = self.live
        for job in live:
            job.stop()
        with self._lock:
            self._changed.wait_for(lambda: all(job.pending.done for job in live), _GRACE)

    def leave_to_parent(self) -> object:
        """End the parent's jobs in a forked child, whose threads do not run; return what is left to the parent."""
        live, left = self.live, self._changed
        self._lock = threading.RLock()
        self._changed, self._asked, self.all = threading.Condition(self._lock), set(), []
        for job in live:
            job.pending.forsake()
        return left, live

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Wait until ``ready`` returns true; it is checked whenever a job ends. Can be interrupted."""
        with self._lock:
            while not ready():
                self._changed.wait(_LOOK)

    @contextmanager
    def in_turn(
        self, conversation: Conversation, question: Question, began: Callable[[], Renderer]
    ) -> Iterator[tuple[Conversation, Callable[[], Renderer]]]:
        """Wait for the pending replies in ``conversation``; yield the conversation for ``question``, and ``began``.

        A question that is not remembered does not wait. If a question waits, the view that ``began`` makes is opened
        and says so.

        Raises:
            Interrupted: the user stopped the waiting; the replies go on.
        """
        if not conversation.underway:
            yield conversation, began
        elif not question.remember:
            beside = conversation.beside()
            try:
                yield beside, began
            finally:
                conversation.take(beside)
        else:
            view = Early(began())
            view.start()
            try:
                self.wait_for(conversation, view)
                yield conversation, lambda: view
            finally:
                view.end()

    def wait_for(self, conversation: Conversation, *views: Early) -> None:
        """Wait for the pending replies in ``conversation``; ``views`` say so.

        Raises:
            Interrupted: the user stopped the waiting; the replies go on.
        """
        job = conversation.underway[-1:]
        for view in views if job else ():
            view.show((Behind(f"the reply of job {job[0]} in conversation {conversation.name}"),))
        try:
            self.wait_until(lambda: not conversation.underway)
        except KeyboardInterrupt:
            which = f"job {job[0]}, which goes on" if job else "another reply"
            msg = f"stopped waiting for {which}; nothing was asked"
            raise Interrupted(msg) from None

    def _notify(self) -> None:
        with self._lock:
            self._changed.notify_all()

    def _run(self, job: BackgroundJob) -> None:
        reply: Reply | None = None
        value: object = None
        error: DeepSeekError | Interrupted | None = None
        try:
            if self._admitted(job):
                reply, value = job.ask(job)
            else:
                error = Interrupted("stopped before it was asked")
        except BaseException as failed:  # noqa: BLE001  # it is raised where the reply is asked for
            error = as_ours(failed)
            reply = error.reply
        finally:
            job.view.end(*job.said, error=error)
            with self._lock:
                self._asked.discard(job.number)
                if job.number in job.conversation.underway:
                    job.conversation.underway.remove(job.number)
                job.pending.end(reply, value, error)
                self._changed.notify_all()

    def _admitted(self, job: BackgroundJob) -> bool:
        """Wait until ``job`` may be asked; return ``False`` if it is stopped first."""
        shown = ""
        while True:
            with self._lock:
                while (why := self._why_not(job)) == shown and why and not job.stop.called:
                    self._changed.wait()
                if job.stop.called:
                    return False
                if not why:
                    self._asked.add(job.number)
                    return True
            job.view.show((Behind(why),))
            shown = why

    def _why_not(self, job: BackgroundJob) -> str:
        """Return what ``job`` waits for; "" for nothing."""
        if before := self._before(job):
            return f"the reply of job {before} in conversation {job.conversation.name}"
        waiting = [one.number for one in self.live if one.number not in self._asked and not self._before(one)]
        if job.number in waiting[: max(0, MOST - len(self._asked))]:
            return ""
        return f"one of {MOST} places"

    @staticmethod
    def _before(job: BackgroundJob) -> int:
        """Return the number of the job whose reply ``job`` waits for; 0 for none."""
        line = job.conversation.underway
        place = line.index(job.number) if job.number in line else 0
        return line[place - 1] if place else 0
