"""Replies as their reader sees them in a real JupyterLab: thinking, half written, finished, cut, broken, refused.

Each is looked at in the light and in the dark theme, while live and when finished, and once more by another reader
who has no kernel and trusts nothing. ``--screenshots FOLDER`` keeps the pictures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser import lab
from tests.browser.looks import facts, faint, overflowing
from tests.browser.replies import Prompter
from tests.faults import FaultServer

pytestmark = pytest.mark.browser

THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
WIDTHS = (700, 1_600)
ASKED = ("long", "languages", "wide", "cut", "broken", "refused")
CELLS = (
    "%load_ext deepseek_magic",
    *(f"%deepseek --no-memory {'--max-tokens 60 ' if name == 'cut' else ''}{name}" for name in ASKED),
    "%deepseek",
)


@dataclass(frozen=True)
class Sight:
    """What was seen at one moment, in one theme: what is too faint or too wide, and what is there (`looks.facts`)."""

    faint: list[str]
    wide: list[str]
    facts: dict[str, Any]


class Reading:
    """The notebook of questions in a page; ``sights`` holds what was seen, by moment and theme."""

    def __init__(self, notebook: lab.Notebook, prompter: Prompter, pictures: Path, prefix: str = "") -> None:
        self.notebook = notebook
        self.prompter = prompter
        self.sights: dict[tuple[str, str], Sight] = {}
        self._pictures, self._prefix = pictures, prefix
        self._themes = list(THEMES)

    def reply(self, name: str) -> Locator:
        """Return the output of the question ``name``."""
        return self.notebook.cell(ASKED.index(name) + 1).locator(".jp-OutputArea").first

    def start(self, name: str) -> None:
        """Ask the question ``name``."""
        self.notebook.start_cell(ASKED.index(name) + 1)

    def look(self, *seen: tuple[str, str]) -> None:
        """Look at replies in both themes, and take a picture of each: pairs of a moment and the name of a reply."""
        for theme in self._themes:
            self.notebook.theme(THEMES[theme])
            for moment, name in seen:
                self._look_once(moment, name, theme)
        self._themes.reverse()  # the next look begins with the theme that is on

    def look_at_widths(self) -> None:
        """Look at every reply on a narrow and on a wide page, in the theme that is on."""
        page = self.notebook.page
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 2400})
            for name in ASKED:
                self._look_once(f"{name}-{width}", name, self._themes[0])

    def at_width(self, name: str, width: int) -> dict[str, Any]:
        """Return the facts of the reply ``name`` at ``width``, in whichever theme."""
        moment = f"{name}-{width}"
        return next(self.sights[moment, theme].facts for theme in THEMES if (moment, theme) in self.sights)

    def _look_once(self, moment: str, name: str, theme: str) -> None:
        page, cell = self.notebook.page, self.notebook.cell(ASKED.index(name) + 1)
        self.sights[moment, theme] = Sight(faint(page, cell), overflowing(page), facts(self.reply(name)))
        cell.screenshot(path=self._pictures / f"{self._prefix}{moment}-{theme}.png")

    def finished(self, moment: str) -> dict[str, Any]:
        """Return the facts of ``moment``, in the light theme."""
        return self.sights[moment, "light"].facts


@pytest.fixture(scope="module")
def read(chromium: Browser, endpoint: FaultServer, served: lab.Server, screenshots: Path) -> Iterator[Reading]:
    """The notebook after every question was asked, saved, and what was seen on the way."""
    lab.write_notebook(served.folder, "seen.ipynb", *CELLS)
    prompter = Prompter()
    endpoint.repeat(prompter)
    context = chromium.new_context(viewport={"width": 1000, "height": 2400}, device_scale_factor=1)
    errors: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    notebook = lab.Notebook(page, served, "seen.ipynb")
    notebook.wait_for_kernel()
    reading = Reading(notebook, prompter, screenshots)
    notebook.start_cell(0)
    notebook.wait_until_run()
    _ask_long(reading)
    _ask_others(reading)
    notebook.save()
    _look_at_the_end(reading)
    yield reading
    context.close()
    assert errors == []


def _ask_long(reading: Reading) -> None:
    """Ask for the long reply, and look while it thinks, while it writes, at the end, and into its thinking."""
    reply = reading.reply("long")
    reading.start("long")
    expect(reply).to_contain_text("it loses digits when")
    expect(reply.locator("mjx-container")).to_have_count(3)
    reading.look(("thinking", "long"))
    reading.prompter.go("long")
    expect(reply).to_contain_text("self.mean += distance / self.n")
    reply.locator("mjx-container[display=true]").wait_for()
    reading.look(("writing", "long"))
    reading.prompter.go("long")
    reply.locator(".deepseek-footer").wait_for()
    reading.notebook.wait_until_run()
    reply.locator("mjx-container[display=true]").wait_for()


def _ask_others(reading: Reading) -> None:
    """Ask the other questions, and look at each reply; at one of them in the middle of a table's row."""
    reading.start("languages")
    expect(reading.reply("languages")).to_contain_text("eta_eta_eta")
    expect(reading.reply("languages").locator("mjx-container")).to_have_count(5)
    reading.look(("languages-writing", "languages"))
    reading.prompter.go("languages")
    reading.notebook.wait_until_run()
    expect(reading.reply("languages").locator("mjx-container")).to_have_count(5)
    reading.start("wide")
    expect(reading.reply("wide")).to_contain_text("so with the sum")
    expect(reading.reply("wide").locator("mjx-container")).to_have_count(8)
    reading.look(("wide-writing", "wide"))
    reading.prompter.go("wide")
    for name in ("wide", "cut", "broken", "refused"):
        if name != "wide":
            reading.start(name)
        reading.notebook.wait_until_run()
    reading.notebook.start_cell(len(CELLS) - 1)
    reading.notebook.wait_until_run()


def _look_at_the_end(reading: Reading) -> None:
    """Look at every finished reply, into the thinking, and at all of them on a narrow and on a wide page."""
    reading.look(("finished", "long"), *((name, name) for name in ASKED[1:]))
    reading.reply("long").locator(".deepseek-reasoning summary").click()
    reading.look(("thought", "long"))
    reading.look_at_widths()


@pytest.fixture(scope="module")
def reopened(read: Reading, another: lab.Server, chromium: Browser, screenshots: Path) -> Reading:
    """The saved notebook as another reader sees it, who has no kernel and trusts nothing."""
    context = chromium.new_context(viewport={"width": 1000, "height": 2400}, device_scale_factor=1)
    reading = Reading(lab.Notebook(context.new_page(), another, "seen.ipynb"), read.prompter, screenshots, "untrusted-")
    expect(reading.reply("languages").locator("mjx-container")).to_have_count(5)
    reading.notebook.page.locator(".jp-Dialog .jp-mod-reject").click()  # it asks for a kernel
    reading.reply("long").locator("details.deepseek-reasoning").evaluate("section => { section.open = true }")
    reading.look(*((name, name) for name in ASKED))
    reading.look_at_widths()
    context.close()
    return reading


def test_all_text_is_legible(read: Reading, reopened: Reading) -> None:
    """A contrast of at least 4.5 at every moment, in both themes, also for the reader who trusts nothing."""
    assert len(read.sights) == 22 + len(WIDTHS) * len(ASKED)
    assert len(reopened.sights) == 12 + len(WIDTHS) * len(ASKED)
    for reading in (read, reopened):
        for moment, sight in reading.sights.items():
            assert sight.faint == [], moment


def test_faint_text_is_noticed(chromium: Browser) -> None:
    """Otherwise the test above could not fail."""
    page = chromium.new_page()
    page.set_content("<div style='background:#111'><p class=deepseek style='color:#777'>half seen</p></div>")
    assert [found[:4] for found in faint(page)] == ["4.22"]
    page.set_content("<p class=deepseek style='background:#0004'><b style='opacity:.4'>over grey</b></p>")
    assert len(faint(page)) == 1
    page.set_content("<p class=deepseek style='color:color-mix(in srgb, white 20%, black)'>plain</p>")
    assert faint(page) == []
    page.close()


def test_nothing_is_wider_than_its_place(read: Reading, reopened: Reading) -> None:
    """Wide tables, formulas and lines of code scroll in boxes of their own, long words wrap, live and finished."""
    for reading in (read, reopened):
        for moment, sight in reading.sights.items():
            assert sight.wide == [], moment
    for moment in ("languages-writing", "languages"):
        assert read.finished(moment)["scrolling"] == [["pre", "auto"], ["div", "auto"]]
    for moment in ("wide-writing", "wide"):
        boxes = [name for name, _ in read.finished(moment)["scrolling"]]
        assert boxes[:5] == ["p", "p", "ul", "p", "div"], moment


def test_thinking_is_live(read: Reading) -> None:
    """Set apart by an edge, with a line that counts; no answer yet."""
    for theme in THEMES:
        seen = read.sights["thinking", theme].facts
        assert "it loses digits when" in seen["text"]
        assert "3px" in seen["edges"]
        (line,) = seen["status"]
        # a look that takes long sees what comes after it as well: for how long there was no text
        assert re.match(r"thinking · \d+ s · \d+ tokens\b", line)
        assert seen["thinking"] == []


def test_the_half_written_reply_looks_like_what_it_will_be(read: Reading) -> None:
    """Open code is code; thinking is folded away; the line says that it is written."""
    seen = read.finished("writing")
    assert seen["thinking"] == [False]
    assert "it loses digits" not in seen["text"]
    assert "```" not in seen["text"]
    assert seen["languages"] == ["python"]
    assert [line.partition(" · ")[0] for line in seen["status"]] == ["writing"]
    assert seen["broken_formulas"] == 0


def test_nothing_moves_when_the_reply_ends(read: Reading) -> None:
    """Every block that was there in mid-stream, and each line of cut code, stands in the same place, to the pixel."""
    for live, finished in (("writing", "finished"), ("languages-writing", "languages")):
        before, after = read.finished(live), read.finished(finished)
        assert len(before["blocks"]) >= 9
        assert before["blocks"] == after["blocks"][: len(before["blocks"])]
        assert before["code"] == after["code"][: len(before["code"])]
    assert len(read.finished("writing")["code"]) > 10


def test_the_finished_reply_is_whole(read: Reading) -> None:
    """Headings, lists, formulas, code, a table, tasks, raw HTML and footnotes as text, and the quiet line below."""
    seen = read.finished("finished")
    assert seen["thinking"] == [False]
    assert seen["status"] == []
    assert seen["columns"] == [["left", "right", "right"]] * 4
    assert "☑ compare with" in seen["text"]
    assert "☐ decide what" in seen["text"]
    assert "<mark>HTML that is not rendered</mark> and a note[^1]" in seen["text"]
    assert "[^1]: Donald Knuth gives the proof." in seen["text"]
    assert seen["broken_formulas"] == 0
    (footer,) = (line for line in seen["text"].splitlines() if line.startswith("deepseek-flash · "))
    assert "1,200 in (64% cached) · 840 out" in footer
    assert read.finished("thought")["thinking"] == [True]
    assert "A table will show it." in read.finished("thought")["text"]


def test_notices_say_what_happened_and_what_to_do(read: Reading) -> None:
    """In words, with the text kept; none is told by its colour alone, and none says what the error's line says."""
    (cut,) = read.finished("cut")["notes"]
    assert cut.startswith("Incomplete: cut at --max-tokens 60. ")
    assert "move the mean by" in read.finished("cut")["text"]
    (broken,) = read.finished("broken")["notes"]
    assert broken == "Incomplete. %deepseek_continue goes on with it."
    assert "variance = spread / (n - 1)" in read.finished("broken")["text"]
    assert "StreamBroken" in read.finished("broken")["text"]
    assert read.finished("refused")["notes"] == []
    assert "AuthenticationFailed" in read.finished("refused")["text"]
    assert "DEEPSEEK_API_KEY" in read.finished("refused")["text"]


@pytest.mark.parametrize("moment", ["languages-writing", "languages"])
def test_every_script_runs_its_own_way(read: Reading, moment: str) -> None:
    """Arabic and Hebrew from right to left, from the right edge; Chinese, and code everywhere, from left to right."""
    seen = read.finished(moment)
    ways = {(name, text[:8]): (direction, align) for name, text, direction, align in seen["directions"]}
    right_to_left = ("rtl", "start")
    assert ways["h2", "مقدمة قص"] == right_to_left
    assert ways["p", "هذه فقرة"] == right_to_left
    assert ways["p", "פסקה בעב"] == right_to_left
    assert ways["li", "عنصر أول"] == right_to_left
    assert ways["li", "פריט שני"] == right_to_left
    assert ways["p", "中文段落：运行平"][0] == "ltr"
    assert "👩🏽‍🔬 🎉" in seen["text"]
    assert {way[0] for (name, _), way in ways.items() if name in ("pre", "code")} == {"ltr"}
    assert ways["code", "mean()"][0] == "ltr"


@pytest.mark.parametrize("moment", ["languages-writing", "languages"])
def test_formulas_are_typeset_and_money_is_not(read: Reading, moment: str) -> None:
    """All four delimiters of formulas; prices and variables stay as they are."""
    seen = read.finished(moment)
    assert "It costs $5 and $10, or $1,200 in all; $HOME is a variable." in seen["text"]
    assert seen["formulas"] == 5
    assert seen["broken_formulas"] == 0
    assert "\\[" not in seen["text"]
    assert "\\(" not in seen["text"]


def test_columns_keep_their_alignment_while_the_table_grows(read: Reading) -> None:
    """In mid-row and at the end alike."""
    live, finished = (read.finished(moment)["columns"] for moment in ("languages-writing", "languages"))
    assert live == [["left", "center", "right"]] * 2
    assert finished == [["left", "center", "right"]] * 3


def test_a_screen_reader_finds_its_way(read: Reading) -> None:
    """Headings are headings, the thinking unfolds, links can be told from text, our own tables name their headers."""
    answer = read.reply("long").locator(".deepseek-answer")
    assert answer.get_by_role("heading", name="Keeping a running mean", level=1).count() == 1
    assert answer.get_by_role("heading", level=2).count() == 3
    assert answer.get_by_role("heading", name="Before you use it", level=3).count() == 1
    assert answer.get_by_role("columnheader").count() == 4
    assert answer.get_by_role("img", name="done").count() == 1
    assert answer.get_by_role("img", name="to do").count() == 1
    assert set(read.finished("finished")["links"]) == {"underline"}
    summary = read.reply("long").locator("details.deepseek-reasoning > summary").inner_text()
    assert summary.startswith("Thinking · ")
    card = facts(read.notebook.cell(len(CELLS) - 1).locator(".jp-OutputArea").first)
    assert len(card["headers"]) >= 3
    assert set(card["headers"]) <= {"row", "col"}


def _pairs(read: Reading, reopened: Reading, theme: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield the facts of each reply as the other reader sees it, and as its own."""
    for name in ASKED:
        moment = "thought" if name == "long" else name
        yield reopened.sights[name, theme].facts, read.sights[moment, theme].facts


def _sides(ways: list[list[str]]) -> list[str]:
    """Return the side of the page on which the text of each block begins."""
    begins = {"rtl": "right", "ltr": "left"}
    return [begins[way] if align == "start" else align for name, _, way, align in ways if "code" not in name]


def test_another_reader_sees_the_same(read: Reading, reopened: Reading) -> None:
    """Saved and opened again without trust: the text, its formulas, its notices and directions are what they were.

    So are the boxes of code with their line breaks, the columns, and the colours of keywords; the thinking has its bar.
    """
    same = ("text", "formulas", "broken_formulas", "notices", "languages", "boxes", "columns", "scrolling", "keywords")
    for theme in THEMES:
        for theirs, mine in _pairs(read, reopened, theme):
            for fact in same:
                assert theirs[fact] == mine[fact], fact
        assert "3px" in reopened.sights["long", theme].facts["edges"]
        assert [word for word, _ in reopened.sights["long", theme].facts["keywords"][:2]] == ["from", "import"]
        ways = [(theirs["directions"], mine["directions"]) for theirs, mine in _pairs(read, reopened, theme)]
        for their_ways, my_ways in ways:
            assert [way[:3] for way in their_ways] == [way[:3] for way in my_ways]
            assert _sides(their_ways) == _sides(my_ways)


def test_another_reader_sees_the_same_on_a_narrow_and_on_a_wide_page(read: Reading, reopened: Reading) -> None:
    """Boxes of code with their line breaks, columns, and what scrolls; a wide page has room for more."""
    for name in ASKED:
        for width in WIDTHS:
            mine, theirs = (reading.at_width(name, width) for reading in (read, reopened))
            for fact in ("text", "boxes", "columns", "scrolling", "notices"):
                assert theirs[fact] == mine[fact], (name, width, fact)
    assert len(read.at_width("languages", 700)["scrolling"]) > len(read.at_width("languages", 1_600)["scrolling"])
