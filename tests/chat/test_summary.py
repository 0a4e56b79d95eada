"""What the length limit leaves out, in a summary: when it is asked for, what it costs, and what is said of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepseek_magic.api.catalogue import Prices
from deepseek_magic.api.pricelist import load
from deepseek_magic.chat.question import Question
from deepseek_magic.chat.summary import ASKED
from deepseek_magic.errors import CostLimit, DeepSeekError
from deepseek_magic.text import estimate_tokens
from tests.chat.scripted import Asker, Recorded, asker
from tests.faults import Close, FaultServer, api_error, deltas, error, reply, stream, usage

LIMIT = 160
LONG = "word " * 20


def asks_for_summary(request: Any) -> bool:
    return bool(request.json["messages"][-1]["content"] == ASKED)


@pytest.fixture
def user(server):
    summaries = iter(range(1, 100))

    def answer(request):
        if asks_for_summary(request):
            return reply(f"summary {next(summaries)}", usage=usage(100, 7))
        return reply(f"re: {request.json['messages'][-1]['content'][:3]}", usage=usage(10, 20))

    server.repeat(answer)
    with asker(server.url, history_tokens=LIMIT, overflow="summarise") as user:
        yield user


def ask(user: Asker, *texts: str, **changes: Any) -> Recorded:
    for text in texts:
        shown = Recorded()
        question = Question(text, replace(user.settings, **changes))
        user.conversation.ask(question, user._client, shown)
    return shown


def sent(request: Any) -> list[str]:
    return [message["content"] for message in request.json["messages"]]


def summaries(server: FaultServer) -> list[Any]:
    return [request for request in server.requests if asks_for_summary(request)]


def notices(shown: Recorded) -> str:
    assert shown.ending is not None
    return " ".join(shown.ending.notices)


def questions(count: int, start: int = 0) -> list[str]:
    return [f"{number:03} {LONG}" for number in range(start, start + count)]


def until_full(user: Asker, server: FaultServer) -> Recorded:
    """Ask until a summary was made, and return what the reader of that question saw."""
    for text in questions(20):
        shown = ask(user, text)
        if summaries(server):
            return shown
    raise AssertionError("no summary was asked for")


def test_the_oldest_turns_go_along_as_a_summary(server, user):
    shown = until_full(user, server)
    (made,) = summaries(server)
    last = sent(server.requests[-1])
    assert last[:2] == [ASKED, "summary 1"]
    kept = last[2:-1]
    assert sent(made)[-1] == ASKED
    assert [text[:3] for text in (*sent(made)[:-1:2], *kept[::2])] == [
        f"{number:03}" for number in range(len(last) // 2 + len(sent(made)) // 2 - 1)
    ]
    assert [message["role"] for message in server.requests[-1].json["messages"]] == ["user", "assistant"] * (
        len(last) // 2
    ) + ["user"]
    turns = len(sent(made)) // 2
    count = "The oldest turn was" if turns == 1 else f"The {turns} oldest turns were"
    assert f"{count} sent as a summary; making it took 100 tokens in and 7 out" in notices(shown)
    assert "left out" not in notices(shown)
    row = shown.ending.receipt_rows[0]
    assert row[0].startswith(f"summary of {turns} turn")
    assert "summary 1" in row[2]


def test_its_tokens_are_counted_with_the_reply_that_needed_it(server, user):
    shown = until_full(user, server)
    assert user.conversation.last_reply.usage.prompt == 110
    assert user.conversation.last_reply.usage.completion == 27
    assert "110 in" in shown.ending.footer
    ask(user, "short")
    assert user.conversation.last_reply.usage.prompt == 10


def test_it_is_kept_until_a_turn_that_it_stands_for_changes(server, user):
    until_full(user, server)
    shown = ask(user, "short")
    assert len(summaries(server)) == 1
    assert sent(server.requests[-1])[:2] == [ASKED, "summary 1"]
    assert "summary" not in notices(shown)
    user.conversation.edit(1, "mine")
    ask(user, "again")
    assert "mine" in sent(summaries(server)[1])
    assert sent(server.requests[-1])[:2] == [ASKED, "summary 2"]


def test_a_later_summary_reads_the_one_before_it(server, user):
    until_full(user, server)
    for text in questions(20, 50):
        ask(user, text)
        if len(summaries(server)) == 2:
            break
    second = sent(summaries(server)[1])
    assert second[:2] == [ASKED, "summary 1"]
    assert second[-1] == ASKED
    assert not any(text.startswith("000") for text in second)
    assert sent(server.requests[-1])[:2] == [ASKED, "summary 2"]


def test_what_an_earlier_summary_still_stands_for_is_not_read_again(server, user):
    until_full(user, server)
    first = len(sent(summaries(server)[0])) // 2
    for text in questions(20, 50):
        ask(user, text)
        if len(summaries(server)) == 2:
            break
    user.conversation.edit(user.conversation.transcript.turns[first].number, "mine")
    ask(user, "next")
    third = sent(summaries(server)[2])
    assert third[:2] == [ASKED, "summary 1"]
    assert third[3] == "mine"


def test_a_fork_has_it_too_and_a_reset_forgets_it(server, user):
    until_full(user, server)
    made = user.conversation.fork("copy")
    made.ask(Question("next", user.settings), user._client, Recorded())
    assert len(summaries(server)) == 1
    assert user.conversation.summaries.text == "summary 1"
    user.conversation.reset()
    assert (user.conversation.summaries.text, made.summaries.text) == ("", "summary 1")


@pytest.mark.parametrize(
    "fault",
    [error(400, api_error("not today")), stream(*deltas("half"), Close()), reply(""), reply("x", finish="aborted")],
    ids=["refused", "broken", "empty", "aborted"],
)
def test_without_a_summary_the_oldest_turns_are_left_out_and_that_is_said(server, user, fault):
    def answer(request):
        return fault if asks_for_summary(request) else reply("fine")

    server.repeat(answer)
    shown = until_full(user, server)
    assert "No summary of the oldest turns: " in notices(shown)
    assert "left out (DeepSeek.history_tokens is 160)" in notices(shown)
    assert ASKED not in sent(server.requests[-1])
    assert user.conversation.last_reply.text == "fine"


def test_a_rehearsal_asks_nothing(server, user):
    until_full(user, server)
    user.conversation.edit(1, "mine")
    before = len(server.requests)
    prepared = user.conversation.rehearse(Question("next", user.settings))
    assert len(server.requests) == before
    assert prepared.past.notes == ("The oldest turns would be summarised, by a request of its own.",)
    assert ASKED not in [message.text for message in prepared.request.messages]


def test_by_default_nothing_is_summarised(server, user):
    shown = ask(user, *questions(12), overflow="leave out")
    assert summaries(server) == []
    assert "left out" in notices(shown)
    ask(user, "next", history_tokens=0)
    assert summaries(server) == []


def priced(tmp_path: Any, url: str) -> Prices:
    place = tmp_path / "prices.json"
    host = url.partition("//")[2]
    place.write_text(json.dumps({"as_of": "2026-12-01", "hosts": {host: {"*": {"cache_miss": 1, "output": 1}}}}))
    return load(str(place))


def test_it_counts_towards_the_limit_on_the_cost(server, user, tmp_path):
    prices = priced(tmp_path, server.url)
    until_full(user, server)
    user.conversation.edit(1, "mine")
    before = len(server.requests)
    # a millionth of a dollar for each token: enough for a summary, and not for the question beside it
    tokens = sum(map(estimate_tokens, sent(summaries(server)[0])))
    tight = replace(user.settings, max_cost=(tokens + 10) / 1_000_000)
    with pytest.raises(CostLimit, match="not asked"):
        user.conversation.ask(Question("next", tight, prices=prices), user._client, Recorded())
    assert [asks_for_summary(request) for request in server.requests[before:]] == [True]
    ask(user, "now")
    assert len(summaries(server)) == 2
    assert user.conversation.last_reply.usage.prompt == 110


@settings(max_examples=10, deadline=None)
@given(steps=st.lists(st.sampled_from(["ask", "ask", "ask", "edit", "drop", "undo", "fail"]), max_size=25))
def test_whatever_happens_every_turn_goes_along_or_is_in_the_summary(steps):
    """The questions that the summary was made of, and those that go along, are all there are."""
    with FaultServer() as server, asker(server.url, history_tokens=LIMIT, overflow="summarise") as user:
        stood_for: dict[str, set[str]] = {}

        def answer(request):
            if not asks_for_summary(request):
                return error(400, api_error("no")) if failing else reply("fine")
            read = sent(request)[:-1]
            inner = stood_for[read[1]] if read[:1] == [ASKED] else set()
            name = f"summary {len(stood_for)}"
            stood_for[name] = inner | {text[:3] for text in read[::2] if text != ASKED}
            return reply(name)

        failing = False
        server.repeat(answer)
        for number, step in enumerate([*["ask"] * 6, *steps]):
            turns = user.conversation.transcript.turns
            failing = step == "fail"
            if step in ("ask", "fail"):
                expected = {turn.question[:3] for turn in turns if turn.sendable}
                try:
                    ask(user, f"{number:03} {LONG}")
                except DeepSeekError:
                    assert failing
                last = sent(server.requests[-1])
                summed = stood_for[last[1]] if last[0] == ASKED else set()
                along = {text[:3] for text in last[:-1:2] if text != ASKED}
                assert summed | along == expected
                assert not summed & along
            elif turns and step == "edit":
                user.conversation.edit(turns[0].number, f"edited {number}")
            elif turns and step == "drop":
                user.conversation.drop(turns[len(turns) // 2].number)
            else:
                user.conversation.undo()
