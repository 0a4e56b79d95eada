"""What stands inside a block: each kind of span, what binds before what, and where code and formulas are."""

from __future__ import annotations

from xml.etree.ElementTree import Element, tostring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepseek_magic.commonmark.inline import Inline, plain
from deepseek_magic.commonmark.links import Target
from tests.growth import is_linear

DEFINED = {"a": Target("/a", ""), "b c": Target("/b", "t")}


def html(text: str) -> str:
    root = Element("r")
    Inline(text, DEFINED).into(root)
    return tostring(root, encoding="unicode", method="html").removeprefix("<r>").removesuffix("</r>")


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("", ""),
        ("\\*a\\* \\q", "*a* \\q"),
        ("a  \nb\\\nc\nd", "a<br>b<br>c\nd"),
        ("`` a`b ``", "<code>a`b</code>"),
        ("`a", "`a"),
        ("&amp;&#35;&nope;&#0;", "&amp;#&amp;nope;\ufffd"),
        ("<https://a.example/?b&c>", '<a href="https://a.example/?b&amp;c">https://a.example/?b&amp;c</a>'),
        ("www.a.example.", '<a href="http://www.a.example">www.a.example</a>.'),
        ("H<sub>2</sub>O<br/>", "H<sub>2</sub>O<br>"),
        ("<script>", "&lt;script&gt;"),
        ('[a *b*](/c "d")', '<a href="/c" title="d">a <em>b</em></a>'),
        ("![a *b*](/c)", '<img src="/c">a b'),
        ("[x][B  c] [A] [A][] [x]", '<a href="/b" title="t">x</a> <a href="/a">A</a> <a href="/a">A</a> [x]'),
        ("$a_b$ costs $5", '<span class="math">$a_b$</span> costs $5'),
        ("\\(a\\)", '<span class="math">$a$</span>'),
    ],
)
def test_span_as_html(text: str, result: str) -> None:
    assert html(text) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("*a`*`", "*a<code>*</code>"),
        ("[a`](/b)`", "[a<code>](/b)</code>"),
        ("`$a`$", "<code>$a</code>$"),
        ("$`a`$", "$<code>a</code>$"),
        ("*[a*](/b)", '*<a href="/b">a*</a>'),
        ("[a [b](/c) d](/e)", '[a <a href="/c">b</a> d](/e)'),
        ("[<https://b.example>](/c)", '<a href="/c"><span>https://b.example</span></a>'),
    ],
)
def test_what_binds_first(text: str, result: str) -> None:
    assert html(text) == result


def test_literal_places_are_noted() -> None:
    text = "a `b` $c$ ``d`` `e"
    inline = Inline(text, {})
    inline.into(Element("r"))
    assert [text[start:end] for start, end in inline.literal] == ["`b`", "$c$", "``d``"]


@pytest.mark.parametrize("unit", ["[", "![", "`", "<", "$", "[a](", "&", "* ", "_ ~ "])
def test_what_never_ends_is_shown_as_it_is(unit: str) -> None:
    text = unit * 2_000
    root = Element("r")
    Inline(text, {}).into(root)
    shown = "".join(root.itertext())
    assert shown == text


@pytest.mark.parametrize("unit", ["http://\\", "http://a..", "www.."])
def test_halves_of_addresses_are_linear(unit: str) -> None:
    assert is_linear(lambda size: html(unit * size), 1_000)


def test_an_address_may_be_long() -> None:
    address = f"https://a.example/{'b' * 7_000}"
    assert html(f"see {address}.") == f'see <a href="{address}">{address}</a>.'


@given(st.text(alphabet="ab \n*_`[]()<>!$\\&;~@.:/"))
def test_a_text_called_plain_comes_out_as_it_is(text: str) -> None:
    root = Element("r")
    Inline(text, {}).into(root)
    if plain(text):
        assert (list(root), root.text or "") == ([], text)
    assert plain(text) is False or not set(text) & set("*_`[]<&$\n\\")
