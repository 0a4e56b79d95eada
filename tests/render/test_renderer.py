"""The guard around a back end: a bug in a view costs no text."""

from __future__ import annotations

from deepseek_magic.api.events import Batch
from deepseek_magic.render.renderer import Ending, Guarded, Silent
from tests.render.events import TEXT, events


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
    guarded = Guarded(lambda: renderer, written.append)
    guarded.open()
    for event in events():
        guarded.show([event])
    guarded.close(Ending(TEXT, notices=("Look.",)))
    assert renderer.shown == 1
    assert TEXT in written[0]
    assert "Look." in written[0]


def test_a_back_end_that_cannot_be_made_costs_no_text_either() -> None:
    """It is tried once, at its first use; whatever is asked of it then has an answer."""
    written: list[str] = []
    made: list[None] = []

    def make() -> Silent:
        made.append(None)
        raise RuntimeError("a bug")

    guarded = Guarded(make, written.append)
    assert not made
    assert not guarded.shows_source
    guarded.open()
    guarded.show([*events()])
    guarded.close(Ending(TEXT))
    assert guarded.display_id == ""
    assert len(made) == 1
    assert TEXT in written[0]
    assert "a bug" in written[0]
