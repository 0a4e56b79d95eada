"""Replies side by side: their static form, and every back end that shows them while they come."""

from __future__ import annotations

import re

import pytest

from deepseek_magic.api.events import TextDelta
from deepseek_magic.render.back_ends import BACK_ENDS
from deepseek_magic.render.choose import FrontEnd, Screen
from deepseek_magic.render.columns import Columns, Stacked, bundle, source
from deepseek_magic.render.front_ends import Needs
from deepseek_magic.render.renderer import Ending
from tests.chat.scripted import Recorded
from tests.render.events import TEXT, events

LABELS = ("deepseek-flash", "<b>think</b>")
ENDINGS = (Ending(TEXT, footer="f1"), Ending("Two & <i>.", notices=("It broke.",), footer="f2"))
FINAL = Columns(LABELS, ENDINGS, "together", {"deepseek_magic": {"version": 1}})
KERNEL = FrontEnd(in_kernel=True)


def test_the_source_holds_each_text_exactly_where_it_says():
    text, places = source(Columns((*LABELS, "c"), (*ENDINGS, Ending("", notices=("Refused.",)))))
    assert [text[start:end] for start, end in places] == [TEXT, "Two & <i>.", ""]
    assert text.startswith("[1 · deepseek-flash]\n\n# A heading")
    assert text.endswith("[3 · c]\n\n(Refused.)")


def test_the_bundle_holds_labels_footers_and_notices_safely():
    made = bundle(FINAL)
    html = made["text/html"]
    assert sorted(made) == ["text/html", "text/plain"]
    assert html.count('class="deepseek-column"') == html.count("deepseek-answer") == 2
    assert "<b>think" not in html
    assert "&lt;b&gt;think" in html
    for words in ("f1", "f2", "It broke.", "together"):
        assert html.count(words) == 1
    # what an untrusted page keeps of a row that wraps: no variables, no grid, no media query
    assert "display:flex;flex-wrap:wrap" in html
    assert bundle(Columns(("a",), (Ending("```python\nx = 1\n```", needs=Needs(colours=True)),)))["text/html"].count(
        "--jp-mirror"
    )


@pytest.mark.parametrize(("count", "rows"), [(2, 1), (3, 1), (4, 2), (5, 1), (6, 1)])
def test_four_stand_two_and_two(count, rows):
    html = bundle(Columns("abcdef"[:count], [Ending("x")] * count))["text/html"]
    assert (html.count('class="deepseek-columns"'), html.count('class="deepseek-column"')) == (rows, count)


MOST = 30_000
TIGHT = Needs(most=MOST)
CUT = (
    Ending("word & word " * 4000, footer="f1", needs=TIGHT),
    Ending("Short, with `code`.", footer="f2", needs=TIGHT),
    Ending("| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 400, footer="f3", needs=TIGHT),
)


@pytest.mark.parametrize("name", ["widget", "display", "headless"])
def test_what_a_front_end_would_cut_is_cut_in_its_column_with_a_word(published, name):
    """While they come, when one has ended, and in the end; a short reply is whole."""
    final = Columns("abc", CUT, "together", {"deepseek_magic": {"version": 1}})
    made = Screen().beside(name, FrontEnd(in_kernel=True, needs=TIGHT), "abc")
    for column, ending in zip(made.columns, CUT, strict=True):
        column.open()
        column.show((TextDelta(ending.text),))
    for column, ending in zip(made.columns, CUT, strict=True):
        column.close(ending)
    made.close(final)
    for one in published:
        assert sum(len(shown.encode()) for shown in one["data"].values() if isinstance(shown, str)) <= MOST
    last = published[-1]["data"]
    assert last == bundle(final)
    assert last["text/html"].count("this front end does not show") == 2
    assert "Short, with <code>code</code>." in last["text/html"]
    for words in ("f1", "f2", "f3", "together"):
        assert last["text/html"].count(f">{words}<") == 1
    first, last_part = last["text/plain"].split("[2 · b]\n\nShort, with `code`.\n\n[3 · c]\n\n")
    assert CUT[0].text.startswith(first.removeprefix("[1 · a]\n\n").removesuffix("\n\n"))
    assert CUT[2].text.startswith(last_part)
    assert len(first) > MOST / 10 < len(last_part)


def test_columns_that_fit_are_whole():
    fitting = [Ending("x" * 4000, footer="f", needs=TIGHT)] * 2
    assert bundle(Columns("ab", fitting)) == bundle(Columns("ab", [Ending("x" * 4000, footer="f")] * 2))


def test_a_column_whose_drawing_is_stopped_is_drawn_by_nobody_else(published):
    """Each is drawn once: the end shows what its column shows."""
    drawn = []

    def attempt(make):
        drawn.append(make)

    long = Ending("word " * 30_000, attempt=attempt)
    for name in ("widget", "display", "headless"):
        made = Screen().beside(name, KERNEL, ("a",))
        made.columns[0].open()
        made.columns[0].show((TextDelta(long.text),))
        made.columns[0].close(long)
        made.close(Columns(("a",), (long,)))
        assert "Drawing this was stopped" in published[-1]["data"]["text/html"]
        assert len(drawn) == 1, name
        drawn.clear()


def fill(columns):
    """Show both replies bit by bit, turn and turn about, and leave each behind."""
    for one in columns:
        one.open()
    for event in events():
        columns[0].show((event,))
        columns[1].show((TextDelta("x"),))
    for one, ending in zip(columns, ENDINGS, strict=True):
        one.close(ending)


@pytest.mark.parametrize("name", ["widget", "display", "headless"])
def test_a_page_ends_with_one_output_that_holds_all(published, name):
    screen = Screen()
    made = screen.beside(name, KERNEL, LABELS)
    fill(made.columns)
    made.close(FINAL)
    screen.close()
    displayed = [one for one in published if not one.get("update")]
    assert len(displayed) == 1
    last = published[-1]
    assert last["data"] == bundle(FINAL)
    assert last["metadata"] == FINAL.metadata
    if name != "headless":
        assert displayed[0]["transient"]["display_id"] == last["transient"]["display_id"]


def test_a_column_that_never_began_shows_its_error_beside_the_others(published):
    for name in ("widget", "display"):
        made = Screen().beside(name, KERNEL, LABELS)
        made.columns[0].close(Ending("", notices=("Refused.",)))
        made.columns[1].open()
        made.columns[1].show((TextDelta("x"),))
        made.columns[1].close(ENDINGS[1])
        final = Columns(LABELS, (Ending("", notices=("Refused.",)), ENDINGS[1]))
        made.close(final)
        assert "Refused." in published[-1]["data"]["text/html"]


def test_without_widgets_a_column_is_read_out_once_while_others_are_drawn(published):
    """Each draws all of them: what is read out of one paint is not in the next, and nothing of the end is."""
    known = FrontEnd(in_kernel=True, names_cells=True)
    made, waited = Screen().beside("display", known, LABELS), []
    for one in made.columns:
        one.open()
    for one, text in zip(made.columns, ("First.", "Second."), strict=True):
        one.show((TextDelta(text),))
        one.close(Ending(text, footer="a footer", attempt=waited.append))
    made.close(Columns(LABELS, (Ending("First."), Ending("Second."))))
    polite = [re.findall('aria-live="polite"[^>]*>(.*?)</div>', one["data"]["text/html"]) for one in published]
    said = [re.sub("<[^>]*>", "", part) for parts in polite for part in parts]
    assert [part for part in said if " · " not in part] == ["First.", "Second."]
    assert [part.partition(" · ")[0] for part in said if " · " in part] == ["waiting", "waiting", "writing", "writing"]
    assert len(waited) == 1  # of those that end together
    assert polite[-1] == []


def test_in_text_each_waits_for_those_before_it(capsys):
    made = Screen().beside("plain", FrontEnd(), LABELS)
    first, second = made.columns
    second.open()
    second.show((TextDelta("second "),))
    assert capsys.readouterr().out == ""
    first.open()
    first.show((TextDelta("first reply"),))
    assert capsys.readouterr().out == "--- 1 · deepseek-flash ---\n\nfirst reply"
    second.show((TextDelta("reply"),))
    second.close(Ending("second reply"))
    first.close(Ending("first reply", footer="f1"))
    made.close(Columns(LABELS, (), "together"))
    assert capsys.readouterr().out == "\n-- f1\n\n--- 2 · <b>think</b> ---\n\nsecond reply\n-- together\n"


def test_a_back_end_that_fails_costs_no_text(capsys, monkeypatch):
    made = Screen().beside("plain", FrontEnd(), LABELS)
    monkeypatch.setattr(Stacked, "close", lambda *_: 1 / 0)
    fill(made.columns)
    made.close(FINAL)
    assert "Two & <i>." in capsys.readouterr().out.partition("the view failed")[0]


def test_none_shows_nothing_and_a_captured_page_only_the_end(published, capsys):
    made = Screen().beside("none", KERNEL, LABELS)
    fill(made.columns)
    made.close(FINAL)
    assert (published, capsys.readouterr().out) == ([], "")
    made = Screen().beside("widget", FrontEnd(in_kernel=True, captured=True), LABELS)
    fill(made.columns)
    assert published == []
    made.close(FINAL)
    assert len(published) == 1


def test_every_back_end_shows_columns():
    for name in BACK_ENDS:
        made = Screen().beside(name, KERNEL, LABELS)
        assert len(made.columns) == 2, name


def test_text_that_is_held_back_is_shown_whole():
    shown: list[Recorded] = []

    def make():
        shown.append(Recorded())
        return shown[-1]

    made = Stacked(("a", "b", "c"), make, None)
    for number in (2, 1, 0):
        made.columns[number].open()
        made.columns[number].show((TextDelta(f"{number}"),))
        made.columns[number].close(Ending(f"{number}"))
    assert [one.ending.text for one in shown if one.ending] == ["0", "1", "2"]
    assert [event.text for one in shown for event in one.events] == ["0", "1", "2"]
