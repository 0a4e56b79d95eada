"""``--compare``: ask one question in several ways at the same time, and show the answers side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from deepseek_magic.chat.compared import closing, worded
from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.chat.cost_limit import Spending, Together
from deepseek_magic.chat.exchange import Endpoint
from deepseek_magic.chat.interrupts import Interrupts, never
from deepseek_magic.chat.parallel import Ask, Parallel
from deepseek_magic.chat.question import Prepared
from deepseek_magic.chat.reply import Reply
from deepseek_magic.chat.side_by_side import Answers, metadata
from deepseek_magic.errors import DeepSeekError, Interrupted, NotKept, OptionError
from deepseek_magic.notebook.kernel import Kernel
from deepseek_magic.render.columns import Columns, Withheld, title
from deepseek_magic.render.early import Early
from deepseek_magic.render.progress import say, say_nothing
from deepseek_magic.render.renderer import Attempt, Ending, Renderer
from deepseek_magic.settings.compare import ComparedColumn, columns_of

from .ask import Ask as Question
from .ask import Planned, noted_plan_of, plan_of
from .replaying import keep, replaying
from .session import Session
from .unseen import Shown

# Options that cannot be combined with columns, and why.
_ALONE = {
    "tools": "your functions would run in several threads at a time; ask one by one",
    "web": "you would be asked about the addresses of several at a time; ask one by one",
    "bg": "it is waited for; leave one of them out",
}


@dataclass(slots=True)
class _Column:
    """One column while it is asked, in its own copy of the conversation."""

    column: ComparedColumn
    planned: Planned
    branch: Conversation
    reply: Reply | None = None


def planned(session: Session, asked: Question) -> Sequence[_Column]:
    """Return the columns that ``asked`` names with ``--compare``; the first says what is to be said of earlier replies.

    Raises:
        OptionError: the options cannot be combined.
        CostLimit: the prompts alone cost too much.
    """
    named = asked.options["compare"]
    columns = columns_of(named, asked.place) if isinstance(named, str) else named
    _check(asked.options, columns if isinstance(named, str) else ())
    dry = bool(asked.options.get("dry_run"))
    cell = asked.kernel.identity() if asked.by_cell and not dry else ""
    made = []
    for place, column in enumerate(columns):
        options = {**asked.options, **column.options}
        options.pop("compare")
        own = replace(asked, options=options, say=say_nothing if place else asked.say)
        plan = (plan_of if place else noted_plan_of)(session, own, cell)
        made.append(_Column(column, plan, plan.conversation.branch()))
    _check_cost(made)
    return made


def answers(session: Session, asked: Question, columns: Sequence[_Column]) -> Answers:
    """Return the answers to ``asked`` in ``columns``, shown side by side while they come.

    Raises:
        Interrupted: the user stopped it. What had come is kept and bound.
        DeepSeekError: no column was answered; this is what ended the first.
    """
    return _Comparing(session, asked, columns).run()


def _check(options: Mapping[str, Any], columns: Sequence[ComparedColumn]) -> None:
    """Raise `OptionError` if ``options`` do not go together, or not with those that ``columns`` set themselves."""
    if name := next((name for column in columns for name in column.options if name in options), ""):
        msg = f"--compare gives each column a {name} of its own: leave the option for it out"
        raise OptionError(msg)
    for other, why in _ALONE.items():
        if options.get(other):
            msg = f"--compare does not go with --{other}: {why}"
            raise OptionError(msg)


def _check_cost(made: Sequence[_Column]) -> None:
    """Let all columns count together; raise `CostLimit` where their prompts alone cost too much: nothing is sent."""
    together, sums = Together(), Together()
    for one in made:
        question = replace(one.planned.question, together=together, spent_on="comparisons")
        one.planned = replace(one.planned, question=question)
        replays = one.planned.asking.replay in ("auto", "only")  # what is kept costs nothing
        if question.settings.max_cost is not None and not replays:
            prepared = one.branch.rehearse(question, one.planned.plan)
            Spending.of(question.settings, question.prices, prepared.request, together=sums)


def rehearsed(columns: Sequence[_Column]) -> Iterator[tuple[str, Prepared]]:
    """Yield the title of each column, and what would be sent for it."""
    for number, one in enumerate(columns, 1):
        yield title(number, one.column.label), one.branch.rehearse(one.planned.question, one.planned.plan)


class _Comparing:
    """One comparison, from its first request to what is left of the last."""

    def __init__(self, session: Session, asked: Question, columns: Sequence[_Column]) -> None:
        self._session = session
        self._kernel: Kernel = asked.kernel
        self._columns = columns
        self._conversation = columns[0].planned.conversation
        self._asking = columns[0].planned.asking
        self._shown_here = self._kernel.shown_here(quiet=self._asking.quiet)
        wanted = "none" if self._asking.quiet else self._asking.renderer
        self._labels = [one.column.label for one in columns]
        begun = columns[0].planned.question.opening(self._conversation.name)
        beside = session.screen.beside
        front_end = columns[0].planned.question.front_end()
        made = asked.beside or (lambda labels: beside(wanted, front_end, labels, begun))
        self._view = made(self._labels)
        self._shown: dict[int, Renderer] = dict(enumerate(self._view.columns))
        self._replies = Parallel(self._shown, self._worded)

    def run(self) -> Answers:
        """Ask all columns, show the answers, and return them."""
        if self._conversation.underway and self._columns[0].planned.question.remember:
            self._wait()
        asks: dict[int, Ask] = {}
        refused: dict[int, tuple[DeepSeekError, Ending | None]] = {}
        for place, one in enumerate(self._columns):
            shown = Withheld(self._shown[place])
            try:
                ask = self._prepared(one, shown)
            except DeepSeekError as refusal:
                one.reply, refused[place] = refusal.reply, (refusal, shown.ending)
                continue
            if ask is not None:
                asks[place] = ask
            elif shown.ending is not None:
                self._replies.end(place, shown.ending)
        if len(refused) == len(self._columns) and not any(ending for _, ending in refused.values()):
            raise refused[0][0]  # nothing was sent, and nothing is shown
        for place, (error, ending) in refused.items():
            self._replies.fail(place, error, ending)
        self._replies.run(asks)
        with Interrupts() as interrupts:
            interrupts.hold()
            answers = self._ended(never if self._replies.stopped else interrupts.attempt)
        return self._judged(answers, stopped=self._replies.stopped or interrupts.pending)

    def _wait(self) -> None:
        """Wait for the replies that still come in the conversation, which each column says; what is asked follows them.

        Raises:
            Interrupted: the user stopped the waiting; those replies go on.
            CostLimit: the prompts alone cost too much by now.
        """
        waiting = [Early(one) for one in self._shown.values()]
        for one in waiting:
            one.start()
        self._shown.update(enumerate(waiting))
        try:
            self._session.conversations.jobs.wait_for(self._conversation, *waiting)
            for column in self._columns:
                column.branch = self._conversation.branch()
            _check_cost(self._columns)
        except (Interrupted, DeepSeekError):
            for one in waiting:
                one.end()
            self._view.close(Columns(self._labels, [Ending("", notices=("Not asked.",))] * len(waiting)))
            raise

    def _prepared(self, one: _Column, shown: Withheld) -> Ask | None:
        """Return the function that asks a column; ``None`` if its answer was kept, and has been shown."""
        session, planned = self._session, one.planned
        question = planned.question
        kept = replaying(session, question, planned.asking, self._kernel)
        question = replace(question, notes=(*question.notes, *kept.notes))
        if kept.find is not None:
            one.reply = one.branch.replay(question, kept.find, lambda: shown, self._shown_here, planned.plan)
            if one.reply is not None:
                return None
        settings = session.ready(question.settings)
        question = replace(question, settings=settings, notes=(*question.notes, *kept.missed))
        client, other_model = session.clients.one_more(settings), session.library.of_another_model

        def ask(renderer: Renderer, stoppable: Callable[[Endpoint], Endpoint]) -> None:
            try:
                one.reply = one.branch.ask(
                    question, stoppable(client), renderer, self._shown_here, planned.plan, other_model
                )
            except (DeepSeekError, Interrupted) as error:
                one.reply = error.reply
                raise
            finally:
                client.close()

        return ask

    def _worded(self, place: int, ending: Ending) -> Ending:
        return worded(ending, place + 1, remember=self._columns[place].planned.question.remember)

    def _ended(self, attempt: Attempt) -> Answers:
        """Keep, count, show and bind what has arrived; ``attempt`` calls what draws long replies."""
        session, conversation, kernel = self._session, self._conversation, self._kernel
        stands = conversation.take_over([(one.column.label, one.branch) for one in self._columns])
        for place, one in enumerate(self._columns, 1):
            if one.branch.kept is not None and one.reply is not None and not one.reply.kept:
                inside = one.branch.kept if place == stands else replace(one.branch.kept, conversation="", turn=0)
                keep(session, inside, one.planned.asking, say)
            if one.reply is not None and not one.reply.kept:
                session.tallies.count(one.reply, one.planned.question.settings.model)
        endings = [self._replies.endings[place] for place in range(len(self._columns))]
        below = closing(conversation, stands, [one.reply for one in self._columns]) if self._asking.footer else ""
        final = Columns(self._labels, endings, below)
        final = replace(final, metadata=metadata(final, stands))
        self._view.close(replace(final, endings=[replace(one, attempt=attempt) for one in endings]))
        conversation.side_by_side = (conversation.last_ending, final)
        session.conversations.latest = conversation
        conversation.output, conversation.is_value = "", False
        session.shown = Shown(kernel.client, kernel.cell_id, kernel.execution)
        return self._bound(final)

    def _bound(self, final: Columns) -> Answers:
        """Return the replies; bind them, or their values, to the user's variable."""
        names = [one.column.name for one in self._columns]
        errors = {names[place]: str(error) for place, error in sorted(self._replies.errors.items())}
        came = {one.column.name: one.reply for one in self._columns}
        came |= {name: None for name in errors if (reply := came[name]) is None or not reply.text}
        replies = Answers(came, errors, final, self._shown_here)
        if self._asking.output:
            values = Answers(replies, errors, final, self._shown_here)
            for one in self._columns:
                if one.planned.answer.is_value:  # a reply in its place would pass for it
                    name, reply = one.column.name, one.reply
                    values[name] = None if reply is None or name in errors else reply.value
            self._kernel.bind(self._asking.output, values)
        self._kernel.keep_as_result(replies)
        return replies

    def _judged(self, answers: Answers, *, stopped: bool) -> Answers:
        """Return ``answers``, or raise what makes the cell fail: a stop, no answer, a missing kept reply."""
        errors = self._replies.errors
        missing = next((error for error in errors.values() if isinstance(error, NotKept)), None)
        if stopped:
            came = any(ending.text for ending in self._replies.endings.values())
            words = "stopped; the text so far is kept" if came else "stopped before any text came"
            error: DeepSeekError | Interrupted = Interrupted(words)
        elif missing is not None or len(errors) == len(self._columns):
            error = missing or errors[0]
        else:
            return answers
        error.reply = answers
        raise error
