"""Two answers side by side in a real JupyterLab: while they come, finished, at two widths, in both themes, untrusted.

``--screenshots FOLDER`` keeps the pictures.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_markdown_cell
from playwright.sync_api import Browser, expect

from tests.browser import lab
from tests.browser.looks import faint, overflowing
from tests.faults import Fault, FaultServer, Received, deltas, finish

pytestmark = pytest.mark.browser

THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
WIDTHS = (1600, 700)
MODELS = ("deepseek-flash", "deepseek-v4-pro")
BEGINNING = r"""A running mean needs no list of what it has seen:

$$\bar x_n = \bar x_{n-1} + \frac{x_n - \bar x_{n-1}}{n}$$

"""
ENDINGS = {
    "deepseek-flash": """```python
class Running:
    def __init__(self):
        self.n, self.mean = 0, 0.0

    def add(self, x):
        self.n += 1
        self.mean += (x - self.mean) / self.n
```

| method | passes over the data | digits lost |
|---|--:|--:|
| sum, then divide | 1 | many |
| running | 1 | few |

It is the *stable* way.""",
    "deepseek-v4-pro": """1. Keep the count and the mean.
2. Move the mean by the `n`-th part of the distance, which is what
   `self.mean += (x - self.mean) / self.n  # and nothing else, however long the line of code may be` does.

> The sum itself is never formed, so nothing large is subtracted from something large.

It is the *stable* way.""",
}
CELLS = (
    "%load_ext deepseek_magic",
    f"%deepseek --compare {','.join(MODELS)} How do I compute a running mean?",
    "%deepseek_chat pick",
    "%deepseek_chat pick 2",
)


class Places:
    """Where the columns stand, by moment, width and theme; ``wrong`` is what is too faint or too wide."""

    def __init__(self, notebook: lab.Notebook, pictures: Path, who: str) -> None:
        self.notebook = notebook
        self.seen: dict[tuple[str, int], list[dict[str, float]]] = {}
        self.wrong: list[str] = []
        self._pictures = pictures
        self._who = who

    def look(self, moment: str, selector: str) -> None:
        """Look at both widths, in both themes."""
        page = self.notebook.page
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 1700})
            for theme, name in THEMES.items():
                self.notebook.theme(name)
                self.seen[moment, width] = page.locator(selector).evaluate_all(
                    "all => all.map(one => { const {left, top, width} = one.getBoundingClientRect();"
                    " return {left, top, width}; })"
                )
                self.wrong += [f"{moment} {width} {theme}: {one}" for one in (*faint(page), *overflowing(page))]
                page.screenshot(path=self._pictures / f"columns-{self._who}-{moment}-{width}-{theme}.png")

    def are_beside(self, moment: str, width: int) -> bool:
        """Return whether the two columns stand side by side, each as wide as the other; else one below the other."""
        first, second = self.seen[moment, width]
        assert abs(first["width"] - second["width"]) < 2
        if first["top"] == second["top"]:
            assert first["left"] + first["width"] < second["left"]
            return True
        assert (first["left"], first["top"] < second["top"]) == (second["left"], True)
        return False


@pytest.fixture(scope="module")
def looked(
    chromium: Browser, endpoint: FaultServer, served: lab.Server, screenshots: Path
) -> tuple[Places, Places, Any]:
    """What the one who asks sees, and another reader, who trusts nothing; and the saved notebook."""
    go = threading.Event()

    def answer(request: Received) -> Fault:
        def steps() -> Iterator[Any]:
            yield from deltas(BEGINNING, "It asks for one pass.")
            assert go.wait(60)
            yield from deltas(ENDINGS[request.json["model"]])[1:]
            yield from finish()

        return Fault(steps)

    lab.write_notebook(served.folder, "columns.ipynb", *CELLS)
    viewport = {"width": WIDTHS[0], "height": 1700}
    endpoint.repeat(answer)
    context = chromium.new_context(viewport=viewport, device_scale_factor=1)
    notebook = lab.Notebook(context.new_page(), served, "columns.ipynb")
    notebook.wait_for_kernel()
    mine = Places(notebook, screenshots, "mine")
    notebook.start_run_all()
    live = notebook.cell(1).locator(".deepseek-status")
    expect(live).to_have_count(2)
    expect(notebook.cell(1).locator("mjx-container")).to_have_count(2)
    mine.look("live", ".jp-Cell:nth-of-type(2) .widget-vbox:has(> * > * > .deepseek > .deepseek-label)")
    go.set()
    notebook.wait_until_run()
    expect(notebook.cell(1).locator(".deepseek-closing")).to_be_visible()
    mine.look("finished", ".deepseek-column")
    saved = notebook.save()
    changed = {**saved, "cells": [*saved["cells"], new_markdown_cell("Of another author: nothing is trusted.")]}
    nbformat.write(nbformat.from_dict(changed), served.folder / "theirs.ipynb")
    theirs = Places(lab.Notebook(notebook.page, served, "theirs.ipynb"), screenshots, "theirs")
    theirs.notebook.page.locator(".deepseek-columns").wait_for()
    expect(theirs.notebook.page.locator(".deepseek-column[aria-label]")).to_have_count(0)  # it was sanitised
    theirs.look("finished", ".deepseek-column")
    context.close()
    return mine, theirs, saved


def test_columns_stand_side_by_side_where_there_is_room(looked) -> None:
    """And one below the other where there is not: while they come, at the end, and for a reader who trusts nothing."""
    mine, theirs, _ = looked
    for places, moment in ((mine, "live"), (mine, "finished"), (theirs, "finished")):
        assert places.are_beside(moment, 1600), moment
        assert not places.are_beside(moment, 700), moment


def test_all_of_it_is_legible_and_within_its_place(looked) -> None:
    assert [places.wrong for places in looked[:2]] == [[], []]


def test_the_file_holds_one_static_output_with_both(looked) -> None:
    (output,) = looked[2]["cells"][1]["outputs"]
    assert sorted(output["data"]) == ["text/html", "text/plain"]
    text = "".join(output["data"]["text/plain"])
    columns = output["metadata"]["deepseek_magic"]["columns"]
    assert [one["model"] for one in columns]
    for one, model in zip(columns, MODELS, strict=True):
        start, end = one["at"]
        assert text[start:end] == BEGINNING + "".join(ENDINGS[model])
    picked = looked[2]["cells"][3]["outputs"][0]
    assert "".join(picked["data"]["text/plain"]) == BEGINNING + ENDINGS["deepseek-v4-pro"]
