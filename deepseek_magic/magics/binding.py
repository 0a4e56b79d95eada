"""Where a reply goes: into the variable of ``-o``, into ``_``, and on the page, each once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from deepseek_magic.errors import DeepSeekError, Interrupted
from deepseek_magic.notebook.kernel import is_result_of_a_magic, same_execution

if TYPE_CHECKING:
    from deepseek_magic.chat.reply import Reply


def bound(shell: Any, name: str | None, ask: Callable[[], Reply], *, wants_value: bool = False) -> Reply:
    """Return the reply that ``ask`` returns, bound to the variable ``name``, if any.

    What has arrived is bound also where ``ask`` raises; but with ``wants_value`` the value is what is bound, and then
    nothing, for a reply in its place would pass for it.
    """
    try:
        reply = ask()
    except (DeepSeekError, Interrupted) as error:
        if name and error.reply is not None and not wants_value:
            shell.user_ns[name] = error.reply
        raise
    if name:
        shell.user_ns[name] = reply.value if wants_value else reply
    return reply


def keep_as_result(shell: Any, reply: Reply) -> None:
    """Bind ``reply`` as ``_`` in a terminal, where results of magics are kept quiet (see `extension.load`)."""
    if getattr(shell, "kernel", None) is None:
        shell.displayhook.update_user_ns(reply)


def shown_here(shell: Any, *, quiet: bool) -> Callable[[], bool]:
    """Return what tells whether a reply need not be shown as a value.

    A streamed one is there already; a quiet one is not, but as the result of its own statement it stays quiet.
    """
    here = same_execution(shell)
    return (lambda: here() and is_result_of_a_magic()) if quiet else here
