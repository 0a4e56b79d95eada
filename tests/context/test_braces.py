"""Which braces of a question may stand for a value: not those of code, of formulas, of f-strings and of TeX."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepseek_magic.commonmark.literal_spans import Span
from deepseek_magic.context.braces import MAX_LENGTH, in_prose, pairs


def offered(text: str) -> list[str]:
    """What stands between the braces that may stand for a value; a call such as ``f("$")`` is an expression."""
    found = in_prose(text, lambda inside: inside.startswith("f("))
    return [text[start + 1 : end] for start, end in sorted(found.items())]


@pytest.mark.parametrize(
    ("text", "braces"),
    [
        ("", []),
        ("a {b} c {d.e}", ["b", "d.e"]),
        ("{a{b}}", ["a{b}", "b"]),
        ("{a} } {", ["a"]),
        ("\\{a} {b}", ["b"]),
        ("`{a}` {b}", ["b"]),
        ("```\n{a}\n```\n{b}", ["b"]),
        ("    {a}\n\n{b}", ["b"]),
        ("$x_{a}$ {b}", ["b"]),
        ("\\frac{a}[c]{d} {b}", ["b"]),
        ("\\begin{align}{a}\\end{align} {b}", ["b"]),
        ("f'{a}' f\"{a}\" {b}", ["b"]),
        ('rf"""{a}\n\n{c}""" {b}', ["b"]),
        ('if "{a}" {b}', ["a", "b"]),
        ("{f('`')} and {b} `x`", ["f('`')", "b"]),
        ("it costs {f('$')} or $6", ["f('$')"]),
    ],
)
def test_braces_that_may_stand_for_a_value(text: str, braces: list[str]) -> None:
    assert offered(text) == braces


def test_pairs_are_looked_for_in_the_spans_only() -> None:
    text = "{a} {b} {c}"
    assert pairs(text, [Span(0, 3), Span(8, 11)]) == {0: 2, 8: 10}
    assert pairs(text, [Span(0, 1), Span(10, 11)]) == {0: 10}
    assert pairs(text, []) == {}


def test_what_is_too_long_is_not_asked_about() -> None:
    asked: list[str] = []
    in_prose("{" + "a$" * 5_000 + "}", lambda inside: bool(asked.append(inside)))
    assert [len(inside) for inside in asked] == [MAX_LENGTH - 1]


@pytest.mark.parametrize("unit", ["{", "}", "{a", "f'{", 'f"""', "\\a{", "\\begin{align}", "`{", "${", "\\", "{'$"])
def test_what_never_ends_offers_no_more_than_it_holds(unit: str) -> None:
    text = unit * 2_000
    found = in_prose(text, lambda inside: False)
    assert all(text[start] == "{" and text[end] == "}" for start, end in found.items())
    assert len(found) <= text.count("}")


@given(st.text(alphabet="a{}\\`$'\"f\n "))
def test_what_is_offered_is_a_pair_of_the_text(text: str) -> None:
    found = in_prose(text, lambda inside: True)
    assert found.items() <= pairs(text, [Span(0, len(text))]).items() or "\\" in text or len(found) <= text.count("{")
    assert all(text[start] == "{" and text[end] == "}" and start < end for start, end in found.items())
