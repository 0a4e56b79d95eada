"""Plain text as it comes: the answer one way, all else another, and nothing that acts."""

from __future__ import annotations

import io
import re
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepseek_magic.api.events import Called, Calling, Event, ReasoningDelta, TextDelta, WebSource
from deepseek_magic.render.back_ends.plain import Paper, PlainRenderer, Unlinked, make, paper
from deepseek_magic.render.choose import FrontEnd, Screen, View
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


def on_paper(paper: Paper, *shown: Event, ending: Ending) -> str:
    written: list[str] = []
    renderer = PlainRenderer(written.append, written.append, paper, paper)
    for event in shown:
        renderer.show([event])
    renderer.close(ending)
    return "".join(written)


def test_thinking_is_a_block_with_a_bar_on_each_line() -> None:
    thought = "So I think about it at length.\n\nAnd once more."
    pieces = [ReasoningDelta(thought[place : place + 3]) for place in range(0, len(thought), 3)]
    shown = on_paper(Paper(lambda: 24), *pieces, TextDelta("Yes."), ending=Ending("Yes.", footer="a footer"))
    assert shown == "│ Thinking: So I think\n│ about it at length.\n│\n│ And once more.\n\nYes.\n-- a footer\n"


def test_what_stands_aside_is_dim_where_the_terminal_can() -> None:
    ending = Ending("Yes.", footer="a footer", notices=("Incomplete",))
    for dim in (True, False):
        shown = on_paper(Paper(lambda: 80, dim), ReasoningDelta("So."), TextDelta("Yes."), ending=ending)
        assert ("\x1b" in shown) is dim
        plain = re.sub(r"\x1b\[\d+m", "", shown)
        assert plain == "│ Thinking: So.\n\nYes.\n[Incomplete]\n-- a footer\n"
        assert not re.search(r"\x1b\[2m[^\x1b]*(?:Yes|Incomplete)", shown)


class Tty(io.StringIO):
    """Passes for a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("has_rich", [True, False])
def test_a_terminal_says_once_what_formats_its_replies(monkeypatch: pytest.MonkeyPatch, has_rich: bool) -> None:
    """Where it is not there; and it names a package that can be installed."""
    monkeypatch.setattr(sys, "stdout", Tty())
    if not has_rich:
        monkeypatch.setitem(sys.modules, "rich", None)
    written: list[str] = []
    screen = Screen()
    for front_end in (FrontEnd(in_kernel=True), FrontEnd(), FrontEnd()):
        make(screen, View(front_end, "", False, written.append)).close(Ending("Yes."))
    said = "(formatted replies: pip install rich)\n"
    assert "".join(written) == "Yes.\nYes.\n" + ("" if has_rich else said) + "Yes.\n"


def test_a_pipe_gets_the_exact_text() -> None:
    """And so does a file; nothing is broken or dim there."""
    assert paper(io.StringIO(), dim=True) == Paper()
    text = "word " * 100 + "\n\ttab  and  spaces  \n"
    assert on_paper(Paper(), TextDelta(text), ending=Ending(text)) == text


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


ROUNDS = (
    ReasoningDelta("Oslo first."),
    TextDelta("One moment, I look at **Oslo**."),
    Calling("weather('Oslo')"),
    Called("weather('Oslo')", "3", 0.1),
    ReasoningDelta("Then Rome.", apart=True),
    Calling("weather('Rome')"),
    Called("weather('Rome')", "9", 0.1),
    TextDelta("\n\n3 and 9", apart=True),
    TextDelta(" degrees."),
)
SAID = "One moment, I look at **Oslo**.\n\n3 and 9 degrees."


def test_rounds_of_calls_stand_apart_on_a_page_and_a_pipe_gets_the_text() -> None:
    shown = on_paper(Paper(lambda: 60), *ROUNDS, ending=Ending(SAID))
    assert shown == (
        "│ Thinking: Oslo first.\n\nOne moment, I look at **Oslo**.\n\n"
        "[weather('Oslo') -> 3 (0.1 s · 1 character)]\n│ Thinking: Then Rome.\n\n"
        "[weather('Rome') -> 9 (0.1 s · 1 character)]\n\n3 and 9 degrees.\n"
    )
    written: list[str] = []
    renderer = PlainRenderer(written.append)
    renderer.show(ROUNDS)
    renderer.close(Ending(SAID))
    assert "".join(written) == f"{SAID}\n"


def test_sources_stand_below_a_blank_line() -> None:
    ending = Ending("So it is [1].", sources=(WebSource(1, "A page", "https://example.org/a"),), footer="a footer")
    shown = on_paper(Paper(lambda: 60), TextDelta("So it is [1]."), ending=ending)
    assert shown == "So it is [1].\n\n[1] A page: https://example.org/a\n-- a footer\n"
