"""Progress bars: which front end gets which, in which unit."""

from __future__ import annotations

from deepseek_magic.render.choose import FrontEnd
from deepseek_magic.render.progress import bar_for, no_bar, wait_bar


def test_a_run_that_nobody_watches_gets_none():
    assert bar_for("none", FrontEnd()) is no_bar
    assert wait_bar("none", FrontEnd()) is no_bar
    no_bar(3).update(1)
    no_bar(3).close()


def test_units(capsys):
    for make, unit in ((bar_for("plain", FrontEnd()), "value"), (wait_bar("plain", FrontEnd()), "s")):
        bar = make(4)
        bar.update(2)
        bar.close()
        assert f"{unit}/" in capsys.readouterr().err or bar.unit == unit
        assert (bar.total, bar.n, bar.unit) == (4, 2, unit)
