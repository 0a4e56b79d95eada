"""Formulas as MathML: every one of a model's has a layout, and nothing of a hostile one comes through."""

from __future__ import annotations

import re
import sys

import pytest

from deepseek_magic.render import safe_html
from deepseek_magic.render.front_ends import Needs
from deepseek_magic.render.mathml import in_both_ways, mathml
from deepseek_magic.render.tex import LONGEST
from tests.each import each
from tests.render.formulas import FORMULAS
from tests.render.hostile import CORPUS
from tests.render.math_elements import formulas, texts

_BOTH = re.compile(r'<span hidden="hidden"(?: class="tex2jax_ignore mathjax_ignore")? style="display:contents">')


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
    "tex",
    [r"\unknown", r"\frac", "a_b_c", "x" * (LONGEST + 1), "{" * 150 + "x" + "}" * 150, r"\sqrt" * 900 + "x",
     r"\left( a", "a & b", "^", r"\displaystyle" * 900, r"\href{javascript:x}{y}", r"\class{a}{b}", r"\cssId{a}{b}",
     r"\style{position:fixed}{x}", r"\unicode{x41}", r"\htmlStyle{a}{b}"],
)  # fmt: skip
def test_what_stays_tex(tex: str) -> None:
    assert mathml(tex, display=False) is None
    html = f"<span>${tex.replace('&', '&amp;')}$</span>"
    assert in_both_ways(html) == html


@pytest.mark.thorough
@each("text", dict(CORPUS))
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


@pytest.mark.thorough
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
