"""What the lines around a reply say in words."""

from __future__ import annotations

import pytest

from deepseek_magic.api.catalogue import Cost
from deepseek_magic.api.events import ReasoningDelta, Served, TextDelta, Usage, UsageReport
from deepseek_magic.chat.footer import ending
from deepseek_magic.chat.notices import TurnContext
from deepseek_magic.chat.turn import Turn


def finished(reasoning: str, usage: Usage | None) -> Turn:
    turn = Turn(1, "q")
    for event in (Served(model="m"), ReasoningDelta(reasoning), TextDelta("a")):
        turn.fold([event])
    if usage is not None:
        turn.fold([UsageReport(usage)])
    return turn


@pytest.mark.parametrize(
    ("reasoning", "counted", "said"),
    [
        ("I", None, "about 1 token"),
        ("word " * 1_000, None, "about 1,000 tokens"),
        ("I", 1, "1 token"),
        ("I", 1_234, "1,234 tokens"),
    ],
)
def test_the_heading_of_the_thinking_counts_in_english(reasoning: str, counted: int | None, said: str) -> None:
    turn = finished(reasoning, None if counted is None else Usage(5, 2_000, reasoning=counted))
    assert ending(turn, TurnContext("main"), None, footer=True).thought.endswith(f" s · {said}")


def test_the_cost_stands_with_the_date_of_its_prices() -> None:
    around = TurnContext("main", 1.0, Cost(0.001, 0.002, "2026-10-27"))
    told = ending(finished("I", Usage(5, 7, reasoning=1)), around, None, footer=True)
    assert told.footer == "m · 1.0 s · 5 in · 7 out · $0.001 to $0.002"
    assert told.details == "cost estimated by the prices as of 2026-10-27 · 1 token of thinking"
