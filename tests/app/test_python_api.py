"""Questions from Python without a notebook: which turns go along."""

from __future__ import annotations

import gc
import pydoc

import pytest

import deepseek_magic
from deepseek_magic.app.session import process_session
from tests.app.asking import texts
from tests.faults import MODEL


def test_a_new_conversation_has_no_turns_of_an_old_one(server):
    for question in ("one", "two", "three"):
        assert deepseek_magic.Conversation().ask(question).text == f"answer to {question}"
    assert [texts(request) for request in server.requests] == [["one"], ["two"], ["three"]]


def test_two_conversations_at_a_time_share_no_turns(server):
    first, second = deepseek_magic.Conversation(), deepseek_magic.Conversation()
    for conversation, question in ((first, "a"), (second, "b"), (first, "c"), (second, "d")):
        conversation.ask(question)
    assert texts(server.requests[2]) == ["a", "answer to a", "c"]
    assert texts(server.requests[3]) == ["b", "answer to b", "d"]


def test_a_conversation_goes_with_its_object(server):
    session = process_session()
    gc.collect()
    before = set(session.conversations)
    kept = deepseek_magic.Conversation()
    for _ in range(3):
        deepseek_magic.Conversation().ask("question")
    gc.collect()
    (name,) = set(session.conversations) - before
    kept.ask("again")
    assert session.conversations[name].last_reply.text == "answer to again"
    assert session.conversations.latest is session.conversations[name]
    del kept
    gc.collect()
    assert set(session.conversations) == before
    assert session.conversations.latest.last_reply.text == "answer to again"  # its code can still go into a cell


def test_a_conversation_that_the_user_chose_by_name_stays(server):
    session = process_session()
    conversation = deepseek_magic.Conversation()
    conversation.ask("first")
    name = session.conversations.latest.name
    assert session.conversations.named(name) is session.conversations.latest
    conversation.ask("second")
    assert texts(server.requests[1]) == ["first", "answer to first", "second"]
    del conversation
    gc.collect()
    assert [turn.question for turn in session.conversations.named(name).transcript.turns] == ["first", "second"]


def test_a_name_that_the_user_took_is_not_given_again(server):
    session = process_session()
    conversation = deepseek_magic.Conversation()
    conversation.ask("first")
    number = int(session.conversations.latest.name.rpartition("-")[2])
    taken = session.conversations.named(f"python-{number + 1}")
    later = deepseek_magic.Conversation()
    later.ask("other")
    assert session.conversations.latest is not taken
    assert texts(server.requests[-1]) == ["other"]


def test_a_conversation_shows_its_turns(server):
    conversation = deepseek_magic.Conversation()
    assert (conversation.turns, conversation.last) == ((), None)
    conversation.ask("one")
    assert list(conversation.stream("two"))
    assert [(turn.question, turn.text, turn.state) for turn in conversation.turns] == [
        ("one", "answer to one", "complete"),
        ("two", "answer to two", "complete"),
    ]
    assert conversation.turns[0].model == MODEL
    assert conversation.last.text == "answer to two"
    conversation.reset()
    assert (conversation.turns, conversation.last) == ((), None)
    conversation.ask("three")
    assert texts(server.requests[-1]) == ["three"]


@pytest.mark.parametrize("call", ["ask", "stream", "Conversation"])
def test_a_misspelt_option_is_an_error_that_names_the_right_one(call):
    arguments = () if call == "Conversation" else ("question",)
    with pytest.raises(TypeError, match=r"^unknown option 'temprature' \(did you mean temperature\?\): [^\n]*$"):
        getattr(deepseek_magic, call)(*arguments, temprature=1)


def test_what_is_public_can_be_imported_and_is_in_help():
    text = pydoc.render_doc(deepseek_magic, renderer=pydoc.plaintext)
    for name in deepseek_magic.__all__:
        assert getattr(deepseek_magic, name) is not None
        assert name in text
        assert name in dir(deepseek_magic)
