"""Thinking that was stopped or broke off: it is kept, and going on asks the question again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from deepseek_magic.api.client import Client
from deepseek_magic.api.dialects import COMPATIBLE, DEEPSEEK
from deepseek_magic.api.events import ReasoningDelta
from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.chat.question import Question
from deepseek_magic.errors import BadRequest, ConfigurationError, Interrupted, QuestionError, StreamBroken
from deepseek_magic.settings.parameters import Settings
from tests.chat.scripted import Recorded
from tests.faults import Close, Hang, api_error, deltas, error, reply, stream


class Stops(Recorded):
    """A reader who stops the reply in its thinking."""

    def show(self, batch: Any) -> None:
        super().show(batch)
        if any(isinstance(event, ReasoningDelta) for event in batch):
            raise KeyboardInterrupt


class Talk:
    """A conversation with the server of the test."""

    def __init__(self, url: str, dialect: Any = DEEPSEEK) -> None:
        self.settings = Settings(base_url=url, dialect=dialect.name)
        self.client = Client(url, None, dialect, sleep=lambda _seconds: None)
        self.conversation = Conversation()
        self.shown = Recorded()

    def ask(self, text: str, cell: str = "", shown: Recorded | None = None) -> Any:
        return self.conversation.ask(Question(text, self.settings, cell), self.client, shown or Recorded())

    def resume(self, thinking: Any = None, **changes: Any) -> Any:
        self.shown = Recorded()
        settings = replace(self.conversation.unfinished(), **changes)
        return self.conversation.resume(settings, self.client, self.shown, thinking=thinking)


def stopped(talk: Talk, server: Any, text: str = "Why?", cell: str = "") -> Interrupted:
    server.enqueue(stream(b"".join(deltas("", "I think")), Hang()))  # in one write: the stop comes with all of it
    with pytest.raises(Interrupted) as raised:
        talk.ask(text, cell, Stops())
    return raised.value


def messages(server: Any) -> list[tuple[str, str]]:
    return [(message["role"], message["content"]) for message in server.requests[-1].json["messages"]]


@pytest.mark.parametrize("dialect", [DEEPSEEK, COMPATIBLE])
def test_the_question_is_asked_again_and_the_thinking_of_both_is_kept(server, dialect):
    talk = Talk(server.url, dialect)
    error = stopped(talk, server)
    assert str(error) == "stopped while the model was thinking; the thinking is kept"
    assert (error.reply.text, error.reply.reasoning) == ("", "I think")
    server.enqueue(reply("Because.", "I see"), reply("Really."))
    answer = talk.resume()
    assert server.requests[-1].body == server.requests[-2].body
    assert answer.text == "Because."
    assert answer.reasoning == "I think\n\n---\n\nI see"
    assert answer.notices == ()
    shown = "".join(event.text for event in talk.shown.events if isinstance(event, ReasoningDelta))
    assert shown == talk.shown.ending.reasoning == answer.reasoning
    (turn,) = talk.conversation.transcript.turns
    assert turn.state == "complete"
    assert turn.messages()[-1].reasoning == "I see"
    assert talk.ask("Really?").text == "Really."
    assert messages(server) == [("user", "Why?"), ("assistant", "Because."), ("user", "Really?")]
    with pytest.raises(QuestionError, match="the last reply is complete"):
        talk.resume()


def test_so_it_is_where_the_stream_broke_and_how_much_to_think_may_be_said(server):
    talk = Talk(server.url)
    server.enqueue(stream(*deltas("", "I think"), Close()), reply("Because."))
    with pytest.raises(StreamBroken):
        talk.ask("Why?")
    assert talk.resume("off").text == "Because."
    assert messages(server) == [("user", "Why?")]
    assert server.requests[-1].json["thinking"] == {"type": "disabled"}


def test_stopped_twice_it_can_still_be_gone_on_with(server):
    talk = Talk(server.url)
    stopped(talk, server)
    server.enqueue(error(400, api_error("no")), reply("Because.", "I see"))
    with pytest.raises(BadRequest) as refused:
        talk.resume()
    assert refused.value.reply.reasoning == "I think"
    answer = talk.resume()
    assert (answer.text, answer.reasoning) == ("Because.", "I think\n\n---\n\nI see")


def test_an_answer_to_a_cell_that_was_run_again_takes_the_place_of_the_one_before(server):
    talk = Talk(server.url)
    server.enqueue(reply("Old."), reply("Later."))
    talk.ask("Why?", "cell")
    talk.ask("And?", "other")
    stopped(talk, server, "Why?", "cell")
    turns = talk.conversation.transcript.turns
    assert [turn.text for turn in turns] == ["Old.", "Later."]
    with pytest.raises(ConfigurationError):  # it cannot be sent: nothing changes
        talk.resume(max_cost=1.0)
    assert talk.conversation.transcript.turns == turns
    server.enqueue(reply("New."))
    talk.resume()
    turns = talk.conversation.transcript.turns
    assert [(turn.text, turn.stale) for turn in turns] == [("New.", False), ("Later.", True)]


def test_where_nothing_came_there_is_nothing_to_go_on_with(server):
    talk = Talk(server.url)
    server.enqueue(error(400, api_error("no")))
    with pytest.raises(BadRequest):
        talk.ask("Why?")
    with pytest.raises(QuestionError, match="no reply was cut"):
        talk.resume()
