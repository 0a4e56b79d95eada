"""Which back end shows a reply: what the front end can do, unless the user decides."""

from __future__ import annotations

import subprocess
import sys

import pytest

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
    assert isinstance(screen.renderer("display", lambda: terminal)._renderer, PlainRenderer)  # type: ignore[attr-defined]
    assert isinstance(screen.renderer("terminal", lambda: page)._renderer, PlainRenderer)  # type: ignore[attr-defined]
    assert isinstance(screen.renderer("terminal", lambda: terminal)._renderer, TerminalRenderer)  # type: ignore[attr-defined]
    assert isinstance(screen.renderer("none", lambda: page)._renderer, Silent)  # type: ignore[attr-defined]


def test_a_back_end_is_made_before_the_request_is_sent_and_the_front_end_asked_for_once() -> None:
    """What it imports would hold back the first text, and a stop, once the request is on its way."""
    asked: list[choose.FrontEnd] = []

    def front_end() -> choose.FrontEnd:
        asked.append(choose.FrontEnd())
        return asked[-1]

    renderer = choose.Screen().renderer("plain", front_end)
    assert len(asked) == 1
    renderer.open()
    assert renderer.display_id == ""
    assert len(asked) == 1


HALF_IMPORTED = """
import sys, threading
from deepseek_magic.render.choose import FrontEnd, Screen

sys.inside, sys.go_on, begin, failed = threading.Event(), threading.Event(), threading.Barrier(10), []
sys.path.insert(0, sys.argv[1])
importing = threading.Thread(target=__import__, args=("ipywidgets",))
importing.start()
sys.inside.wait(60)

def choose():
    begin.wait(60)
    try:
        Screen().renderer("none", lambda: FrontEnd(in_kernel=True, message="m"))._renderer
    except Exception as error:
        failed.append(repr(error))

threads = [threading.Thread(target=choose) for _ in range(10)]
[one.start() for one in threads]
[one.join() for one in threads]
sys.go_on.set()
importing.join()
print(failed)
"""


@pytest.mark.kernel
def test_a_renderer_is_chosen_while_another_thread_is_in_the_middle_of_importing_ipywidgets(tmp_path):
    """As the first questions from ten threads do; the import is held in its middle, so that chance has no part."""
    (tmp_path / "ipywidgets.py").write_text("import sys\nsys.inside.set()\nsys.go_on.wait(60)\n")
    command = [sys.executable, "-c", HALF_IMPORTED, str(tmp_path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "[]"
