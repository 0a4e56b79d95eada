"""Hostile replies in real front ends: live, finished, saved, reopened by the same and by another user, exported.

The same watch over ``display(Markdown(text))`` sees many effects, which shows that it can.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Browser, Page

from tests.browser import lab
from tests.browser.effects import Watch, effects, foreign_elements
from tests.faults import DONE, Fault, FaultServer, Received, api_error, chunk, error, reply
from tests.render.hostile import CORPUS

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
#: Every so many replies one goes to the model name and the error text as well.
_STRIDE = 4
#: All texts as one block of code, which `%deepseek_code` takes.
_FENCE = "~" * 40
_ALL = "\n".join(text for _, text in CORPUS).encode("ascii", "backslashreplace").decode()
_ASK = """
%load_ext deepseek_magic
%config DeepSeek.renderer = '{renderer}'
shell = get_ipython()
for number in {numbers}:
    try:
        shell.run_line_magic("deepseek", f"--no-memory {{number}}")
    except Exception:
        shell.showtraceback()
"""
_CODE = """
shell.run_line_magic("deepseek", "--no-memory code")
shell.run_line_magic("deepseek_code", "")
"""
#: Every so many replies are asked in Notebook 7: answers and errors in turns, from every part of the corpus.
_SAMPLED = 13
_NAIVE = """
import sys
sys.path.insert(0, {root!r})
from IPython.display import Markdown, display
from tests.render.hostile import CORPUS
for _, text in CORPUS:
    display(Markdown(text))
"""


def hostile(request: Received) -> Fault:
    """Answer question N with hostile text N: as thinking, as answer cut at random, as names, or as an error."""
    question = request.json["messages"][-1]["content"]
    if question == "code":
        return reply(f"{_FENCE}python\n{_ALL}\n{_FENCE}\n", pieces=400)
    number = int(question)
    text = CORPUS[number // 2][1]
    if number % 2:
        return error(400, json.dumps(api_error(text)))
    cuts = sorted(random.Random(number).sample(range(len(text) + 1), min(3, len(text) + 1)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    name = text if number // 2 % _STRIDE == 0 else "deepseek-flash"
    events = [chunk({"reasoning_content": piece}, model=name, ascii_only=True) for piece in pieces if piece]
    events += [chunk({"content": piece}, model=name, ascii_only=True) for piece in pieces if piece]
    return Fault((*events, chunk({}, "stop", model=name, ascii_only=True), DONE))


@pytest.fixture(scope="module")
def endpoint() -> Iterator[FaultServer]:
    """An endpoint that has gone bad."""
    with FaultServer() as server:
        server.repeat(hostile)
        yield server


def _some(first: int) -> range:
    return range(first, 2 * len(CORPUS), _SAMPLED)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The user's folder: a notebook that asks every question, and one that shows the texts naively."""
    served = tmp_path_factory.mktemp("served")
    notebooks = {
        "asked.ipynb": _ASK.format(renderer="auto", numbers=range(2 * len(CORPUS))),
        "auto.ipynb": _ASK.format(renderer="auto", numbers=_some(0)),
        "display.ipynb": _ASK.format(renderer="display", numbers=_some(6)) + _CODE,
        "naive.ipynb": _NAIVE.format(root=str(ROOT)),
    }
    for name, source in notebooks.items():
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        notebook = new_notebook(cells=[new_code_cell(source.strip())], metadata={"kernelspec": kernel})
        nbformat.write(notebook, served / name)
    return served


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The user's own files: what tells Jupyter which notebooks are this user's."""
    return tmp_path_factory.mktemp("user")


def run(chromium: Browser, server: lab.Server, name: str) -> tuple[Page, Watch, list[str]]:
    """Run the notebook ``name``; return the page, its watch, and the foreign elements seen while it streamed."""
    context = chromium.new_context(viewport={"width": 1000, "height": 1000})
    watch = Watch(context)
    notebook = lab.Notebook(context.new_page(), server, name)
    notebook.wait_for_kernel()
    notebook.start_run_all()
    notebook.page.locator(".jp-OutputArea-output").first.wait_for(state="attached", timeout=60_000)
    live: list[str] = []
    while notebook.running():
        live += foreign_elements(notebook.page)
        notebook.page.wait_for_timeout(300)
    notebook.save()
    return notebook.page, watch, live


@pytest.fixture(scope="module")
def asked(
    chromium: Browser, endpoint: FaultServer, folder: Path, private: Path
) -> tuple[list[str], list[str], list[str], Any]:
    """Effects, foreign elements while live and at the end, and the saved notebook, of every reply in JupyterLab."""
    with lab.server(folder, private, DEEPSEEK_BASE_URL=endpoint.url, DEEPSEEK_API_KEY="sk-hostile-test") as server:
        page, watch, live = run(chromium, server, "asked.ipynb")
        found = effects(page, watch), live, foreign_elements(page), server.saved("asked.ipynb")
        page.context.close()
    return found


def replies(saved: Any) -> list[Any]:
    """Return the reply outputs of a saved notebook."""
    outputs = [output for cell in saved["cells"] for output in cell["outputs"]]
    return [output for output in outputs if "deepseek_magic" in output.get("metadata", {})]


def test_all_were_asked(asked: tuple[list[str], list[str], list[str], Any]) -> None:
    """The corpus is what the issue wants, and each text came back as answer and as error."""
    assert len(CORPUS) >= 200
    assert len(replies(asked[3])) == 2 * len(CORPUS)


def test_no_effect_while_live_and_when_finished(asked: tuple[list[str], list[str], list[str], Any]) -> None:
    """No script, no request, no overlay, no command, in the freshly run (and so trusted) notebook."""
    done, live, finished, _ = asked
    assert done == []
    assert live == []
    assert finished == []


@pytest.mark.parametrize("who", ["the same user", "another user"])
def test_no_effect_when_reopened(
    who: str,
    asked: tuple[list[str], list[str], list[str], Any],
    chromium: Browser,
    folder: Path,
    private: Path,
    tmp_path: Path,
) -> None:
    """Trusted by its own user, untrusted by any other."""
    with lab.server(folder, private if who == "the same user" else tmp_path, kernels=False) as server:
        context = chromium.new_context()
        watch = Watch(context)
        page = lab.Notebook(context.new_page(), server, "asked.ipynb").page
        page.wait_for_function(f"() => document.querySelectorAll('.deepseek').length >= {len(CORPUS)}", timeout=60_000)
        assert effects(page, watch) == []
        assert foreign_elements(page) == []
        context.close()


def test_no_effect_when_exported(
    asked: tuple[list[str], list[str], list[str], Any], chromium: Browser, folder: Path, tmp_path: Path
) -> None:
    """As HTML by nbconvert, whose page would load its scripts from elsewhere; they are not let in, and not counted."""
    html, _ = HTMLExporter().from_filename(str(folder / "asked.ipynb"))
    exported = tmp_path / "asked.html"
    exported.write_text(html, encoding="utf-8")
    context = chromium.new_context()
    context.route("http*://**/*", lambda route: route.abort())
    watch = Watch(context)
    page = context.new_page()
    page.goto(exported.as_uri())
    assert page.locator(".deepseek").count() >= len(CORPUS)
    assert effects(page, watch) == []
    assert foreign_elements(page) == []
    context.close()


def test_no_effect_in_notebook_7(chromium: Browser, endpoint: FaultServer, folder: Path, tmp_path: Path) -> None:
    """Replies from all over the corpus in the other front end, by widgets and by the display back end.

    The last reply is one block of code with every text in it: it becomes a cell, which is not run.
    """
    with lab.server(folder, tmp_path, "notebook", DEEPSEEK_BASE_URL=endpoint.url) as server:
        for name, first in (("auto.ipynb", 0), ("display.ipynb", 6)):
            page, watch, live = run(chromium, server, name)
            assert effects(page, watch) == []
            assert live == []
            assert foreign_elements(page) == []
            saved = server.saved(name)
            page.context.close()
            assert len(replies(saved)) == len(_some(first)) + (name == "display.ipynb")
    made = saved["cells"][1]
    assert "<script" in "".join(made["source"])
    assert made["outputs"] == []
    assert made["execution_count"] is None


def test_the_watch_sees_what_naive_display_does(chromium: Browser, folder: Path, tmp_path: Path) -> None:
    """Otherwise the tests above could not fail."""
    with lab.server(folder, tmp_path) as server:
        page, watch, _ = run(chromium, server, "naive.ipynb")
        seen = effects(page, watch)
        page.context.close()
    assert len(set(seen)) >= 10, json.dumps(seen, indent=1)
    assert any("script ran" in effect for effect in seen)
    assert any("hostile.invalid" in effect for effect in seen)
