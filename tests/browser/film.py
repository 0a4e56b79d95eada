"""A film of one part of a page while it changes, and the README's pictures: ``python -m tests.browser.film``."""

from __future__ import annotations

import base64
import shutil
import tempfile
import time
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Locator, Page

from tests.browser import lab

#: Seconds between two frames at least, and for which the last one stays.
_FRAME = 0.1
_END = 4.0
_COLOURS = 128
ROOT = Path(__file__).parents[2]
QUICKSTART = ROOT / "examples" / "quickstart.ipynb"
PICTURES = ROOT / "examples" / "images"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
#: The cells of the quickstart that load the extension and ask first.
LOAD, FIRST = 1, 2

# Every text that the output goes through, however slowly the page is drawn.
_WATCH = """
cell => {
    window.watched = [];
    new MutationObserver(() => {
        const text = cell.querySelector(".jp-OutputArea-output")?.textContent ?? "";
        if (text && text !== window.watched.at(-1)) window.watched.push(text);
    }).observe(cell, {subtree: true, childList: true, characterData: true});
}
"""


class Film:
    """Keeps what the page paints while ``subject`` changes, which must be in view; it may grow downwards."""

    def __init__(self, subject: Locator) -> None:
        self._subject = subject
        self._frames: list[tuple[float, bytes]] = []
        self._session = subject.page.context.new_cdp_session(subject.page)
        self._session.on("Page.screencastFrame", self._take)
        self._session.send("Page.startScreencast", {"format": "png"})

    def _take(self, frame: Any) -> None:
        at = float(frame["metadata"]["timestamp"])
        if not self._frames or at - self._frames[-1][0] >= _FRAME:
            self._frames.append((at, base64.b64decode(frame["data"])))
        self._session.send("Page.screencastFrameAck", {"sessionId": frame["sessionId"]})

    def end(self) -> None:
        """Take the last picture."""
        self._session.send("Page.stopScreencast")
        self._session.detach()
        self._frames.append((time.time(), self._subject.page.screenshot()))

    def save(self, path: Path) -> int:
        """Write the pictures that differ as an animation, each of the place of the last; return how many they are."""
        box = self._subject.bounding_box()
        assert box is not None
        left, top = round(box["x"]), round(box["y"])
        place = (left, top, left + round(box["width"]), top + round(box["height"]))
        kept: list[tuple[float, Image.Image]] = []
        for at, data in self._frames:
            picture = Image.open(BytesIO(data)).convert("RGB").crop(place)
            if not kept or picture.tobytes() != kept[-1][1].tobytes():
                kept.append((at, picture))
        last = kept[-1][1]
        palette = last.quantize(_COLOURS)
        first, *others = (picture.quantize(palette=palette, dither=Image.Dither.NONE) for _, picture in kept)
        lasting = [*(after[0] - before[0] for before, after in pairwise(kept)), _END]
        first.save(path, save_all=True, append_images=others, duration=[round(1000 * each) for each in lasting], loop=0)
        return len(kept)


def stream(notebook: lab.Notebook, path: Path) -> list[str]:
    """Ask the quickstart's first question, save the film of its reply, and return the texts that were seen."""
    cell, page = notebook.cell(FIRST), notebook.page
    hidden = page.add_style_tag(content=f".jp-Cell:nth-child(n + {FIRST + 2}) {{visibility: hidden}}")
    cell.evaluate(_WATCH)
    film = Film(cell)
    notebook.start_cell(FIRST)
    cell.locator(".deepseek-footer").wait_for(timeout=90_000)
    notebook.wait_until_run()
    page.wait_for_timeout(500)  # formulas are typeset once more
    film.end()
    film.save(path)
    hidden.evaluate("style => style.remove()")
    seen: list[str] = page.evaluate("window.watched")
    return seen


def portray(page: Page, folder: Path) -> None:
    """Save a picture of the notebook in each theme; the light one stays on."""
    for name in (*THEMES, "light"):
        theme = THEMES[name]
        page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
        page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=theme)
        page.locator(".jp-Notebook .jp-Cell").nth(LOAD).scroll_into_view_if_needed()
        page.wait_for_timeout(500)
        small(page.locator(".jp-NotebookPanel").first.screenshot()).save(
            folder / f"quickstart-{name}.png", optimize=True
        )


def small(picture: bytes) -> Image.Image:
    """Return a picture with as many colours as a page of text needs."""
    return Image.open(BytesIO(picture)).convert("RGB").quantize(256, dither=Image.Dither.NONE)


def opened(browser: Browser, server: lab.Server) -> lab.Notebook:
    """Return the quickstart, open in a page, with the extension loaded."""
    page = browser.new_context(viewport={"width": 1000, "height": 1250}, device_scale_factor=1).new_page()
    notebook = lab.Notebook(page, server, QUICKSTART.name)
    notebook.wait_for_kernel()
    notebook.start_cell(LOAD)
    notebook.wait_until_run()
    return notebook


def main() -> None:
    """Make the README's pictures again: the film of the first reply, and the notebook in both themes."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as private, lab.browser() as browser:
        shutil.copy(QUICKSTART, folder)
        with lab.server(Path(folder), Path(private)) as server:
            notebook = opened(browser, server)
            stream(notebook, PICTURES / "streaming.gif")
            notebook.start_cell(FIRST + 1, "notebook:run-all-below")
            notebook.wait_until_run()
            portray(notebook.page, PICTURES)
    for path in sorted(PICTURES.iterdir()):
        print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
