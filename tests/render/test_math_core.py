"""What of MathML passes: attributes by name and value, lengths within bounds, signs by their category."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import pytest

from deepseek_magic.render.math_core import attributes, is_operator, line, padding


@pytest.mark.parametrize(
    ("tag", "given", "made"),
    [
        (
            "mo",
            {"stretchy": "true", "onclick": "x", "href": "x", "class": "x", "style": "x", "id": "x"},
            ' stretchy="true"',
        ),
        ("mo", {"stretchy": "yes", "form": "Prefix"}, ""),
        ("mspace", {"width": "2em", "height": "1e9em", "depth": "99em"}, ' width="2em"'),
        ("mspace", {"width": "-.5EM"}, ""),
        ("mspace", {"width": "18mu"}, ' width="1.000em"'),
        ("mspace", {"width": "negativethinmathspace"}, ' width="-0.167em"'),
        ("mspace", {"width": "calc(1em)"}, ""),
        ("mspace", {"width": "."}, ""),
        ("mfrac", {"linethickness": "0"}, ' linethickness="0"'),
        ("mstyle", {"mathcolor": "red", "scriptlevel": "1", "mathsize": "9em"}, ' mathcolor="red" scriptlevel="1"'),
        ("mstyle", {"mathcolor": "red;x", "displaystyle": "maybe"}, ""),
        ("mi", {"mathvariant": "bold"}, ""),
        ("mrow", {"style": "position:fixed"}, ""),
    ],
)
def test_attributes(tag: str, given: dict[str, str], made: str) -> None:
    assert attributes(tag, Element(tag, given)) == made


@pytest.mark.parametrize(
    ("text", "expected"), [("+", True), ("⌊", True), ("⟹", True), ("x", False), ("∞", False), ("ab", False)]
)
def test_operators(text: str, expected: bool) -> None:
    assert is_operator(text) is expected


def test_cells() -> None:
    assert [line(["none", "solid"], place) for place in range(3)] == ["", "", "border-left:1px solid"]
    assert padding(0, 2, True, True).endswith("0 .25em 0")
    assert "2em" in padding(1, 4, True, True)
    assert (padding(0, 2, False, True), padding(0, 2, False, False)) == ("padding:.25em .4em", "")
