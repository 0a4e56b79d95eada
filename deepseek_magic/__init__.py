"""Ask DeepSeek from a notebook cell, and watch the formatted reply stream in.

In a notebook::

    %load_ext deepseek_magic
    %deepseek What is a p-value?

In Python::

    import deepseek_magic
    reply = deepseek_magic.ask("What is a p-value?", model="deepseek-flash")
    print(reply.text)

What goes wrong is an error of `deepseek_magic.errors`, one line each; `DeepSeekError` is the base of all of them.
Everything but the version is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .version import __version__

if TYPE_CHECKING:
    from . import errors
    from .app.python_api import ask, compare, map, stream, submit  # noqa: A004  # what it is, over values
    from .app.python_conversation import Conversation, Said
    from .background.pending import Pending
    from .batch.results import Mapped
    from .chat.reply import Reply
    from .chat.side_by_side import Answers
    from .chat.streaming import Stream
    from .description import describe
    from .errors import DeepSeekError
    from .tools.signatures import confirm

__all__ = [
    "Answers",
    "Conversation",
    "DeepSeekError",
    "Mapped",
    "Pending",
    "Reply",
    "Said",
    "Stream",
    "__version__",
    "ask",
    "compare",
    "confirm",
    "describe",
    "errors",
    "map",
    "stream",
    "submit",
]

_APP = "deepseek_magic.app"
#: What is imported when it is first used, and from where.
_LATE = {
    **dict.fromkeys(("ask", "compare", "map", "stream", "submit"), f"{_APP}.python_api"),
    **dict.fromkeys(("Conversation", "Said"), f"{_APP}.python_conversation"),
    "Answers": "deepseek_magic.chat.side_by_side",
    "Stream": "deepseek_magic.chat.streaming",
    "DeepSeekError": "deepseek_magic.errors",
    "Mapped": "deepseek_magic.batch.results",
    "Pending": "deepseek_magic.background.pending",
    "Reply": "deepseek_magic.chat.reply",
    "describe": "deepseek_magic.description",
    "confirm": "deepseek_magic.tools.signatures",
}


def __getattr__(name: str) -> Any:
    if name == "errors":
        return import_module(f"{__name__}.errors")
    if name in _LATE:
        return getattr(import_module(_LATE[name]), name)
    near = import_module("difflib").get_close_matches(name, __all__, 1, 0.7)
    msg = f"module {__name__!r} has no attribute {name!r}{f'; did you mean {near[0]}?' if near else ''}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATE, "errors"})


def load_ipython_extension(ipython: Any) -> None:
    """Load the magics; IPython calls this for ``%load_ext deepseek_magic``."""
    from .magics.extension import load

    load(ipython)


def unload_ipython_extension(ipython: Any) -> None:
    """Undo everything that loading did; IPython calls this for ``%unload_ext deepseek_magic``."""
    from .magics.extension import unload

    unload(ipython)
