"""What the benchmarks count as a paint of a reply."""

from __future__ import annotations

import json

from deepseek_magic.render.places import InCell
from tests.benchmarks.counting import count
from tests.benchmarks.kernels import Message


def test_what_shows_text_is_a_paint_and_the_words_that_open_a_view_are_none():
    words = InCell(execution=3).unfinished()
    shown = [words, *({"text/html": f"<p>{text}</p>", "text/plain": text} for text in ("a", "a b", "a b c"))]
    messages = [
        Message("update_display_data", at, at, 1, json.dumps({"data": data}).encode())
        for at, data in enumerate(shown, 1)
    ]
    counted = count(messages, "a b c")
    assert (counted.paints, counted.whole, counted.still) == (2, True, 1.0)
