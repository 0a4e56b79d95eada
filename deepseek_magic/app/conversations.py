"""The conversations of a session, and ``%deepseek_chat``, which lists, chooses, starts, empties and shows them."""

from __future__ import annotations

import itertools
import re
import weakref
from collections.abc import Iterator, Mapping

from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.errors import OptionError, QuestionError
from deepseek_magic.text import counted, one_line, visible

from . import cards
from .commands import CONVERSATIONS, Call, Result

# Words that a later version may give a meaning; a conversation of that name could then not be reached.
_RESERVED = ("continue", "delete", "drop", "export", "fork", "help", "load", "rename", "restore", "save")
# Of this process, not of a session: the numbers name conversations in the outputs of one notebook.
_numbers = itertools.count(1)


class Conversations(Mapping[str, Conversation]):
    """The conversations by name: those that the user named, then those of objects that are still in use.

    Attributes:
        current: the name of the one in which questions are asked that name no other.
        latest: the one that was asked, or changed to, last.
    """

    def __init__(self) -> None:
        self._named: dict[str, Conversation] = {}
        self._owned: dict[str, Conversation] = {}
        self.current = "main"
        self.latest = self.named()

    def __getitem__(self, name: str) -> Conversation:
        return {**self._named, **self._owned}[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._named, **self._owned})

    def __len__(self) -> int:
        return len({**self._named, **self._owned})

    def named(self, chat: str | Conversation = "") -> Conversation:
        """Return the conversation called ``chat`` ("": the current one), new if there was none.

        A conversation that is asked for by name stays, even if it was that of an object. One that is given as such is
        returned.
        """
        if isinstance(chat, Conversation):
            return chat
        name = chat or self.current
        if name not in self._named:
            self._named[name] = self._owned.get(name) or Conversation(name)
        return self._named[name]

    def owned_by(self, owner: object) -> Conversation:
        """Return a new conversation that is listed until ``owner`` is collected; its name never recurs."""
        name = next(name for name in map("python-{}".format, _numbers) if name not in self._named)
        conversation = self._owned[name] = Conversation(name)
        weakref.finalize(owner, self._owned.pop, name, None).atexit = False
        return conversation

    def change_to(self, name: str) -> Conversation:
        """Ask in the conversation called ``name`` from now on, and return it."""
        self.latest = self.named(name)
        self.current = self.latest.name
        return self.latest


def command(call: Call) -> Result:
    """Do what ``%deepseek_chat`` was asked to.

    Raises:
        OptionError: the name cannot be one.
        QuestionError: there is nothing to undo or to show.
    """
    conversations, word = call.session.conversations, call.line.strip()
    match word:
        case "" | "list":
            return Result(show=(_listing(conversations),))
        case "new":
            said = _change(conversations, _unused_name(conversations))
        case "reset":
            conversations.named().reset()
            said = f"Conversation {conversations.current}: all turns forgotten."
        case "undo":
            said = _undo(conversations)
        case _ if word.split()[0] == "show":
            return Result(show=(_shown_again(conversations, word[4:].strip(), in_terminal=call.kernel.in_terminal),))
        case _:
            said = _change(conversations, checked_name(word))
    return Result(show=(said,))


def _listing(conversations: Conversations) -> cards.Card:
    rows = []
    for name, conversation in conversations.items():
        turns = [turn for turn in conversation.transcript.turns if turn.sendable]
        stale = sum(turn.stale for turn in turns)
        last = one_line(turns[-1].question, 60) if turns else ""
        mark = "current" if name == conversations.current else ""
        count = f"{len(turns)} ({stale} stale)" if stale else f"{len(turns)}"
        rows.append((name, count, f"{sum(turn.tokens for turn in turns):,}", last, mark))
    return cards.table(("conversation", "turns", "tokens", "last question", ""), rows)


def _change(conversations: Conversations, name: str) -> str:
    is_new = name not in conversations
    turns = sum(turn.sendable for turn in conversations.change_to(name).transcript.turns)
    return f"Conversation {name}: {'new' if is_new else counted(turns, 'turn')}."


def _unused_name(conversations: Conversations) -> str:
    number = len(conversations) + 1
    while f"chat-{number}" in conversations:
        number += 1
    return f"chat-{number}"


def checked_name(word: str, found_by: str = "%deepseek_chat") -> str:
    """Return ``word`` if it can be the name of a conversation; ``found_by`` is where it was typed.

    Raises:
        OptionError: it means something else to ``%deepseek_chat``, now or in a later version.
    """
    if not re.fullmatch(r"[^\s\x00-\x1f-][^\s\x00-\x1f]{0,59}", word):
        expected = "a name" if found_by == "--chat" else f"one of {', '.join(CONVERSATIONS)}"
        msg = f"{found_by}: expected {expected}, found {one_line(word, 40)!r}"
        raise OptionError(msg)
    if word in CONVERSATIONS and word != "NAME":
        msg = f"{found_by}: {word!r} is a command of %deepseek_chat; give the conversation another name"
        raise OptionError(msg)
    if word in _RESERVED:
        msg = f"{found_by}: {word!r} is kept for later versions; give the conversation another name"
        raise OptionError(msg)
    return word


def _undo(conversations: Conversations) -> str:
    turn = conversations.named().undo()
    if turn is None:
        msg = f"conversation {conversations.current} has no turn to take back"
        raise QuestionError(msg)
    return f"Conversation {conversations.current}: took back {one_line(turn.question, 60)!r}."


def _shown_again(conversations: Conversations, number: str, *, in_terminal: bool) -> cards.Card:
    if not re.fullmatch(r"(?:[1-9]\d{0,5})?", number, re.ASCII):
        msg = f"%deepseek_chat show: expected a number, 1 for the last reply, found {one_line(number, 40)!r}"
        raise OptionError(msg)
    ending = conversations.named().ending(int(number or 1))
    if ending is None:
        what = f"reply {number} from the end" if number not in ("", "1") else "reply"
        msg = f"conversation {conversations.current} has no {what} to show"
        raise QuestionError(msg)
    from deepseek_magic.render.bundle import bundle  # heavy, and only needed where something is shown

    data = bundle(ending)
    if in_terminal:  # it prints the text: controls are shown, not sent
        data["text/plain"] = visible(ending.text)
    return cards.Card(data, ending.metadata)
