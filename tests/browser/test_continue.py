"""A reply that was cut, gone on with from another cell of a real JupyterLab: it grows and is saved in its own place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import lab
from tests.strict_endpoint import StrictEndpoint

pytestmark = pytest.mark.browser

NAME = "continue.ipynb"
HEIGHT = 1_900
QUESTION = "Explain the method of least squares, with code and a table"
# The cut is in the code block, in the line that prints.
CELLS = (
    "%load_ext deepseek_magic",
    f"%deepseek --think off --max-tokens 213 {QUESTION}",
    "%deepseek_continue --max-tokens 5000",
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[lab.Server]:
    """A JupyterLab whose kernels ask the embedded endpoint."""
    folder = tmp_path_factory.mktemp("served")
    lab.write_notebook(folder, NAME, *CELLS)
    with (
        StrictEndpoint(pace=0.01) as endpoint,
        lab.server(folder, tmp_path_factory.mktemp("private"), DEEPSEEK_BASE_URL=endpoint.url) as server,
    ):
        yield server


def run(notebook: lab.Notebook, number: int) -> None:
    notebook.start_cell(number)
    notebook.wait_until_run()


def saved_reply(saved: Any, number: int) -> Any:
    """The one output of a saved cell."""
    (output,) = saved["cells"][number]["outputs"]
    return output


def test_it_grows_in_its_own_place_and_is_saved_there(served: lab.Server, page: Page, screenshots: Path) -> None:
    """Live from the other cell, which itself holds a folded line alone."""
    notebook = lab.Notebook(page, served, NAME)
    notebook.wait_for_kernel()
    run(notebook, 0)
    run(notebook, 1)
    first, second = notebook.cell(1), notebook.cell(2)
    expect(first.locator(".deepseek-notice")).to_contain_text("%deepseek_continue goes on with it")
    assert first.locator(".deepseek pre").count() == 1
    page.screenshot(path=screenshots / "continue-cut.png")
    cut = saved_reply(notebook.save(), 1)
    assert cut["metadata"]["deepseek_magic"]["state"] == "cut"

    notebook.start_cell(2)
    first.locator(".deepseek-status").wait_for()
    lengths = []
    while notebook.running():
        lengths.append(len(first.locator(".jp-OutputArea").first.inner_text()))
        if len(lengths) == 12:
            page.screenshot(path=screenshots / "continue-growing.png")
        page.wait_for_timeout(20)
    assert len(set(lengths)) > 5
    notebook.wait_until_run()

    expect(first.locator(".deepseek-notice")).to_have_count(0)
    expect(first.locator(".deepseek-footer")).to_have_count(1)
    assert first.locator(".deepseek pre").count() == 1
    assert first.locator(".deepseek-answer table").count() == 1
    assert first.locator(".deepseek ol").count() == 1
    expect(second.locator("summary")).to_contain_text("The reply above goes on")
    expect(second.locator("details[open]")).to_have_count(0)
    page.wait_for_timeout(500)  # formulas are typeset once more
    page.screenshot(path=screenshots / "continue-whole.png")

    saved = notebook.save()
    whole = saved_reply(saved, 1)
    text = "".join(whole["data"]["text/plain"])
    assert text.startswith("".join(cut["data"]["text/plain"]).rstrip())
    assert "numpy.linalg.lstsq" in text
    assert whole["metadata"]["deepseek_magic"]["state"] == "complete"
    assert "Incomplete" not in json.dumps(whole)
    assert "widget" not in json.dumps(saved["cells"])
    line = "".join(saved_reply(saved, 2)["data"]["text/plain"])
    assert line.startswith("The reply above goes on: ")
