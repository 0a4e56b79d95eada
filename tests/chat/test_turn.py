"""One question and its answer: how it grows, and what is sent of it later."""

from __future__ import annotations

from deepseek_magic.api.events import (
    Finished,
    KeepAlive,
    Opened,
    ReasoningDelta,
    Retrying,
    Served,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageReport,
    Waiting,
)
from deepseek_magic.chat.turn import Turn


def test_a_turn_grows_with_its_events():
    turn = Turn(1, "q")
    for event, now in (
        (Waiting(2), 0.0),
        (Retrying(2, 0.5, "busy"), 0.1),
        (KeepAlive(), 0.2),
        (Opened("id"), 0.3),
        (Served("a", "m", "f"), 0.4),
        (ReasoningDelta("th"), 1.0),
        (ReasoningDelta("ink"), 2.0),
        (TextDelta("say"), 4.0),
        (TextDelta(" more"), 9.0),
        (ToolCallDelta(0), 9.1),
        (UsageReport(Usage(1, 2)), 9.2),
        (UsageReport(Usage(3, 4)), 9.3),
        (Finished("stop"), 9.4),
    ):
        turn.fold([event], now)
    assert (turn.text, turn.reasoning) == ("say more", "think")
    assert turn.thinking_seconds == 3.0
    assert turn.usage == Usage(3, 4)
    assert (turn.served.model, turn.finish_reason, turn.request_id) == ("m", "stop", "id")
    assert turn.state == "partial"


def test_the_messages_of_a_turn_hold_no_thinking():
    turn = Turn(1, "q")
    turn.fold([ReasoningDelta("think")])
    turn.fold([TextDelta("a")])
    assert [(message.role, message.content) for message in turn.messages()] == [("user", "q"), ("assistant", "a")]


def test_a_turn_is_told_as_it_was_sent():
    turn = Turn(1, "why?", sent="<data>\n\nwhy?")
    turn.fold([TextDelta("so")])
    assert [message.content for message in turn.messages()] == ["<data>\n\nwhy?", "so"]
