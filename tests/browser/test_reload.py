"""A page that is loaded again while a reply comes; long thinking that is followed; code that is copied."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import lab
from tests.faults import DONE, Fault, FaultServer, Received, chunk, deltas

pytestmark = pytest.mark.browser

HEIGHT = 1_000

BEGUN = "The reply has begun.\n\n"
REST = "And here it ends.\n\n```python\nfor n in range(3):\n    print(n)\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
LINES = [f"Line {number} of a thought that goes on and on for a while.\n\n" for number in range(40)]


class Answers:
    """Sends the beginning of a reply, waits for `go`, and sends the rest."""

    def __init__(self) -> None:
        self.go = threading.Event()

    def __call__(self, request: Received) -> Fault:
        return Fault(lambda: self._steps(request.json["messages"][-1]["content"]))

    def _steps(self, question: str) -> Iterator[bytes]:
        if question == "think":
            yield from deltas(reasoning="".join(LINES), pieces=20)[:-1]
        else:
            yield from deltas(BEGUN)
        assert self.go.wait(60)
        self.go.clear()
        yield chunk({"content": REST})
        yield chunk({"content": ""}, "stop")
        yield DONE


@pytest.fixture
def answers(endpoint: FaultServer) -> Answers:
    made = Answers()
    endpoint.repeat(made)
    return made


def opened(page: Page, served: lab.Server, name: str, *questions: str) -> lab.Notebook:
    """Open a new notebook that asks ``questions``, with the extension loaded."""
    lab.write_notebook(served.folder, name, "%load_ext deepseek_magic", *questions)
    notebook = lab.Notebook(page, served, name)
    notebook.wait_for_kernel()
    notebook.start_cell(0)
    notebook.wait_until_run()
    return notebook


def output_of(saved: Any, cell: int) -> Any:
    (output,) = saved["cells"][cell]["outputs"]
    return output


def test_a_page_loaded_again_in_mid_reply_shows_it_when_it_ends(
    fresh_page: Page, served: lab.Server, answers: Answers, screenshots: Path
) -> None:
    """Saved in the middle: the file says so in a sentence, and the page that is loaded again shows the whole."""
    notebook = opened(fresh_page, served, "saved.ipynb", "%deepseek hello", "1 + 1")
    notebook.start_cell(1)
    expect(notebook.cell(1)).to_contain_text("The reply has begun")
    begun = output_of(notebook.save(), 1)
    for kind in ("text/plain", "text/html"):
        assert "had not ended when this was saved" in "".join(begun["data"][kind])
    fresh_page.reload()
    fresh_page.wait_for_selector(".jp-Notebook .jp-Cell")
    answers.go.set()
    reply = notebook.cell(1)
    expect(reply).to_contain_text("And here it ends")
    expect(reply.locator(".deepseek-footer")).to_contain_text("deepseek-flash")
    expect(reply.locator(".deepseek-code")).to_have_count(1)
    notebook.cell(1).screenshot(path=screenshots / "reloaded.png")
    fresh_page.reload()  # and once more, after the end
    expect(notebook.cell(1)).to_contain_text("And here it ends")


def test_a_comparison_that_is_loaded_again_ends_with_the_line_below_it(
    fresh_page: Page, served: lab.Server, answers: Answers
) -> None:
    question = "%deepseek --compare deepseek-flash,deepseek-v4-pro hello"
    notebook = opened(fresh_page, served, "compared.ipynb", question)
    notebook.start_cell(1)
    expect(notebook.cell(1).get_by_text("The reply has begun")).to_have_count(2)
    notebook.save()
    fresh_page.reload()
    fresh_page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
    answers.go.set()
    expect(notebook.cell(1).get_by_text("And here it ends")).to_have_count(2)
    expect(notebook.cell(1).locator(".deepseek-closing")).to_contain_text("2 answers")


def test_a_reply_that_was_never_saved_waits(fresh_page: Page, served: lab.Server, answers: Answers) -> None:
    """The next question says so in a line, and shows how to see it."""
    notebook = opened(
        fresh_page, served, "unsaved.ipynb", "%deepseek hello", "%deepseek again", "%deepseek_chat show [2]"
    )
    notebook.save()
    notebook.start_cell(1)
    expect(notebook.cell(1)).to_contain_text("The reply has begun")
    fresh_page.reload()
    fresh_page.wait_for_selector(".jp-Notebook .jp-Cell")
    answers.go.set()
    notebook.wait_for_kernel()
    expect(notebook.cell(1).locator(".deepseek")).to_have_count(0)
    answers.go.set()
    notebook.start_cell(2)
    notebook.wait_until_run()
    expect(notebook.cell(2).locator(".deepseek-notice")).to_contain_text("%deepseek_chat show [2] shows it")
    notebook.start_cell(3)
    notebook.wait_until_run()
    expect(notebook.cell(3)).to_contain_text("And here it ends")
    answers.go.clear()


def test_after_a_normal_end_the_file_holds_one_static_output(
    fresh_page: Page, served: lab.Server, answers: Answers
) -> None:
    notebook = opened(fresh_page, served, "normal.ipynb", "%deepseek hello")
    answers.go.set()
    notebook.start_cell(1)
    notebook.wait_until_run()
    expect(notebook.cell(1).locator(".deepseek-answer")).to_contain_text("And here it ends")
    saved = notebook.save()
    assert sorted(output_of(saved, 1)["data"]) == ["text/html", "text/plain"]
    assert "widgets" not in saved["metadata"]


_SAMPLE = """
() => {
    const cell = document.querySelectorAll(".jp-Notebook .jp-Cell")[1];
    window.heights = [];
    const look = () => {
        const line = cell.querySelector("[role=status]"), box = cell.querySelector(".widget-vbox .widget-vbox");
        window.heights.push([cell.getBoundingClientRect().height, line ? line.getBoundingClientRect().top : -1,
                             cell.getBoundingClientRect().top]);
        window.looking = requestAnimationFrame(look);
    };
    look();
}
"""
_SCROLLER = """
() => [...document.querySelectorAll(".jp-Notebook .widget-vbox")]
    .find(box => getComputedStyle(box).flexDirection === "column-reverse")
"""


def test_long_thinking_stays_in_its_box(
    fresh_page: Page, served: lab.Server, answers: Answers, screenshots: Path
) -> None:
    """Some ten lines, the end in sight, the live line above it; closing moves the page by the box and no more."""
    notebook = opened(fresh_page, served, "thinking.ipynb", "%deepseek think")
    fresh_page.evaluate(_SAMPLE)
    notebook.start_cell(1)
    cell = notebook.cell(1)
    expect(cell).to_contain_text("Line 39 of a thought")
    fresh_page.wait_for_function(f"() => {{ const box = ({_SCROLLER})(); return box && Math.abs(box.scrollTop) < 2; }}")
    box = fresh_page.evaluate_handle(_SCROLLER)
    height, whole = box.evaluate("box => [box.clientHeight, box.scrollHeight]")
    assert 150 <= height <= 300
    assert whole > 2 * height
    cell.screenshot(path=screenshots / "thinking-box.png")
    box.evaluate("box => { box.scrollTop = -300; }")  # a reader who scrolls up
    expect(cell.locator("[role=status]")).to_contain_text("thinking · ")
    sampled = fresh_page.evaluate("() => window.heights")
    in_box = [total for total, line, _ in sampled if line >= 0]
    assert max(in_box) <= height + 150  # the cell's own input, the line and the margins
    before = cell.evaluate("cell => cell.getBoundingClientRect().height")
    answers.go.set()
    notebook.wait_until_run()
    assert cell.locator(".deepseek-reasoning").count() == 1
    heights = [total for total, _, _ in fresh_page.evaluate("() => window.heights")]
    jumps = [earlier - later for earlier, later in itertools.pairwise(heights)]
    assert max(jumps) <= height + 40, before
    assert all(line - top < 120 for total, line, top in sampled if line >= 0)


def test_code_copies_alone(fresh_page: Page, served: lab.Server, answers: Answers) -> None:
    """What is selected from above the code to below it holds no name of the language."""
    notebook = opened(fresh_page, served, "copied.ipynb", "%deepseek hello")
    answers.go.set()
    notebook.start_cell(1)
    notebook.wait_until_run()
    reply = notebook.cell(1).locator(".deepseek-code")
    expect(reply.locator(".deepseek-language")).to_have_text("python")
    copied = reply.evaluate("box => { getSelection().selectAllChildren(box); return getSelection().toString(); }")
    assert copied.strip() == "for n in range(3):\n    print(n)"
