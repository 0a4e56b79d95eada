"""`Conversations`: the conversations of a session, by name."""

from __future__ import annotations

import itertools
import re
import weakref
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.errors import OptionError, QuestionError
from deepseek_magic.first_use import MadeOnce
from deepseek_magic.settings.kinds import dashed
from deepseek_magic.text import one_line

from .command_words import CONVERSATIONS

if TYPE_CHECKING:
    from deepseek_magic.background.jobs import Jobs

# Words that may become commands later; a conversation with such a name could then not be reached.
#: Words that cannot be the name of a new conversation.
RESERVED = ("continue", "delete", "help", "load", "rename", "save")
# Of this process, not of a session: the numbers name conversations in the outputs of one notebook.
_numbers = itertools.count(1)


class Conversations(Mapping[str, Conversation]):
    """The conversations by name: those that the user named, then those of objects that are still in use.

    Attributes:
        current: the name of the conversation for questions that do not name another.
        latest: the conversation that was asked, or switched to, last.
        restored: whether the notebook's file has been searched for conversations.
    """

    def __init__(self) -> None:
        self._named: dict[str, Conversation] = {}
        self._owned: dict[str, Conversation] = {}
        self.current, self.restored = "main", False
        self.latest = self.named()

    @MadeOnce
    def jobs(self) -> Jobs:
        """The questions in the background."""
        from deepseek_magic.background.jobs import Jobs  # most sessions have none

        return Jobs()

    @property
    def has_jobs(self) -> bool:
        """Whether there has been a question in the background."""
        return "jobs" in vars(self)

    def close(self) -> None:
        """Stop the questions in the background."""
        if self.has_jobs:
            self.jobs.stop_all()

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

    def name_for(self, stem: str) -> str:
        """Return a name for a new conversation made from ``stem``, with a number if necessary."""
        name = re.sub(r"[^\w.+-]+", "-", stem).strip("-.")[:50] or "imported"
        taken = name in self or name in CONVERSATIONS or name in RESERVED
        return self.unused_name(name) if taken else name

    def owned_by(self, owner: object, make: Callable[[str], Conversation] = Conversation) -> Conversation:
        """Return a new conversation, as ``make`` makes it of a name that never recurs; listed while ``owner`` lives."""
        name = next(name for name in map("python-{}".format, _numbers) if name not in self._named)
        conversation = self._owned[name] = make(name)
        weakref.finalize(owner, self._owned.pop, name, None).atexit = False
        return conversation

    def change_to(self, name: str) -> Conversation:
        """Switch to the conversation named ``name``, and return it."""
        self.latest = self.named(name)
        self.current = self.latest.name
        return self.latest

    def add(self, conversation: Conversation) -> Conversation:
        """Take ``conversation`` in under its name, ask in it from now on, and return it.

        Raises:
            QuestionError: there is one of that name.
        """
        if conversation.name in self:
            msg = f"there is a conversation {conversation.name} already: choose another name"
            raise QuestionError(msg)
        self._named[conversation.name] = conversation
        return self.change_to(conversation.name)

    def unused_name(self, stem: str = "chat") -> str:
        """Return a name that no conversation has: ``stem`` with a number."""
        number = len(self) + 1
        while f"{stem}-{number}" in self:
            number += 1
        return f"{stem}-{number}"


def checked_name(word: str, found_by: str = "%deepseek_chat") -> str:
    """Return ``word`` if it can be the name of a conversation; ``found_by`` is where it was typed.

    Raises:
        OptionError: it means something else to ``%deepseek_chat``, now or in a later version.
    """
    if not re.fullmatch(r"[^\s\x00-\x1f-][^\s\x00-\x1f]{0,59}", word):
        is_name = found_by != "%deepseek_chat"
        expected = "a name without spaces" if is_name else f"one of {', '.join(CONVERSATIONS)}"
        meant = dashed(word) if is_name and " " in word.strip() else ""
        hint = f"; did you mean {one_line(meant, 60)}?" if meant else ""
        msg = f"{found_by}: expected {expected}, found {one_line(word, 40)!r}{hint}"
        raise OptionError(msg)
    if word in CONVERSATIONS and word != "NAME":
        msg = f"{found_by}: {word!r} is a command of %deepseek_chat; give the conversation another name"
        raise OptionError(msg)
    if word in RESERVED:
        msg = f"{found_by}: {word!r} is reserved for later versions; give the conversation another name"
        raise OptionError(msg)
    return word
