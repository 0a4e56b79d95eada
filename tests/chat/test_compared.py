"""Which of several answers is the turn: the first, another that is picked, and what each change does to later turns."""

from __future__ import annotations

from contextlib import suppress

import pytest

from deepseek_magic.chat.question import Question
from deepseek_magic.errors import DeepSeekError, QuestionError
from tests.chat.scripted import Recorded
from tests.faults import Close, api_error, deltas, error, reply, stream


def compared(user, server, *answers, cell=""):
    """Ask "which?" once for each of ``answers``, scripts of the server; return which of them is the turn."""
    branches = []
    for number, answer in enumerate(answers, 1):
        branch = user.conversation.branch()
        server.enqueue(answer)
        with suppress(DeepSeekError):
            branch.ask(Question("which?", user.settings, cell), user._client, Recorded())
        branches.append((f"answer {number}", branch))
    return user.conversation.take_over(branches)


def said(user):
    prepared = user.conversation.rehearse(Question("next", user.settings))
    return [message["content"] for message in prepared.body()["messages"][:-1]]


def test_the_first_that_can_be_a_turn_is(server, user):
    user.ask("before")
    broke = error(402, api_error("Insufficient Balance"))
    assert compared(user, server, broke, reply("two"), reply("three")) == 2
    assert said(user) == ["before", "re: before", "which?", "two"]
    assert [turn.number for turn in user.conversation.transcript.turns] == [1, 2]
    assert user.conversation.last_reply.text == "two"
    assert user.conversation.last_ending.metadata["deepseek_magic"]["turn"] == 2


def test_where_none_can_nothing_changes(server, user):
    user.ask("before")
    assert compared(user, server, error(402, api_error("Insufficient Balance"))) == 0
    assert said(user) == ["before", "re: before"]
    assert user.conversation.last_reply.text == "re: before"
    with pytest.raises(QuestionError, match="nothing to pick from"):
        user.conversation.pick(1)


def test_numbers_go_on_after_turns_that_were_taken_back(server, user):
    user.ask("one")
    user.ask("two")
    user.conversation.undo()
    compared(user, server, reply("a"), reply("b"))
    number = user.conversation.transcript.turns[-1].number
    assert user.conversation.last_ending.metadata["deepseek_magic"]["turn"] == number
    user.ask("four")
    assert user.conversation.transcript.turns[-1].number == number + 1


def test_a_cell_that_is_run_again_replaces_its_turn(server, user):
    compared(user, server, reply("a"), reply("b"), cell="cell")
    user.ask("later")
    compared(user, server, reply("c"), reply("d"), cell="cell")
    assert said(user) == ["which?", "c", "later", "re: later"]
    assert [turn.stale for turn in user.conversation.transcript.turns] == [False, True]
    user.conversation.pick(2)
    assert said(user)[:2] == ["which?", "d"]


def test_a_pick_outdates_later_turns_and_can_be_taken_back(server, user):
    compared(user, server, reply("a"), reply("b"))
    user.ask("later")
    answer, outdated = user.conversation.pick(2)
    assert (answer.ending.text, outdated) == ("b", 1)
    assert said(user) == ["which?", "b", "later", "re: later"]
    assert user.conversation.last_reply.text == "re: later"
    assert user.conversation.ending(2).text == "b"
    assert user.conversation.pick(2)[1] == 0
    user.conversation.edit(1, "mine")
    user.conversation.pick(1)
    assert said(user)[:2] == ["which?", "a"]
    answer, _ = user.conversation.pick(2)
    assert said(user)[:2] == ["which?", "mine"]
    assert answer.ending.text == "mine"


def test_what_was_cut_is_continued_where_it_stands(server, user):
    compared(user, server, reply("a"), stream(*deltas("half"), Close()))
    assert not user.conversation.can_go_on
    user.conversation.pick(2)
    assert user.conversation.can_go_on
    server.enqueue(reply(" and the rest"))
    whole = user.conversation.resume(user.settings, user._client, Recorded())
    assert whole.text == "half and the rest"
    assert said(user) == ["which?", "half and the rest"]


@pytest.mark.parametrize("change", ["undo", "drop", "reset"])
def test_a_turn_that_is_gone_takes_its_comparison_along(server, user, change):
    compared(user, server, reply("a"), reply("b"))
    conversation = user.conversation
    {"undo": conversation.undo, "drop": lambda: conversation.drop(1), "reset": conversation.reset}[change]()
    assert conversation.comparison is None
    assert conversation.standing(Question("next", user.settings)) == ()
    with pytest.raises(QuestionError, match="nothing to pick from: --compare asks for several"):
        conversation.pick(1)


def test_a_later_question_says_once_which_answer_stands(server, user):
    compared(user, server, reply("a"), reply("b"), cell="cell")
    conversation, settings = user.conversation, user.settings
    assert conversation.standing(Question("again", settings, "cell")) == ()
    assert conversation.standing(Question("apart", settings, remember=False)) == ()
    assert conversation.standing(Question("anew", settings, fresh=True)) == ()
    (said_once,) = conversation.standing(Question("next", settings))
    assert said_once == "This goes on from answer 1 of the comparison (answer 1); %deepseek_chat pick N keeps another."
    assert conversation.standing(Question("next", settings)) == ()


def test_a_question_outside_of_the_conversation_leaves_no_turn(server, user):
    branches = []
    for label in ("one", "two"):
        branch = user.conversation.branch()
        branch.ask(Question(label, user.settings, remember=False), user._client, Recorded())
        branches.append((label, branch))
    assert user.conversation.take_over(branches) == 0
    assert user.conversation.last_reply.text == "re: one"
    assert user.conversation.transcript.turns == ()
