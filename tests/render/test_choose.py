"""Which back end shows a reply: what the front end can do, unless the user decides."""

from __future__ import annotations

from deepseek_magic.render import choose
from deepseek_magic.render.back_ends.plain import PlainRenderer
from deepseek_magic.render.back_ends.terminal import TerminalRenderer
from deepseek_magic.render.renderer import Silent


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
