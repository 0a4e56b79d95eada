"""Replies side by side without widgets: one that has ended is drawn once, within its share, while others come."""

from __future__ import annotations

import threading

import pytest

from deepseek_magic.api.events import ReasoningDelta, TextDelta
from deepseek_magic.render import panels, safe_html
from deepseek_magic.render.back_ends.display import DisplayRenderer
from deepseek_magic.render.choose import FrontEnd, Screen
from deepseek_magic.render.drawn_columns import DrawnColumns
from deepseek_magic.render.places import InCell
from deepseek_magic.render.readers import Readers
from deepseek_magic.render.renderer import Ending
from tests.faults import PATIENCE
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


@pytest.mark.parametrize("beside", [True, False])
@pytest.mark.parametrize("thinks", [True, False])
def test_what_the_user_did_not_wait_for_is_not_drawn_to_be_read_out(published, beside, thinks):
    """It came at once, so nothing of it is drawn when its drawing is stopped; no stop is heard after that."""
    readers = Readers(present=True)
    board = DrawnColumns("ab", InCell(), safe_html.as_made, 0, readers)
    renderer = board.columns[0] if beside else DisplayRenderer(readers=readers)
    renderer.open()
    renderer._pacer.stop()  # else it would paint what has come after a second,
    renderer._pacer._interval = 3_600  # and the second `show` on a machine that is slow
    long = "Some **bold** words.\n\n" * 10_000
    event = ReasoningDelta if thinks else TextDelta
    renderer.show((event("Begun. "),))
    renderer.show((event(long),))
    text, thinking = ("", f"Begun. {long}") if thinks else (f"Begun. {long}", "")
    renderer.close(Ending(text, thinking, notices=("Stopped.",), attempt=lambda _: None))
    assert "Some **bold** words." in published[-1]["data"]["text/html"]
    assert not any("<strong>" in one["data"]["text/html"] for one in published)


class Watched:
    """A lock that says when it is asked for and not free."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.awaited = threading.Event()

    def __enter__(self) -> None:
        if self._lock.locked():
            self.awaited.set()
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def test_a_view_that_comes_while_another_column_is_drawn_is_not_lost(published, monkeypatch):
    """Each column draws all of them from a thread of its own."""
    board = DrawnColumns("ab", InCell(), safe_html.as_made, 0)
    first, second = board.columns
    first._reveal(safe_html.text("older"), "older")
    lock, unheard, threads = Watched(), panels.unheard, []
    board._lock = lock

    def come_between(part):
        if not threads:
            threads.append(threading.Thread(target=first._reveal, args=(safe_html.text("newer"), "newer")))
            threads[0].start()
            assert lock.awaited.wait(PATIENCE)
        return unheard(part)

    monkeypatch.setattr(panels, "unheard", come_between)
    second._reveal(safe_html.text("beside"), "beside")
    threads[0].join(PATIENCE)
    shown = published[-1]["data"]
    assert all("newer" in one and "beside" in one and "older" not in one for one in shown.values())
