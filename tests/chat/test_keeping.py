"""Between a turn and what is kept of it: taken in again, a turn is as it was, with its rounds of calls."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from deepseek_magic.api.events import Called, Finished, ReasoningDelta, Remark, Served, TextDelta, Usage, UsageReport
from deepseek_magic.api.messages import Message, ToolCall
from deepseek_magic.chat.keeping import kept_of, take
from deepseek_magic.chat.turn import Turn
from deepseek_magic.context.receipt import Entry
from deepseek_magic.context.wrapping import new_marker, unwrapped, wrap
from deepseek_magic.record.digest import Digest

WORDS = st.text("ab \n", max_size=5)
ROUNDS = st.lists(st.tuples(WORDS, WORDS, st.lists(WORDS, min_size=1, max_size=3)), max_size=3)
DIGEST = Digest("0" * 64, {"question": "abc"})


def turn_of(rounds, text, thinking, marker):
    """A turn whose reply took these rounds, each what was said, thought and returned, as live ones are folded."""
    turn = Turn(1, "Why?")

    def say(said, thought):
        if thought:
            turn.fold([ReasoningDelta(thought)])
        if said:
            turn.fold([TextDelta(f"\n\n{said}" if turn.text and turn.between else said)])

    for number, (said, thought, results) in enumerate(rounds):
        say(said, thought)
        spoken, thinking_so_far = turn.round_so_far()
        calls = [ToolCall(f"live_{number}_{place}", "f", "{}") for place in range(len(results))]
        answers = [
            Message("tool", wrap([("result of f", result)], marker=marker), tool_call_id=one.call_id)
            for one, result in zip(calls, results, strict=True)
        ]
        turn.fold([Called("f()", result, 0.25) for result in results])
        asked = Message("assistant", spoken, reasoning=thinking_so_far, tool_calls=tuple(calls))
        turn.end_round((asked, *answers))
    say(text, thinking)
    turn.fold([Served("id", "m", "fp"), Remark("So it came."), UsageReport(Usage(3, 4)), Finished("stop")])
    return turn


def plain(messages):
    """The messages without the marker and without ids, which are others each time."""
    return [
        (one.role, unwrapped(one.text), one.reasoning, [(call.name, call.arguments) for call in one.tool_calls])
        for one in messages
    ]


@given(rounds=ROUNDS, text=WORDS, thinking=WORDS)
def test_a_turn_that_is_kept_and_taken_in_again_is_the_same(rounds, text, thinking):
    """Text, thinking, calls, and the messages that go along with later questions."""
    turn = turn_of(rounds, text, thinking, new_marker())
    kept = kept_of(turn, DIGEST, "2026-11-29T20:00:00Z", ["A note."], [Entry("tool", "f", 3)])
    assert kept is not None
    again = Turn(1, "Why?")
    shown = take(again, kept, new_marker())
    assert (again.text, again.reasoning, again.calls, again.remarks) == (
        *(turn.text, turn.reasoning, turn.calls),
        turn.remarks,
    )
    assert plain(again.messages()) == plain(turn.messages())
    assert (again.usage, again.finish_reason, again.served.model) == (turn.usage, "stop", "m")
    assert "".join(event.text for event in shown if isinstance(event, TextDelta)) == turn.text
    assert kept_of(again, DIGEST, kept.answered, kept.notes, kept.entries) == kept


def test_thinking_keeps_its_seconds():
    """They stand in the heading."""
    turn = Turn(1, "Why?")
    turn.fold([ReasoningDelta("hm")], now=10.0)
    turn.fold([TextDelta("So.")], now=12.5004)
    again = Turn(1, "Why?")
    take(again, kept_of(turn, DIGEST, "2026-11-29T20:00:00Z", (), ()), new_marker())
    assert again.thinking_seconds == turn.thinking_seconds == 2.5


def test_rounds_that_cannot_be_told_apart_are_not_kept():
    """What the assistant is said to have said is not in the reply: nothing is guessed."""
    turn = Turn(1, "Why?")
    turn.fold([TextDelta("text")])
    turn.between = (Message("assistant", "not in the text"), Message("tool", "y", tool_call_id="none"))
    assert kept_of(turn, DIGEST, "2026-11-29T20:00:00Z", (), ()) is None
