"""``%deepseek_code --ran``: the code that ``--tools run`` ran in a conversation, as one script in the next cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deepseek_magic.api.events import Piece
from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.errors import QuestionError
from deepseek_magic.text import counted

from .call import Call


def put(call: Call) -> str:
    """Put what ran in the conversation that was asked last into the next cell; return what is said of it.

    Of a piece that failed or was stopped, those statements count that ran to their end.

    Raises:
        QuestionError: nothing ran.
    """
    conversation = call.session.conversations.latest
    pieces = sorted(_pieces(conversation), key=lambda piece: piece.number)
    ran = [piece for piece in pieces if piece.lines]
    if not ran:
        msg = f"no code ran in conversation {conversation.name}: --tools run lets the model propose some"
        raise QuestionError(msg)
    call.kernel.set_next_cell("\n\n".join(map(_part, ran)))
    return _said(pieces, ran)


def _pieces(conversation: Conversation) -> Iterator[Piece]:
    """Yield the pieces of the turns, and of a last reply that was asked outside of them."""
    ending = conversation.last_ending
    calls = [one for turn in conversation.transcript.turns for one in turn.calls]
    calls += [one for one in (ending.calls if ending else ()) if one not in calls]
    yield from (one.piece for one in calls if one.piece is not None)


def _part(piece: Piece) -> str:
    return "\n".join(piece.code.split("\n")[: piece.lines]).strip("\n")


def _said(pieces: Sequence[Piece], ran: Sequence[Piece]) -> str:
    whole = sum(piece.state == "done" for piece in ran)
    parts = [f"{counted(whole, 'piece')} of code that ran"] if whole else []
    if begun := len(ran) - whole:
        parts.append(f"the statements that ran of {counted(begun, 'more piece' if whole else 'piece')}")
    left = (
        f" Left out: {counted(len(pieces) - len(ran), 'piece')} of which nothing ran." if len(pieces) > len(ran) else ""
    )
    return f"In the next cell: {' and '.join(parts)}.{left}"
