"""The live status line."""

from __future__ import annotations

import pytest

from deepseek_magic.api.events import ReasoningDelta, Retrying, TextDelta, Waiting
from deepseek_magic.render.status import Status


@pytest.mark.parametrize(
    ("events", "line"),
    [
        ((), "waiting · 3 s"),
        ((Waiting(2),), "waiting, try 2 · 3 s"),
        ((Retrying(2, 0.5, "HTTP 503"),), "retrying in 0.5 s (try 2): HTTP 503"),
        ((ReasoningDelta("Let me think."),), "thinking · 2 s · 4 tokens"),
        ((ReasoningDelta("Let me think."), TextDelta("Yes.")), "writing · 3 s"),
    ],
)
def test_the_line_says_what_goes_on_and_for_how_long(events, line: str) -> None:
    status = Status(10.0)
    status.fold(events, 11.0)
    assert status.line(13.0) == line


def test_silence_is_said() -> None:
    status = Status(10.0)
    status.fold((TextDelta("Yes."),), 11.0)
    assert status.line(17.0) == "writing · 7 s · no text for 6 s"


def test_the_drawing_of_the_end_is_said() -> None:
    """Nothing comes any more then, and no silence is counted."""
    status = Status(10.0)
    status.fold((TextDelta("Yes."),), 11.0)
    status.draw(2_000_000, "Stop")
    assert status.line(30.0) == "drawing 2,000,000 characters (Stop shows them as they were written) · 20 s"
