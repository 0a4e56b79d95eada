"""``%deepseek_continue``: go on with a reply that was cut or stopped, in the output that holds its beginning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.chat.reply import Reply
from deepseek_magic.notebook.kernel import Kernel
from deepseek_magic.settings.asking import Asking
from deepseek_magic.settings.parameters import Changes
from deepseek_magic.settings.resolve import resolve_asking

from . import cards, options
from .ask import received, receiving
from .code_cells import offer
from .commands import Call, Result
from .conversations import checked_name
from .session import Session


def command(call: Call) -> Result:
    """Go on with the last reply; return the whole of it.

    Raises:
        OptionError: the line holds something else than the options that make sense here.
        QuestionError: there is no reply that was cut.
        DeepSeekError, Interrupted: as for a question; what has come by then is kept, and can be continued again.
    """
    values = options.parse_alone(
        call.line, "continue", "%deepseek_continue", ", and no text: ask again for anything else"
    )
    asking = resolve_asking(values, call.config)
    chat = checked_name(asking.chat, "--chat") if asking.chat else ""
    conversation = call.session.conversations.named(chat)
    begun = len(conversation.last_ending.text) if conversation.last_ending else 0
    changes = {name: value for name, value in values.items() if name in Changes.__annotations__}
    reply, in_place = resume(call.session, conversation, changes, asking, call.kernel)
    if conversation.outcome.is_code:
        offer(call.kernel, reply.code, cut=conversation.can_go_on)
    call.kernel.keep_as_result(reply)
    if not in_place:
        return Result(reply)
    # A page that was reloaded does not know that output any more: the whole reply stands here too, folded.
    added = max(0, len(reply.text) - begun)
    summary = f"The reply above goes on: {added:,} characters more. The whole of it:"
    return Result(reply, (cards.folded(summary, reply),))


def resume(
    session: Session, conversation: Conversation, changes: Mapping[str, Any], asking: Asking, kernel: Kernel
) -> tuple[Reply, bool]:
    """Go on with the last reply of ``conversation``.

    Args:
        session: counts it.
        conversation: holds the reply.
        changes: settings that are changed for the rest.
        asking: how it is shown and bound.
        kernel: the shell in which it is shown.

    Returns:
        The whole reply, and whether it was shown in the output that holds its beginning.

    Raises:
        QuestionError: there is no reply that was cut.
        DeepSeekError, Interrupted: as for a question.
    """
    settings = conversation.unfinished().replaced(**changes)
    settings.require_key()
    place = conversation.place
    renderer = session.screen.renderer("none" if asking.quiet else asking.renderer, kernel.front_end(), place)
    client, before = session.clients.client(settings), conversation.last_reply
    shown_here = kernel.shown_here(quiet=asking.quiet)
    name = asking.output or conversation.output
    with receiving(session, settings, kernel, "" if conversation.is_value else name, before):
        reply = conversation.resume(settings, client, renderer, shown_here, changes.get("thinking"))
    received(reply, session, settings, kernel, name, is_value=conversation.is_value, before=before)
    return reply, bool(place) and place == renderer.display_id
