"""`deepseek_magic.Conversation`: a conversation from Python."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from deepseek_magic.chat.reply import Reply
from deepseek_magic.notebook.kernel import Kernel
from deepseek_magic.settings.asking import Asking
from deepseek_magic.settings.parameters import Changes, Options

from . import continue_
from .python_api import ask_of, checked_options, stream_of
from .session import session_of
from .streaming import Stream

if TYPE_CHECKING:
    from typing_extensions import Unpack


@dataclass(frozen=True, slots=True)
class Said:
    """One turn of a conversation: the question as it was asked, the answer's text, and what is known of it.

    ``state`` is ``complete``, ``cut``, ``interrupted`` or ``failed``; ``model`` names who answered.
    """

    question: str
    text: str
    reasoning: str
    state: str
    model: str


class Conversation:
    """A conversation from Python: each question is asked with the turns before it.

    Args:
        **options: settings of every question, by field name (``model``, ``system``, ``thinking``, ``temperature``,
            ``top_p``, ``max_tokens``, ``stop``, ``timeout``, ``base_url``, ``history_tokens``); what is left out comes
            from ``%config DeepSeek`` where the extension is loaded, then from the environment, then from the defaults.
    """

    def __init__(self, **options: Unpack[Options]) -> None:
        self._options = checked_options(options, Options)
        self._session, self._config = session_of(Kernel.here())
        self._turns = self._session.conversations.owned_by(self)

    def ask(self, text: str, *, show: bool = False, **options: Unpack[Options]) -> Reply:
        """Ask ``text`` and return the reply.

        Args:
            text: the question, sent byte for byte.
            show: show the reply while it comes, as the magics do.
            **options: as for the conversation, for this question only.

        Raises:
            DeepSeekError: see `deepseek_magic.errors`; its ``reply`` holds what had arrived.
        """
        values = {**self._options, **checked_options(options, Options)}
        return ask_of(self._session, self._config(), text, values, self._turns, show=show)

    def stream(self, text: str, **options: Unpack[Options]) -> Stream:
        """Return the reply to ``text`` as an iterator over its text, which is asked for as it is read; see `stream`."""
        values = {**self._options, **checked_options(options, Options)}
        return stream_of(self._session, self._config(), text, values, self._turns)

    @property
    def turns(self) -> tuple[Said, ...]:
        """The turns that the next question is asked with, oldest first."""
        return tuple(
            Said(turn.question, turn.text, turn.reasoning, turn.state, turn.served.model)
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

    def resume(self, *, show: bool = False, **options: Unpack[Changes]) -> Reply:
        """Go on with the last reply where it was cut, and return the whole of it.

        Args:
            show: show the reply while it comes, in its place where it was shown before.
            **options: ``model``, ``max_tokens``, ``thinking``, ``timeout`` or ``max_cost`` for the rest; everything
                else stays as the question was asked.

        Raises:
            QuestionError: there is no reply that was cut.
            DeepSeekError: as for `ask`.
        """
        changes, asking = checked_options(options, Changes), Asking(quiet=not show)
        return continue_.resume(self._session, self._turns, changes, asking, Kernel.here())[0]
