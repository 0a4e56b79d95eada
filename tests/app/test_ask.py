"""The one road of a question: what is sent, bound, counted and shown, and what stops it before anything is sent."""

from __future__ import annotations

import pytest

from deepseek_magic.app.ask import Ask, ask, rehearse
from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.commands.ask_command import command
from deepseek_magic.commands.call import Call
from deepseek_magic.errors import ConfigurationError, OptionError, QuestionError, StreamBroken
from deepseek_magic.notebook.kernel import Kernel
from deepseek_magic.render.renderer import Silent
from tests.app.asking import texts
from tests.faults import Close, Fault, deltas, reply

QUIET = {"quiet": True}


class Heard(Silent):
    """Keeps what it is shown."""

    def __init__(self):
        self.endings = []

    def close(self, ending):
        self.endings.append(ending)


def test_turns_go_along_in_the_conversation_that_is_named(session, server):
    for text, options in (("one", {}), ("two", {}), ("three", {"chat": "other"}), ("four", {"no_memory": True})):
        assert ask(session, Ask(text, {**QUIET, **options})).text == f"answer to {text}"
    assert [texts(request) for request in server.requests] == [
        ["one"], ["one", "answer to one", "two"], ["three"], ["four"],
    ]  # fmt: skip
    assert session.conversations.latest.name == "main"


def test_a_conversation_may_be_given_as_such(session, server):
    own = Conversation("own")
    ask(session, Ask("one", QUIET, chat=own))
    ask(session, Ask("two", QUIET, chat=own))
    assert texts(server.requests[-1]) == ["one", "answer to one", "two"]
    assert "own" not in session.conversations


def test_the_reply_is_bound_counted_and_shown(session, server, shell):
    renderer = Heard()
    found = ask(session, Ask("one", {"output": "answer"}, kernel=Kernel(shell), renderer=renderer))
    assert shell.user_ns["answer"] is found
    assert [ending.text for ending in renderer.endings] == ["answer to one"]
    (tally,) = session.tallies.by_model.values()
    assert (tally.replies, tally.completion) == (1, found.usage.completion)


def test_a_value_is_bound_in_place_of_the_reply(session, server, shell):
    server.enqueue(reply('{"a": [1, 2]}'))
    found = ask(session, Ask("one", {"output": "value", "form": "json", **QUIET}, kernel=Kernel(shell)))
    assert shell.user_ns["value"] == found.value == {"a": [1, 2]}


def test_what_arrived_is_bound_where_it_breaks_but_no_value(session, server, shell):
    kernel = Kernel(shell)
    for options, bound in (({}, True), ({"form": "json"}, False)):
        shell.user_ns.pop("part", None)
        server.enqueue(Fault((*deltas('{"half'), Close())))
        with pytest.raises(StreamBroken) as caught:
            ask(session, Ask("one", {"output": "part", **QUIET, **options}, kernel=kernel))
        assert caught.value.reply.text == '{"half'
        assert ("part" in shell.user_ns) is bound
    (tally,) = session.tallies.by_model.values()
    assert (tally.replies, tally.uncounted) == (2, 2)


def test_expressions_and_context_are_those_of_the_users_names(session, server, shell):
    shell.user_ns["n"] = 41
    ask(session, Ask("is {n} odd?", QUIET, kernel=Kernel(shell)))
    ask(session, Ask("is {n} odd?", {**QUIET, "vars": ("n",)}, kernel=Kernel(shell), local_names={"n": 43}))
    ask(session, Ask("is {n} odd?", {**QUIET, "raw": True}, kernel=Kernel(shell)))
    sent = [texts(request)[-1] for request in server.requests]
    assert sent[0] == "is 41 odd?"
    assert sent[1].endswith("is 43 odd?")
    assert "n = 43" in sent[1]
    assert sent[2] == "is {n} odd?"


def test_a_rehearsal_is_what_would_be_sent_and_leaves_no_turn(session, server):
    prepared = rehearse(session, Ask("one", {"system": "Be brief."}))
    assert server.requests == []
    assert len(session.conversations.named().transcript.turns) == 0
    ask(session, Ask("one", {"system": "Be brief.", **QUIET}))
    assert [message.content for message in prepared.request.messages] == texts(server.requests[0])


@pytest.mark.parametrize(
    ("text", "options", "kind"),
    [
        (7, {}, QuestionError),
        ("", {}, QuestionError),
        (" \n", {}, QuestionError),
        ("one", {"chat": "new"}, OptionError),
        ("one", {"chat": "a b"}, ConfigurationError),
        ("one", {"tools": ("f",), "form": "json"}, OptionError),
        ("one", {"context": ("nonsense",)}, OptionError),
        ("one", {"vars": ("no_such_name",)}, QuestionError),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is_sent(session, server, shell, text, options, kind):
    with pytest.raises(kind) as caught:
        ask(session, Ask(text, {**QUIET, **options}, kernel=Kernel(shell)))
    assert "\n" not in str(caught.value)
    assert server.requests == []


def test_a_line_and_the_cell_below_it_are_one_question(session, server, shell):
    call = Call(session, {}, Kernel(shell), "--quiet -t 0 explain", "x = 1\n\ny\n")
    assert command(call).value.text.startswith("answer to explain")
    assert texts(server.requests[0]) == ["explain\n\nx = 1\n\ny"]
    assert server.requests[0].json["temperature"] == 0


def test_an_empty_line_is_the_status_card_and_a_dry_run_a_card(session, server, shell):
    kernel = Kernel(shell)
    (card,) = command(Call(session, {}, kernel, " ")).show
    assert "endpoint" in card.data["text/plain"]
    (card,) = command(Call(session, {}, kernel, "--dry-run why?")).show
    assert "This would be sent" in card.data["text/plain"]
    assert server.requests == []
