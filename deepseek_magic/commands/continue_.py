"""``%deepseek_continue``: go on with a reply that was cut or stopped, in the output that holds its beginning."""

from __future__ import annotations

from deepseek_magic.app import next_cell, options
from deepseek_magic.app.code_cells import CUT, offer, source_of
from deepseek_magic.app.conversations import checked_name
from deepseek_magic.app.resuming import resume
from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.render.progress import say
from deepseek_magic.settings.parameters import Changes
from deepseek_magic.settings.resolve import resolve_asking
from deepseek_magic.text import counted

from . import cards
from .call import Call, Result

_OLDER_PART = "The code is in the next cell; the cell with the part that was cut is older."


def command(call: Call) -> Result:
    """Go on with the last reply; return the whole of it.

    Raises:
        OptionError: the line holds something other than the options that make sense here.
        QuestionError: there is no reply that was cut.
        DeepSeekError, Interrupted: as for a question; what has come by then is kept, and can be continued again.
    """
    values = options.parse_alone(
        call.line, "continue", "%deepseek_continue", ", and no text: ask again for anything else"
    )
    asking = resolve_asking(values, call.config)
    chat = checked_name(asking.chat, "--chat") if asking.chat else ""
    conversation = call.session.conversations.named(chat)
    if conversation.underway:
        say(f"Waiting for the reply that is still coming in conversation {conversation.name}.")
        call.session.conversations.jobs.wait_for(conversation)
    begun = len(conversation.last_ending.text) if conversation.last_ending else 0
    older = "; the error below it is older" if _failed(conversation) else ""
    part = _cut_cell(call, conversation)
    changes = {name: value for name, value in values.items() if name in Changes.__annotations__}
    reply, in_place = resume(call.session, conversation, changes, asking, call.kernel)
    said: tuple[str, ...] = ()
    if conversation.outcome.is_code:
        said = offer(call.session, call.kernel, reply.text, cut=conversation.can_go_on)
        if not said and call.session.next_cells.holds(part):
            said = (_OLDER_PART,)
    call.kernel.keep_as_result(reply)
    if asking.quiet:
        return Result(reply)
    if not in_place:
        return Result(reply, said)
    # A page that was reloaded does not know that output any more: the whole reply stands here too, folded.
    added = counted(max(0, len(reply.text) - begun), "character")
    above = f"The reply above goes on: {added} more" if begun else "The question was asked again, and is answered above"
    summary = f"{above}{older}. The whole reply:"
    return Result(reply, (cards.folded(summary, reply, call.front_end.needs), *said))


def _failed(conversation: Conversation) -> bool:
    """Return whether the cell of the last reply ended with an error, whose line nothing but that cell takes away."""
    ending = conversation.last_ending
    said = ending.metadata.get("deepseek_magic", {}) if ending else {}
    return said.get("state") == "interrupted" or (said.get("state") != "complete" and not said.get("finish_reason"))


def _cut_cell(call: Call, conversation: Conversation) -> str:
    """Return the cell that was offered of code that was cut; "" if the last reply is not code."""
    ending = conversation.last_ending
    source = source_of(call.kernel.shell, ending.text) if ending and conversation.outcome.is_code else ""
    return next_cell.noted(source, CUT)[0] if source else ""
