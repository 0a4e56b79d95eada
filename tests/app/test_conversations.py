"""Conversations by name and by object, and what each word after ``%deepseek_chat`` does."""

from __future__ import annotations

import gc

import pytest

from deepseek_magic.app.ask import Ask, ask
from deepseek_magic.app.commands import CONVERSATIONS, Call
from deepseek_magic.app.conversations import Conversations, checked_name, command
from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.errors import OptionError, QuestionError
from deepseek_magic.notebook.kernel import Kernel
from tests.app.asking import texts


class Owner:
    """Owns a conversation."""


def test_a_name_is_one_conversation():
    conversations = Conversations()
    assert conversations.named("a") is conversations.named("a")
    assert conversations.named() is conversations["main"]
    assert conversations.change_to("a") is conversations.latest is conversations.named()
    assert list(conversations) == ["main", "a"]
    own = Conversation("a")
    assert conversations.named(own) is own


def test_that_of_an_object_goes_with_it_unless_it_was_asked_for_by_name():
    conversations, owner, other = Conversations(), Owner(), Owner()
    name, kept = (conversations.owned_by(one).name for one in (owner, other))
    assert name != kept
    assert conversations.named(kept) is conversations[kept]
    assert set(conversations) == {"main", name, kept}
    del owner, other
    gc.collect()
    assert set(conversations) == {"main", kept}
    assert conversations.owned_by(Owner()).name not in (name, kept)


@pytest.mark.parametrize("name", ["a", "x-1", "Größe", "a" * 60, "#1", "NAME"])
def test_a_name_that_can_be_one(name):
    assert checked_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "a b", "-a", "a" * 61, "a\x00", "new", "list", "show", "export", "fork", "\x1b[2J"]
)
def test_a_name_that_means_something_else_is_refused(name):
    with pytest.raises(OptionError) as caught:
        checked_name(name, "--chat")
    assert str(caught.value).startswith("--chat: ")
    assert str(caught.value).isprintable()


@pytest.fixture
def chat(session, shell):
    return lambda line="": command(Call(session, {}, Kernel(shell), line)).show[0]


def asked(session, *texts):
    for text in texts:
        ask(session, Ask(text, {"quiet": True}))


def test_the_list_names_turns_and_the_current_one(session, chat):
    asked(session, "first", "second")
    chat("other")
    plain = chat("list").data["text/plain"]
    assert chat().data["text/plain"] == plain
    main, other = plain.splitlines()[1:]
    assert main.split()[:2] == ["main", "2"]
    assert "second" in main
    assert other.split()[:2] == ["other", "0"]
    assert other.endswith("current")


def test_conversations_are_changed_started_emptied(session, server, chat):
    asked(session, "first")
    assert chat("other") == "Conversation other: new."
    asked(session, "elsewhere")
    assert texts(server.requests[-1]) == ["elsewhere"]
    assert chat("main") == "Conversation main: 1 turn."
    assert chat("reset") == "Conversation main: all turns forgotten."
    asked(session, "again")
    assert texts(server.requests[-1]) == ["again"]
    name = chat("new").split()[1].rstrip(":")
    assert name in session.conversations
    assert chat("new").split()[1].rstrip(":") != name


def test_a_turn_is_taken_back(session, server, chat):
    asked(session, "first", "second")
    assert chat("undo") == "Conversation main: took back 'second'."
    asked(session, "third")
    assert texts(server.requests[-1]) == ["first", "answer to first", "third"]
    chat("reset")
    with pytest.raises(QuestionError, match="no turn to take back"):
        chat("undo")


def test_replies_are_shown_again(session, chat):
    asked(session, "first", "second")
    assert chat("show").data["text/plain"] == chat("show 1").data["text/plain"] == "answer to second"
    assert chat("show 2").data["text/plain"] == "answer to first"
    with pytest.raises(QuestionError, match="no reply 3 from the end"):
        chat("show 3")
    for number in ("0", "-1", "x", "1 2", "٣"):
        with pytest.raises(OptionError, match="expected a number"):
            chat(f"show {number}")


def test_every_word_that_help_lists_does_something(session, chat):
    for word in CONVERSATIONS:
        chat("main")
        asked(session, word)
        assert chat(word)
