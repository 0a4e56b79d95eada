"""Where a reply goes: into the variable of ``-o``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from deepseek_magic.errors import DeepSeekError, Interrupted

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
