"""What replies leave behind in the notebook of a real JupyterLab: next cells, and a reply that was gone on with."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from deepseek_magic.app.next_cell import OLDER, STANDS
from tests.browser import lab
from tests.faults import Close, FaultServer, Hang, deltas, reply, stream

pytestmark = pytest.mark.browser

NAME = "next-cell.ipynb"
HEIGHT = 900
CELLS = ("%load_ext deepseek_magic", "%deepseek count", "%deepseek_continue", "%deepseek --as code do it", "after = 1")
ASKS, GOES_ON, CODE = 1, 2, 3


@pytest.fixture(scope="module")
def notebook(page: Page, served: lab.Server) -> lab.Notebook:
    """The notebook, with the extension loaded; no test needs what another leaves in it."""
    lab.write_notebook(served.folder, NAME, *CELLS)
    made = lab.Notebook(page, served, NAME)
    made.wait_for_kernel()
    run(made, 0)
    return made


def run(notebook: lab.Notebook, number: int, command: str = "notebook:run-cell") -> None:
    notebook.start_cell(number, command)
    notebook.wait_until_run()


def sources(notebook: lab.Notebook) -> list[str]:
    return ["".join(cell["source"]) for cell in notebook.save()["cells"]]


def test_three_runs_with_the_same_code_leave_one_new_cell(
    notebook: lab.Notebook, page: Page, endpoint: FaultServer, screenshots: Path
) -> None:
    before, after = list(CELLS[: CODE + 1]), list(CELLS[CODE + 1 :])
    for turn in range(3):
        endpoint.enqueue(reply("x = 1\n"))
        run(notebook, CODE)
        assert sources(notebook) == [*before, "x = 1", *after]
        expect(notebook.cell(CODE).get_by_text(STANDS)).to_have_count(1 if turn else 0)
    page.screenshot(path=screenshots / "next-cell-same.png")

    endpoint.enqueue(reply("x = 2\n"))
    run(notebook, CODE, "notebook:run-cell-and-select-next")
    assert sources(notebook) == [*before, "x = 2", "x = 1", *after]
    expect(notebook.cell(CODE).get_by_text(OLDER)).to_have_count(1)
    selected = page.evaluate("() => window.jupyterapp.shell.currentWidget.content.activeCellIndex")
    assert selected == CODE + 2, "the new cell stands above the selection"
    page.screenshot(path=screenshots / "next-cell-older.png")

    last = CODE + 3
    notebook.cell(last).locator(".cm-content").fill("%deepseek_code")
    run(notebook, last)
    run(notebook, last)
    assert sources(notebook)[last:] == ["%deepseek_code", "x = 2", "x = 2"]


def test_after_a_broken_stream_that_was_gone_on_with_no_notice_is_left(
    notebook: lab.Notebook, page: Page, endpoint: FaultServer, screenshots: Path
) -> None:
    first, second = notebook.cell(ASKS), notebook.cell(GOES_ON)
    endpoint.enqueue(stream(*deltas("One two"), Close()), reply(" three."))
    run(notebook, ASKS)
    expect(first.locator(".deepseek-notice")).to_have_text(["Incomplete. %deepseek_continue goes on with it."])
    expect(first.get_by_text("the text so far is kept")).to_have_count(1)
    page.screenshot(path=screenshots / "broken.png")
    run(notebook, GOES_ON)
    expect(first.locator(".deepseek-answer")).to_have_text("One two three.")
    expect(first.locator(".deepseek-notice")).to_have_count(0)
    expect(second.locator(".deepseek-notice")).to_have_count(0)
    expect(second.locator("summary")).to_have_text(
        "The reply above goes on: 7 characters more; the error below it is older. The whole reply:"
    )
    assert second.locator(".jp-OutputArea-output").count() == 1
    page.screenshot(path=screenshots / "broken-gone-on.png")
    saved = notebook.save()["cells"]
    assert "deepseek-notice" not in str(saved[ASKS]) + str(saved[GOES_ON])


def test_a_stop_while_the_model_thinks_says_so_and_goes_on(
    notebook: lab.Notebook, page: Page, endpoint: FaultServer, screenshots: Path
) -> None:
    first = notebook.cell(ASKS)
    endpoint.enqueue(stream(*deltas("", "I think about it"), Hang()), reply("Three.", "I see"))
    notebook.start_cell(ASKS)
    expect(first.get_by_text("I think about it")).to_be_visible()
    notebook.command("notebook:interrupt-kernel")
    notebook.wait_until_run()
    expect(first.get_by_text("stopped while the model was thinking; the thinking is kept")).to_have_count(1)
    expect(first.locator(".deepseek-notice")).to_contain_text("%deepseek_continue asks the question again")
    expect(first.locator(".deepseek-reasoning")).to_contain_text("I think about it")
    page.screenshot(path=screenshots / "thinking-stopped.png")
    run(notebook, GOES_ON)
    expect(first.locator(".deepseek-answer")).to_have_text("Three.")
    expect(first.locator(".deepseek-notice")).to_have_count(0)
    expect(first.locator(".deepseek-reasoning")).to_contain_text("I see")
    expect(first.locator(".deepseek-reasoning hr")).to_have_count(1)
    page.screenshot(path=screenshots / "thinking-gone-on.png")
