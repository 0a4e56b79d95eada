"""``%deepseek_jobs``: list the questions in the background, stop them, and wait for them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from deepseek_magic.app.command_words import JOBS
from deepseek_magic.errors import Interrupted, OptionError, QuestionError
from deepseek_magic.render.progress import say
from deepseek_magic.settings.misspelt import word_hint
from deepseek_magic.text import counted, one_line

from . import cards
from .call import Call, Result

if TYPE_CHECKING:
    from deepseek_magic.background.jobs import BackgroundJob


def command(call: Call) -> Result:
    """Run ``%deepseek_jobs``.

    Raises:
        OptionError: the line is not understood.
        QuestionError: there is no job with that number.
        Interrupted: the user stopped the waiting; the jobs go on.
    """
    line = call.line.strip()
    if line in ("", "list"):
        return Result(show=(_listed(call),))
    found = re.fullmatch(r"(stop|wait)(?:\s+([1-9][0-9]{0,8}|all))?", line)
    if found is None:
        msg = f"%deepseek_jobs: expected {', '.join(JOBS)}, or nothing; found {one_line(line, 40)!r}"
        raise OptionError(msg + word_hint(line, JOBS))
    jobs = _chosen(call, "" if found[2] in (None, "all") else found[2])
    if not jobs:
        return Result(show=("No question is running in the background.",))
    return Result(show=(_stopped(jobs),)) if found[1] == "stop" else Result(show=_waited(call, jobs))


def _chosen(call: Call, number: str) -> list[BackgroundJob]:
    """Return the job with this ``number``; all jobs that have not ended if it is ""."""
    jobs = call.session.conversations.jobs.all if call.session.conversations.has_jobs else []
    if not number:
        return [job for job in jobs if not job.pending.done]
    chosen = [job for job in jobs if job.number == int(number)]
    if not chosen:
        msg = f"there is no job {number}: %deepseek_jobs lists them"
        raise QuestionError(msg)
    return chosen


def _listed(call: Call) -> str | cards.Card:
    jobs = call.session.conversations.jobs.all if call.session.conversations.has_jobs else []
    if not jobs:
        return "No question has been asked in the background; --bg asks one."
    rows = [(f"{job.number}", one_line(job.question.text, 60), job.place, one_line(job.state, 160)) for job in jobs]
    return cards.table(("job", "question", "conversation", "state"), rows)


def _stopped(jobs: Sequence[BackgroundJob]) -> str:
    over = [job for job in jobs if job.pending.done]
    if over:
        return f"Job {over[0].number} has ended already."
    for job in jobs:
        job.stop()
    return f"Stopped {_named(jobs)}."


def _waited(call: Call, jobs: Sequence[BackgroundJob]) -> tuple[str, ...]:
    """Wait for ``jobs``, and return the outcome of each, in a line."""
    if any(not job.pending.done for job in jobs):
        say(f"Waiting for {_named(jobs)}.")
    try:
        call.session.conversations.jobs.wait_until(lambda: all(job.pending.done for job in jobs))
    except KeyboardInterrupt:
        msg = f"stopped waiting for {_named([job for job in jobs if not job.pending.done])}; the questions continue"
        raise Interrupted(msg) from None
    return tuple(f"Job {job.number}: {one_line(job.state, 300)}." for job in jobs)


def _named(jobs: Sequence[BackgroundJob]) -> str:
    return f"job {jobs[0].number}" if len(jobs) == 1 else counted(len(jobs), "job")
