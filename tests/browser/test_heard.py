"""Replies for those who do not see them, or use no mouse: what is read out, what has a name, what keys reach."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page

from tests.browser import lab
from tests.browser.replies import Prompter
from tests.faults import FaultServer

pytestmark = pytest.mark.browser

# What comes into the page inside a live region, or is one. MathJax's own changes within it are no new text.
_LISTEN = """
() => {
    window.heard = [];
    new MutationObserver(records => {
        for (const {addedNodes} of records)
            for (const node of addedNodes) {
                if (node.nodeType !== 1 || node.closest("mjx-container, mjx-assistive-mml")) continue;
                for (const one of [node, ...node.querySelectorAll("*")])
                    if (one.ariaLive && one.ariaLive !== "off") heard.push(one.innerText);
                if (node.parentElement?.closest("[aria-live=polite]") && node.matches("p, pre, li, div"))
                    heard.push(node.innerText);
            }
    }).observe(document.body, {subtree: true, childList: true});
}
"""
_FOCUS = """
() => {
    const {localName, innerText} = document.activeElement, style = getComputedStyle(document.activeElement);
    return {name: localName, text: innerText, ring: style.outlineStyle, width: style.outlineWidth};
}
"""
_TO_CELL = """
() => {
    const {content} = window.jupyterapp.shell.currentWidget;
    content.activeCellIndex = 1;
    content.mode = "command";
    document.querySelectorAll(".jp-Cell")[1].focus();
}
"""


@dataclass
class Hearing:
    """One reply in a page: the accessibility tree at each moment, and all that was read out."""

    back_end: str
    page: Page
    trees: dict[str, list[dict[str, Any]]]
    heard: list[str]
    open_text: bool
    moving: int
    short: list[str]

    def live(self, moment: str) -> int:
        """Return how many nodes were live regions."""
        return sum(_live(node) not in ("", "off") for node in self.trees[moment])


def _live(node: dict[str, Any]) -> str:
    values = {one["name"]: one["value"].get("value", "") for one in node.get("properties", ())}
    return str(values.get("live", ""))


def _tree(session: CDPSession) -> list[dict[str, Any]]:
    return list(session.send("Accessibility.getFullAXTree")["nodes"])


@pytest.fixture(scope="module", params=["widget", "display"])
def hearing(
    chromium: Browser, endpoint: FaultServer, served: lab.Server, request: pytest.FixtureRequest
) -> Iterator[Hearing]:
    """The long reply, listened to, as each live back end shows it; somebody asks for reduced motion."""
    load = f"%load_ext deepseek_magic\n%config DeepSeek.renderer = '{request.param}'"
    name = f"heard-{request.param}.ipynb"
    lab.write_notebook(served.folder, name, load, "%deepseek --no-memory long", "%deepseek short", "1")
    prompter = Prompter()
    endpoint.repeat(prompter)
    context = chromium.new_context(viewport={"width": 1000, "height": 2400}, reduced_motion="reduce")
    notebook = lab.Notebook(context.new_page(), served, name)
    yield _listened(request.param, notebook, prompter, context.new_cdp_session(notebook.page))
    context.close()


def _listened(back_end: str, notebook: lab.Notebook, prompter: Prompter, session: CDPSession) -> Hearing:
    page, trees = notebook.page, {}
    notebook.wait_for_kernel()
    notebook.start_cell(0)
    notebook.wait_until_run()
    trees["before"] = _tree(session)
    page.evaluate(_LISTEN)
    notebook.start_cell(1)
    reply = notebook.cell(1).locator(".jp-OutputArea").first
    reply.get_by_text("it loses digits when").wait_for()
    trees["thinking"] = _tree(session)
    prompter.go("long")
    reply.get_by_text("self.mean += distance / self.n").wait_for()
    page.wait_for_function("() => heard.some(text => text.startsWith('Keeping a running mean'))")
    trees["writing"] = _tree(session)
    moving = page.evaluate("() => document.querySelector('.jp-Notebook').getAnimations({subtree: true}).length")
    is_open = page.evaluate("() => heard.some(text => text.includes('distance / self.n'))")
    prompter.go("long")
    reply.locator(".deepseek-footer").wait_for()
    notebook.wait_until_run()
    trees["finished"] = _tree(session)
    heard = page.evaluate("heard.splice(0)")
    notebook.start_cell(2)
    notebook.cell(2).locator("details.deepseek-footer").wait_for()
    notebook.wait_until_run()
    return Hearing(back_end, page, trees, heard, is_open, moving, page.evaluate("heard"))


def test_finished_blocks_are_live_and_the_open_end_and_the_seconds_are_not(hearing: Hearing) -> None:
    assert hearing.live("thinking") <= hearing.live("before") + 1  # the status, when it has just changed
    if hearing.back_end == "widget":  # the next paint of the other takes it away: see `heard`
        assert hearing.live("writing") >= hearing.live("before") + 1
    assert not hearing.open_text
    assert hearing.live("finished") == hearing.live("before")


def test_a_reply_is_read_out_in_few_pieces(hearing: Hearing) -> None:
    """Each state once and each group of blocks once, or twice where it moves to its place; never each paint."""
    states = [text for text in hearing.heard if " · " in text and len(text) < 60]
    said = [text for text in hearing.heard if text not in states and text.strip()]
    assert {text.partition(" ")[0] for text in states} == {"waiting", "thinking", "writing"}
    assert len(states) <= 6
    assert any(text.startswith("Keeping a running mean") for text in said)
    assert 1 <= len(said) <= 10
    assert max(map(said.count, said)) <= 2


def test_the_last_block_is_read_out_and_a_reply_of_one_block_with_it(hearing: Hearing) -> None:
    """All of it, where it stands alone; once."""
    assert sum("Donald Knuth gives the proof." in text for text in hearing.heard) >= 1
    assert sum(text.startswith("Yes: each value moves the mean") for text in hearing.short) in (1, 2)


def test_code_is_a_group_with_the_name_of_its_language(hearing: Hearing) -> None:
    """Live and finished: its caption is not copied, and not read."""
    for moment in ("writing", "finished"):
        named = [node["name"]["value"] for node in hearing.trees[moment] if _role(node) == "group" and node.get("name")]
        assert "python" in named, moment


def _role(node: dict[str, Any]) -> str:
    return str(node.get("role", {}).get("value", ""))


def test_the_keyboard_reaches_and_folds_what_folds(hearing: Hearing) -> None:
    """By Tab from the cell, with a ring that can be seen; Enter and Space act, and the cell stays as it was."""
    page = hearing.page
    page.evaluate(_TO_CELL)
    reached = {}
    for _ in range(20):
        page.keyboard.press("Tab")
        focus = page.evaluate(_FOCUS)
        if focus["name"] == "summary":
            assert (focus["ring"], focus["width"]) != ("none", "0px")
            reached[focus["text"].partition(" ")[0]] = focus
            for key, is_open in (("Enter", True), ("Space", False)):
                page.keyboard.press(key)
                page.wait_for_function("open => document.activeElement.parentElement.open === open", arg=is_open)
    assert {"Thinking", "deepseek-flash"} <= set(reached)
    assert page.evaluate("() => window.jupyterapp.shell.currentWidget.content.mode") == "command"


def test_nothing_moves(hearing: Hearing) -> None:
    """Neither an animation nor a transition of ours runs while a reply streams."""
    assert hearing.moving == 0
