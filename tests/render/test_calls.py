"""The list of calls, and values as tables and trees: whatever a name, an argument, a result or a cell holds is text."""

from __future__ import annotations

import pytest

from deepseek_magic.api.events import Called
from deepseek_magic.render import safe_html
from deepseek_magic.render.back_ends.plain import called
from deepseek_magic.render.bundle import calls_html
from deepseek_magic.structured.live_view import markdown_of
from tests.render.hostile import CORPUS
from tests.render.test_safety import check

HOSTILE = pytest.mark.parametrize("text", [text for _, text in CORPUS], ids=[name for name, _ in CORPUS])


@HOSTILE
def test_hostile_calls(text: str) -> None:
    for live in (True, False):
        html = calls_html([Called(text, text, 0.1), Called("f()", text, 1.0, failed=True)], live=live)
        check(html)
        assert html.count("<tr>") + html.count("<tr ") == 3
        assert ('<details class="deepseek-calls" open' in html) is live


@HOSTILE
def test_hostile_values(text: str) -> None:
    for value in ([{"a": text, text: "b"}], {"a": {text: [text]}}, [text], text):
        html = safe_html.answer(markdown_of(value))
        check(html)
        assert "<a " not in html


def test_the_line_names_what_was_called() -> None:
    def line(*calls: str) -> str:
        html = calls_html([Called(call, "1", 0.1) for call in calls])
        return html.partition("</summary>")[0].rpartition(">")[2]

    assert line("weather(city='Oslo')") == "weather called once"
    assert line("f(1)", "g()", "f(2)", "g(1)", "g(2)") == "f called twice, g called 3 times"
    assert line("a()", "b()", "c()", "d()", "e()", "e()") == "6 calls of 5 functions"


def test_a_call_on_a_line_of_a_terminal() -> None:
    line = called(Called("f('\x1b[2K')", "two\nlines \x07 and much more " * 20, 0.25, failed=True))
    assert line.startswith(r"f('\x1b[2K') -> failed: two lines \x07 and")
    assert line.endswith("… (0.2 s)")
    assert "\n" not in line
    assert len(line) < 250
