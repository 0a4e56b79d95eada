"""The back end of front ends without widgets: the whole again over one display id, the bundle at the end."""

from __future__ import annotations

import re

import pytest
from ipywidgets import Output

from deepseek_magic.api.events import Called, Noted, ReasoningDelta, TextDelta, Waiting
from deepseek_magic.render import safe_html
from deepseek_magic.render.back_ends.display import DisplayRenderer, make
from deepseek_magic.render.back_ends.headless import HeadlessRenderer
from deepseek_magic.render.bundle import bundle
from deepseek_magic.render.choose import FrontEnd, Screen, View
from deepseek_magic.render.front_ends import Needs
from deepseek_magic.render.places import UNFINISHED, InOutput
from deepseek_magic.render.readers import Readers
from deepseek_magic.render.renderer import Ending
from tests.render.events import TEXT, events


def shown(renderer, batches, ending):
    renderer.open()
    for batch in batches:
        renderer.show(batch)
    renderer.close(ending)


def test_one_output_grows_and_ends_as_the_bundle(published):
    ending = Ending(TEXT, reasoning="Let me think.", footer="a footer", metadata={"deepseek_magic": {"turn": 1}})
    renderer = DisplayRenderer()
    shown(renderer, [[event] for event in events()], ending)
    first, *updates = published
    assert not first["update"]
    assert updates
    assert all(one["update"] for one in updates)
    assert {one["transient"]["display_id"] for one in published} == {renderer.display_id}
    assert (published[-1]["data"], published[-1]["metadata"]) == (bundle(ending), ending.metadata)
    assert published[0]["data"]["text/plain"] == UNFINISHED
    assert all(one["data"]["text/plain"] in (UNFINISHED, TEXT[: len(one["data"]["text/plain"])]) for one in published)


def test_the_first_text_is_painted_at_once_and_a_burst_once(published):
    renderer = DisplayRenderer(interval=3_600)
    shown(renderer, [[Waiting(2)], [TextDelta("a")], *[[TextDelta("b")]] * 500], Ending("a" + "b" * 500))
    assert [one["data"]["text/plain"] for one in published] == [UNFINISHED, "a", "a" + "b" * 500]
    assert "waiting" in published[0]["data"]["text/html"]
    assert "writing" in published[1]["data"]["text/html"]


def test_thinking_is_seen_in_a_box_below_its_line_until_the_answer_begins(published):
    renderer = DisplayRenderer()
    shown(renderer, [[ReasoningDelta("*hm* <u>")], [TextDelta("x")]], Ending("x", reasoning="*hm* <u>"))
    assert ["deepseek-thinking" in one["data"]["text/html"] for one in published] == [False, True, False, False]
    assert re.search("thinking · .*deepseek-thinking.*<em>hm</em> &lt;u&gt;", published[1]["data"]["text/html"])
    assert ["<details" in one["data"]["text/html"] for one in published] == [False, False, True, True]


def heard(message):
    """Return what a screen reader reads out of a paint, each part without its tags."""
    parts = re.findall('<div[^>]* aria-live="polite"[^>]*>(.*?)</div>', message["data"]["text/html"])
    return [re.sub("<[^>]*>", "", part) for part in parts]


def test_each_finished_part_is_heard_in_one_paint_and_what_is_being_done_when_it_changes(published):
    """Not again in the next paint, which is of the whole; nor the seconds; and nothing of the saved output."""
    paragraph, waited = "A paragraph that goes on. " * 20, []
    renderer = DisplayRenderer(interval=3_600, readers=Readers(present=True))
    renderer.open()
    texts = ("Yes. ", f"{paragraph}\n\n", "And *so* on. ", "It does.")
    for text in texts:
        renderer.show([TextDelta(text)])
        renderer._paint()
    renderer.close(Ending("".join(texts), notices=("Cut.",), footer="a footer", attempt=waited.append))
    said = [part.strip() for one in published for part in heard(one)]
    states = [part for part in said if " · " in part]
    assert [state.partition(" · ")[0] for state in states] == ["waiting", "writing"]
    assert [part for part in said if part not in states] == [
        f"Yes. {paragraph}".strip(),
        "And so on. It does.",
        "Cut.",
    ]
    assert heard(published[-1]) == []
    assert len(waited) == 1
    before, after = (one["data"]["text/html"].partition("deepseek-notice")[0] for one in published[-2:])
    assert re.sub("<span></span>|<div[^>]*>|</div>", "", before) == re.sub("<div[^>]*>|</div>", "", after)


def test_a_reply_is_not_held_back_where_nobody_listens(published):
    """A program reads what a kernel sends, as `deepseek-magic demo` does."""
    shown(DisplayRenderer(interval=0), [[TextDelta("a")]], Ending("a", attempt=pytest.fail))
    assert len(published) == 3


def test_calls_are_listed_as_they_come(published):
    renderer = DisplayRenderer()
    shown(renderer, [[Called("f(1)", "two", 0.1)], [Noted()]], Ending("", calls=(Called("f(1)", "two", 0.1),)))
    assert all("<code>f(1)</code>" in one["data"]["text/html"] for one in published[1:])


def test_text_that_a_failed_view_missed_is_in_the_end(published):
    renderer = DisplayRenderer()
    shown(renderer, [[TextDelta("half")]], Ending("half and half"))
    assert published[-1]["data"] == bundle(Ending("half and half"))


def test_it_goes_on_in_an_output_that_is_there(published):
    view = View(FrontEnd(in_kernel=True), "shown-before", False, print)
    renderer = make(Screen(), view)
    shown(renderer, [[TextDelta("x")]], Ending("x"))
    assert all(one["update"] for one in published)
    assert {one["transient"]["display_id"] for one in published} == {"shown-before"}


def test_in_an_output_widget_the_reply_is_displayed_at_the_end(published):
    """Updates of a display have no effect there."""
    renderer = make(Screen(), View(FrontEnd(in_kernel=True), "", True, print))
    renderer.open()
    renderer.show([TextDelta("x")])
    widget = renderer._place._output
    assert isinstance(widget, Output)
    assert widget.outputs[0]["data"]["text/plain"] == "x"
    renderer.close(Ending("x"))
    assert not any(one["update"] for one in published)
    assert published[-1]["data"] == bundle(Ending("x"))
    assert renderer.display_id == ""
    assert (widget.outputs, widget.layout.display) == ((), "none")


def test_what_each_front_end_gets():
    page, screen = FrontEnd(in_kernel=True), Screen()
    assert isinstance(make(screen, View(page, "", False, print)), DisplayRenderer)
    assert isinstance(make(screen, View(page, "", True, print))._place, InOutput)
    captured = make(screen, View(FrontEnd(in_kernel=True, captured=True), "", False, print))
    assert isinstance(captured, HeadlessRenderer)
    assert captured.display_id == ""
    assert make(screen, View(FrontEnd(), "", False, print)) is None


def test_what_is_longer_than_an_output_may_be_is_named_while_it_comes(published):
    renderer = DisplayRenderer(most=20_000)
    shown(renderer, [[TextDelta("word " * 2000)]], Ending("word " * 2000, needs=Needs(most=20_000)))
    assert "longer than this front end shows while it comes" in published[1]["data"]["text/html"]
    assert all(len(one["data"]["text/html"]) + len(one["data"]["text/plain"]) <= 20_000 for one in published)


def test_the_look_of_the_front_end_is_on_every_paint(published):
    code = "```python\nx = 'a'\n```\n"
    shown(DisplayRenderer(look=safe_html.recoloured), [[TextDelta(code)]], Ending(code))
    assert all('class="s"' not in one["data"]["text/html"] for one in published)
    assert "string-color" in published[-1]["data"]["text/html"]
