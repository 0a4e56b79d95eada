"""The one way to ask a question, for magics, command line and Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.chat.plan import Plan
from deepseek_magic.chat.question import Prepared, Question
from deepseek_magic.chat.reply import Reply
from deepseek_magic.context import selectors
from deepseek_magic.context.selectors import Selector
from deepseek_magic.errors import QuestionError
from deepseek_magic.notebook.kernel import Kernel
from deepseek_magic.notebook.namespace import own_names
from deepseek_magic.render.progress import say, say_nothing
from deepseek_magic.render.renderer import Renderer
from deepseek_magic.settings.asking import Asking
from deepseek_magic.settings.resolve import resolve_asking
from deepseek_magic.settings.rows import Place
from deepseek_magic.text import with_article

from .answer_format import AnswerFormat, format_of
from .conversations import checked_name
from .received import received, receiving
from .replaying import keep, replaying
from .session import Session
from .tools_along import asked_with_tools
from .unseen import Shown, note

if TYPE_CHECKING:
    from deepseek_magic.chat.exchange import Endpoint
    from deepseek_magic.render.choose import Apart, Screen
    from deepseek_magic.render.columns import Beside

    from .away import Away


@dataclass(frozen=True, slots=True)
class Ask:
    """One question as the user asked it.

    Attributes:
        text: the question as typed.
        options: its options, by field name.
        config: the configured values, by field name.
        kernel: the shell in which it is asked.
        local_names: the local names of the function in which it is asked, if any.
        chat: the conversation; "" for the one that the options name.
        by_cell: whether it belongs to the cell that asks, so that running the cell again replaces its turn.
        also: context that is sent besides what the user asks for.
        words: the part of the text that the user wrote; ``None`` for all of it.
        renderer: shows the reply; ``None`` for the configured back end.
        beside: makes the view of several replies, given their labels; ``None`` for the configured back end.
        place: where it was typed, which decides what a comparison may vary.
        asks: whether the user may be asked something meanwhile.
        say: shows the user notices before anything is sent, one line at a time.
    """

    text: str
    options: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    kernel: Kernel = field(default_factory=lambda: Kernel(None))
    local_names: Mapping[str, Any] | None = None
    chat: str | Conversation = ""
    by_cell: bool = False
    also: Sequence[Selector] = ()
    words: str | None = None
    renderer: Renderer | None = None
    beside: Callable[[Sequence[str]], Beside] | None = None
    place: Place = "question"
    asks: bool = True
    say: Callable[[str], object] = say_nothing


@dataclass(frozen=True, slots=True)
class Planned:
    """Everything that is derived from an `Ask`, once."""

    question: Question
    asking: Asking
    conversation: Conversation
    answer: AnswerFormat
    plan: Plan | None

    def view(self, screen: Screen, apart: Apart | None = None) -> Renderer:
        """Return the renderer of its reply; ``apart``: for a reply that continues after its cell has ended."""
        kind = "none" if self.asking.quiet else self.asking.renderer
        opening = self.question.opening(self.conversation.name)
        return screen.renderer(kind, self.question.front_end, apart=apart, opening=opening)


def ask(session: Session, asked: Ask) -> Reply:
    """Ask, show the reply as it arrives, and bind it; what has arrived is bound even if this raises.

    Raises:
        DeepSeekError, Interrupted: as `deepseek_magic.chat.conversation.Conversation.ask` says.
    """
    planned = noted_plan_of(session, asked)
    kernel, conversation = asked.kernel, planned.conversation
    before = conversation.last_ending
    try:
        reply = put(session, planned, kernel, asked.renderer)
    finally:
        if conversation.last_ending is not before:
            session.shown = Shown(kernel.client, kernel.cell_id, kernel.execution)
    kernel.keep_as_result(reply)
    return reply


def noted_plan_of(session: Session, asked: Ask, cell: str | None = None) -> Planned:
    """Return what ``asked`` comes to, as `plan_of` does, with what its reply has to say of those before it."""
    planned = plan_of(session, asked, cell)
    shown, conversation = session.shown, planned.conversation
    unseen = "" if shown is None else note(shown, asked.kernel, session.environ)
    again = session.conversations.jobs.stop_of_cell(planned.question.cell) if session.conversations.has_jobs else ()
    notes = (*filter(None, [unseen]), *again, *conversation.standing(planned.question))
    return replace(planned, question=replace(planned.question, notes=(*notes, *planned.question.notes)))


def rehearse(session: Session, asked: Ask) -> Prepared:
    """Return what asking would send. Nothing is sent, and the conversation does not change."""
    planned = plan_of(session, asked)
    return planned.conversation.rehearse(planned.question, planned.plan)


def put(
    session: Session, planned: Planned, kernel: Kernel, renderer: Renderer | None = None, away: Away | None = None
) -> Reply:
    """Ask what is ``planned``, or find its kept reply; show it, count it and bind it; ``renderer`` as in `Ask`.

    ``away`` is how it is asked in the background: nothing is bound then, and the notebook is not asked.
    """
    asking, question, conversation = planned.asking, planned.question, planned.conversation
    kept = replaying(session, question, asking, kernel)
    question = replace(question, notes=(*question.notes, *kept.notes))
    shown_here = away.shown_here if away else kernel.shown_here(quiet=asking.quiet)
    name = "" if away else asking.output

    make_view = partial(planned.view, session.screen) if renderer is None else lambda: renderer
    busy = away is None and conversation.underway
    turn = (
        session.conversations.jobs.in_turn(conversation, question, make_view)
        if busy
        else nullcontext((conversation, make_view))
    )
    is_value = planned.answer.is_value
    with receiving(session, question.settings, kernel, "" if is_value else name), turn as (conversation, view):

        def began() -> Renderer:
            if away is None:
                session.conversations.latest = planned.conversation
            conversation.output, conversation.is_value = asking.output, is_value
            return view()

        reply = kept.find and conversation.replay(question, kept.find, began, shown_here, planned.plan, kept.summary)
        if reply is None:
            notes = (*question.notes, *kept.missed)
            question = replace(question, settings=session.ready(question.settings), notes=notes)
            client: Endpoint = session.clients.client(question.settings)
            client = away.endpoint(client) if away else client
            other = session.library.of_another_model
            reply = conversation.ask(question, client, began(), shown_here, planned.plan, other)
            keep(session, reply._keeps, asking, away.say if away else say)
    received(reply, session, question.settings, kernel, name, is_value=is_value)
    return reply


def plan_of(session: Session, asked: Ask, cell: str | None = None) -> Planned:
    """Return what ``asked`` comes to; ``cell`` is the identity of the cell that asks, if it is known.

    Raises:
        ConfigurationError, OptionError: a setting cannot be used, or options do not go together.
        QuestionError: the text is not a string, or something that is asked for is not there.
    """
    if not isinstance(asked.text, str):
        msg = f"the question is {with_article(type(asked.text).__name__)}: expected a string"
        raise QuestionError(msg)
    asking = resolve_asking(*session.profiled(asked.options, asked.config)[1:], session.environ)
    if asking.chat:
        checked_name(asking.chat, "--chat")
    answer, kernel = format_of(asking), asked.kernel
    if asking.restore and asked.by_cell and not session.conversations.restored:
        from .restoring import restored_once  # few sessions restore, and once

        restored_once(session, asking, asked.config, kernel, asked.say)
    cell = kernel.identity() if cell is None and asked.by_cell and not asking.dry_run else cell or ""
    conversation = session.conversations.named(asked.chat or asking.chat)
    own = {"system": conversation.system} if conversation.system and not asking.no_memory else {}
    config = {**asked.config, **own}
    question = session.question(asked.text, asked.options, config, asking, cell=cell, thinks=answer.thinks)
    masked, key = asking.guard != "off", question.settings.key
    if pasted := session.pasted_keys.notice(kernel.shell, key, masked=masked):
        asked.say(pasted)
    if asked.by_cell:
        question = session.rules.added(question, kernel, wanted=asking.rules, asks=not asking.dry_run)
    names = own_names(kernel.shell, asked.local_names)
    if session.conversations.has_jobs:
        from deepseek_magic.background.pending import settled  # as above

        names = settled(names, asked.text, ",".join(asking.vars).split(","), asked.say)
    question = _with_context(question, asked, asking, names, session.environ)
    question = replace(question, front_end=cache(kernel.front_end))
    if answer.plan is None:
        return Planned(question, asking, conversation, answer, None)
    offers = asked_with_tools(session, asked.config, conversation, question, asking, kernel, names, asks=asked.asks)
    question, plan = answer.plan(offers)
    return Planned(question, asking, conversation, answer, plan)


def _with_context(
    question: Question, asked: Ask, asking: Asking, names: Mapping[str, Any], environ: Mapping[str, str]
) -> Question:
    """Return ``question`` with its expressions replaced, and the context that its options or the settings ask for."""
    setting = "--context" if asked.options.get("context") else "DeepSeek.context"
    wanted = tuple(dict.fromkeys((*asked.also, *selectors.chosen(asking.context, setting))))
    variables = [name.strip() for joined in asking.vars for name in joined.split(",")]
    raw = asking.raw or "{" not in question.text
    if raw and not wanted and not variables:
        return question
    # the readers of values and cells: most questions need none of them
    from deepseek_magic.context.gather import gather
    from deepseek_magic.context.reader import Reader
    from deepseek_magic.notebook.running import RunningNotebook

    reader = Reader(
        RunningNotebook(asked.kernel.shell, environ),
        names,
        question.guard,
        tokens=question.settings.context_tokens,
        words=asked.text if asked.words is None else asked.words,
        replies=(Reply,),
    )
    gathered = gather(question.text, reader, wanted, variables, raw=raw)
    for line in gathered.typed:
        asked.say(line)
    return replace(
        question,
        text=gathered.text,
        context=gathered.items,
        replaced=gathered.replaced,
        notes=(*question.notes, *gathered.notes),
    )
