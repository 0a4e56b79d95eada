"""Code spans (CommonMark 0.31.2, section 6.1) and formulas as elements."""

from __future__ import annotations

import re
from bisect import bisect_right
from xml.etree.ElementTree import Element

from .maths import Formula, typeset

_TICKS = re.compile("`+")


class Ticks:
    """The runs of backticks in one text, which are listed when the first is needed, so that all work is linear."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._runs: dict[int, list[int]] = {}

    def closing(self, count: int, after: int) -> int:
        """Return the index of the next run of exactly ``count`` backticks from ``after`` on, or -1."""
        if not self._runs:
            for match in _TICKS.finditer(self._text):
                self._runs.setdefault(match.end() - match.start(), []).append(match.start())
        places = self._runs.get(count, [])
        index = bisect_right(places, after - 1)
        return places[index] if index < len(places) else -1


def code_span(code: str) -> Element:
    """Return the element for the raw content of a span: line ends become spaces, and one space at each end may go."""
    code = code.replace("\n", " ")
    if len(code) > 1 and code[0] == code[-1] == " " and code.strip(" "):
        code = code[1:-1]
    return _element("code", code)


def formula_span(formula: Formula) -> Element | None:
    """Return an element for a formula, so that MathJax cannot join it with its neighbours; ``None`` as in `typeset`."""
    tex = typeset(formula)
    return None if tex is None else _element("span", tex, {"class": "math"})


def _element(tag: str, text: str, attributes: dict[str, str] | None = None) -> Element:
    element = Element(tag, attributes or {})
    element.text = text
    return element
