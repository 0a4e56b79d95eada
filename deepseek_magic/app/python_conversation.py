"""`deepseek_magic.Conversation`: a conversation from Python."""

from __future__ import annotations

import copy
import os
from dataclasses import dataclass
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING

from deepseek_magic.chat.reply import Reply
from deepseek_magic.chat.streaming import Stream
from deepseek_magic.errors import QuestionError
from deepseek_magic.notebook.kernel import Kernel
from deepseek_magic.settings.asking import Asking
from deepseek_magic.settings.compare import Compared
from deepseek_magic.settings.parameters import Changes, QuestionOptions, UnattendedOptions
from deepseek_magic.settings.resolve import check_kept
from deepseek_magic.text import counted, one_line

from .keyword_options import checked_options, takes
from .options import TABLE
from .python_api import ask_of, compare_of, stream_of, submit_of
from .resuming import resume
from .session import session_of

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from deepseek_magic.background.pending import Pending
    from deepseek_magic.chat.side_by_side import Answers


@dataclass(frozen=True, slots=True)
class Said:
    """One turn of a conversation: the question as it was asked, the answer's text, and what is known of it.

    ``state`` is ``complete``, ``cut``, ``interrupted`` or ``failed``; ``model`` is the model that answered. ``number``
    is the turn's number; ``origin`` is ``model``, ``edited`` or ``imported``; ``stale`` says that a turn before it has
    changed.
    """

    question: str
    text: str
    reasoning: str
    state: str
    model: str
    number: int = 0
    origin: str = "model"
    stale: bool = False


class Conversation:
    """A conversation from Python: each question is asked with the turns before it.

    Args:
        **options: settings for every question (``model``, ``system``, ``thinking``, ``temperature``, ``top_p``,
            ``max_tokens``, ``stop``, ``timeout``, ``base_url``, ``history_tokens``), and how kept replies are used
            (``replay``: "auto", "only" or "off"; ``record``: a file; ``fresh``, ``no_record``). What is left out comes
            from ``%config DeepSeek`` if the extension is loaded, then from the environment, then from the defaults.
            ``web`` (True, or the most requests) lets the model search the web and read pages; the reply's ``sources``
            lists what it found. The user is asked about an address that appears nowhere before; `stream` refuses it,
            and `submit` and `compare` do not take ``web``.
    """

    @takes(QuestionOptions)
    def __init__(self, **options: Unpack[QuestionOptions]) -> None:
        """Start a conversation whose questions are asked with these options.

        Raises:
            ConfigurationError: no question could be asked with one of them.
        """
        self._options = checked_options(options, QuestionOptions)
        for row in TABLE:
            check_kept(row, self._options.get(row.name), row.name)
        self._session, self._config = session_of(Kernel.here(os.environ))
        self._turns = self._session.conversations.owned_by(self)

    def __repr__(self) -> str:
        turns = self.turns
        return f"<Conversation {self._turns.name}: {counted(len(turns), 'turn')}>"

    @takes(QuestionOptions)
    def ask(self, text: str, *, show: bool = False, **options: Unpack[QuestionOptions]) -> Reply:
        """Ask ``text`` and return the reply.

        Args:
            text: the question, sent byte for byte.
            show: whether to show the reply while it arrives, as the magics do.
            **options: as for the conversation, for this question only.

        Raises:
            DeepSeekError: see `deepseek_magic.errors`; its ``reply`` holds what had arrived.
        """
        values = {**self._options, **checked_options(options, QuestionOptions)}
        return ask_of(self._session, self._config(), text, values, self._turns, show=show)

    @takes(QuestionOptions)
    def stream(self, text: str, **options: Unpack[QuestionOptions]) -> Stream:
        """Return an iterator over the text of the reply to ``text`` as it arrives; see `deepseek_magic.stream`."""
        values = {**self._options, **checked_options(options, QuestionOptions)}
        return stream_of(self._session, self._config(), text, values, self._turns)

    @takes(UnattendedOptions)
    def submit(self, text: str, *, show: bool = False, **options: Unpack[UnattendedOptions]) -> Pending:
        """Ask ``text`` in the background and return its `Pending` reply at once; later questions wait for it."""
        values = {**self._options, **checked_options(options, UnattendedOptions)}
        return submit_of(self._session, self._config(), text, values, self._turns, show=show)

    @takes(UnattendedOptions)
    def compare(
        self, text: str, columns: Compared, *, show: bool = False, **options: Unpack[UnattendedOptions]
    ) -> Answers:
        """Ask ``text`` in several ways at the same time, and return the answers; see `deepseek_magic.compare`.

        Later questions continue from the first answer, until `pick` keeps another.
        """
        values = {**self._options, **checked_options(options, UnattendedOptions)}
        return compare_of(self._session, self._config(), text, columns, values, options, self._turns, show=show)

    def pick(self, answer: int | str) -> Reply:
        """Make an answer of the last comparison the turn, and return it.

        Args:
            answer: its number, counted from 1, or its label.

        Raises:
            QuestionError: there is no comparison, or no such answer.
        """
        if self._turns.comparison is None:
            msg = (
                f"conversation {self._turns.name} has no answers to pick from: ask for several with its method compare"
            )
            raise QuestionError(msg)
        answers = self._turns.comparison.answers
        for number, one in answers.items():
            names = {one.label, one.label.partition("=")[2]} - {""}  # as `Answers` names it: without the parameter
            is_number = isinstance(answer, Integral) and not isinstance(answer, bool) and answer == number
            if is_number or (isinstance(answer, str) and answer in names):
                return self._turns.pick(number)[0].reply
        there = ", ".join([*map(str, answers), *(repr(one.label) for one in answers.values())])
        msg = f"there is no answer {one_line(repr(answer), 40)} to pick: expected one of {there}"
        raise QuestionError(msg)

    @property
    def turns(self) -> tuple[Said, ...]:
        """The turns that the next question is asked with, oldest first."""
        return tuple(
            Said(
                turn.question,
                turn.text,
                turn.reasoning,
                turn.state,
                turn.served.model,
                turn.number,
                turn.origin,
                turn.stale,
            )
            for turn in self._turns.transcript.turns
            if turn.sendable
        )

    @property
    def last(self) -> Reply | None:
        """The last reply; ``None`` before the first."""
        return self._turns.last_reply

    def reset(self) -> None:
        """Forget every turn."""
        self._turns.reset()

    def undo(self) -> None:
        """Remove the last turn that was answered, if there is one."""
        self._turns.undo()

    def drop(self, number: int) -> None:
        """Remove turn ``number`` (`Said.number`).

        Raises:
            QuestionError: there is none.
        """
        self._turns.drop(number)

    def edit(self, number: int, text: str) -> None:
        """Make ``text`` the answer of the turn ``number``, with which later questions are asked; secrets are masked.

        Replies that were returned stay as they are.

        Raises:
            QuestionError: there is no such turn, or no text.
            SecretFound: the guard refuses, and there is a secret.
        """
        guard = self._session.guard_of(self._config())
        self._turns.edit(number, guard.clean(text, "the answer").text)

    def fork(self, last: int | None = None) -> Conversation:
        """Return a copy with the same options that shares nothing, up to the turn number ``last`` if given.

        Raises:
            QuestionError: there is no turn of that number.
        """
        made = copy.copy(self)
        made._options, turns = dict(self._options), self._turns
        made._turns = self._session.conversations.owned_by(made, lambda name: turns.fork(name, last))
        return made

    def export(self, path: str | os.PathLike[str], *, force: bool = False) -> None:
        """Write the turns to the file ``path``: ``.md``, ``.html``, ``.ipynb`` or ``.jsonl``.

        The context that was sent is not in it. With ``force`` a file that exists is replaced.

        Raises:
            QuestionError: the file exists, cannot be written, has another end, or there is no turn.
        """
        from .chat_export import export  # few conversations are exported

        export(self._turns, Path(path), force=force)

    @classmethod
    @takes(QuestionOptions)
    def load(cls, path: str | os.PathLike[str], **options: Unpack[QuestionOptions]) -> Conversation:
        """Return the conversation in a ``.jsonl``, ``.ipynb`` or ``.md`` that was exported, as text, secrets masked.

        Args:
            path: the file.
            **options: as for a new conversation; ``system`` overrides the file's.

        Raises:
            QuestionError: it cannot be read, or is not such a file.
            SecretFound: the guard refuses, and there is a secret.
        """
        from .chat_import import read  # as above
        from .chat_records import fill

        records, made = read(Path(path)), cls(**options)
        fill(made._turns, records, made._session.guard_of(made._config()))
        return made

    @takes(Changes)
    def resume(self, *, show: bool = False, **options: Unpack[Changes]) -> Reply:
        """Continue the last reply where it was cut, and return the whole of it.

        Args:
            show: show the reply while it comes, in its place where it was shown before.
            **options: ``model``, ``max_tokens``, ``thinking``, ``timeout`` or ``max_cost`` for the rest; everything
                else stays as the question was asked.

        Raises:
            QuestionError: there is no reply that was cut.
            DeepSeekError: as for `ask`.
        """
        changes, asking = checked_options(options, Changes), Asking(quiet=not show)
        return resume(self._session, self._turns, changes, asking, Kernel.here(os.environ))[0]
