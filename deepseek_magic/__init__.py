"""Ask DeepSeek from a notebook cell, and watch the formatted reply stream in.

In a notebook::

    %load_ext deepseek_magic
    %deepseek What is a p-value?

In Python::

    import deepseek_magic
    reply = deepseek_magic.ask("What is a p-value?", model="deepseek-flash")
    print(reply.text)

Everything but the version is imported when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .version import __version__

if TYPE_CHECKING:
    from .chat.reply import Reply

__all__ = ["Conversation", "__version__", "ask"]


class Conversation:
    """A conversation from Python: each question is asked with the turns before it.

    Args:
        **options: settings of every question, by field name (``model``, ``system``, ``thinking``, ``temperature``,
            ``top_p``, ``max_tokens``, ``stop``, ``timeout``, ``base_url``, ``history_tokens``); what is left out comes
            from the environment, then from the defaults.
    """

    def __init__(self, **options: Any) -> None:
        self._options = _checked(options)
        self._session: Any = None

    def ask(self, text: str, *, show: bool = False, **options: Any) -> Reply:
        """Ask ``text`` and return the reply.

        Args:
            text: the question, sent byte for byte.
            show: show the reply while it comes, as the magics do.
            **options: as for the conversation, for this question only.

        Raises:
            DeepSeekError: see `deepseek_magic.errors`; its ``reply`` holds what had arrived.
        """
        from .magics.session import Session

        if self._session is None:
            self._session = Session()
        session, wanted = self._session, "auto" if show else "none"
        reply: Reply = session.ask(
            text, _checked(options), self._options, lambda: session.screen.renderer(wanted, _shell())
        )
        return reply


def ask(text: str, *, show: bool = False, **options: Any) -> Reply:
    """Ask ``text`` outside of any conversation and return the reply; see `Conversation` for ``options``."""
    return Conversation(**options).ask(text, show=show)


def _checked(options: dict[str, Any]) -> dict[str, Any]:
    from .settings import Settings

    known = [name for name in Settings.__dataclass_fields__ if name != "key"]
    for name in options:
        if name not in known:
            msg = f"unknown option {name!r}: expected one of {', '.join(known)}"
            raise TypeError(msg)
    return options


def _shell() -> Any:
    from IPython import get_ipython

    return get_ipython()


def load_ipython_extension(ipython: Any) -> None:
    """Load the magics; IPython calls this for ``%load_ext deepseek_magic``."""
    from .magics.extension import load

    load(ipython)


def unload_ipython_extension(ipython: Any) -> None:
    """Undo everything that loading did; IPython calls this for ``%unload_ext deepseek_magic``."""
    from .magics.extension import unload

    unload(ipython)
