"""Questions from Python: `deepseek_magic.ask` and `deepseek_magic.Conversation`."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from deepseek_magic.chat.conversation import Conversation as Turns
from deepseek_magic.chat.reply import Reply
from deepseek_magic.notebook.kernel import Kernel
from deepseek_magic.settings.parameters import Asking, Changes, Options

from . import continue_
from .ask import Ask
from .ask import ask as ask_in
from .session import Session, session_of

if TYPE_CHECKING:
    from typing_extensions import Unpack

# A question from Python is sent as it is, without the context that is configured for the magics.
_AS_TYPED = {"raw": True, "context": ("none",)}
_FOR_MAGICS = ("context", "renderer", "footer")


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
        return _ask(self._session, self._config(), text, values, self._turns, show=show)

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


def ask(text: str, *, show: bool = False, **options: Unpack[Options]) -> Reply:
    """Ask ``text`` outside of any conversation and return the reply; see `Conversation` for ``options``."""
    session, config = session_of(Kernel.here())
    return _ask(session, config(), text, {**checked_options(options, Options), "no_memory": True}, show=show)


def _ask(
    session: Session,
    config: Mapping[str, Any],
    text: str,
    options: Mapping[str, Any],
    chat: Turns | None = None,
    *,
    show: bool,
) -> Reply:
    config = {name: value for name, value in config.items() if name not in _FOR_MAGICS}
    options = {**options, **_AS_TYPED, "quiet": not show}
    return ask_in(session, Ask(text, options, config, Kernel.here(), chat=chat or ""))


def checked_options(options: Mapping[str, Any], table: type) -> dict[str, Any]:
    """Return ``options``, keyword arguments whose names stand in ``table``.

    Raises:
        TypeError: one does not.
    """
    known = table.__annotations__
    for name in options:
        if name not in known:
            near = get_close_matches(name, known, 1, 0.6)
            hint = f" (did you mean {near[0]}?)" if near else ""
            msg = f"unknown option {name!r}{hint}: expected one of {', '.join(known)}"
            raise TypeError(msg)
    return dict(options)
