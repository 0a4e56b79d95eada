"""``--bg``: ask a question in a thread, whose reply streams into its own cell while other cells run.

What needs the notebook happens before the cell ends: context, the guard, the view. The thread asks and paints.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from deepseek_magic.background.jobs import BackgroundJob
from deepseek_magic.background.pending import Pending
from deepseek_magic.chat.exchange import Endpoint
from deepseek_magic.chat.reply import Reply
from deepseek_magic.chat.stopping import Stop, Stoppable
from deepseek_magic.errors import DeepSeekError, Interrupted, OptionError
from deepseek_magic.notebook.kernel import Kernel
from deepseek_magic.render.choose import Apart
from deepseek_magic.render.early import Early
from deepseek_magic.render.renderer import Renderer

from .ask import Ask, Planned, noted_plan_of, put
from .replaying import replaying
from .session import Session
from .unseen import Shown


@dataclass(frozen=True, slots=True)
class Away:
    """How to ask a question in a thread.

    Attributes:
        stop: stops it.
        shown_here: whether the running execution is the one that shows the reply.
        say: adds a notice to the reply.
    """

    stop: Stop
    shown_here: Callable[[], bool] | None
    say: Callable[[str], object]

    def endpoint(self, client: Endpoint) -> Endpoint:
        """Return ``client``, whose replies can be stopped."""
        return Stoppable(client, self.stop)


def check(planned: Planned, session: Session) -> None:
    """Raise `OptionError` if ``planned`` cannot be asked in the background, or its reply cannot be shown."""
    asking, front_end = planned.asking, planned.question.front_end()
    if planned.answer.alone:
        raise OptionError(f"--bg: {planned.answer.alone}")
    if asking.quiet:
        return
    if not front_end.in_kernel:
        msg = "--bg needs a notebook: a terminal shows one thing after the other; leave it out, or add --quiet"
        raise OptionError(msg)
    if not session.screen.can_show_apart(asking.renderer, front_end):
        msg = (
            "--bg shows its reply after the cell has ended, which %%capture, an Output widget, "
            "DeepSeek.renderer = 'plain' and some front ends (%deepseek_doctor names yours) do not allow: leave --bg "
            "out, or add --quiet"
        )
        raise OptionError(msg)


def start(session: Session, asked: Ask) -> Pending:
    """Ask ``asked`` in the background, and return its pending reply.

    Raises:
        OptionError: it cannot be asked in the background.
        DeepSeekError: it cannot be asked at all.
    """
    planned, kernel = noted_plan_of(session, asked), asked.kernel
    check(planned, session)
    asking, conversation = planned.asking, planned.conversation
    shown_here = kernel.shown_here(quiet=asking.quiet)
    kept = None if conversation.underway else _kept(session, planned, kernel, shown_here)
    pending = kept or _started(session, planned, kernel, shown_here)
    if asking.output:
        kernel.bind(asking.output, pending)
    return pending


def _kept(session: Session, planned: Planned, kernel: Kernel, shown_here: Callable[[], bool] | None) -> Pending | None:
    """Show and return the kept reply, if one is looked for and found; else ``None``."""
    asking, conversation = planned.asking, planned.conversation
    kept = replaying(session, planned.question, asking, kernel)
    if kept.find is None:
        return None
    question = replace(planned.question, notes=(*planned.question.notes, *kept.notes))

    def began() -> Renderer:
        session.conversations.latest = conversation
        return planned.view(session.screen)

    reply = conversation.replay(question, kept.find, began, shown_here, planned.plan)
    if reply is None:
        return None
    pending = Pending(session.conversations.jobs.new_number(), lambda: None, lambda: "done", shown_here)
    pending.end(reply, reply.value if planned.answer.is_value else reply, None)
    return pending


def _started(session: Session, planned: Planned, kernel: Kernel, shown_here: Callable[[], bool] | None) -> Pending:
    asking, question, conversation = planned.asking, planned.question, planned.conversation
    if not asking.replay or asking.replay == "off":
        question = replace(question, settings=session.ready(question.settings))
    conversation.rehearse(question)  # a question that cannot be sent fails here, in the cell
    number, stop = session.conversations.jobs.new_number(), Stop()
    apart = Apart(f"job {number}", stop, f"%deepseek_jobs stop {number}")
    view = Early(planned.view(session.screen, apart), waits=True, attempt=stop.attempt)
    pending = Pending(number, stop, lambda: view.line, shown_here)
    shown = kernel.client, kernel.cell_id, kernel.execution

    def ask(job: BackgroundJob) -> tuple[Reply, object]:
        away = Away(stop, shown_here, job.said.append)
        place = conversation if question.remember else conversation.beside()
        try:
            reply = put(session, replace(planned, question=question, conversation=place), kernel, view, away)
        finally:
            if place is not conversation:
                conversation.take(place)
            session.shown = Shown(*shown)
        return reply, reply.value if planned.answer.is_value else reply

    session.conversations.latest = conversation
    view.start()
    session.conversations.jobs.start(BackgroundJob(number, question, conversation, view, stop, pending, ask))
    if not planned.question.front_end().watched:
        kernel.at_end_of_cell(lambda: _waited(pending))
    return pending


def _waited(pending: Pending) -> BaseException | None:
    """Wait for the reply of an unattended run, before its file is written; return the error that ended it, if any."""
    with suppress(DeepSeekError, Interrupted):
        pending.result()
        return None
    return pending.error or Interrupted(f"stopped waiting for job {pending.job}")
