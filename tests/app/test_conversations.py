"""Conversations by name and by object, and what can be the name of one."""

from __future__ import annotations

import gc

import pytest

from deepseek_magic.app.conversations import Conversations, checked_name
from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.errors import OptionError


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
    "name", ["", "a b", "-a", "a" * 61, "a\x00", "new", "list", "show", "restore", "fork", "\x1b[2J"]
)
def test_a_name_that_means_something_else_is_refused(name):
    with pytest.raises(OptionError) as caught:
        checked_name(name, "--chat")
    assert str(caught.value).startswith("--chat: ")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("stem", "name"),
    [("a", "a"), ("my talk", "my-talk"), ("--x", "x"), ("", "imported"), (" ", "imported"), ("x" * 99, "x" * 50)],
)
def test_a_file_gives_a_conversation_its_name(stem, name):
    assert Conversations().name_for(stem) == checked_name(name)


@pytest.mark.parametrize("stem", ["main", "new", "fork", "restore", "NAME"])
def test_a_name_that_is_taken_gets_a_number(stem):
    assert checked_name(Conversations().name_for(stem)).startswith(f"{stem}-")
