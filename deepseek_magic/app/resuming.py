"""Continue a reply that was cut or stopped, in the output that holds its beginning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.chat.reply import Reply
from deepseek_magic.notebook.kernel import Kernel
from deepseek_magic.render.progress import say
from deepseek_magic.settings.asking import Asking

from .received import received, receiving
from .replaying import keep
from .session import Session


def resume(
    session: Session, conversation: Conversation, changes: Mapping[str, Any], asking: Asking, kernel: Kernel
) -> tuple[Reply, bool]:
    """Continue the last reply of ``conversation``.

    Args:
        session: counts it.
        conversation: the conversation with the reply.
        changes: the settings that are changed for the rest.
        asking: the parameters for showing and binding it.
        kernel: the shell in which it is shown.

    Returns:
        The whole reply, and whether it was shown in the output that holds its beginning.

    Raises:
        QuestionError: there is no reply that was cut.
        DeepSeekError, Interrupted: as for a question.
    """
    session.budget.limit = asking.budget
    settings = replace(conversation.unfinished(), **changes)
    settings.require_key()
    place = conversation.place
    kind, begun = "none" if asking.quiet else asking.renderer, conversation.opening
    renderer = session.screen.renderer(
        kind, lambda: replace(kernel.front_end(), execution=conversation.execution), place, opening=begun
    )
    client, before = session.clients.client(settings), conversation.last_reply
    shown_here = kernel.shown_here(quiet=asking.quiet)
    name = asking.output or conversation.output
    with receiving(session, settings, kernel, "" if conversation.is_value else name, before):
        reply = conversation.resume(settings, client, renderer, shown_here, changes.get("thinking"))
    keep(session, conversation.kept, asking, say)
    received(reply, session, settings, kernel, name, is_value=conversation.is_value, before=before)
    return reply, bool(place) and place == renderer.display_id
