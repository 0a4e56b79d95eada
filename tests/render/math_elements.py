"""The elements of a formula in MathML Core, each checked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

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
