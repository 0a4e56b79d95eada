"""Formulas where no MathJax runs, and in JupyterLab, where it does.

VS Code and Colab cannot be run here. Their walls can: VS Code shows the richest type of an output that it knows, in the
order below, as HTML in its own page; Colab shows each output in a frame of its own; neither has MathJax.
``--screenshots FOLDER`` keeps pictures, in both themes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_output
from playwright.sync_api import Browser, Frame, Page, expect

from deepseek_magic.render import safe_html
from deepseek_magic.render.bundle import bundle
from deepseek_magic.render.front_ends import Needs
from deepseek_magic.render.renderer import Ending
from tests.browser import lab
from tests.faults import Fault, FaultServer, Received, reply
from tests.render.formulas import FORMULAS
from tests.render.hostile import CORPUS

pytestmark = pytest.mark.browser

#: The types that VS Code prefers, the first one first, as its notebooks document them.
ORDER = ("application/vnd.jupyter.widget-view+json", "text/html", "text/latex", "text/markdown", "text/plain")
THEMES = {"light": "color:#1f1f1f;background:#fff", "dark": "color:#ccc;background:#1f1f1f;color-scheme:dark"}
TEXT = "\n\n".join(FORMULAS.values())
NEEDS = Needs(colours=True, mathml=True)
# What each formula looks like: laid out in two dimensions, and on the line of the words around it.
_LAID_OUT = r"""
() => {
    const wrong = [], close = (a, b, by) => Math.abs(a - b) <= by;
    const box = element => element.getBoundingClientRect();
    const canvas = document.createElement("canvas").getContext("2d");
    const baseline = text => {
        const range = document.createRange(), style = getComputedStyle(text.parentElement);
        range.selectNodeContents(text);
        canvas.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
        return range.getBoundingClientRect().bottom - canvas.measureText("x").fontBoundingBoxDescent;
    };
    for (const math of document.querySelectorAll("math")) {
        const name = math.textContent.slice(0, 40);
        if (box(math).width < 4 || box(math).height < 6) wrong.push(`${name}: no box`);
        if (!math.closest("[hidden]").nextElementSibling.matches("template")) wrong.push(`${name}: no TeX beside`);
        for (const part of math.querySelectorAll("mfrac")) {
            const [above, below] = part.children;
            if (box(above).bottom > box(below).top + 1) wrong.push(`${name}: fraction`);
        }
        for (const part of math.querySelectorAll("msup, msubsup")) {
            const base = box(part.firstElementChild), script = box(part.lastElementChild);
            if (script.left < base.right - 6 || script.top > base.top + base.height / 2) wrong.push(`${name}: power`);
        }
        for (const part of math.querySelectorAll("msub")) {
            const [base, script] = [...part.children].map(box);
            if (script.left < base.right - 6 || script.bottom < base.bottom - 1) wrong.push(`${name}: index`);
        }
        const display = math.getAttribute("display") === "block";
        for (const part of math.querySelectorAll("mtable")) {
            const rows = [...part.querySelectorAll(":scope > mtr")].map(box);
            if (rows.some((row, place) => place && row.top < rows[place - 1].bottom - 1)) wrong.push(`${name}: rows`);
        }
        for (const part of math.querySelectorAll("mtd[style*='text-align:right']")) {
            const last = part.lastElementChild, gap = parseFloat(getComputedStyle(part).paddingRight);
            if (last && !close(box(last).right, box(part).right - gap, 2)) wrong.push(`${name}: column`);
        }
        for (const part of math.querySelectorAll(":scope > munderover")) {
            if (display && box(part.children[1]).top < box(part.children[0]).bottom - 2) wrong.push(`${name}: limits`);
        }
        const line = math.closest("[hidden]").previousSibling;
        const first = math.querySelector(":scope > mi, :scope > mn");
        if (!display && first && line instanceof Text && line.data.trim())
            if (!close(baseline(first.firstChild), baseline(line), 1.5)) wrong.push(`${name}: baseline`);
        const tops = [...math.querySelectorAll(":scope > mi, :scope > mn")].map(token => baseline(token.firstChild));
        if (tops.some(place => !close(place, tops[0], 1))) wrong.push(`${name}: one line`);
    }
    return wrong;
}
"""


def shown_by_vs_code(data: dict[str, str], theme: str) -> str:
    """Return a page that shows an output as VS Code does."""
    kind = next(kind for kind in ORDER if kind in data)
    assert kind == "text/html"
    return f'<body style="{THEMES[theme]};font:13px sans-serif"><div class="output">{data[kind]}</div></body>'


def shown_by_colab(data: dict[str, str], theme: str) -> str:
    """Return a page that shows an output as Colab does: in a frame, which has the theme's colours by itself."""
    inner = f'<body style="{THEMES[theme]};font:14px Roboto,sans-serif">{data["text/html"]}</body>'
    frame = (
        f'<iframe sandbox="allow-scripts" srcdoc="{escape(inner)}" style="width:100%;height:95vh;border:0"></iframe>'
    )
    return f'<body style="{THEMES[theme]};margin:0">{frame}</body>'


WALLS = {"VS Code": shown_by_vs_code, "Colab": shown_by_colab}


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    made = chromium.new_page(viewport={"width": 900, "height": 1200})
    yield made
    made.close()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("front_end", WALLS)
def test_formulas_are_laid_out(front_end: str, theme: str, page: Page, screenshots: Path) -> None:
    """Finished, and live: the same HTML goes into a widget, or is shown again and again."""
    look = safe_html.look_of(NEEDS)
    live = str(look(safe_html.live(safe_html.answer(TEXT))))
    for data in (bundle(Ending(TEXT, needs=NEEDS)), {"text/html": live}):
        page.set_content(WALLS[front_end](data, theme))
        frame: Frame = page.frames[-1] if front_end == "Colab" else page.main_frame
        frame.wait_for_selector("math")
        assert frame.locator("math").count() >= 80
        seen = frame.locator("body").inner_text()
        assert "\\" not in seen
        assert seen.count("$") == 1  # of the twenty dollars
        assert frame.evaluate(_LAID_OUT) == []
    height = frame.evaluate("() => document.body.scrollHeight")
    page.set_viewport_size({"width": 900, "height": min(height + 100, 12_000)})
    page.screenshot(path=screenshots / f"formulas-{front_end.replace(' ', '-')}-{theme}.png")
    page.set_viewport_size({"width": 900, "height": 1_200})


def test_the_check_can_fail(page: Page) -> None:
    page.set_content("<p>x <span hidden style='display:contents'><math><mi>x</mi></math></span><b></b></p>")
    assert page.evaluate(_LAID_OUT) == ["x: no TeX beside"]
    style = "<style>mfrac,msup{display:inline}math *{display:inline}</style>"
    page.set_content(f"{style}{shown_by_vs_code(bundle(Ending(TEXT, needs=NEEDS)), 'light')}")
    assert len(page.evaluate(_LAID_OUT)) > 20


def test_hostile_formulas_have_no_effect(page: Page) -> None:
    """Not one script, request, frame, link or overlay, where formulas are MathML; shown as they are, in no sandbox."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    look = safe_html.look_of(NEEDS)
    parts = []
    for _, text in CORPUS:
        for source in (text, f"$a {text} b$", f"$$\\text{{{text}}}$$", f"\\[\\frac{{{text}}}{{x}}\\]"):
            html = str(look(safe_html.growing([safe_html.answer(source[:3_000])])))
            parts += [html] if "<math" in html else []
    page.set_content(f"<body>{''.join(parts)}</body>")
    page.wait_for_timeout(300)
    found = page.evaluate(
        """() => [
            window.hostile === undefined ? [] : ["script ran"],
            [...document.querySelectorAll("script,iframe,img,object,embed,form,style,link,svg,input,base")]
                .map(one => one.outerHTML.slice(0, 80)),
            [...document.querySelectorAll("math, math *")].filter(one => [...one.attributes].some(
                ({name}) => /^on|href|class|^id$|src/.test(name))).map(one => one.outerHTML.slice(0, 80)),
            [...document.querySelectorAll("*")].filter(one => getComputedStyle(one).position === "fixed")
                .map(one => one.outerHTML.slice(0, 80)),
        ].flat()"""
    )
    assert found == []
    assert [url for url in asked if not url.startswith("about:")] == []
    assert page.locator("math").count() > 50


CELLS = (
    "%load_ext deepseek_magic",
    "%deepseek Formulas",
    "%config DeepSeek.maths = 'mathml'",
    "%deepseek --no-memory Formulas",
)
TEX, MATHML = 1, 3
WRITTEN = "So $a^2$ and\n\n$$\\frac{a}{b} \\text{ costs \\$5}$$\n\nend."


def answered(_: Received) -> Fault:
    return reply(WRITTEN)


def notebook(folder: Path, *, asked: bool) -> None:
    """Write a notebook that asks, or one that holds the replies of another user, the second as from VS Code."""
    cells = [*map(new_code_cell, CELLS)]
    for place, needs in ((TEX, Needs()), (MATHML, NEEDS)) if asked else ():
        cells[place].outputs = [new_output("display_data", bundle(Ending(WRITTEN, needs=needs)))]
    lab.write_notebook(folder, "formulas.ipynb", *cells)


def test_a_reply_of_another_front_end_is_typeset_in_an_untrusted_lab(
    chromium: Browser, tmp_path: Path, screenshots: Path
) -> None:
    """Its sanitiser takes MathML away, and what is left of that stays hidden: the TeX is seen, once."""
    notebook(tmp_path, asked=True)
    with lab.server(tmp_path, tmp_path, kernels=False) as server:
        shown = lab.Notebook(chromium.new_page(), server, "formulas.ipynb")
        for cell in (TEX, MATHML):
            answer = shown.cell(cell).locator(".deepseek-answer")
            expect(answer.locator("mjx-container")).to_have_count(2)
            assert "frac" not in answer.inner_text()
            assert answer.locator("p:visible").count() == 3
        assert shown.cell(MATHML).locator(".deepseek-answer span[hidden]:visible").count() == 0
        shown.page.screenshot(path=screenshots / "formulas-lab-untrusted.png")
        shown.page.close()


@pytest.mark.slow
def test_in_a_trusted_lab_and_notebook_7_tex_is_typeset_and_mathml_is_drawn(
    chromium: Browser, tmp_path: Path, screenshots: Path
) -> None:
    """By default MathJax typesets, as ever; where MathML is wanted it is drawn, and MathJax finds nothing."""
    served, private = tmp_path / "served", tmp_path / "private"
    served.mkdir()
    private.mkdir()
    notebook(served, asked=False)
    with FaultServer() as endpoint:
        endpoint.repeat(answered)
        environ = {"DEEPSEEK_BASE_URL": endpoint.url, "DEEPSEEK_API_KEY": "sk-test-of-the-browser"}
        with lab.server(served, private, **environ) as server:
            shown = lab.Notebook(chromium.new_page(), server, "formulas.ipynb")
            shown.wait_for_kernel()
            shown.start_run_all()
            shown.wait_until_run()
            expect(shown.cell(MATHML).locator("math:visible")).to_have_count(2)
            expect(shown.cell(TEX).locator("mjx-container")).to_have_count(2)
            assert (
                shown.cell(TEX).locator("template").count() == shown.cell(MATHML).locator("mjx-container").count() == 0
            )
            shown.page.screenshot(path=screenshots / "formulas-lab.png")
            saved = json.dumps(shown.save())
            shown.page.close()
            again = lab.Notebook(chromium.new_page(), server.serving("notebook"), "formulas.ipynb")
            expect(again.cell(MATHML).locator("math:visible")).to_have_count(2)
            expect(again.cell(TEX).locator("mjx-container")).to_have_count(2)
            for cell in (TEX, MATHML):
                assert "frac" not in again.cell(cell).locator(".deepseek-answer").inner_text()
            again.page.screenshot(path=screenshots / "formulas-notebook.png")
            again.page.close()
    assert saved.count("<math ") == saved.count("<template>") == 2
