"""The live back end: finished text never changes again, the end is static, and old widgets are closed bit by bit."""

from __future__ import annotations

import re
from itertools import pairwise
from time import monotonic, sleep

import pytest

from deepseek_magic.api.events import Called, ReasoningDelta, Retrying, TextDelta
from deepseek_magic.render.back_ends.display import DisplayRenderer
from deepseek_magic.render.back_ends.widget import WidgetRenderer, make
from deepseek_magic.render.bundle import bundle
from deepseek_magic.render.choose import FrontEnd, Screen, View
from deepseek_magic.render.readers import Readers
from deepseek_magic.render.renderer import Ending, with_rules
from deepseek_magic.render.stage import KEPT, Stage
from tests.render.events import TEXT, events

WIDGET = "application/vnd.jupyter.widget-view+json"
LONG = "".join(f"Paragraph {number} has some words that fill a line or two of it.\n\n" for number in range(100))


def texts(renderer: WidgetRenderer) -> list[str]:
    """What the page shows, text by text, without tags."""

    def values(box):
        for child in box.children:
            if hasattr(child, "children"):
                yield from values(child)
            else:
                yield re.sub("<[^>]*>", "", child.value)

    return [text for text in values(renderer._box) if text]


@pytest.fixture
def renderer(published):
    made = WidgetRenderer(Stage())
    made.open()
    yield made
    made._pacer.stop()


def test_one_output_shows_widgets_and_ends_as_the_bundle(published, renderer):
    for event in events():
        renderer.show([event])
    ending = Ending(TEXT, reasoning="Let me think.", footer="a footer", metadata={"deepseek_magic": {"turn": 1}})
    renderer.close(ending)
    first, last = published
    assert WIDGET in first["data"]
    assert "had not ended" in first["data"]["text/plain"]
    assert (last["update"], last["data"], last["metadata"]) == (True, bundle(ending), ending.metadata)
    assert {one["transient"]["display_id"] for one in published} == {renderer.display_id}
    assert any("a footer" in text for text in texts(renderer)), "a page that was loaded again shows the widgets"


def test_the_first_text_is_shown_at_once(renderer):
    assert texts(renderer)[0].startswith("waiting")
    renderer.show([TextDelta("Hello")])
    assert texts(renderer)[0] == "Hello"
    assert texts(renderer)[1].startswith("writing")


def test_finished_text_stays_as_it_is_while_more_comes(renderer):
    """Each text but the last few is painted once: a reader's selection in it lasts."""
    seen: list[list[str]] = []
    now = [renderer._pacer.now]
    renderer._pacer._clock = lambda: now[0]
    for place in range(0, len(LONG), 20):
        now[0] += 0.2
        renderer.show([TextDelta(LONG[place : place + 20])])
        seen.append(texts(renderer)[:-1])
    for before, after in pairwise(seen):
        assert after[: len(before) - 1] == before[:-1]
    assert len(seen[-1]) > 10
    assert "".join("".join(seen[-1]).split()) in "".join(LONG.split())


def test_what_has_finished_is_read_out_also_where_nothing_follows_it_for_a_while(renderer):
    """The thread of the pacer finds the pause: nobody calls `show` in it."""
    renderer.show([TextDelta("First words, which are painted at once. ")])
    renderer.show([TextDelta(LONG)])
    renderer._pacer.painted()  # so that nothing but the pause can be the reason for a paint
    renderer.show([TextDelta("The open end")])
    deadline = monotonic() + 60
    while monotonic() < deadline and not any("The open end" in text for text in texts(renderer)):
        sleep(0.02)
    with renderer._pacer.lock:
        full, tail = renderer._answer.parts[0], renderer._answer._tail
    assert 'aria-live="polite"' in full.value
    assert "Paragraph 99" in full.value
    assert "aria-live" not in tail.value


@pytest.mark.thorough
@pytest.mark.parametrize("kind", [WidgetRenderer, DisplayRenderer])
def test_while_a_long_reply_is_drawn_the_line_says_so(published, kind):
    """And how to see it at once. In a widget it counts the seconds: the thread of the pacer paints it."""
    made = WidgetRenderer(Stage()) if kind is WidgetRenderer else DisplayRenderer()
    long, thinking, seen = LONG * 20, "Let me think. " * 20_000, []
    characters = len(long) + len(thinking)

    def attempt(make):
        deadline = monotonic() + 60
        while not seen and monotonic() < deadline:
            shown = texts(made) if kind is WidgetRenderer else [published[-1]["data"]["text/html"]]
            seen.extend(text for text in shown if f"drawing {characters:,} characters (an interrupt shows" in text)
            sleep(0.02)
        return make()

    made.open()
    made.show([ReasoningDelta(thinking)])
    made.show([TextDelta(long)])
    made.close(Ending(long, thinking, attempt=attempt))
    assert seen
    assert published[-1]["data"] == bundle(Ending(long, thinking))


def test_thinking_gives_way_to_the_answer(renderer):
    renderer.show([ReasoningDelta("Let me *think*.")])
    assert any("Let me think." in text for text in texts(renderer))
    renderer.show([TextDelta("Yes.")])
    renderer.show([ReasoningDelta("More.")])
    first, second, *_ = texts(renderer)
    assert first.startswith("Thinking · ")
    assert second == "Yes."
    assert not any("More." in text for text in texts(renderer))


def test_what_goes_on_is_in_the_line(renderer):
    renderer.show([Retrying(2, 0.5, "HTTP <503>")])
    assert texts(renderer) == ["retrying in 0.5 s (try 2): HTTP &lt;503&gt;"]
    renderer.show([Called("f('<b>')", "two", 0.1)])
    assert any("f('&lt;b&gt;')" in text for text in texts(renderer))


def test_without_an_open_view_the_end_is_shown_all_the_same(published):
    renderer = WidgetRenderer(Stage())
    renderer.close(Ending("x"))
    assert [one["data"] for one in published] == [bundle(Ending("x"))]


def test_links_that_are_defined_last_are_right_in_the_end(published, renderer):
    text = "see [a]\n\n[a]: https://a.example\n"
    renderer.show([TextDelta(text)])
    renderer.close(Ending(text))
    assert 'href="https://a.example"' in published[-1]["data"]["text/html"]
    assert texts(renderer)


def test_old_widgets_are_closed_a_few_at_a_time(published):
    stage, most = Stage(), 0
    for _ in range(80):
        before = len(stage._retired)
        renderer = WidgetRenderer(stage)
        renderer.open()
        most = max(most, before - len(stage._retired))
        renderer.show([TextDelta("x")])
        renderer.close(Ending("x"))
    assert KEPT <= len(stage._retired) <= KEPT + 20
    assert 0 < most <= 8
    oldest = stage._retired[0]
    stage.close()
    assert oldest.comm is None
    assert not stage._retired


def test_where_widgets_are_not_seen_it_is_the_display():
    screen = Screen()
    assert isinstance(make(screen, View(FrontEnd(in_kernel=True), "", True, print)), DisplayRenderer)
    assert make(screen, View(FrontEnd(), "", False, print)) is None
    assert screen.stage is None
    assert isinstance(make(screen, View(FrontEnd(in_kernel=True), "", False, print)), WidgetRenderer)
    assert screen.stage is not None


def test_the_status_is_read_out_when_it_changes_and_not_while_it_counts():
    """What is done, once for each; the seconds beside it go on unheard."""
    renderer = WidgetRenderer(Stage())
    renderer.open()
    heard = []
    renderer._line.observe(lambda change: heard.append((change["new"], 'aria-live="polite"' in change["new"])), "value")
    first = renderer._line.value
    renderer.show((ReasoningDelta("Let me think."),))
    renderer.show((ReasoningDelta(" More and more."),))
    renderer._shown_line = "thinking · 7 s · 3 tokens"  # as it was a while ago
    renderer._tick()
    renderer.show((TextDelta("Yes."),))
    renderer.close(Ending("Yes.", reasoning="Let me think. More and more."))
    said = [html for html, polite in heard if polite]
    assert 'aria-live="polite"' in first
    assert len(said) == 2
    assert "thinking" in said[0]
    assert "writing" in said[1]
    assert any("thinking" in html for html, polite in heard if not polite)


def test_the_end_is_read_out_before_the_bundle_takes_its_place(published):
    """A screen reader gets a moment for it: not while replies end one after the other, nor where the user stops it."""
    stage, seen = Stage(Readers(present=True)), []

    def ended(*notices: str) -> None:
        renderer = WidgetRenderer(stage)
        renderer.open()
        renderer.show((TextDelta("Yes, it *does*."),))

        def look(wait):
            live = [html for html in renderer._box.children if 'aria-live="polite"' in html.value]
            seen.append(([re.sub("<[^>]*>", "", one.value) for one in live], "text/html" in published[-1]["data"]))
            wait()

        renderer.close(Ending("Yes, it *does*.", notices=notices, footer="a footer", attempt=look))

    ended("Incomplete.")
    ended()
    assert [said for said, _ in seen] == [["Yes, it does.", "Incomplete.a footer"]]
    assert [one["data"].get("text/plain") for one in published[1::2]] == ["Yes, it *does*."] * 2
    assert not any('aria-live="polite"' in one["data"]["text/html"] for one in published[1::2])


def test_many_calls_are_folded_and_none_is_sent_again_with_all_others(renderer):
    """Lists of sixteen: what a call costs on the wire does not grow with the calls before it."""
    for number in range(40):
        renderer.show([Called(f"f({number})", "result " * 1_000, 0.1)])
    lists = [one.value for one in renderer._calls.parts]
    assert [text.count('<details class="deepseek-call"') for text in lists] == [16, 16, 8]
    assert all("deepseek-calls" in text and "open" not in text for text in lists)
    assert max(map(len, lists)) < 16 * 1_500
    assert [f"f({number})" in lists[number // 16] for number in range(40)] == [True] * 40


@pytest.mark.parametrize("kind", [WidgetRenderer, DisplayRenderer])
def test_the_rule_between_two_rounds_stands_below_code_that_the_first_left_open(published, kind):
    first, second = "```python\nx = 1", "\n\nIt is **one**."
    made = WidgetRenderer(Stage()) if kind is WidgetRenderer else DisplayRenderer()
    made.open()
    made.show([TextDelta(first)])
    made.show([TextDelta(second, apart=True)])
    live = made._answer.finish() if kind is WidgetRenderer else made._page.whole()
    view = with_rules(first + second, (len(first),))
    made.close(Ending(first + second, shown=view))
    for html in (live, published[-1]["data"]["text/html"]):
        assert "<hr" in html.partition("</pre>")[2]
        assert "<strong>one</strong>" in html
    assert (made._answer if kind is WidgetRenderer else made._page).holds(view)
    assert published[-1]["data"]["text/plain"] == first + second
