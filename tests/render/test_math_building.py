"""What a formula becomes in MathML Core."""

from __future__ import annotations

import pytest

from deepseek_magic.render.mathml import mathml
from tests.render.math_elements import texts


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
