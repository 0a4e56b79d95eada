"""What stands beside a reply in a real JupyterLab: folding sections, the table of contents, sent messages, the diff.

Each is looked at in the light and in the dark theme, at 700 and 1,600 pixels. ``--screenshots FOLDER`` keeps pictures.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from nbformat.v4 import new_markdown_cell
from playwright.sync_api import Browser, expect

from tests.browser import lab
from tests.browser.looks import faint, overflowing
from tests.chat.scripted import call, calling
from tests.faults import Fault, FaultServer, Received, document, reply

pytestmark = pytest.mark.browser

TEXT = """# A heading of the reply

<details>
<summary>Show the <b>solution</b></summary>

The answer, and `x = 42`.

</details>

After it.
"""
FIXED = "It divides by zero.\n\n```python\ntotal = sum([1, 2]) / 2\nprint(total)\n```\n"
LONG = "https://example.org/" + "a_rather_long_path/" * 6
CELLS = (
    "%load_ext deepseek_magic\n%config DeepSeek.record = 'answers.db'\n"
    "def weather(city: str) -> str:\n    \"Return the forecast.\"\n    return 'sunny ' * 60",
    "%deepseek Fold it",
    "%deepseek --tools weather Go",
    f"%deepseek --dry-run Look at {LONG} {'and at this sentence ' * 20}",
    "%deepseek_usage",
    "%deepseek",
    "%deepseek_models",
    "words = ['a_rather_long_word_' * 12, 'short']\n%deepseek_map words -o results What is {value}?",
    "results",
    "%deepseek_history",
    "total = sum([1, 2]) / 0",
    "%deepseek_fix",
)
FOLD, TOOLS, DRY, MODELS, FIX = 2, 3, 4, 7, 12
#: Names as long as servers that keep models in folders give them.
MODELS_THERE = ["deepseek-flash", *(f"organisation/{'a-model-with-a-long-name-' * 4}{n}b-instruct" for n in (7, 70))]
THEMES = ("JupyterLab Light", "JupyterLab Dark")
# How many words stand on two lines each, of those that would fit on one.
_BROKEN = """
box => {
    const text = box.firstChild, range = document.createRange(), found = [];
    for (const word of text.data.matchAll(/\\S+/g)) {
        range.setStart(text, word.index);
        range.setEnd(text, word.index + word[0].length);
        if (range.getClientRects().length > 1) found.push(word[0]);
    }
    return found;
}
"""


def _answered(request: Received) -> Fault:
    if request.method == "GET":
        models = [{"id": name, "object": "model", "owned_by": "somebody"} for name in MODELS_THERE]
        return document({"object": "list", "data": models})
    message = request.json["messages"][-1]
    if message["role"] == "tool":
        return reply("It is sunny.")
    if "tools" in request.json:
        return calling(call("weather", '{"city": "Oslo"}', "a"), text="I look first.")
    return reply(TEXT if message["content"] == "Fold it" else FIXED)


@pytest.fixture(scope="module")
def shown(chromium: Browser, endpoint: FaultServer, served: lab.Server) -> Iterator[lab.Notebook]:
    """The notebook after all cells ran."""
    cells = [new_markdown_cell("# Mine"), *CELLS, new_markdown_cell("## Mine at last")]
    lab.write_notebook(served.folder, "shown.ipynb", *cells)
    endpoint.repeat(_answered)
    context = chromium.new_context(viewport={"width": 700, "height": 1400})
    notebook = lab.Notebook(context.new_page(), served, "shown.ipynb")
    notebook.wait_for_kernel()
    for number in range(1, len(CELLS) + 1):
        notebook.start_cell(number)
        expect(notebook.cell(number).locator(".jp-InputPrompt").first).to_have_text(f"[{number}]:")
        notebook.wait_until_run()
    yield notebook
    context.close()


@pytest.fixture(scope="module")
def untrusted(shown: lab.Notebook, chromium: Browser, another: lab.Server) -> Iterator[lab.Notebook]:
    """The saved notebook as another reader sees it, who has no kernel and trusts nothing."""
    shown.save()
    context = chromium.new_context(viewport={"width": 700, "height": 1400})
    notebook = lab.Notebook(context.new_page(), another, shown.name)
    notebook.page.locator(".jp-Dialog .jp-mod-reject").click(timeout=60_000)  # it asks for a kernel
    yield notebook
    context.close()


def test_the_table_of_contents_is_the_users_own(shown: lab.Notebook) -> None:
    shown.command("toc:show-panel")
    entries = shown.page.locator(".jp-TableOfContents .jp-tocItem-content")
    expect(entries).to_have_text(["Mine", "Mine at last"])
    shown.page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    assert shown.cell(FOLD).get_by_role("heading", name="A heading of the reply").count() == 1


def test_a_section_of_a_reply_folds(shown: lab.Notebook) -> None:
    inside = shown.cell(FOLD).get_by_text("The answer, and")
    expect(inside).to_be_hidden()
    shown.cell(FOLD).locator("summary", has_text="Show the solution").click()
    expect(inside).to_be_visible()
    shown.cell(FOLD).locator("summary", has_text="Show the solution").click()
    expect(inside).to_be_hidden()


def test_the_functions_are_named_and_the_rounds_stand_apart(shown: lab.Notebook) -> None:
    cell = shown.cell(TOOLS)
    expect(cell.locator(".deepseek-calls > summary")).to_have_text("weather called once")
    expect(cell.locator(".deepseek-answer > p")).to_have_text(["I look first.", "It is sunny."])


def test_no_word_is_broken_and_nothing_is_wider_than_its_place(shown: lab.Notebook, screenshots: Path) -> None:
    for width in (700, 1_600):
        shown.page.set_viewport_size({"width": width, "height": 1_400})
        for theme in THEMES:
            shown.theme(theme)
            assert overflowing(shown.page) == []
            assert faint(shown.page) == []
            for number in range(FOLD, len(CELLS) + 1):
                name = f"shown-{number}-{width}-{theme[-5:].strip()}.png"
                shown.cell(number).screenshot(path=screenshots / name)
        for name in MODELS_THERE:
            assert shown.cell(MODELS).locator("td", has_text=name).evaluate("cell => cell.innerText").count("\n") == 0
        sent = shown.cell(DRY).locator(".deepseek-sent").last
        assert sent.evaluate(_BROKEN) == []
        assert sent.evaluate("box => box.scrollWidth > box.clientWidth") is (width == 700)


def test_another_reader_sees_sent_text_as_it_was(untrusted: lab.Notebook, screenshots: Path) -> None:
    """In the font of code, with its lines; no word is broken and all of it is legible."""
    for width in (700, 1_600):
        untrusted.page.set_viewport_size({"width": width, "height": 1_400})
        for theme in THEMES:
            untrusted.theme(theme)
            assert overflowing(untrusted.page) == []
            assert faint(untrusted.page) == []
            name = f"shown-untrusted-{width}-{theme[-5:].strip()}.png"
            untrusted.cell(DRY).screenshot(path=screenshots / name)
        sent = untrusted.cell(DRY).locator(".deepseek-sent").last
        assert "monospace" in sent.evaluate("box => getComputedStyle(box).fontFamily")
        assert sent.evaluate(_BROKEN) == []
    result = untrusted.cell(TOOLS).locator(".deepseek-call > div")
    assert "monospace" in result.evaluate("box => getComputedStyle(box).fontFamily")


def test_the_repaired_cell_is_seen_once_and_its_diff_unfolds_as_wide_as_the_reply(
    shown: lab.Notebook, screenshots: Path
) -> None:
    output = shown.cell(FIX).locator(".jp-OutputArea").first
    assert output.inner_text().count("total = sum([1, 2]) / 2") == 1
    summary = output.locator("summary", has_text="What changes in the cell")
    expect(summary).to_have_text("What changes in the cell: 1 line removed, 2 lines added")
    summary.click()
    shown.cell(FIX).screenshot(path=screenshots / "shown-fix-unfolded.png")
    boxes = shown.cell(FIX).locator(".deepseek-code")
    expect(boxes).to_have_count(2)
    code, diff = (boxes.nth(place).bounding_box() for place in range(2))
    assert code is not None
    assert diff is not None
    assert (diff["x"], diff["width"]) == (code["x"], code["width"])
