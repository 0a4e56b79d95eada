"""The back ends and what they stand on: page, pacer, status, guard, plain text, terminal, choice."""

from __future__ import annotations

import io
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from deepseek_magic.api.events import Batch, Event, Finished, KeepAlive, ReasoningDelta, Retrying, TextDelta, Waiting
from deepseek_magic.render import choose, safe_html
from deepseek_magic.render.back_ends.plain import PlainRenderer, Unlinked
from deepseek_magic.render.back_ends.terminal import TerminalRenderer
from deepseek_magic.render.bundle import bundle
from deepseek_magic.render.pacing import FLOOD, FLOODED, GATHER, INTERVAL, MOST, Pacer
from deepseek_magic.render.page import GROUP, Page
from deepseek_magic.render.renderer import Ending, Guarded, Silent
from deepseek_magic.render.status import Status
from deepseek_magic.text import counted, unlinked

TEXT = "# A heading\n\nSome *text*, and a list:\n\n- one\n- two\n\n```python\nx = 1\n```\n\nThe end."


def events(text: str = TEXT, step: int = 3) -> list[Event]:
    deltas: list[Event] = [TextDelta(text[place : place + step]) for place in range(0, len(text), step)]
    return [ReasoningDelta("Let me "), ReasoningDelta("think."), *deltas, Finished("stop")]


class TestPage:
    @settings(deadline=None, max_examples=40)
    @given(
        st.lists(st.sampled_from(["word ", "\n\n", "- item\n", "```\n", "code\n", "| a | b |\n", "# h\n"]), max_size=80)
    )
    def test_groups_and_the_end_show_the_whole(self, pieces: list[str]) -> None:
        """However it came, the final view is that of the whole text."""
        page = Page()
        for piece in pieces:
            page.feed(piece)
            page.take_group()
            page.tail()
        text = "".join(pieces)
        assert page.holds(text)
        assert page.finish() == safe_html.answer(text)

    def test_a_group_is_handed_over_once_and_is_worth_it(self) -> None:
        page = Page()
        paragraph = "word " * 60 + "\n\n"
        for _ in range(GROUP // len(paragraph) + 2):
            page.feed(paragraph)
        group = page.take_group()
        assert group is not None
        assert page.take_group() is None
        assert page.open_size < GROUP
        assert isinstance(page.tail(), safe_html.SafeHtml)

    def test_it_knows_when_it_missed_some(self) -> None:
        page = Page()
        page.feed("abc")
        assert not page.holds("abcd")


class TestPacer:
    def test_the_first_text_is_due_at_once_and_repaints_grow_with_what_they_repaint(self) -> None:
        now = 0.0
        pacer = Pacer(lambda: None, lambda: None, clock=lambda: now)
        assert pacer.due(1, 1)
        pacer.painted()
        now = 1.0
        assert not pacer.due(31, 100)
        assert not pacer.due(1, 100), "it was looked at just now"
        now = 2.0
        assert pacer.due(0, 100)
        now = 3.0
        assert not pacer.due(0, 100_000)

    def test_what_is_paid_for_is_painted_at_the_end_of_a_batch(self) -> None:
        now = 0.0
        pacer = Pacer(lambda: None, lambda: None, clock=lambda: now)
        pacer.painted()
        now = 1.0
        assert pacer.grew(1, now)
        assert not pacer.worth(400)
        now = 1.0 + INTERVAL / 2
        assert not pacer.grew(1, now), "it was looked at just now"
        now = 1.0 + INTERVAL
        assert pacer.grew(1, now)
        assert pacer.worth(400, covered=True)

    def test_what_gathers_is_due_when_it_was_read(self) -> None:
        """Else every second batch would be painted."""
        assert INTERVAL < GATHER

    def test_a_paint_that_took_long_is_followed_by_a_rest(self) -> None:
        now = 0.0
        pacer = Pacer(lambda: None, lambda: None, clock=lambda: now)
        assert pacer.due(1, 1)
        _work(0.006)
        pacer.painted()
        now = 0.25
        assert pacer.due(1000, 10), "the first one is not counted: it has much to import"
        _work(0.006)
        pacer.painted()
        now = 0.5
        pacer.grew(1000, now)
        assert not pacer.worth(10, covered=True)
        now = 0.25 + MOST
        assert pacer.worth(10, covered=True)

    def test_a_flood_is_painted_seldom_and_what_can_be_followed_often(self) -> None:
        now = 0.0
        pacer = Pacer(lambda: None, lambda: None, clock=lambda: now)
        pacer.painted()
        now = 0.2
        assert pacer.due(int(0.2 * FLOOD), 0)
        pacer.painted()
        now = 0.4
        assert not pacer.due(FLOOD, 0)
        now = 0.4 + FLOODED
        assert pacer.due(5 * FLOOD, 0)

    def test_html_that_is_long_is_repainted_less_often(self) -> None:
        now = 0.0
        pacer = Pacer(lambda: None, lambda: None, clock=lambda: now)
        pacer.painted()
        now = 1.0
        pacer.grew(100, now)
        assert pacer.worth(400, 1.0)
        assert not pacer.worth(400, 10.0)

    def test_what_is_pending_is_painted_when_the_stream_pauses(self) -> None:
        painted: list[float] = []
        pacer = Pacer(lambda: painted.append(time.monotonic()), lambda: None)
        pacer.painted()
        pacer.due(1, 1000)
        pacer.start()
        deadline = time.monotonic() + 10
        while not painted and time.monotonic() < deadline:
            time.sleep(0.01)
        pacer.stop()
        pacer.stop()
        assert len(painted) == 1

    def test_a_view_that_fails_in_the_thread_says_nothing(self, capfd: pytest.CaptureFixture[str]) -> None:
        pacer = Pacer(lambda: 1 / 0, lambda: None)  # type: ignore[arg-type, return-value]
        pacer.painted()
        pacer.due(1, 1000)
        pacer.start()
        pacer._thread.join(10)
        pacer.stop()
        assert capfd.readouterr().err == ""


def _work(seconds: float) -> None:
    began = time.thread_time()
    while time.thread_time() < began + seconds:
        pass


class TestStatus:
    def test_it_tells_what_goes_on_and_for_how_long(self) -> None:
        status = Status(0.0)
        assert status.line(2.0) == "waiting · 2 s"
        status.fold([KeepAlive()], 3.0)
        assert status.line(3.0) == "waiting in the endpoint's queue · 3 s"
        status.fold([Retrying(2, 0.5, "HTTP 503")], 4.0)
        assert status.line(4.0) == "retrying in 0.5 s (try 2): HTTP 503"
        status.fold([Waiting(2)], 4.5)
        status.fold([ReasoningDelta("x" * 100)], 5.0)
        assert status.line(7.0) == "thinking · 2 s · 31 tokens"
        status.fold([TextDelta("a")], 8.0)
        assert status.thought(20.0) == "Thinking · 3 s · 31 tokens"
        assert status.line(9.0) == "writing · 9 s"
        assert status.line(20.0) == "writing · 20 s · no text for 12 s"

    def test_one_token_is_one_token(self) -> None:
        status = Status(0.0)
        status.fold([ReasoningDelta("I")], 1.0)
        assert status.line(1.0) == "thinking · 0 s · 1 token"
        assert status.thought(1.0) == "Thinking · 0 s · 1 token"
        assert counted(1_000, "token") == "1,000 tokens"


class Failing(Silent):
    def __init__(self, *, at_the_end: bool) -> None:
        self.at_the_end = at_the_end
        self.shown = 0

    def show(self, batch: Batch) -> None:
        self.shown += 1
        raise RuntimeError("a bug")

    def close(self, ending: Ending) -> None:
        if self.at_the_end:
            raise RuntimeError("a bug")


def test_a_bug_in_a_view_costs_no_text() -> None:
    """It is asked no more, and if it cannot end, the text is written."""
    written: list[str] = []
    renderer = Failing(at_the_end=True)
    guarded = Guarded(renderer, written.append)
    guarded.open()
    for event in events():
        guarded.show([event])
    guarded.close(Ending(TEXT, notices=("Look.",)))
    assert renderer.shown == 1
    assert TEXT in written[0]
    assert "Look." in written[0]


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


def in_terminal(shown: list[Event], ending: Ending) -> str:
    out = io.StringIO()
    renderer = TerminalRenderer(Console(file=out, width=80, force_terminal=False))
    renderer.open()
    for event in shown:
        renderer.show([event])
    renderer.close(ending)
    return out.getvalue()


def test_the_terminal_ends_with_the_whole_however_it_came() -> None:
    """Word for word, whole or in pieces, also where a failed view missed some."""
    ending = Ending(TEXT, footer="a footer")
    once = in_terminal([ReasoningDelta("Let me think."), TextDelta(TEXT)], ending).split()
    assert in_terminal(events(), ending).split() == once
    assert {"heading", "one", "two", "end.", "footer"} <= set(once)
    missed = in_terminal(events()[:4], ending).split()
    assert {"two", "end."} <= set(missed)


def test_the_bundle_holds_the_exact_source_and_no_markdown() -> None:
    """Tools that prefer markdown would parse the model's text without our walls."""
    made = bundle(Ending("<b>&\x1b", reasoning="r", thought="Thinking · 1 s · 2 tokens", notices=("n",), footer="f"))
    assert sorted(made) == ["text/html", "text/plain"]
    assert made["text/plain"] == "<b>&\x1b"
    assert "\x1b" not in made["text/html"]


def test_the_choice_follows_the_front_end() -> None:
    """A terminal shows no HTML; nobody watches a run that may not ask; the user decides otherwise."""
    terminal, page = choose.FrontEnd(), choose.FrontEnd(in_kernel=True)
    assert choose.suitable(terminal) == "plain"
    assert choose.suitable(choose.FrontEnd(in_kernel=True, watched=False)) == "headless"
    assert choose.suitable(page) == "widget"
    screen = choose.Screen()
    assert isinstance(screen.renderer("display", terminal)._renderer, PlainRenderer)  # type: ignore[attr-defined]
    assert isinstance(screen.renderer("terminal", page)._renderer, PlainRenderer)  # type: ignore[attr-defined]
    assert isinstance(screen.renderer("terminal", terminal)._renderer, TerminalRenderer)  # type: ignore[attr-defined]
    assert isinstance(screen.renderer("none", page)._renderer, Silent)  # type: ignore[attr-defined]


def test_code_is_coloured_inline_where_the_front_end_has_no_rules_for_it() -> None:
    html = safe_html.answer("```python\ndef f(): return 'a' + 1  # it\n```\n")
    inline = safe_html.recoloured(html)
    assert 'class="k"' in html
    assert not re.search(r'class="[ksm]"', inline)
    for name in ("keyword", "string", "number"):
        assert f"color:var(--jp-mirror-editor-{name}-color,#" in inline
        assert f"color:var(--jp-mirror-editor-{name}-color,#" not in html
    assert safe_html.recoloured(safe_html.answer('`<span class="k">`')) == safe_html.answer('`<span class="k">`')
