"""Which delimiters open and close, and the tree that they make, of the delimiters alone."""

from __future__ import annotations

from xml.etree.ElementTree import Element, tostring

import pytest

from deepseek_magic.commonmark.emphasis import MAX_DEPTH, Delimiter, Part, append_text, delimiter_run, fill


def run_in(text: str) -> tuple[bool, bool]:
    """Whether the one run of delimiters in ``text`` opens, and whether it closes."""
    places = [place for place, character in enumerate(text) if character in "*_~"]
    mark = delimiter_run(text, places[0], places[-1] + 1)
    return mark.opens, mark.closes


def filled(*parts: Part, open_end: bool = False) -> str:
    root = Element("r")
    fill(root, list(parts), open_end=open_end)
    return tostring(root, encoding="unicode").removeprefix("<r>").removesuffix("</r>").replace("<r />", "")


def star(count: int, opens: bool = True, closes: bool = True) -> Delimiter:
    return Delimiter("*", count, opens, closes)


@pytest.mark.parametrize(
    ("text", "opens", "closes"),
    [
        ("*a", True, False),
        ("a*", False, True),
        ("a*b", True, True),
        ("a * b", False, False),
        ("*", False, False),
        ("a_b", False, False),
        ("(_b", True, False),
        ('a*"b', False, True),
        ('"*a', True, False),
        ("~a", False, False),
        ("~~a", True, False),
        ("~~~a", False, False),
        ("\u00a0*\u00a0", False, False),
        ("a**\u201c\u6587", True, True),
        ("\u6587\u3002**a", True, True),
        ("a**\u201cb", False, True),
    ],
)
def test_what_a_run_can_do(text: str, opens: bool, closes: bool) -> None:
    assert run_in(text) == (opens, closes)


@pytest.mark.parametrize(
    ("parts", "result"),
    [
        ((), ""),
        ((star(1), "a", star(1)), "<em>a</em>"),
        ((star(3), "a", star(3)), "<em><strong>a</strong></em>"),
        ((star(2, closes=False), "a", star(1, opens=False)), "*<em>a</em>"),
        ((star(1), "a", star(2), "b", star(3)), "<em>a<strong>b</strong></em>"),
        ((star(1, closes=False), "a"), "*a"),
        ((Delimiter("b", 1, True, False, "<B>"), "a", Delimiter("b", 1, False, True, "</B>")), "<b>a</b>"),
        ((Delimiter("b", 1, True, False, "<B>"), "a"), "&lt;B&gt;a"),
        ((Delimiter("~", 2, True, False), "a", Delimiter("~", 2, False, True)), "<del>a</del>"),
    ],
)
def test_marks_that_belong_together(parts: tuple[Part, ...], result: str) -> None:
    assert filled(*parts) == result


def test_crossed_marks_do_not_cross_elements() -> None:
    assert filled(star(1, closes=False), "a", Delimiter("_", 1, True, False), "b", star(1, opens=False), "c") == (
        "<em>a_b</em>c"
    )


def test_an_open_end_closes_what_is_open() -> None:
    assert filled(star(2, closes=False), "a", star(1, closes=False), "b", open_end=True) == (
        "<strong>a<em>b</em></strong>"
    )
    assert filled(star(2, closes=False), "a", star(1, opens=False), open_end=True) == "<strong>a</strong>"


def test_deep_nesting_ends_as_text() -> None:
    count = 200
    parts = [*(part for _ in range(count) for part in (star(1, closes=False), "a"))]
    parts += [*(part for _ in range(count) for part in (star(1, opens=False), "b"))]
    found = filled(*parts)
    assert found.count("<em>") == found.count("</em>") == MAX_DEPTH
    assert found.count("*") == 2 * (count - MAX_DEPTH)
    assert (found.count("a"), found.count("b")) == (count, count)


def test_text_goes_behind_what_is_there() -> None:
    element = Element("p")
    for text in ("a", "b"):
        append_text(element, text)
    element.append(Element("br"))
    for text in ("c", "d"):
        append_text(element, text)
    assert tostring(element, encoding="unicode") == "<p>ab<br />cd</p>"
