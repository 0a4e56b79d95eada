"""Replies side by side in widgets: what a page shows of them that was loaded again while they came."""

from __future__ import annotations

from deepseek_magic.render.choose import Screen
from tests.render.test_columns import FINAL, KERNEL, LABELS, fill


def test_a_page_that_was_loaded_again_shows_the_line_below_the_columns(published):
    made = Screen().beside("widget", KERNEL, LABELS)
    fill(made.columns)
    below = made._beside._below
    assert (below.value, below.layout.display) == ("", "none")
    made.close(FINAL)
    assert "together" in below.value
    assert below.layout.display == "block"
