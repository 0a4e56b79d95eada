"""``--bg`` in JupyterLab: three cells stream while others run, a button stops one, the file holds static replies."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import lab
from tests.environments import prepared
from tests.faults import PATIENCE, Fault, FaultServer, Pause, Received, deltas, finish

pytestmark = pytest.mark.browser

HEIGHT = 1_100


class Answers:
    """Answers each question in words that come until its gate is open, and then its end."""

    def __init__(self) -> None:
        self.gates = {name: threading.Event() for name in ("one", "two", "three")}
        self.over = False

    def __call__(self, request: Received) -> Fault:
        question = request.json["messages"][-1]["content"]
        return Fault(lambda: self._steps(question))

    def _steps(self, question: str) -> Iterator[bytes | Pause]:
        yield from deltas(f"The answer to {question} begins.\n\n")
        number = 0
        while not (self.over or self.gates[question].is_set()):
            number += 1
            yield from deltas(f"Line {number} of {question}. ")
            yield Pause(0.1)
        yield from deltas(f"\n\nThe end of {question}.")
        yield from finish()


@pytest.fixture
def answers(endpoint: FaultServer) -> Iterator[Answers]:
    made = Answers()
    endpoint.repeat(made)
    yield made
    made.over = True


@pytest.fixture(scope="module", autouse=True)
def kernels(private: Path) -> None:
    """Beside the tests' own kernel an older one, and one that serves subshells."""
    older, subshells = os.environ.get("OLDER_PYTHON", ""), os.environ.get("SUBSHELLS", "")
    _add_kernel(private, "older", older or sys.executable)
    paths = os.pathsep.join([subshells, *sys.path[:1], os.environ.get("PYTHONPATH", "")])
    _add_kernel(private, "subshells", sys.executable, PYTHONPATH=paths)


def _add_kernel(private: Path, name: str, python: str, **environ: str) -> None:
    place = private / "data" / "kernels" / name
    place.mkdir(parents=True)
    command = [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": command, "display_name": name, "language": "python", "env": environ}
    (place / "kernel.json").write_text(json.dumps(spec))


COMPUTE = "import time, ipykernel\nprint(ipykernel.__version__)\nwhile not stop_computing.exists(): time.sleep(0.05)"


def opened(page: Page, server: lab.Server, name: str, kernel: str) -> lab.Notebook:
    """Open a notebook of three questions in the background and a cell that computes until a file is there."""
    load = f"%load_ext deepseek_magic\nimport pathlib\nstop_computing = pathlib.Path({f'{name}.stop'!r})"
    questions = [f"%deepseek --bg --no-memory -o {one} {one}" for one in ("one", "two", "three")]
    lab.write_notebook(server.folder, f"{name}.ipynb", load, *questions, COMPUTE, kernel=kernel)
    notebook = lab.Notebook(page, server, f"{name}.ipynb")
    notebook.wait_for_kernel()
    notebook.start_cell(0)
    notebook.wait_until_run()
    return notebook


def ask_three(notebook: lab.Notebook) -> None:
    for number, question in enumerate(("one", "two", "three"), 1):
        notebook.start_cell(number)
        expect(notebook.cell(number)).to_contain_text(f"Line 3 of {question}")


def stop(notebook: lab.Notebook, number: int) -> None:
    """Press the button of cell ``number`` for as long as a hand does."""
    notebook.cell(number).locator("button", has_text="Stop").click(delay=150)


def ends(notebook: lab.Notebook, answers: Answers, *stopped: str) -> None:
    """Let the others end; look at what is shown, and at what the saved file holds."""
    for gate in answers.gates.values():
        gate.set()
    for number, question in enumerate(("one", "two", "three"), 1):
        cell = notebook.cell(number)
        if question in stopped:
            expect(cell.locator(".deepseek-notice").last).to_contain_text("stopped; the text so far is kept")
        else:
            expect(cell).to_contain_text(f"The end of {question}.")
        expect(cell.locator(".jp-OutputArea button")).to_have_count(0)
        expect(cell.locator(".deepseek-footer")).to_contain_text("deepseek-flash")
        expect(cell.locator(".jupyter-widgets")).to_have_count(0)  # the whole reply stands in them for a moment
    saved = notebook.save()
    for number, question in enumerate(("one", "two", "three"), 1):
        (output,) = saved["cells"][number]["outputs"]
        assert sorted(output["data"]) == ["text/html", "text/plain"]
        text = "".join(output["data"]["text/plain"])
        assert text.startswith(f"The answer to {question} begins.\n\nLine 1")
        assert text.endswith(f"The end of {question}.") == (question not in stopped)
        state = output["metadata"]["deepseek_magic"]["state"]
        assert state == ("interrupted" if question in stopped else "complete")
    assert "widgets" not in saved["metadata"]


@pytest.mark.parametrize("kernel", ["python3", "older"])
def test_three_cells_and_a_stop_while_the_kernel_is_idle(
    fresh_page: Page,
    served: lab.Server,
    endpoint: FaultServer,
    answers: Answers,
    screenshots: Path,
    kernel: str,
) -> None:
    if kernel == "older":
        prepared("OLDER_PYTHON", "a Python with ipykernel 6 and IPython 7.34")
    notebook = opened(fresh_page, served, f"idle-{kernel}", kernel)
    ask_three(notebook)
    fresh_page.screenshot(path=screenshots / f"background-{kernel}.png")
    expect(notebook.cell(2)).to_contain_text("Stop acts when it ends")
    left = endpoint.abandoned
    stop(notebook, 2)
    expect(notebook.cell(2).locator(".deepseek-notice").last).to_contain_text(
        "Incomplete: stopped; the text so far is kept. "
    )
    end = time.monotonic() + PATIENCE
    while endpoint.abandoned == left and time.monotonic() < end:
        fresh_page.wait_for_timeout(50)
    assert endpoint.abandoned == left + 1
    expect(notebook.cell(1)).to_contain_text("Line 9 of one")  # they go on
    notebook.start_cell(4)  # while it computes, a click waits for its end, which the row says
    expect(notebook.cell(4)).to_contain_text(".")
    stop(notebook, 3)
    seen = len(notebook.cell(3).inner_text())
    fresh_page.wait_for_function(
        "seen => document.querySelectorAll('.jp-Notebook .jp-Cell')[3].innerText.length > seen + 100", arg=seen
    )
    expect(notebook.cell(3).locator(".deepseek-notice")).to_have_count(0)
    (served.folder / f"idle-{kernel}.stop").touch()
    expect(notebook.cell(3).locator(".deepseek-notice").last).to_contain_text(
        "Incomplete: stopped; the text so far is kept. "
    )
    notebook.wait_until_run()
    ends(notebook, answers, "two", "three")
    fresh_page.screenshot(path=screenshots / f"background-{kernel}-ended.png")


def test_a_stop_while_another_cell_computes(
    fresh_page: Page, served: lab.Server, answers: Answers, screenshots: Path
) -> None:
    """On a kernel that serves the messages of widgets from a subshell."""
    prepared("SUBSHELLS", "a folder with ipykernel 7.0, 7.1, 7.2 or 7.3")
    notebook = opened(fresh_page, served, "busy", "subshells")
    ask_three(notebook)
    notebook.start_cell(4)
    expect(notebook.cell(4)).to_contain_text("7.")
    expect(notebook.cell(3)).not_to_contain_text("Stop acts when it ends")
    stop(notebook, 3)
    expect(notebook.cell(3).locator(".deepseek-notice").last).to_contain_text(
        "Incomplete: stopped; the text so far is kept. "
    )
    assert notebook.running()
    assert "*" in notebook.cell(4).locator(".jp-InputPrompt").inner_text()
    fresh_page.screenshot(path=screenshots / "background-busy.png")
    ends(notebook, answers, "three")
    (served.folder / "busy.stop").touch()
    notebook.wait_until_run()


@pytest.mark.slow
def test_a_page_that_is_loaded_again_streams_on(
    fresh_page: Page, served: lab.Server, answers: Answers, screenshots: Path
) -> None:
    """The kernel is idle and gives the page its widgets back: the text goes on, and the button stops it."""
    notebook = opened(fresh_page, served, "again", "python3")
    for number, question in enumerate(("one", "two"), 1):
        notebook.start_cell(number)
        expect(notebook.cell(number)).to_contain_text(f"Line 3 of {question}")
    notebook.save()
    fresh_page.reload()
    fresh_page.wait_for_selector(".jp-Notebook .jp-Cell")
    expect(notebook.cell(1)).to_contain_text("Line 30 of one")
    stop(notebook, 2)
    expect(notebook.cell(2)).to_contain_text("Incomplete: stopped; the text so far is kept. ")
    answers.gates["one"].set()
    expect(notebook.cell(1)).to_contain_text("The end of one.")
    expect(notebook.cell(1).locator(".jp-OutputArea button")).to_have_count(0)
    fresh_page.screenshot(path=screenshots / "background-again.png")
