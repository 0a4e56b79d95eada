"""Hostile replies in real front ends: live, finished, saved, reopened by the same and by another user, exported.

The same watch over ``display(Markdown(text))`` sees many effects, which shows that it can.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nbconvert import HTMLExporter
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
# A kernel drops messages beyond a thousand that its server has not taken yet, which a busy machine may leave so long.
_ASK = """
%load_ext deepseek_magic
%config DeepSeek.renderer = '{renderer}'
import zmq
shell = get_ipython()
published = shell.kernel.iopub_thread
published.schedule(lambda: published.socket.setsockopt(zmq.SNDHWM, 0))
def f(a: str = "") -> str:
    return a
for question in {questions}:
    try:
        shell.run_line_magic("deepseek", f"--no-memory {{question}}")
    except Exception:
        shell.showtraceback()
"""
#: A cell of its own, so that its output comes when all of the others has come.
_END = "print('all', 'were asked')"
_CODE = """
shell.run_line_magic("deepseek", "--no-memory code")
shell.run_line_magic("deepseek_code", "")
"""
#: Every so many replies are asked in Notebook 7: answers and errors in turns, from every part of the corpus.
_SAMPLED = 13
#: Seconds in which a notebook that runs must show something new; how long it takes in all, the machine decides.
_PATIENCE = 300.0
_NAIVE = """
import sys
sys.path.insert(0, {root!r})
from IPython.display import Markdown, display
from tests.render.hostile import CORPUS
for _, text in CORPUS:
    display(Markdown(text))
"""


def hostile(request: Received) -> Fault:
    """Answer question N with hostile text N: as thinking, as answer cut at random, as names, or as an error.

    Asked to call, the model calls a function: one that gives the text back, or one that has it for its name.
    """
    question = next(one["content"] for one in reversed(request.json["messages"]) if one["role"] == "user")
    if question == "code":
        return reply(f"{_FENCE}python\n{_ALL}\n{_FENCE}\n", pieces=400)
    number = int(question.split()[-1])
    text = CORPUS[number // 2][1]
    if question.startswith("call") and request.json["messages"][-1]["role"] == "user":
        return call(text, known=number % 2 == 0)
    if question.startswith("call"):
        return reply("done")
    if number % 2:
        return error(400, json.dumps(api_error(text)))
    cuts = sorted(random.Random(number).sample(range(len(text) + 1), min(3, len(text) + 1)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    name = text if number // 2 % _STRIDE == 0 else "deepseek-flash"
    events = [chunk({"reasoning_content": piece}, model=name, ascii_only=True) for piece in pieces if piece]
    events += [chunk({"content": piece}, model=name, ascii_only=True) for piece in pieces if piece]
    return Fault((*events, chunk({}, "stop", model=name, ascii_only=True), DONE))


def call(text: str, *, known: bool) -> Fault:
    """A call with ``text`` as an argument, or as the name of a function that is not known and as its arguments."""
    function = {"name": "f", "arguments": json.dumps({"a": text})} if known else {"name": text, "arguments": text}
    calls = [{"index": 0, "id": "call_1", "type": "function", "function": function}]
    return Fault((chunk({"tool_calls": calls}, ascii_only=True), chunk({}, "tool_calls", ascii_only=True), DONE))


@pytest.fixture(scope="module")
def endpoint() -> Iterator[FaultServer]:
    """An endpoint that has gone bad."""
    with FaultServer() as server:
        server.repeat(hostile)
        yield server


def _some(first: int) -> range:
    return range(first, 2 * len(CORPUS), _SAMPLED)


#: Calls of functions, with names, arguments and results from every part of the corpus.
_CALLS = [f"--tools f call {number}" for number in _some(0)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The user's folder: a notebook that asks every question, and one that shows the texts naively."""
    served = tmp_path_factory.mktemp("served")
    notebooks = {
        "asked.ipynb": _ASK.format(renderer="auto", questions=[*range(2 * len(CORPUS)), *_CALLS]),
        "auto.ipynb": _ASK.format(renderer="auto", questions=[*_some(0), *_CALLS[::10]]),
        "display.ipynb": _ASK.format(renderer="display", questions=[*_some(6), *_CALLS[5::10]]) + _CODE,
        "naive.ipynb": _NAIVE.format(root=str(ROOT)),
    }
    for name, source in notebooks.items():
        lab.write_notebook(served, name, source.strip(), _END)
    return served


def run(chromium: Browser, server: lab.Server, name: str, *, harmed: bool = False) -> tuple[Page, Watch, list[str]]:
    """Run the notebook ``name``; return the page, its watch, and the foreign elements seen while it streamed.

    A page that is to be ``harmed`` may not show its last output.
    """
    context = chromium.new_context(viewport={"width": 1000, "height": 1000})
    watch = Watch(context, server.url)
    notebook = lab.Notebook(context.new_page(), server, name)
    notebook.wait_for_kernel()
    notebook.start_run_all()
    end = notebook.page.locator(".jp-OutputArea-output", has_text="all were asked")
    live: list[str] = []
    shown, since = 0, time.monotonic()
    while notebook.running() or not (harmed or end.count()):
        before, shown = shown, notebook.page.locator(".jp-OutputArea-output").count()
        since = since if shown == before else time.monotonic()
        assert time.monotonic() - since < _PATIENCE, f"{name} shows nothing new"
        live += foreign_elements(notebook.page, 8)
        notebook.page.wait_for_timeout(300)
    notebook.save()
    return notebook.page, watch, live


def reopen(chromium: Browser, server: lab.Server, name: str, count: int) -> list[str]:
    """Open the saved notebook ``name``, which shows ``count`` replies at least; return what they did."""
    context = chromium.new_context()
    watch = Watch(context, server.url)
    page = lab.Notebook(context.new_page(), server, name).page
    page.wait_for_function(f"() => document.querySelectorAll('.deepseek').length >= {count}", timeout=120_000)
    found = [*effects(page, watch), *foreign_elements(page)]
    context.close()
    return found


def export(chromium: Browser, notebook: Path, folder: Path, count: int) -> list[str]:
    """Open ``notebook`` as nbconvert's HTML, with ``count`` replies at least; return what they did.

    Its page would load its scripts from elsewhere; they are not let in, and not counted.
    """
    html, _ = HTMLExporter().from_filename(str(notebook))
    exported = folder / f"{notebook.stem}.html"
    exported.write_text(html, encoding="utf-8")
    context = chromium.new_context()
    context.route("http*://**/*", lambda route: route.abort())
    watch = Watch(context, exported.as_uri())
    page = context.new_page()
    page.goto(exported.as_uri())
    assert page.locator(".deepseek").count() >= count
    found = [*effects(page, watch), *foreign_elements(page)]
    context.close()
    return found


@pytest.fixture(scope="module")
def own(endpoint: FaultServer, folder: Path, private: Path) -> Iterator[lab.Server]:
    """The user's own server, for both applications."""
    environ = {"DEEPSEEK_BASE_URL": endpoint.url, "DEEPSEEK_API_KEY": "sk-hostile-test"}
    with lab.server(folder, private, limited=False, **environ) as server:
        yield server


@pytest.fixture(scope="module")
def anothers(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[lab.Server]:
    """Another user's server, for both applications: nothing is trusted, and there is no kernel."""
    with lab.server(folder, tmp_path_factory.mktemp("another"), kernels=False) as server:
        yield server


@pytest.fixture(scope="module")
def asked(chromium: Browser, own: lab.Server) -> tuple[list[str], list[str], list[str], Any]:
    """Effects, foreign elements while live and at the end, and the saved notebook, of every reply in JupyterLab."""
    page, watch, live = run(chromium, own, "asked.ipynb")
    found = effects(page, watch), live, foreign_elements(page), own.saved("asked.ipynb")
    page.context.close()
    return found


def replies(saved: Any) -> list[Any]:
    """Return the reply outputs of a saved notebook."""
    outputs = [output for cell in saved["cells"] for output in cell["outputs"]]
    return [output for output in outputs if "deepseek_magic" in output.get("metadata", {})]


def test_all_were_asked(asked: tuple[list[str], list[str], list[str], Any]) -> None:
    """The corpus is what the issue wants, and each text came back as answer and as error; some in calls."""
    assert len(CORPUS) >= 200
    assert len(_CALLS) >= 36
    assert len(replies(asked[3])) == 2 * len(CORPUS) + len(_CALLS)


def test_no_effect_while_live_and_when_finished(asked: tuple[list[str], list[str], list[str], Any]) -> None:
    """No script, no request, no overlay, no command, in the freshly run (and so trusted) notebook."""
    done, live, finished, _ = asked
    assert done == []
    assert live == []
    assert finished == []


def test_no_effect_when_the_same_user_opens_it_again(
    asked: tuple[list[str], list[str], list[str], Any], chromium: Browser, folder: Path, private: Path
) -> None:
    """Trusted, without a kernel."""
    with lab.server(folder, private, kernels=False) as server:
        assert reopen(chromium, server, "asked.ipynb", len(replies(asked[3]))) == []


def test_no_effect_when_another_user_opens_it(
    asked: tuple[list[str], list[str], list[str], Any], chromium: Browser, anothers: lab.Server
) -> None:
    """Untrusted."""
    assert reopen(chromium, anothers, "asked.ipynb", len(replies(asked[3]))) == []


def test_no_effect_when_exported(
    asked: tuple[list[str], list[str], list[str], Any], chromium: Browser, folder: Path, tmp_path: Path
) -> None:
    """As HTML by nbconvert."""
    assert export(chromium, folder / "asked.ipynb", tmp_path, len(replies(asked[3]))) == []


def test_no_effect_in_notebook_7(
    chromium: Browser, own: lab.Server, anothers: lab.Server, folder: Path, tmp_path: Path
) -> None:
    """Replies from all over the corpus in the other front end, by widgets and by the display back end; once more when
    another user opens them there, and when they are exported.

    The last reply is one block of code with every text in it: it becomes a cell, which is not run.
    """
    counts = {"auto.ipynb": len(_some(0)) + len(_CALLS[::10]), "display.ipynb": len(_some(6)) + len(_CALLS[5::10]) + 1}
    for name, count in counts.items():
        page, watch, live = run(chromium, own.serving("notebook"), name)
        assert effects(page, watch) == []
        assert live == []
        assert foreign_elements(page) == []
        saved = own.saved(name)
        page.context.close()
        assert len(replies(saved)) == count
        assert reopen(chromium, anothers.serving("notebook"), name, count) == []
        assert export(chromium, folder / name, tmp_path, count) == []
    made = saved["cells"][1]
    assert "<script" in "".join(made["source"])
    assert made["outputs"] == []
    assert made["execution_count"] is None


def test_the_watch_sees_what_naive_display_does(chromium: Browser, own: lab.Server) -> None:
    """Otherwise the tests above could not fail."""
    page, watch, _ = run(chromium, own, "naive.ipynb", harmed=True)
    seen = effects(page, watch)
    page.evaluate("() => document.body.insertAdjacentHTML('beforeend', `<img src='${location.origin}/lab/tree/x'>`)")
    page.wait_for_timeout(500)
    page.context.close()
    assert f"image {own.url}/lab/tree/x" in watch.requests
    assert len(set(seen)) >= 10, json.dumps(seen, indent=1)
    assert any("script ran" in effect for effect in seen)
    assert any("hostile.invalid" in effect for effect in seen)
    assert any(own.url in effect for effect in seen)
