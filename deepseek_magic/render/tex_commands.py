r"""The commands of TeX that `tex` replaces, drops or refuses; all others are for ``latex2mathml`` to know."""

from __future__ import annotations

from typing import NamedTuple


class Word(NamedTuple):
    """Words in a formula: what they say, and what they are: text in a style, or the name of a function.

    ``kind`` is "plain", "bold", "italic", "mono" or "sans"; "function" for a name, "limits" for one with limits below.
    """

    text: str
    kind: str


TEXT = {
    **dict.fromkeys((r"\text", r"\textrm", r"\textup", r"\textnormal", r"\textmd", r"\mbox", r"\hbox"), "plain"),
    r"\textbf": "bold",
    r"\textit": "italic",
    r"\emph": "italic",
    r"\texttt": "mono",
    r"\textsf": "sans",
}


def _commands(names: str) -> frozenset[str]:
    return frozenset(f"\\{name}" for name in names.split())


_PLAIN_FUNCTIONS = _commands(
    "arccos arcsin arctan arctg arg cos cosh cosec cot coth csc ctg deg dim exp hom ker lg ln log sec sin sinh tan "
    "tanh tg"
)
FUNCTIONS = {
    **{command: Word(command[1:], "function") for command in _PLAIN_FUNCTIONS},
    **{command: Word(command[1:], "limits") for command in _commands("det gcd inf lim max min Pr sup plim")},
    r"\limsup": Word("lim\u2009sup", "limits"),
    r"\liminf": Word("lim\u2009inf", "limits"),
    r"\argmax": Word("arg\u2009max", "limits"),
    r"\argmin": Word("arg\u2009min", "limits"),
}
_ALIGNED = ("align", "aligned", "alignat", "alignedat", "split", "eqnarray", "flalign")
_CENTRED = ("gather", "gathered", "multline", "multlined")
_SAME = ("matrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix", "Vmatrix", "smallmatrix", "cases", "array")
ENVIRONMENTS = {
    **{name: (f"\\begin{{{name}}}", f"\\end{{{name}}}") for name in _SAME},
    **dict.fromkeys(_ALIGNED, (r"\begin{align*}", r"\end{align*}")),
    **dict.fromkeys(_CENTRED, (r"\begin{displaylines}", r"\end{displaylines}")),
    **dict.fromkeys(("equation", "displaymath", "math"), ("{", "}")),
    "dcases": (r"\begin{cases}", r"\end{cases}"),
    "rcases": (r"\left.\begin{matrix}", r"\end{matrix}\right\}"),
    "subarray": (r"\substack{", "}"),
}
WITH_ARGUMENT = frozenset({"alignat", "alignedat", "subarray"})
# Without a meaning here: numbers of lines, hints for line breaks, classes of spacing that the reader's page works out.
DROPPED = _commands(
    "nonumber notag displaylimits allowbreak nobreak noindent centering relax protect hfill hfil break newline "
    "mathbin mathclose mathinner mathop mathopen mathord mathpunct mathrel"
)
REFUSED = _commands(
    "unicode href class style verb def let newcommand renewcommand newenvironment DeclareMathOperator csname rule "
    "colorbox fcolorbox cssId data bbox html htmlClass htmlId htmlStyle htmlData includegraphics require input"
)
IN_TEXT = {
    **{rf"\{sign}": sign for sign in "%$&#_{}"},
    r"\ ": " ",
    "~": "\u00a0",
    r"\,": "\u2009",
    r"\;": " ",
    r"\:": " ",
    r"\!": "",
    r"\quad": "\u2003",
    r"\qquad": "\u2003\u2003",
    r"\\": " ",
    r"\-": "",
    r"\dots": "…",
    r"\ldots": "…",
    r"\LaTeX": "LaTeX",
}
BINOMIAL = {r"\binom": "", r"\dbinom": r"\displaystyle ", r"\tbinom": r"\textstyle "}
