"""``%deepseek_chat show``: a reply again in full, by its place from the end or by the cell that asked."""

from __future__ import annotations

import re

from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.errors import OptionError, QuestionError
from deepseek_magic.render.renderer import Ending
from deepseek_magic.text import as_found

from . import cards
from .call import Call, Result

_WHICH = re.compile(r"(?P<number>[1-9][0-9]{0,5})|\[(?P<cell>[1-9][0-9]{0,5})\]|(?P<last>)")


def command(call: Call, rest: str) -> Result:
    """Show what ``rest`` names: a number from the end, a cell as its brackets show it, or nothing for the last reply.

    Raises:
        OptionError: it names neither.
        QuestionError: that reply is not kept.
    """
    found = _WHICH.fullmatch(rest)
    if found is None:
        expected = "a number, 1 for the last reply, or the cell that asked, such as [7]"
        msg = f"%deepseek_chat show: expected {expected}; found {as_found(rest)}"
        raise OptionError(msg)
    if found["cell"]:
        return _of_cell(call, int(found["cell"]))
    conversation, number = call.session.conversations.named(), int(found["number"] or 1)
    ending = conversation.ending(number)
    if ending is None:
        what = f"reply {number} from the end" if number != 1 else "reply"
        msg = (
            f"conversation {conversation.name} has no {what} to show: ask a question first, or see %deepseek_chat list"
        )
        raise QuestionError(msg)
    return Result(show=(_shown(call, conversation, ending),))


def _of_cell(call: Call, execution: int) -> Result:
    """Show the replies that the cell with this number in brackets got, in whichever conversation it asked."""
    shown: dict[int, str | cards.Card] = {}
    for conversation in call.session.conversations.values():
        for ending in conversation.endings_of(execution):  # a copy of a conversation has the same ones
            shown.setdefault(id(ending), _shown(call, conversation, ending))
    if not shown:
        msg = f"no reply to cell [{execution}] is kept: %deepseek_chat show shows the last, show 2 the one before it"
        raise QuestionError(msg)
    return Result(show=tuple(shown.values()))


def _shown(call: Call, conversation: Conversation, ending: Ending) -> str | cards.Card:
    if not (ending.text or ending.reasoning or ending.notices):
        return "That question got no answer."
    stood, columns = conversation.side_by_side
    if columns is not None and ending is stood:
        return cards.side_by_side(columns, call.front_end)
    return cards.shown(ending, call.front_end)
