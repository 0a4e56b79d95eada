"""``%deepseek_chat``: list, choose, start, empty and repaint conversations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deepseek_magic.errors import OptionError, QuestionError
from deepseek_magic.notebook.kernel import in_terminal
from deepseek_magic.text import counted, one_line, visible

from . import cards

if TYPE_CHECKING:
    from deepseek_magic.app.session import Session

#: What each word does; anything else is the name of a conversation.
COMMANDS = {
    "list": "list the conversations",
    "NAME": "go on in the conversation of this name, new if there is none",
    "new": "start a conversation under a new name",
    "undo": "take the last turn back",
    "reset": "forget the turns of the current conversation",
    "show": "show the last reply again, whole",
}
# Words that a later version may give a meaning; a conversation of that name could then not be reached.
_RESERVED = ("continue", "delete", "drop", "export", "fork", "help", "load", "rename", "restore", "save")


def run(session: Session, line: str) -> str | None:
    """Do what ``line`` says; return what to tell the user, or ``None`` where something was shown instead.

    Raises:
        OptionError: the name is none.
        QuestionError: there is nothing to undo or to show.
    """
    word = line.strip()
    match word:
        case "" | "list":
            cards.show(_listing(session))
            return None
        case "new":
            return _switch(session, _unused_name(session))
        case "reset":
            session.conversation().reset()
            return f"Conversation {session.current}: all turns forgotten."
        case "undo":
            return _undo(session)
        case "show":
            _show(session)
            return None
        case _:
            return _switch(session, checked_name(word))


def _listing(session: Session) -> cards.Bundle:
    rows = []
    for name, conversation in session.conversations.items():
        turns = [turn for turn in conversation.transcript.turns if turn.sendable]
        stale = sum(turn.stale for turn in turns)
        last = one_line(turns[-1].question, 60) if turns else ""
        mark = "current" if name == session.current else ""
        count = f"{len(turns)} ({stale} stale)" if stale else f"{len(turns)}"
        rows.append((name, count, f"{sum(turn.tokens for turn in turns):,}", last, mark))
    return cards.table(("conversation", "turns", "tokens", "last question", ""), rows)


def _switch(session: Session, name: str) -> str:
    fresh = name not in session.conversations
    session.current = session.conversation(name).name
    turns = sum(turn.sendable for turn in session.conversation().transcript.turns)
    return f"Conversation {name}: {'new' if fresh else counted(turns, 'turn')}."


def _unused_name(session: Session) -> str:
    number = len(session.conversations) + 1
    while f"chat-{number}" in session.conversations:
        number += 1
    return f"chat-{number}"


def checked_name(word: str, found_by: str = "%deepseek_chat") -> str:
    """Return ``word`` if it can be the name of a conversation; ``found_by`` is where it was typed.

    Raises:
        OptionError: it means something else to ``%deepseek_chat``, now or in a later version.
    """
    if not re.fullmatch(r"[^\s\x00-\x1f-][^\s\x00-\x1f]{0,59}", word):
        expected = "a name" if found_by == "--chat" else f"one of {', '.join(COMMANDS)}"
        msg = f"{found_by}: expected {expected}, found {one_line(word, 40)!r}"
        raise OptionError(msg)
    if word in COMMANDS and word != "NAME":
        msg = f"{found_by}: {word!r} is a command of %deepseek_chat; give the conversation another name"
        raise OptionError(msg)
    if word in _RESERVED:
        msg = f"{found_by}: {word!r} is kept for later versions; give the conversation another name"
        raise OptionError(msg)
    return word


def _undo(session: Session) -> str:
    turn = session.conversation().undo()
    if turn is None:
        msg = f"conversation {session.current} has no turn to take back"
        raise QuestionError(msg)
    return f"Conversation {session.current}: took back {one_line(turn.question, 60)!r}."


def _show(session: Session) -> None:
    ending = session.conversation().last_ending
    if ending is None:
        msg = f"conversation {session.current} has no reply to show"
        raise QuestionError(msg)
    from IPython import get_ipython
    from IPython.display import display

    from deepseek_magic.render.bundle import bundle

    shown = bundle(ending)
    if in_terminal(get_ipython()):  # a terminal prints the text: controls are shown, not sent
        shown["text/plain"] = visible(ending.text)
    display(shown, raw=True, metadata=dict(ending.metadata))
