"""Replies side by side without widgets: one that has ended is drawn once, within its share, while others come."""

from __future__ import annotations

from deepseek_magic.api.events import TextDelta
from deepseek_magic.render.choose import FrontEnd, Screen
from tests.render.test_columns import CUT, MOST, TIGHT


def test_what_has_ended_has_its_share_while_others_come(published):
    made = Screen().beside("display", FrontEnd(in_kernel=True, needs=TIGHT), "ab")
    for column in made.columns:
        column.open()
        column.show((TextDelta("Begun."),))
    made.columns[0].close(CUT[0])
    shown = published[-1]["data"]
    assert sum(len(one.encode()) for one in shown.values()) <= MOST
    assert "this front end does not show" in shown["text/html"]
    assert shown["text/html"].count("Begun.") == 1
    made.columns[1].close(CUT[1])
    assert "Short, with <code>code</code>." in published[-1]["data"]["text/html"]
