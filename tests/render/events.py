"""A reply as events, for the tests of the back ends."""

from __future__ import annotations

from deepseek_magic.api.events import Event, Finished, ReasoningDelta, TextDelta

TEXT = "# A heading\n\nSome *text*, and a list:\n\n- one\n- two\n\n```python\nx = 1\n```\n\nThe end."


def events(text: str = TEXT, step: int = 3) -> list[Event]:
    deltas: list[Event] = [TextDelta(text[place : place + step]) for place in range(0, len(text), step)]
    return [ReasoningDelta("Let me "), ReasoningDelta("think."), *deltas, Finished("stop")]
