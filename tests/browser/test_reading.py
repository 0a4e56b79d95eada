"""Reading while a long reply streams into a real JupyterLab: the selection stays, the page stays, the browser rests."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, expect

from tests.browser import lab
from tests.browser.replies import PIECES, TOKENS
from tests.faults import DONE, Fault, FaultServer, Received, chunk, usage

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
RATE = 300
"""Tokens a second."""
PAIRS = 2
_LOADED = """
%load_ext deepseek_magic
import html, sys, time
from ipywidgets import HTML
sys.path.insert(0, {root!r})
from tests.browser.replies import PIECES
"""
# The least that any live view could do: one text node, no formatting, painted as often as ours. Printing each piece,
# as most examples of streaming do, costs the browser three times as much.
_PLAIN = """
view = HTML()
display(view)
begun = painted = time.monotonic()
text = ""
for number, piece in enumerate(PIECES):
    time.sleep(max(0.0, begun + number / {rate} - time.monotonic()))
    text += piece
    if time.monotonic() - painted >= 0.1:
        view.value = "<pre>" + html.escape(text) + "</pre>"
        painted = time.monotonic()
view.value = "<pre>" + html.escape(text) + "</pre>"
"""
_SELECT = """
() => {
    const paragraph = document.querySelector(".deepseek p");
    document.querySelector(".jp-WindowedPanel-outer").scrollTop += paragraph.getBoundingClientRect().top - 150;
    getSelection().selectAllChildren(paragraph);
    window.read = {paragraph, node: getSelection().anchorNode, text: getSelection().toString()};
    return window.read.text;
}
"""
_SEEN = """
() => ({
    live: document.querySelector(".deepseek-status") !== null,
    selected: getSelection().toString() === window.read.text && getSelection().anchorNode === window.read.node
        && window.read.node.isConnected,
    scrolled: document.querySelector(".jp-WindowedPanel-outer").scrollTop,
    top: document.querySelector(".deepseek p").getBoundingClientRect().top,
    length: document.querySelectorAll(".jp-Cell")[1].innerText.length,
})
"""


def streamed(request: Received) -> Fault:
    """The long reply at its rate, token by token, whatever the machine's load."""

    def steps() -> Iterator[bytes]:
        begun = time.monotonic()
        for number, piece in enumerate(PIECES):
            time.sleep(max(0.0, begun + number / RATE - time.monotonic()))
            yield chunk({"content": piece})
        yield chunk({}, "stop", usage(10, TOKENS))
        yield DONE

    return Fault(steps)


@dataclass
class Measured:
    """What was seen while the reply streamed, and the CPU seconds of the page's thread, ours and plain, by pair."""

    selected: str = ""
    seen: list[dict[str, Any]] = field(default_factory=list)
    work: list[tuple[float, float]] = field(default_factory=list)


def worked(session: CDPSession) -> float:
    """Return the CPU seconds that the page's main thread has used: scripts, layout and painting of its own."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float({metric["name"]: metric["value"] for metric in metrics}["ThreadTime"])


@pytest.fixture(scope="module")
def measured(chromium: Browser, endpoint: FaultServer, served: lab.Server) -> Measured:
    """The reply streamed as ours and as plain text, in turns, in one page; the first time somebody reads it."""
    sources = (_LOADED.format(root=str(ROOT)), "%deepseek --no-memory go", _PLAIN.format(rate=RATE))
    lab.write_notebook(served.folder, "reading.ipynb", *(source.strip() for source in sources))
    found = Measured()
    endpoint.repeat(streamed)
    context = chromium.new_context(viewport={"width": 1000, "height": 900})
    notebook = lab.Notebook(context.new_page(), served, "reading.ipynb")
    notebook.wait_for_kernel()
    notebook.start_cell(0)
    notebook.wait_until_run()
    session = context.new_cdp_session(notebook.page)
    session.send("Performance.enable")
    for turn in range(PAIRS):
        before = worked(session)
        notebook.start_cell(1)
        if turn == 0:
            _read(notebook, found)
        notebook.wait_until_run()
        between = worked(session)
        notebook.start_cell(2)
        notebook.wait_until_run()
        found.work.append((between - before, worked(session) - between))
    context.close()
    return found


def _read(notebook: lab.Notebook, found: Measured) -> None:
    """Select the first paragraph once it is long finished, and look again and again until the reply has ended."""
    page = notebook.page
    expect(page.locator(".deepseek h1")).to_have_count(2)
    found.selected = page.evaluate(_SELECT)
    while not found.seen or found.seen[-1]["live"]:
        found.seen.append(page.evaluate(_SEEN))
        page.wait_for_timeout(200)
    notebook.wait_until_run()
    page.wait_for_timeout(500)
    found.seen.append(page.evaluate(_SEEN))


def test_a_selection_stays_until_the_live_view_ends(measured: Measured) -> None:
    """The same text in the same node, while at least half of the reply grows below it."""
    live = [seen for seen in measured.seen if seen["live"]]
    assert measured.selected.startswith("A running mean needs one number and a counter")
    assert len(live) >= 5
    assert live[-1]["length"] > 1.5 * live[0]["length"]
    assert all(seen["selected"] for seen in live)


def test_the_page_does_not_jump(measured: Measured) -> None:
    """Neither while the reply grows nor when the finished one takes the place of the live one."""
    assert measured.seen[0]["scrolled"] > 0
    assert not measured.seen[-1]["live"]
    assert {seen["scrolled"] for seen in measured.seen} == {measured.seen[0]["scrolled"]}
    assert {round(seen["top"]) for seen in measured.seen} == {round(measured.seen[0]["top"])}


def test_the_browser_works_at_most_twice_as_much_as_for_plain_text(measured: Measured) -> None:
    """CPU time of the page's thread, which other processes do not change; the better of two pairs, each in turn."""
    ratio = min(ours / plain for ours, plain in measured.work)
    assert ratio <= 2.0, measured.work
    assert all(min(pair) > 0.05 for pair in measured.work), "nothing was measured"
