"""Count a reply that has arrived, complete or not, and bind it to the user's variable."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from deepseek_magic.chat.reply import Reply
from deepseek_magic.errors import DeepSeekError, Interrupted
from deepseek_magic.notebook.kernel import Kernel
from deepseek_magic.settings.parameters import Settings

from .session import Session


@contextmanager
def receiving(
    session: Session, settings: Settings, kernel: Kernel, name: str, before: Reply | None = None
) -> Iterator[None]:
    """Count and bind what has arrived of the reply that is asked for in the block, if that raises.

    No value is bound then: a reply in its place would pass for it.
    """
    try:
        yield
    except (DeepSeekError, Interrupted) as error:
        if error.reply is not None:
            received(error.reply, session, settings, kernel, name, before=before)
        raise


def received(
    reply: Reply,
    session: Session,
    settings: Settings,
    kernel: Kernel,
    name: str = "",
    *,
    is_value: bool = False,
    before: Reply | None = None,
) -> None:
    """Count ``reply``, and bind it, or its value, to the user's variable.

    Args:
        reply: the reply.
        session: counts it.
        settings: the settings of the question.
        kernel: the shell whose variable it is.
        name: the variable; "" for none.
        is_value: whether the value is bound.
        before: the earlier part of this reply, which has already been counted.
    """
    if not reply.kept:
        session.tallies.count(reply, settings.model, before)
    if name:
        kernel.bind(name, reply.value if is_value else reply)
