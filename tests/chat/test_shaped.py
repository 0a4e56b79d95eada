"""Conversations that are asked, forked, dropped, edited and taken back in every order, against a plain model."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.chat.question import Question
from deepseek_magic.errors import DeepSeekError, EmptyQuestion, QuestionError
from deepseek_magic.guard import Guard
from deepseek_magic.tools.calls import ToolBox
from deepseek_magic.tools.rounds import ToolRounds
from deepseek_magic.tools.signatures import function_of
from tests.chat.scripted import Asker, Recorded, call, calling
from tests.faults import Close, FaultServer, api_error, deltas, error, reply, stream


def asked(user: Asker, *questions: str, cells: tuple[str, ...] = ()) -> None:
    for place, question in enumerate(questions):
        cell = cells[place] if cells else ""
        user.conversation.ask(Question(question, user.settings, cell), user._client, Recorded())


def next_messages(user: Asker, conversation: Conversation | None = None) -> list[dict[str, Any]]:
    """The messages of a next question, without it."""
    prepared = (conversation or user.conversation).rehearse(Question("next", user.settings))
    return without_thinking(prepared.body()["messages"][:-1])


def without_thinking(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The messages as every endpoint gets them: thinking goes back to one that demands it, where tools are offered."""
    return [{name: value for name, value in one.items() if name != "reasoning_content"} for one in messages]


def said(user: Asker, conversation: Conversation | None = None) -> list[str]:
    return [message["content"] for message in next_messages(user, conversation)]


def test_an_edit_takes_away_what_led_to_the_answer_before(server, user):
    server.enqueue(calling(call("weather", "{}", "call_a"), reasoning="I look."), reply("It rains.", reasoning="So."))
    box = ToolBox([function_of("weather", weather)], lambda value, tokens: str(value), Guard("mask", {}), _never)
    user.ask("Rain?", ToolRounds(box, user.conversation.marker, strict=False))
    assert [message["role"] for message in next_messages(user)] == ["user", "assistant", "tool", "assistant"]
    ending = user.conversation.edit(1, "It does not rain.")
    assert said(user) == ["Rain?", "It does not rain."]
    assert (ending.text, ending.calls, ending.reasoning) == ("It does not rain.", (), "")
    assert user.conversation.ending(1) is ending
    (turn,) = user.conversation.transcript.turns
    assert (turn.origin, turn.state, turn.reasoning) == ("edited", "complete", "")


def test_an_edit_makes_a_cut_or_failed_turn_whole(server, user):
    server.enqueue(stream(*deltas("half a"), Close()), error(400, api_error("no")))
    for question in ("cut", "refused"):
        with pytest.raises(DeepSeekError):
            user.ask(question)
    assert user.conversation.can_go_on is False
    user.conversation.edit(1, "whole")
    user.conversation.edit(2, "answered")
    assert said(user) == ["cut", "whole", "refused", "answered"]
    with pytest.raises(QuestionError, match="the last reply is complete"):
        user.conversation.unfinished()


def test_asking_again_overrides_an_edit(user):
    asked(user, "one", "two", cells=("a", "b"))
    user.conversation.edit(1, "mine")
    assert [turn.stale for turn in user.conversation.transcript.turns] == [False, True]
    asked(user, "one", cells=("a",))
    assert said(user) == ["one", "re: one", "two", "re: two"]
    assert user.conversation.transcript.turns[0].origin == "model"


def test_a_fork_goes_on_with_a_reply_that_was_cut_as_its_own(server, user):
    server.enqueue(stream(*deltas("half a"), Close()))
    with pytest.raises(DeepSeekError):
        user.ask("cut")
    made = user.conversation.fork("copy")
    made.edit(1, "changed")
    assert said(user) == ["cut", "half a"]
    assert user.conversation.can_go_on
    assert made.last_ending.text == "changed"
    assert user.conversation.last_ending.text == "half a"
    assert made.marker != user.conversation.marker


def test_replies_that_were_shown_go_with_their_turns(user):
    asked(user, "one", "two", "three")
    user.conversation.drop(2)
    assert [user.conversation.ending(n).text for n in (1, 2)] == ["re: three", "re: one"]
    assert user.conversation.last_reply.text == "re: three"
    user.conversation.undo()
    assert user.conversation.last_reply is None
    assert user.conversation.last_ending.text == "re: one"
    assert user.conversation.fork("copy", 1).last_ending.text == "re: one"


def test_a_turn_that_is_being_answered_is_not_shaped_and_not_copied(user):
    asked(user, "one")
    user.conversation.transcript.open("two")
    for shape in (user.conversation.drop, lambda number: user.conversation.edit(number, "x")):
        with pytest.raises(QuestionError, match="still being answered"):
            shape(2)
    assert [turn.question for turn in user.conversation.fork("copy").transcript.turns] == ["one"]


def test_what_was_left_out_for_length_comes_back_when_there_is_room(user):
    user.settings = replace(user.settings, history_tokens=60)
    asked(user, *(f"{number} " + "word " * 20 for number in range(4)))
    assert len(said(user)) < 4
    user.conversation.undo()
    user.conversation.undo()
    assert len(said(user)) == 2
    user.conversation.drop(2)
    assert [text[0] for text in said(user)] == ["0", "r"]


def test_an_answer_is_never_empty(user):
    asked(user, "one")
    with pytest.raises(EmptyQuestion, match="or drop the turn"):
        user.conversation.edit(1, " \n")


def weather() -> str:
    """Return the weather."""
    return "rain"


def _never(_words: str) -> bool:
    return False


@dataclass
class Entry:
    """A turn of the model: what a next question sends of it, in messages; none where it has no answer."""

    number: int
    question: str
    cell: str
    fresh: bool
    answer: list[dict[str, Any]]
    stale: bool = False


@dataclass
class Plain:
    """A conversation of the model: nothing but a list."""

    entries: list[Entry] = field(default_factory=list)
    asked: int = 0

    def sent(self, before: int, *, fresh: bool = False) -> list[dict[str, Any]]:
        """The messages that a question at the place ``before`` is asked with."""
        messages: list[dict[str, Any]] = []
        for entry in self.entries[:before]:
            if entry.fresh:
                messages = []
            if entry.answer:
                messages += [{"role": "user", "content": entry.question}, *entry.answer]
        return [] if fresh else messages

    def changed(self, place: int) -> None:
        for entry in self.entries[place:]:
            entry.stale = entry.stale or bool(entry.answer)

    def put(self, made: Entry, old: Entry | None) -> None:
        if old is None:
            self.entries.append(made)
        elif made.answer or not old.answer:
            place = self.entries.index(old)
            self.entries[place] = made
            self.changed(place + 1)

    def drop(self, entry: Entry) -> None:
        place = self.entries.index(entry)
        del self.entries[place]
        if entry.fresh and self.entries[place:]:
            self.entries[place].fresh = True
        if entry.answer:
            self.changed(place)

    def undo(self) -> None:
        while self.entries and not self.entries.pop().answer:
            pass


class Shaping(RuleBasedStateMachine):
    """Every order of asking, asking again, forking, dropping, editing, taking back and forgetting."""

    @initialize()
    def begin(self) -> None:
        self.server = FaultServer().__enter__()
        self.user = Asker(self.server.url)
        self.real = [self.user.conversation]
        self.plain = [Plain()]
        self.at = 0
        self.count = 0

    def teardown(self) -> None:
        if hasattr(self, "server"):
            self.user.close()
            self.server.__exit__(None, None, None)

    @rule(
        cell=st.sampled_from(["", "a", "b", "c"]),
        how=st.sampled_from(["whole", "whole", "cut", "broken", "refused", "empty", "calls"]),
        fresh=st.sampled_from([False, False, False, True]),
    )
    def ask(self, cell: str, how: str, fresh: bool) -> None:
        self.count += 1
        plain, question, text = self.plain[self.at], f"question {self.count}", f"answer {self.count}"
        outcomes = {
            "whole": [reply(text, reasoning="thinking")],
            "cut": [reply(text, finish="length")],
            "broken": [stream(*deltas(text), Close())],
            "refused": [error(400, api_error("no"))],
            "empty": [reply("")],
            "calls": [calling(call("weather", "{}", f"call_{self.count}")), reply(text)],
        }
        self.server.enqueue(*outcomes[how])
        box = ToolBox([function_of("weather", weather)], lambda value, tokens: str(value), Guard("mask", {}), _never)
        conversation, before = self.real[self.at], len(self.server.requests)
        plan = ToolRounds(box, conversation.marker, strict=False) if how == "calls" else None
        try:
            conversation.ask(
                Question(question, self.user.settings, cell, fresh=fresh), self.user._client, Recorded(), plan=plan
            )
        except DeepSeekError:
            assert how in ("broken", "refused")
        old = next((entry for entry in plain.entries if cell and entry.cell == cell), None)
        place = plain.entries.index(old) if old else len(plain.entries)
        expected = [*plain.sent(place, fresh=fresh), {"role": "user", "content": question}]
        first, *more = [without_thinking(request.json["messages"]) for request in self.server.requests[before:]]
        assert first == expected
        plain.asked += old is None
        said = [{"role": "assistant", "content": text}] if how not in ("refused", "empty") else []
        between = more[-1][len(expected) :] if more else []
        number = old.number if old else plain.asked
        plain.put(Entry(number, question, cell, fresh, [*between, *said]), old)

    def _one(self, data: st.DataObject) -> Entry:
        return data.draw(st.sampled_from(self.plain[self.at].entries))

    @precondition(lambda self: self.plain[self.at].entries)
    @rule(data=st.data())
    def drop(self, data: st.DataObject) -> None:
        entry = self._one(data)
        self.real[self.at].drop(entry.number)
        self.plain[self.at].drop(entry)

    @precondition(lambda self: self.plain[self.at].entries)
    @rule(data=st.data())
    def edit(self, data: st.DataObject) -> None:
        entry, plain = self._one(data), self.plain[self.at]
        self.count += 1
        self.real[self.at].edit(entry.number, f"edited {self.count}")
        entry.answer, entry.stale = [{"role": "assistant", "content": f"edited {self.count}"}], False
        plain.changed(plain.entries.index(entry) + 1)

    @precondition(lambda self: len(self.real) < 4)
    @rule(data=st.data())
    def fork(self, data: st.DataObject) -> None:
        plain = self.plain[self.at]
        last = data.draw(st.sampled_from([None, *(entry.number for entry in plain.entries)]))
        self.real.append(self.real[self.at].fork(f"fork-{len(self.real)}", last))
        kept = [replace(entry) for entry in plain.entries if last is None or entry.number <= last]
        self.plain.append(Plain(kept, max((entry.number for entry in kept), default=0)))
        self.at = len(self.real) - 1

    @rule(data=st.data())
    def change_to(self, data: st.DataObject) -> None:
        self.at = data.draw(st.integers(0, len(self.real) - 1))

    @rule()
    def undo(self) -> None:
        self.real[self.at].undo()
        self.plain[self.at].undo()

    @precondition(lambda self: len(self.plain[self.at].entries) > 3)
    @rule()
    def reset(self) -> None:
        self.real[self.at].reset()
        self.plain[self.at] = Plain()

    @invariant()
    def each_sends_what_a_user_expects(self) -> None:
        for real, plain in zip(getattr(self, "real", ()), getattr(self, "plain", ()), strict=True):
            messages = next_messages(self.user, real)
            assert messages == plain.sent(len(plain.entries))
            well_formed(messages)
            turns = real.transcript.turns
            assert [(turn.number, turn.stale) for turn in turns] == [(one.number, one.stale) for one in plain.entries]
            assert [turn.sendable for turn in turns] == [bool(one.answer) for one in plain.entries]


def well_formed(messages: list[dict[str, Any]]) -> None:
    """Questions and answers alternate, and every call has its result behind it."""
    waiting: list[str] = []
    roles = [*(message["role"] for message in messages), "user"]
    assert roles[0] == "user"
    for message, after in zip(messages, roles[1:], strict=True):
        calls = [one["id"] for one in message.get("tool_calls", ())]
        if message["role"] == "tool":
            waiting.remove(message["tool_call_id"])
        assert after == {"user": "assistant", "tool": "tool" if waiting else "assistant"}.get(
            message["role"], "tool" if calls else "user"
        )
        waiting += calls
    assert waiting == []


Shaping.TestCase.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
TestShaping = Shaping.TestCase
