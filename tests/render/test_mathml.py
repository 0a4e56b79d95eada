"""Formulas as MathML: every one of a model's has a layout, and nothing of a hostile one comes through."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from deepseek_magic.render import safe_html
from deepseek_magic.render.front_ends import Needs
from deepseek_magic.render.mathml import in_both_ways, mathml
from deepseek_magic.render.tex import LONGEST
from tests.render.formulas import FORMULAS
from tests.render.hostile import CORPUS

_BOTH = re.compile(r'<span hidden="hidden"(?: class="tex2jax_ignore mathjax_ignore")? style="display:contents">')
_STYLE = re.compile(
    r"(?:(?:font-family|font-weight|font-style|text-align|padding|border|border-(?:left|top|bottom)|padding-(?:top|bottom)|"
    r"text-decoration|background):(?:[a-zA-Z0-9%., '-]|linear-gradient\([a-zA-Z0-9%, ]+\))+(?:;|$))+$"
)
#: What MathML Core has, and no more than that: elements, and what may be said of them.
ALLOWED = {
    **{name: {"style"} for name in ("mrow", "mn", "mphantom", "msqrt", "mroot", "msub", "msup", "msubsup", "mtr")},
    **{name: set() for name in ("munder", "munderover")},
    "math": {"display", "style"},
    "mi": {"mathvariant", "style"},
    "mn": {"style"},
    "mtext": {"style"},
    "mo": {
        "stretchy",
        "fence",
        "separator",
        "largeop",
        "movablelimits",
        "form",
        "lspace",
        "rspace",
        "minsize",
        "maxsize",
    },
    "mspace": {"width", "height", "depth"},
    "mstyle": {"displaystyle", "scriptlevel", "mathcolor"},
    "mpadded": {"width", "height", "depth", "lspace", "voffset"},
    "mfrac": {"linethickness"},
    "mover": {"accent"},
    "mtable": {"displaystyle"},
    "mtd": {"style"},
}


class Elements(HTMLParser):
    """Checks every element of a formula, and that they balance."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED, tag
        for name, value in attrs:
            assert name in ALLOWED[tag], (tag, name)
            assert len(value or "") < 120
            assert _STYLE.match(value or "") if name == "style" else re.fullmatch("[a-zA-Z0-9.#-]+", value or "")
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        assert self.open[-1] in {"mi", "mo", "mn", "mtext"}, (self.open, data)
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        pytest.fail(data)

    handle_decl = unknown_decl = handle_pi = handle_comment


def texts(formula: str) -> list[str]:
    """What the tokens of ``formula`` say, which has no element or attribute beside those above."""
    reader = Elements()
    reader.feed(formula)
    reader.close()
    assert not reader.open
    return reader.texts


def formulas(html: str) -> Iterator[str]:
    yield from re.findall(r"<math.*?</math>", html, re.DOTALL)


@pytest.mark.parametrize("name", FORMULAS)
def test_formulas_as_models_write_them(name: str) -> None:
    """Each becomes MathML, which holds no command any more; the TeX stands beside, as it was."""
    html = safe_html.answer(FORMULAS[name])
    found = safe_html.with_mathml(html)
    made = list(formulas(found))
    assert len(made) == html.count("<span>$") > 0
    for one in made:
        assert not [text for text in texts(one) if "\\" in text or (text == "$" and "\\$" not in FORMULAS[name])]
    bare = re.sub(r"<math.*?</math>", "", found, flags=re.DOTALL).replace("</span><template>", "")
    assert _BOTH.sub("", bare).replace("</template>", "") == html
    assert "\\label" not in found


@pytest.mark.parametrize(
    ("tex", "parts"),
    [
        (r"\sin^2 x", ["<msup>", '<mo form="prefix" stretchy="false" lspace="0" rspace="0.167em">sin</mo>']),
        (r"f(\log(x))", ['lspace="0" rspace="0">log</mo>']),
        (r"\lim_{x} y", ["<munder>", 'movablelimits="true">lim</mo>']),
        (r"\sum_{i}^n", ["<munderover>"]),
        (r"\int_0^1", ["<msubsup>"]),
        (r"a = -b", ['<mo form="prefix">−</mo>']),
        (r"\boldsymbol{\theta}\mathbf{AB}", ["𝜽", "𝐀", "𝐁"]),
        (r"\mathbb{R}\mathcal{B}\mathbb{1}", ["ℝ", "ℬ", "𝟙"]),
        (r"\boxed{x}", ['<mrow style="border:1px solid']),
        (r"\overline{x}", ["border-top"]),
        (r"\begin{align} a &= b \end{align}", ["text-align:right", "text-align:left", 'displaystyle="true"']),
        (r"\begin{array}{c|c} a & b \end{array}", ["border-left"]),
        (r"\text{a <b> & \$}", ["<mtext>a\u00a0&lt;b&gt;\u00a0&amp;\u00a0$</mtext>"]),
        (r"\textbf{a}", ['<mtext style="font-weight:bold">a</mtext>']),
        (r"x \to \infty", ['<mi mathvariant="normal">∞</mi>']),
        (r"\Phi", ['<mi mathvariant="normal">Φ</mi>']),
        (r"\color{red}x", ['mathcolor="red"']),
        ("\\text{&#x3c;img&#x3e;}", ["&amp;#x3c;img"]),
    ],
)  # fmt: skip
def test_what_a_formula_becomes(tex: str, parts: list[str]) -> None:
    made = mathml(tex, display=True)
    assert made is not None
    texts(made)
    assert [part for part in parts if part not in made] == []


@pytest.mark.parametrize(
    "tex",
    [r"\unknown", r"\frac", "a_b_c", "x" * (LONGEST + 1), "{" * 150 + "x" + "}" * 150, r"\sqrt" * 900 + "x",
     r"\left( a", "a & b", "^", r"\displaystyle" * 900, r"\href{javascript:x}{y}", r"\class{a}{b}", r"\cssId{a}{b}",
     r"\style{position:fixed}{x}", r"\unicode{x41}", r"\htmlStyle{a}{b}"],
)  # fmt: skip
def test_what_stays_tex(tex: str) -> None:
    assert mathml(tex, display=False) is None
    html = f"<span>${tex.replace('&', '&amp;')}$</span>"
    assert in_both_ways(html) == html


@pytest.mark.parametrize("text", [text for _, text in CORPUS], ids=[name for name, _ in CORPUS])
def test_hostile_formulas(text: str) -> None:
    """What is written where no MathJax runs is what is written where it does, and checked formulas beside it."""
    for source in (text, f"$a {text} b$", f"$$\\text{{{text}}}$$", f"\\[\\frac{{{text}}}{{x}}\\]"):
        html = safe_html.answer(source)
        found = safe_html.with_mathml(html)
        for one in formulas(found):
            texts(one)
        bare = re.sub(r"<math.*?</math>", "", found, flags=re.DOTALL)
        assert re.sub(r"</span><template>(.*?)</template>", r"\1", _BOTH.sub("", bare), flags=re.DOTALL) == html


def test_a_million_characters_stay_text() -> None:
    html = safe_html.with_mathml(safe_html.answer(f"$${'x^{' * 330_000}$$"))
    assert "<math" not in html


def test_work_is_linear_in_a_formula() -> None:
    """Counted in calls of functions, those of the library included."""

    def work(count: int) -> int:
        calls = []
        sys.setprofile(lambda _, event, __: calls.append(1) if event == "call" else None)
        try:
            assert mathml(rf"\frac{{a_{count}}}{{b}} + \sin x + " * (count // 30) + "1", display=True)
        finally:
            sys.setprofile(None)
        return len(calls)

    work(600)
    assert work(9_000) < 7 * work(1_500)


def test_needs_are_met_together() -> None:
    html = safe_html.answer("$x$\n\n```python\nclass A: pass\n```\n")
    assert safe_html.look_of(Needs())(html) == html
    assert safe_html.look_of(Needs(colours=True))(html) == safe_html.recoloured(html)
    assert safe_html.look_of(Needs(mathml=True))(html) == safe_html.with_mathml(html)
    both = safe_html.look_of(Needs(colours=True, mathml=True))(html)
    assert both == safe_html.with_mathml(safe_html.recoloured(html)) != html


def test_mathjax_does_not_look_into_the_words() -> None:
    assert 'class="tex2jax_ignore mathjax_ignore"' in safe_html.with_mathml(safe_html.answer(r"$\text{\$5}$"))
