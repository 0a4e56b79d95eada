"""The turns of a conversation: what is kept, what is sent again, what is replaced."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepseek_magic.api.events import (
    TextDelta,
)
from deepseek_magic.chat.transcript import Transcript
from deepseek_magic.chat.turn import Turn

LIMIT = 10**6


def add(transcript: Transcript, question: str, answer: str = "answer", cell: str = "", state: str = "complete") -> Turn:
    turn = transcript.open(question, cell)
    if answer:
        turn.fold([TextDelta(answer)])
    transcript.close(turn, state)
    return turn


def sent(transcript: Transcript, limit: int = LIMIT, cell: str = "") -> tuple[list[str], int]:
    """The questions that a next question sends along, and how many turns are left out."""
    turn = transcript.open("next", cell)
    earlier, gone = transcript.history(turn, limit)
    transcript.close(turn, "failed")
    return [message.content for turn in earlier for message in turn.messages() if message.role == "user"], len(gone)


@pytest.mark.parametrize(
    ("answer", "state", "sendable"),
    [
        *(("a", "complete", True), ("a", "cut", True), ("a", "interrupted", True), ("a", "failed", False)),
        *(("", "complete", False), (" \n", "complete", False), ("", "interrupted", False), ("", "cut", False)),
    ],
)
def test_which_turns_are_sent_again(answer, state, sendable):
    transcript = Transcript()
    turn = add(transcript, "q", answer, state=state)
    assert turn.sendable is sendable
    assert sent(transcript)[0] == (["q"] if sendable else [])


def test_a_turn_that_is_asked_again_stands_where_it_stood():
    transcript = Transcript()
    for name in "abc":
        add(transcript, name, cell=name)
    turn = transcript.open("b again", "b")
    assert [earlier.question for earlier in transcript.history(turn, LIMIT)[0]] == ["a"]
    turn.fold([TextDelta("new")])
    assert transcript.close(turn, "complete") == 1
    assert [turn.question for turn in transcript.turns] == ["a", "b again", "c"]
    assert [turn.stale for turn in transcript.turns] == [False, False, True]
    assert [turn.number for turn in transcript.turns] == [1, 2, 3]


def test_a_turn_without_a_cell_replaces_nothing():
    transcript = Transcript()
    add(transcript, "a")
    add(transcript, "b")
    assert len(transcript.turns) == 2


def test_asking_again_without_an_answer_keeps_the_old_turn():
    transcript = Transcript()
    add(transcript, "a", cell="a")
    add(transcript, "b", cell="b")
    again = transcript.open("a", "a")
    assert transcript.close(again, "failed") == 0
    assert [turn.question for turn in transcript.turns] == ["a", "b"]
    assert not any(turn.stale for turn in transcript.turns)
    assert again not in transcript.turns


def test_asking_again_what_had_no_answer_replaces_it():
    transcript = Transcript()
    add(transcript, "a", "", cell="a", state="failed")
    add(transcript, "a again", "", cell="a", state="failed")
    assert [turn.question for turn in transcript.turns] == ["a again"]


def test_a_turn_that_was_taken_back_while_it_was_asked_again():
    transcript = Transcript()
    add(transcript, "a", cell="a")
    again = transcript.open("a", "a")
    transcript.reset()
    assert transcript.close(again, "complete") == 0
    assert list(transcript.turns) == []


def test_a_fresh_turn_hides_the_earlier_ones_and_keeps_them():
    transcript = Transcript()
    add(transcript, "a")
    turn = transcript.open("b", fresh=True)
    assert transcript.history(turn, LIMIT) == ([], [])
    turn.fold([TextDelta("answer")])
    transcript.close(turn, "complete")
    assert sent(transcript)[0] == ["b"]
    assert [turn.question for turn in transcript.turns][:2] == ["a", "b"]


def test_the_oldest_turns_go_first_and_a_quarter_is_freed():
    transcript = Transcript()
    turns = [add(transcript, f"{n}" * 100, "x" * 100) for n in range(5)]
    each = turns[0].tokens
    assert sent(transcript, 5 * each) == ([f"{n}" * 100 for n in range(5)], 0)
    kept, left_out = sent(transcript, 5 * each - 1)
    assert kept == [f"{n}" * 100 for n in (2, 3, 4)]
    assert left_out == 2


def test_what_was_left_out_stays_out():
    """So that the questions after it share a beginning, which the endpoint's cache serves."""
    transcript = Transcript()
    for n in range(5):
        add(transcript, f"{n}" * 100, "x" * 100)
    each = transcript.turns[0].tokens
    first, _ = sent(transcript, 5 * each - 1)
    assert sent(transcript, 5 * each - 1)[0] == first
    add(transcript, "5" * 100, "x" * 100)
    assert sent(transcript, 5 * each - 1)[0] == [*first, "5" * 100]


def test_a_turn_asked_again_from_among_those_left_out_has_the_turns_before_it():
    transcript = Transcript()
    for number in range(12):
        add(transcript, f"question {number} " + "word " * 20, cell=f"c{number}")
    each = transcript.turns[0].tokens
    questions, gone = sent(transcript, 5 * each)
    assert gone > 5
    assert sent(transcript, 5 * each, "c2") == ([turn.question for turn in transcript.turns[:2]], 0)
    assert sent(transcript, 5 * each) == (questions, gone)


def test_a_limit_of_nothing_sends_nothing():
    transcript = Transcript()
    add(transcript, "a")
    assert sent(transcript, 0) == ([], 1)


def test_undo_and_reset():
    transcript = Transcript()
    assert transcript.undo() is None
    add(transcript, "a")
    last = add(transcript, "b")
    assert transcript.undo() is last
    assert sent(transcript)[0] == ["a"]
    transcript.reset()
    assert sent(transcript)[0] == []


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"), st.sampled_from(["", "x", "y" * 50]), st.sampled_from(["complete", "cut", "failed"])
        ),
        max_size=12,
    ),
    st.integers(0, 120),
)
def test_whatever_was_asked_the_history_is_well_formed(steps, limit):
    transcript = Transcript()
    for cell, answer, state in steps:
        add(transcript, f"of {cell}", answer, cell, state)
    turn = transcript.open("next")
    earlier, gone = transcript.history(turn, limit)
    messages = [message for turn in earlier for message in turn.messages()]
    assert [message.role for message in messages] == ["user", "assistant"] * (len(messages) // 2)
    assert all(message.content.strip() for message in messages)
    assert len({turn.cell for turn in transcript.turns}) == len(transcript.turns)
    sendable = [turn for turn in transcript.turns if turn.sendable]
    assert len(messages) // 2 + len(gone) == len(sendable)
    assert sum(kept.tokens for kept in sendable[len(gone) :]) <= limit


def test_a_turn_that_was_never_asked_leaves_no_trace():
    transcript = Transcript()
    add(transcript, "one", cell="a")
    again = transcript.open("one again", "a")
    transcript.discard(again)
    other = transcript.open("two", "b")
    transcript.discard(other)
    assert [turn.question for turn in transcript.turns] == ["one"]
    assert add(transcript, "three").number == 2
