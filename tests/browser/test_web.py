"""A reply with sources, a ledger of twelve calls and code that draws, in JupyterLab: clicked, and in both themes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import lab
from tests.browser.film import THEMES
from tests.chat.scripted import call, calling
from tests.faults import FaultServer, document, reply
from tests.strict_endpoint import StrictEndpoint

pytestmark = pytest.mark.browser
HEIGHT = 1_000
QUESTION = "Why is the bicycle station at the harbour of Lindenhof closed, and when does it open again?"
DRAWS = """import matplotlib.pyplot as plt
figure, axes = plt.subplots(figsize=(4, 2))
axes.bar(["Mon", "Tue", "Wed"], [7, 5, 3])
plt.show()
print("Mon 7, Tue 5, Wed 3")"""
PAGES = [f"https://example.org/page-{number}?of=twelve" for number in range(1, 12)]


def twelve(server: FaultServer) -> None:
    """A search, eleven pages, and a reply that cites three of them; one page is a failure."""
    server.enqueue(
        calling(call("web_search", '{"query": "the twelve months of a year"}', "s"), text="I look for the months.")
    )
    server.enqueue(document({"results": [{"title": f"Page {n}", "url": url} for n, url in enumerate(PAGES, 1)]}))
    server.enqueue(calling(*(call("web_fetch", json.dumps({"url": url}), url, n) for n, url in enumerate(PAGES))))
    server.enqueue(*(document({"title": f"Page {n}", "content": f"Month {n}. " * 40 * n}) for n in range(1, 11)))
    server.enqueue(document({"error": "no page"}), reply("A year has twelve months [1], the last is December [2, 11]."))

    server.enqueue(calling(call("run", json.dumps({"code": DRAWS}), "r")), reply("Monday has the most rides."))


@pytest.fixture(scope="module")
def served(private: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[lab.Server]:
    folder = tmp_path_factory.mktemp("served")
    with StrictEndpoint(pace=0.002) as endpoint, FaultServer(strict=False) as scripted:
        twelve(scripted)
        hosts = [url.partition("://")[2] for url in (endpoint.url, scripted.url)]
        rates = {"*": {"cache_miss": 0.15, "output": 0.6}}
        table = {"as_of": "2026-11-01", "hosts": dict.fromkeys(hosts, rates), "web": dict.fromkeys(hosts, 0.00075)}
        (folder / "prices.json").write_text(json.dumps(table))
        cells = [
            "%load_ext deepseek_magic\n%config DeepSeek.prices = 'prices.json'",
            f"%%deepseek --web\n{QUESTION}",
            f"%deepseek --base-url {scripted.url} -m deepseek-flash --no-memory --web How many months has a year?",
            f"%deepseek --base-url {scripted.url} -m deepseek-flash --no-memory --tools run Which day has most rides?",
        ]
        lab.write_notebook(folder, "web.ipynb", *cells)
        with lab.server(folder, private, DEEPSEEK_BASE_URL=endpoint.url) as server:
            yield server


def test_sources_are_reached_and_the_ledger_unfolds(served: lab.Server, page: Page, screenshots: Path) -> None:
    notebook = lab.Notebook(page, served, "web.ipynb")
    notebook.wait_for_kernel()
    notebook.start_run_all()
    box = page.locator(".jp-Stdin-input")
    expect(box).to_be_visible(timeout=120_000)
    answer, ledger, ran = notebook.cell(1), notebook.cell(2), notebook.cell(3)
    expect(ran.locator(".deepseek-piece")).to_contain_text("plt.subplots")  # it is seen before it is allowed
    ran.screenshot(path=screenshots / "run-asked.png")
    box.fill("y")
    box.press("Enter")
    notebook.wait_until_run()
    for name, theme in THEMES.items():
        notebook.theme(theme)
        answer.scroll_into_view_if_needed()
        answer.screenshot(path=screenshots / f"web-{name}.png")
        ledger.scroll_into_view_if_needed()
        ledger.screenshot(path=screenshots / f"ledger-folded-{name}.png")
        ran.scroll_into_view_if_needed()
        ran.screenshot(path=screenshots / f"run-{name}.png")
    expect(ran.locator("img")).to_be_visible()
    ran.locator(".deepseek-piece summary").first.click()
    expect(ran.locator(".deepseek-piece")).to_contain_text("Mon 7, Tue 5, Wed 3")
    expect(ran.locator(".deepseek-piece pre").first).to_be_visible()
    assert ledger.locator(".deepseek-answer a").count() == 3
    said = ledger.locator(".deepseek-answer > *").all_inner_texts()
    assert [text[:13] for text in said] == ["I look for th", "", "A year has tw"]
    assert ledger.locator(".deepseek-answer > hr").count() == 1  # between the texts of two rounds
    calls = ledger.locator(".deepseek-call")
    assert calls.count() == 12
    assert not calls.first.is_visible()
    ledger.locator(".deepseek-calls > summary").click()
    expect(calls.first).to_be_visible()
    calls.nth(2).locator("summary").click()
    expect(calls.nth(2).locator("div")).to_contain_text("Month 2.")
    for name, theme in THEMES.items():
        notebook.theme(theme)
        ledger.screenshot(path=screenshots / f"ledger-{name}.png")
    link = answer.locator(".deepseek-answer a").first
    place = link.get_attribute("href")
    assert place is not None
    assert place.startswith("#deepseek-")
    link.click()
    expect(page.locator(f'[id="{place[1:]}"]')).to_be_in_viewport()
    assert len(page.context.pages) == 1
