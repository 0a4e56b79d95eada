"""The quickstart in a real JupyterLab: run, seen to stream, saved, and read again without a kernel."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser import lab
from tests.browser.film import FIRST, LOAD, QUICKSTART, THEMES, portray, stream

pytestmark = pytest.mark.browser

HEIGHT = 1_250


def questions(notebook: Any) -> list[Any]:
    """Return the cells of a saved notebook that ask something."""
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    asking = ("%%deepseek", "reply = %deepseek ", "%deepseek In")
    return [cell for cell in cells if "".join(cell["source"]).startswith(asking)]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[lab.Server]:
    """A JupyterLab that serves a copy of the quickstart; no key is set."""
    folder = tmp_path_factory.mktemp("served")
    shutil.copy(QUICKSTART, folder)
    with lab.server(folder, tmp_path_factory.mktemp("private")) as server:
        yield server


@pytest.fixture(scope="module")
def run(served: lab.Server, page: Page, screenshots: Path) -> tuple[Any, list[str]]:
    """The notebook as saved after Run All, and the texts that the first reply went through on the page, as a film."""
    notebook = lab.Notebook(page, served, QUICKSTART.name)
    notebook.wait_for_kernel()
    notebook.start_cell(LOAD)
    notebook.wait_until_run()
    seen = stream(notebook, screenshots / "streaming.gif")
    notebook.start_cell(FIRST + 1, "notebook:run-all-below")
    notebook.wait_until_run()
    return notebook.save(), seen


def test_the_reply_streams_in(run: tuple[Any, list[str]]) -> None:
    """The reader sees it wait, think and write, and the text grow in many steps."""
    _, seen = run
    assert any("thinking ·" in text for text in seen)
    writing = [text for text in seen if "writing ·" in text]
    assert len(writing) >= 4
    lengths = [len(text) for text in writing]
    assert lengths[-1] > lengths[0] + 400


def test_the_saved_file_holds_one_reply_a_question(run: tuple[Any, list[str]]) -> None:
    """No widget, no error: one bundle of safe HTML and exact source."""
    saved, _ = run
    asked = questions(saved)
    assert len(asked) == 6
    for cell in asked:
        (output,) = cell["outputs"]
        assert output["output_type"] == "display_data"
        assert sorted(output["data"]) == ["text/html", "text/plain"]
        assert "".join(output["data"]["text/plain"]).strip()
        assert output["metadata"]["deepseek_magic"]["finish_reason"] == "stop"
        assert output["metadata"]["deepseek_magic"]["cell"] == cell["id"]
    assert "widget-view" not in json.dumps(saved)


def test_maths_and_code_are_seen(run: tuple[Any, list[str]], page: Page) -> None:
    """The finished reply is typeset, highlighted and laid out."""
    assert page.locator(".deepseek-answer mjx-container").count() >= 5
    assert page.locator(".deepseek-answer pre").count() >= 3
    assert page.locator(".deepseek-answer table").count() >= 1
    assert page.locator("details.deepseek-reasoning").count() >= 3


def test_it_looks_right(run: tuple[Any, list[str]], page: Page, screenshots: Path) -> None:
    """Pictures of the finished notebook, for people to look at; the README shows the first."""
    portray(page, screenshots)
    for theme in THEMES:
        assert (screenshots / f"quickstart-{theme}.png").stat().st_size > 20_000


def test_it_moves(run: tuple[Any, list[str]], screenshots: Path) -> None:
    """The film of the first reply, which the README shows: it moves, and is small enough for a page."""
    film = screenshots / "streaming.gif"
    assert film.stat().st_size < 600_000
    with Image.open(film) as image:
        assert getattr(image, "n_frames", 1) >= 2  # a busy machine draws few
        assert image.width <= 1000


_IN_SIGHT = """
number => {
    const panel = document.querySelector(".jp-WindowedPanel-outer").getBoundingClientRect();
    const cell = document.querySelectorAll(".jp-Cell")[number];
    const answer = cell.querySelector(".deepseek-answer").getBoundingClientRect();
    const question = cell.querySelector(".jp-InputArea").getBoundingClientRect();
    return {question: question.top - panel.top, answer: panel.bottom - answer.top};
}
"""


def test_the_first_screen_shows_a_question_and_its_reply(served: lab.Server, chromium: Browser) -> None:
    """On a small screen, after the first two cells ran, without scrolling."""
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    notebook = lab.Notebook(context.new_page(), served, QUICKSTART.name)
    notebook.wait_for_kernel()
    for number in (LOAD, FIRST):
        notebook.start_cell(number)
        notebook.wait_until_run()
    seen = notebook.page.evaluate(_IN_SIGHT, FIRST)
    context.close()
    assert seen["question"] >= 0
    assert seen["answer"] >= 200


def test_it_is_read_again_without_a_kernel(
    run: tuple[Any, list[str]], served: lab.Server, chromium: Browser, tmp_path: Path
) -> None:
    """Another reader, who has no kernel and trusts nothing, sees every reply whole."""
    saved, _ = run
    answers = [output["data"]["text/plain"] for cell in questions(saved) for output in cell["outputs"]]
    with lab.server(served.folder, tmp_path, kernels=False) as server:
        page = chromium.new_page()
        lab.Notebook(page, server, QUICKSTART.name)
        expect(page.locator(".deepseek-answer")).to_have_count(len(answers))
        page.locator(".deepseek-answer mjx-container").first.wait_for()
        assert page.locator("mjx-merror").count() == 0
        assert page.get_by_text("model not found").count() == 0
        last = page.locator(".deepseek-answer").last.inner_text()
        page.close()
    assert "".join(answers[-1]).split(":")[0] in last
