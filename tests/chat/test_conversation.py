"""A conversation over real HTTP: which turns are sent, what is undone, and what a failure leaves behind."""

from __future__ import annotations

import pytest

from deepseek_magic.api.events import Opened, Retrying, Waiting
from deepseek_magic.chat.question import Question
from deepseek_magic.errors import DeepSeekError, QuestionError, ServerError
from deepseek_magic.render.status import Status
from tests.chat.scripted import asker
from tests.faults import Close, api_error, deltas, error, reply, stream


@pytest.fixture
def asking(server):
    """A conversation with the server, which answers with the number of the request."""
    server.repeat(lambda _: reply(f"answer {len(server.requests)}"))
    with asker(server.url) as made:
        yield made


def sent(server):
    """The words of the messages of the last request."""
    return [message["content"] for message in server.requests[-1].json["messages"]]


def test_each_question_is_sent_with_the_turns_before_it(server, asking):
    """The second request holds the first question with its answer; after a reset nothing earlier goes along."""
    assert asking.ask("one").text == "answer 1"
    asking.ask("two")
    assert sent(server) == ["one", "answer 1", "two"]
    asking.conversation.reset()
    asking.ask("three")
    assert sent(server) == ["three"]


def test_undo_takes_the_last_turn_back(server, asking):
    """The turn is returned and not sent again; with none left there is nothing to take back."""
    asking.ask("one")
    asking.ask("two")
    assert asking.conversation.undo().question == "two"
    assert asking.conversation.last_reply is None
    asking.ask("three")
    assert sent(server) == ["one", "answer 1", "three"]
    asking.conversation.reset()
    assert asking.conversation.undo() is None


def test_a_refused_question_leaves_no_turn(server, asking):
    """The error carries an empty reply, and the next question is sent as if that one was never asked."""
    asking.ask("one")
    server.enqueue(error(400, api_error("no")))
    with pytest.raises(DeepSeekError) as caught:
        asking.ask("bad")
    assert caught.value.reply.text == ""
    asking.ask("two")
    assert sent(server) == ["one", "answer 1", "two"]


def test_a_reply_that_breaks_off_is_kept_and_gone_on_with(server, asking):
    """What came is in the error and on the screen, and the rest makes it whole."""
    server.enqueue(stream(*deltas("The answer"), Close()), reply(" is 42."))
    with pytest.raises(DeepSeekError) as caught:
        asking.ask("one")
    talk = asking.conversation
    assert caught.value.reply.text == asking.shown.ending.text == "The answer"
    assert talk.can_go_on
    rest = talk.resume(talk.unfinished(), asking._client, asking.shown)
    assert rest.text.split() == ["The", "answer", "is", "42."]
    assert not talk.can_go_on


def test_only_what_was_cut_can_be_gone_on_with(asking):
    """Before the first question and after a whole reply the error says why not."""
    with pytest.raises(QuestionError, match=r"in conversation main: no reply was cut; ask a question instead$"):
        asking.conversation.unfinished()
    asking.ask("one")
    with pytest.raises(
        QuestionError, match=r"in conversation main: the last reply is complete; ask a question instead$"
    ):
        asking.conversation.unfinished()


def test_a_rehearsal_sends_nothing_and_changes_nothing(server, asking):
    """It returns the very body that the question is sent with afterwards."""
    asking.ask("one")
    rehearsed = asking.conversation.rehearse(Question("two", asking.settings)).body()
    assert len(server.requests) == 1
    asking.ask("two")
    assert server.requests[-1].json == rehearsed


def test_a_question_outside_of_the_conversation_leaves_no_turn(server, asking):
    """Nothing earlier is sent with it, and it is not sent later."""
    asking.ask("one")
    aside = Question("aside", asking.settings, remember=False)
    asking.conversation.ask(aside, asking._client, asking.shown)
    assert sent(server) == ["aside"]
    asking.ask("two")
    assert sent(server) == ["one", "answer 1", "two"]


def test_an_endpoint_out_of_order_is_an_error_of_the_server(server, asking):
    """All tries fail: the last error is raised, with the reply so far."""
    server.repeat(error(503, api_error("busy")))
    with pytest.raises(ServerError, match="HTTP 503"):
        asking.ask("one")


def test_while_another_try_is_waited_for_its_reader_sees_that(server, asking):
    """The pause before it is over by then; of the first try there is nothing to be said."""
    server.enqueue(error(503, api_error("busy")), reply("Yes."))
    asking.ask("one")
    first, second, third, *_ = asking.shown.events
    assert (type(first), second, type(third)) == (Retrying, Waiting(2), Opened)
    status = Status(0.0)
    status.fold([first, second], 1.0)
    assert status.line(2.0) == "waiting, try 2 · 2 s"
