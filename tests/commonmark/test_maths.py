"""What is a formula and what is money, where it ends, and what of it MathJax is to see."""

from __future__ import annotations

import pytest

from deepseek_magic.commonmark.maths import Formula, Formulas, looks_like_maths, open_formula, typeset


@pytest.mark.parametrize(
    ("text", "tex", "display"),
    [
        ("$x$", "x", False),
        ("$x\\$y$", "x\\$y", False),
        ("$$x\ny$$", "x\ny", True),
        ("\\(x\\)", "x", False),
        ("\\[x\\\\\\]", "x\\\\", True),
        ("$\\text{a $b$}$", "\\text{a $b$}", False),
        ("\\begin{align*}a\\end{align*}", "\\begin{align*}a\\end{align*}", True),
        ("$5x$", "5x", False),
    ],
)
def test_formula(text: str, tex: str, display: bool) -> None:
    assert Formulas(f"{text}. End").at(0) == Formula(tex, display, len(text))


@pytest.mark.parametrize(
    "text",
    [
        "$", "$5 and $6", "$ x$", "$x $", "$x$1", "$`x`$", "$$", "$$$x$$$", "$$ $$", "\\(x", "\\[x\\](y)",
        "\\begin{document}\\end{document}", "\\begin{align}x", "$HOME/$USER", "$5 bills$",
    ],
)  # fmt: skip
def test_no_formula(text: str) -> None:
    assert Formulas(text).at(0) is None


def test_a_dollar_behind_a_letter_is_money() -> None:
    assert Formulas("US$x$").at(2) is None
    assert Formulas("so$\\x$").at(2) == Formula("\\x", False, 6)


@pytest.mark.parametrize(
    ("tex", "is_maths"),
    [("x_1", True), ("1, 2, 3", True), ("100\\%", True), ("", False), ("HOME_DIR", False), ("a = b", True),
     ("cost = price", False), ("\\sin x", True), ("x", False), ("2ab", True)],
)  # fmt: skip
def test_signs_of_maths(tex: str, is_maths: bool) -> None:
    assert looks_like_maths(tex) is is_maths


@pytest.mark.parametrize(
    ("line", "before", "after"),
    [
        ("$$", "", "$$"),
        ("$$", "$$", ""),
        ("$$ x $$", "", ""),
        ("so \\[", "", "\\]"),
        ("a $$ b", "", ""),
        ("\\begin{cases} x", "", "\\end{cases}"),
        ("x \\end{cases}", "\\end{cases}", ""),
        ("`$$`", "", ""),
        ("\\$$", "", ""),
        ("", "\\]", "\\]"),
    ],
)
def test_the_formula_that_is_open_after_a_line(line: str, before: str, after: str) -> None:
    assert open_formula(line, before) == after


@pytest.mark.parametrize("command", ["\\href{javascript:x}{y}", "\\require{x}", "\\def\\a{b}", "\\htmlClass{a}{b}"])
def test_commands_that_do_more_than_show_are_not_typeset(command: str) -> None:
    assert typeset(Formula(f"x {command}", False, 0)) is None


@pytest.mark.parametrize(
    ("tex", "display", "seen"),
    [
        ("x", False, "$x$"),
        ("x", True, "$$x$$"),
        ("\\defect", False, "$\\defect$"),
        ("\\text{costs $5}", False, "$\\text{costs \\$5}$"),
        ("\\text{if $x>0$}", True, "$$\\text{if $x>0$}$$"),
        ("\\text{$5 or $6}", False, "$\\text{\\$5 or \\$6}$"),
    ],
)
def test_what_mathjax_sees(tex: str, display: bool, seen: str) -> None:
    assert typeset(Formula(tex, display, 0)) == seen


def test_what_is_nowhere_ahead_is_looked_for_once() -> None:
    """Each of many openings without an end asks again; the text is searched once for each closing."""

    class Counted(str):
        searches = 0

        def find(self, *where: object) -> int:
            Counted.searches += 1
            return super().find(*where)

    formulas = Formulas(Counted("\\(a \\[b $$c " * 500))
    assert [formulas.at(place) for place in range(0, 6_000, 12)] == [None] * 500
    assert Counted.searches <= 5
