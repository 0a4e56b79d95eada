"""A view that is opened before its question is asked, and one whose reply comes after its cell has ended."""

from __future__ import annotations

import pytest
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell

from deepseek_magic.api.events import Behind, ReasoningDelta, TextDelta
from deepseek_magic.render.back_ends import display, headless
from deepseek_magic.render.back_ends.widget import WidgetRenderer
from deepseek_magic.render.choose import Apart, FrontEnd, Screen, View
from deepseek_magic.render.early import Early
from deepseek_magic.render.renderer import Ending
from deepseek_magic.render.stage import Stage
from tests.chat.scripted import Recorded

APART = Apart("job 2", lambda: None, "%deepseek_jobs stop 2")


def test_it_is_closed_once() -> None:
    """At once, or when all is known that is to be said beside the reply; without a reply, by what is said."""
    at_once, waits, never = Recorded(), Recorded(), Recorded()
    views = Early(at_once), Early(waits, waits=True), Early(never)
    for view in views:
        view.start()
        view.open()
        view.show((Behind("the reply of job 1"),))
        assert view.line == "waiting for the reply of job 1 · 0 s"
    for view in views[:2]:
        view.close(Ending("text", notices=("one",)))
    assert (at_once.ending, waits.ending) == (Ending("text", notices=("one",)), None)
    for view in views:
        view.end("two")
    assert at_once.ending == Ending("text", notices=("one",))
    assert waits.ending == Ending("text", notices=("one", "two"))
    assert never.ending == Ending("", notices=("two",))


def test_one_notice_says_that_it_is_incomplete_and_why() -> None:
    """No line of an error stands below it; where nothing says that it is incomplete, the error stands alone."""
    above = "Incomplete. Go on so."
    for ending, notices in (
        (Ending("text", notices=("one", above), above_error=above), ("one", "Incomplete: it broke. Go on so.")),
        (Ending("text", notices=("one",)), ("one", "ValueError: it broke.")),
    ):
        view = Early(Recorded(), waits=True)
        view.start()
        view.close(ending)
        view.end(error=ValueError("it broke."))
        assert view._renderer.ending.notices == notices


@pytest.mark.parametrize("late", [True, False])
def test_a_row_with_a_button(published, late: bool) -> None:
    """It stands above the text, which grows in a box of one height; in the end only the line stays, below it."""
    stopped: list[str] = []
    apart = Apart("job 2", lambda: stopped.append("stop"), "")
    renderer = WidgetRenderer(Stage(), apart=apart, heard_late=late)
    renderer.open()
    (row,) = renderer._box.children  # no empty box before the first word
    line, button, *hint = row.children
    assert bool(hint) == late
    renderer.show((ReasoningDelta("Let me think."),))
    renderer.show((TextDelta("Hello"),))
    assert renderer._box.children[0] is row
    window = renderer._box.children[1]
    assert (window.layout.height, window.layout.flex_flow) == ("18em", "column-reverse")
    assert "Hello" in "".join(text.value for text in window.children[0].children)
    assert "writing · 0 s · job 2" in line.value
    button.click()
    assert (stopped, button.disabled) == (["stop"], True)
    renderer.close(Ending("Hello", "Let me think."))
    assert row not in renderer._box.children
    assert window not in renderer._box.children
    assert renderer._box.children[-1] is line
    assert "Hello" in "".join(text.value for text in renderer._box.children)
    assert published[-1]["data"]["text/plain"] == "Hello"


@pytest.mark.parametrize("make", [display.make, headless.make])
def test_updates_go_where_the_view_was_opened(published, make) -> None:
    """Another cell collects what is displayed, and gets none of it."""
    renderer = make(Screen(), View(FrontEnd(in_kernel=True), "", False, print, APART))
    assert renderer is not None
    renderer.open()
    first = dict(published[0]["data"])
    shell = InteractiveShell.instance()
    before, shell.display_pub = shell.display_pub, CapturingDisplayPublisher()
    renderer.show((TextDelta("Hello"),))
    renderer.close(Ending("Hello"))
    assert shell.display_pub.outputs == []
    shell.display_pub = before
    assert published[-1]["data"]["text/plain"] == "Hello"
    assert {one["transient"]["display_id"] for one in published} == {renderer.display_id}
    said = "%deepseek_jobs stop 2" if make is display.make else "had not ended when this was saved"
    assert said in first["text/html"]


def test_where_a_reply_can_come_later() -> None:
    screen = Screen()
    kernel = FrontEnd(in_kernel=True)
    assert screen.can_show_apart("auto", kernel)
    assert screen.can_show_apart("display", kernel)
    assert screen.can_show_apart("auto", FrontEnd(in_kernel=True, watched=False))
    assert not screen.can_show_apart("plain", kernel)
    assert not screen.can_show_apart("a new one that writes text", kernel)
    assert not screen.can_show_apart("auto", FrontEnd())
    assert not screen.can_show_apart("auto", FrontEnd(in_kernel=True, captured=True))


def test_a_view_that_fails_is_written_over(published) -> None:
    """In its own place: what runs by then is another cell, whose stream is not ours."""
    renderer = Screen().renderer("display", lambda: FrontEnd(in_kernel=True), apart=APART)
    renderer.open()

    def fails(_ending: Ending) -> None:
        raise ZeroDivisionError

    renderer._renderer.close = fails
    renderer.close(Ending("Hello"))
    renderer._renderer._pacer.stop()
    assert published[-1]["update"]
    assert published[-1]["data"]["text/plain"].startswith("Hello\n\n(the view failed: ")
