"""Plain text as it comes: the answer one way, all else another, and nothing that acts."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepseek_magic.render.back_ends.plain import PlainRenderer, Unlinked
from deepseek_magic.render.renderer import Ending
from deepseek_magic.text import unlinked
from tests.render.events import TEXT, events


def test_plain_text_is_the_text() -> None:
    """The answer goes one way, all else the other."""
    answer: list[str] = []
    aside: list[str] = []
    renderer = PlainRenderer(answer.append, aside.append)
    renderer.open()
    for event in events():
        renderer.show([event])
    renderer.close(Ending(TEXT, footer="a footer", notices=("a notice",)))
    assert "".join(answer) == TEXT + "\n"
    assert "Let me think." in "".join(aside)
    assert "a footer" in "".join(aside)
    assert "a notice" in "".join(aside)


# What JupyterLab takes for an address in printed text, of those that are no plain addresses.
LINKED = re.compile(r"(?:javascript|livescript|vbscript|data|blob)://\S|data:[a-z]+/[a-z]+,", re.IGNORECASE)
_PARTS = [
    "javascript:",
    "javascript",
    "Java",
    "script://x",
    "data:",
    "text/html,x",
    "blob:/",
    "/",
    "data",
    ":",
    " ",
    "_",
]


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(_PARTS), max_size=12), st.booleans())
def test_printed_text_has_no_address_that_runs_script(parts: list[str], letters: bool) -> None:
    """However it comes, in whole or by letters; and it is the text, but for a space without width."""
    text = "".join(parts)
    written: list[str] = []
    write = Unlinked(written.append)
    for part in text if letters else parts:
        write(part)
    for found in ("".join(written), unlinked(text)):
        assert not LINKED.search(found)
        assert found.replace("\u200b", "") == text


@pytest.mark.parametrize("text", ["https://a.example/data/", 'f"{data:,} {data:.2f}"', "lambda data:data", "data: 1"])
def test_other_text_is_printed_as_it_is(text: str) -> None:
    assert unlinked(text) == text
