"""The list of calls, and values as tables and trees: whatever a name, an argument, a result or a cell holds is text."""

from __future__ import annotations

import re

import pytest

from deepseek_magic.api.events import Called
from deepseek_magic.render import safe_html
from deepseek_magic.render.back_ends.plain import called
from deepseek_magic.render.bundle import calls_html
from deepseek_magic.structured.live_view import markdown_of
from tests.each import each
from tests.render.hostile import CORPUS
from tests.render.test_safety import check


@pytest.mark.thorough
@each("text", dict(CORPUS))
def test_hostile_calls(text: str) -> None:
    for live in (True, False):
        html = calls_html([Called(text, text, 0.1), Called("f()", text, 1.0, failed=True)], live=live)
        check(html)
        assert html.count('<details class="deepseek-call"') == 2
        assert '<details class="deepseek-calls" open' in html


@pytest.mark.thorough
@each("text", dict(CORPUS))
def test_hostile_values(text: str) -> None:
    for value in ([{"a": text, text: "b"}], {"a": {text: [text]}}, [text], text):
        html = safe_html.answer(markdown_of(value))
        check(html)
        assert "<a " not in html


def test_the_line_names_what_was_called() -> None:
    def line(*calls: str) -> str:
        html = calls_html([Called(call, "1", 0.1) for call in calls])
        return html.partition("</summary>")[0].rpartition(">")[2]

    def is_open(calls: int) -> bool:
        return 'deepseek-calls" open' in calls_html([Called("f()", "1")] * calls)

    assert line("weather(city='Oslo')") == "weather called once"
    assert line("f(1)", "g()", "f(2)", "g(1)", "g(2)") == "f called twice, g called 3 times"
    assert line("a()", "b()", "c()", "d()", "e()", "e()") == "6 calls of 5 functions"
    assert [is_open(count) for count in (1, 4, 5, 12)] == [True, True, False, False]


def test_a_call_says_what_it_took_and_unfolds_to_all_of_it() -> None:
    """Name, arguments, seconds, size and cost on its line; behind it the result, and the call where the line cut it."""
    url = "https://example.org/" + "x" * 300
    html = calls_html(
        [Called(f"web_fetch(url='{url}')", "a\n" + "b" * 400, 1.25, cost=0.00075), Called("f(1)", "two", 0.1)]
    )
    assert "<code>web_fetch(url=" in html
    assert "1.2 s · 402 characters · $0.00075</summary>" in re.sub("</?span[^>]*>", "", html)
    assert "<code>f(1)</code> · 0.1 s · 3 characters</summary>" in html
    assert html.count(url) == 1
    assert "a\n" + "b" * 400 in html
    live = calls_html([Called("f()", "b" * 1_000)], live=True)
    assert "b" * 400 + "…" in live
    assert "b" * 401 not in live


def test_a_call_on_a_line_of_a_terminal() -> None:
    line = called(Called("f('\x1b[2K')", "two\nlines \x07 and much more " * 20, 0.25, failed=True))
    assert line.startswith(r"f('\x1b[2K') -> failed: two lines \x07 and")
    assert line.endswith("… (0.2 s)")
    assert called(Called("f()", "two", 0.25, cost=0.5)).endswith("two (0.2 s · 3 characters · $0.50)")
    assert "\n" not in line
    assert len(line) < 250
