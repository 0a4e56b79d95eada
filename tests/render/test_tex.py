"""TeX made ready for the library that converts it: what is replaced, what goes, what is refused."""

from __future__ import annotations

import pytest

from deepseek_magic.render.tex import DEEPEST, LONGEST, Unconvertible, prepared
from deepseek_magic.render.tex_commands import Word


@pytest.mark.parametrize(
    ("tex", "ready"),
    [
        (r"\frac12 x", r"\frac 12 x"),
        (r"\begin{aligned}[t] a &= b \\[4pt] c &= d \end{aligned}", r"\begin{align*} a &= b \\  c &= d \end{align*}"),
        (r"\begin{alignat}{2} a & b \end{alignat}", r"\begin{align*} a & b \end{align*}"),
        (r"\begin{gathered} a \\ b \end{gathered}", r"\begin{displaylines} a \\  b \end{displaylines}"),
        (r"\begin{equation} a \end{equation}", "{ a }"),
        (r"\begin{array}{@{}c|r@{}} a & b \end{array}", r"\begin{array}{c|r} a & b \end{array}"),
        (r"a \\ b", r"\begin{displaylines}a \\  b\end{displaylines}"),
        (r"a \label{x} \nonumber", "a  "),
        (r"\mathop{a}\mathrel{b}", "{a}{b}"),
        (r"\hspace*{ 2 em }", r"\hspace{2em}"),
        (r"\color{red}x", r"\color{red}x"),
        ("a % not said\nb", "a b"),
        (r"50\%", r"50\%"),
        (r"[0, 1) \\ [x]", r"\begin{displaylines}[0, 1) \\  [x]\end{displaylines}"),
    ],
)
def test_what_becomes_of_commands(tex: str, ready: str) -> None:
    assert prepared(tex).tex == ready


@pytest.mark.parametrize(
    ("tex", "ready", "words"),
    [
        (r"\text{a b}", r"{\text{0}}", [("a b", "plain")]),
        (r"\text{if $x_{1}$ or \textbf{b}}", r"{\text{0}{x_{1}}\text{1}\text{2}}", ["if ", " or ", ("b", "bold")]),
        (r"\text{50\% \$5 \{a\}}", r"{\text{0}}", ["50% $5 {a}"]),
        (r"\mbox{a \(b\)}", r"{\text{0}{b}}", ["a "]),
        (r"\operatorname{Var}(X)", r"\text{0}(X)", [("Var", "function")]),
        (r"\operatorname*{arg\,max}_x", r"\text{0}_x", [("arg\u2009max", "limits")]),
        (r"\sin x \lim_x", r"\text{0} x \text{1}_x", [("sin", "function"), ("lim", "limits")]),
        (r"x \tag{1}", r"x \qquad{\text{0}}", ["(1)"]),
        (r"a \pmod n", r"a \quad(\text{0}\ {n})", ["mod"]),
        (r"\text{a &#x3c; <b>}", r"{\text{0}}", ["a &#x3c; <b>"]),
    ],
)
def test_words_stand_aside(tex: str, ready: str, words: list[str | tuple[str, str]]) -> None:
    expected = [Word(*one) if isinstance(one, tuple) else Word(one, "plain") for one in words]
    assert prepared(tex) == (ready, expected)


@pytest.mark.parametrize(
    "tex",
    [
        "x" * (LONGEST + 1), "{" * (DEEPEST + 1) + "}" * (DEEPEST + 1), "{", "}", "a & b", "$", r"\begin{align} a",
        r"\end{align}", r"\begin{align} a \end{gather}", r"\begin{tikzpicture}\end{tikzpicture}", r"\text{a",
        r"\text x",
        r"\text{\href{a}{b}}", r"\href{a}{b}", r"\unicode{65}", r"\style{a}{b}", r"\class{a}{b}", r"\def\a{b}",
        r"\verb|a|",
        r"\htmlId{a}{b}", r"\color{url(a)}", r"\hspace{9999999em}", r"\rule{9em}{9em}", r"\operatorname{a $b$}", "a\\",
    ],
)  # fmt: skip
def test_what_is_refused(tex: str) -> None:
    with pytest.raises(Unconvertible):
        prepared(tex)


def test_what_is_nested_is_read_once() -> None:
    """A formula as long and as deep as is allowed does not take longer than its length."""
    deep = r"\text{a $" * 40 + "x" + "$}" * 40
    assert len(prepared(deep).words) == 40
