"""``%deepseek_chat pick``: choose the answer of a comparison that becomes the turn."""

from __future__ import annotations

import re

from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.errors import OptionError
from deepseek_magic.text import as_found, counted, one_line, visible

from . import cards
from .call import Call, Result


def command(call: Call, rest: str) -> Result:
    """Run ``pick`` with the number ``rest``; without a number, list the answers.

    Raises:
        OptionError: it is not a number.
        QuestionError: there is nothing to pick, or no such answer.
    """
    if not rest:
        return listed(call)
    if not re.fullmatch(r"[1-9][0-9]?", rest):
        expected = "the number of an answer, or nothing to list them"
        msg = f"%deepseek_chat pick: expected {expected}, found {as_found(rest)}"
        raise OptionError(msg)
    return pick(call, int(rest))


def listed(call: Call) -> Result:
    """Show the answers of the last comparison.

    Raises:
        QuestionError: there is no comparison.
    """
    from deepseek_magic.commonmark.excerpt import excerpt  # loading needs none of it

    conversation = _conversation(call)
    found, rows = conversation.compared(), []
    for number, one in found.answers.items():
        turn = one.asked.turn
        mark = f"turn {turn.number}" if number == found.stands else ""
        cost = "" if one.reply.cost is None else str(one.reply.cost)
        rows.append((str(number), one.label, excerpt(turn.text, 80), f"{turn.tokens:,}", cost, mark))
    question = one_line(found.answers[found.stands].asked.turn.question, 120)
    caption = f"Conversation {conversation.name}, answers to {question!r}; %deepseek_chat pick N keeps one as the turn"
    return Result(show=(cards.table(("", "asked with", "answer", "tokens", "cost", ""), rows, caption),))


def pick(call: Call, number: int) -> Result:
    """Make answer ``number`` of the last comparison the turn from which later questions continue.

    What is shown holds the answer, folded, so that the saved notebook has it as the turn. Code goes into the next cell.

    Raises:
        QuestionError: there is no such answer.
    """
    conversation = _conversation(call)
    answer, outdated = conversation.pick(number)
    session = call.session
    session.conversations.latest = conversation
    turn = answer.asked.turn
    which = f"answer {number} ({one_line(answer.label, 60)}) is turn {turn.number}"
    said = f"Conversation {conversation.name}: {which}, which later questions go on from."
    if outdated:
        was = "was" if outdated == 1 else "were"
        said += f" {counted(outdated, 'later turn')} {was} answered with another."
    offered: tuple[str | cards.Card, ...] = ()
    if repairs := conversation.compared().repairs:
        from . import fix  # most comparisons repair nothing

        offered = fix.offered(session, call.kernel, repairs, turn.text)
    elif answer.asked.outcome.is_code:
        from deepseek_magic.app.code_cells import offer  # most answers are not code

        offered = offer(session, call.kernel, turn.text, cut=conversation.can_go_on)
    if call.kernel.in_terminal:
        return Result(show=(said, *offered))
    from deepseek_magic.render import panels  # heavy, and only needed where something is shown
    from deepseek_magic.render.bundle import whole
    from deepseek_magic.render.safe_html import look_of

    html = look_of(call.front_end.needs)(panels.folded(visible(said), whole(answer.ending)))
    data = {"text/html": str(html), "text/plain": answer.ending.text}
    return Result(show=(cards.Card(data, answer.ending.metadata), *offered))


def _conversation(call: Call) -> Conversation:
    """Return the current conversation, or the one that was asked last if only that one has a comparison."""
    conversations = call.session.conversations
    current, latest = conversations.named(), conversations.latest
    return latest if current.comparison is None and latest.comparison is not None else current
