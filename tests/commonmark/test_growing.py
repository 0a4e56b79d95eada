"""Inline text that is still growing: at each character it looks like what it will be."""

from __future__ import annotations

from xml.etree.ElementTree import Element, tostring

import pytest

from deepseek_magic.commonmark.growing import GrowingInline
from tests.growth import is_linear


def html(text: str) -> str:
    root = Element("r")
    GrowingInline(text, {}).into(root)
    return tostring(root, encoding="unicode", method="html").removeprefix("<r>").removesuffix("</r>")


def steps(text: str) -> list[str]:
    """What is shown after each character, each view once."""
    views = [html(text[:end]) for end in range(1, len(text) + 1)]
    return list(dict.fromkeys(views))


@pytest.mark.parametrize(
    ("text", "views"),
    [
        ("**ab**", ["", "<strong>a</strong>", "<strong>ab</strong>"]),
        ("~~a~~", ["", "<del>a</del>"]),
        ("``a`b``", ["", "<code>a</code>", "<code>a`b</code>"]),
        ("[a](b)", ["[", '<span class="link">a</span>', '<a href="b">a</a>']),
        ("$x^2$", ["$", "$x", "<code>x^</code>", "<code>x^2</code>", '<span class="math">$x^2$</span>']),
        ("H<sub>2</sub>", ["H", "H<sub></sub>", "H<sub>2</sub>"]),
        ("a\\*", ["a", "a*"]),
        ("$5", ["$", "$5"]),
        ("a[1]", ["a", "a[", "a[1", "a[1]"]),
        ("2 * 3", ["2", "2 ", "2 * ", "2 * 3"]),
    ],
)
def test_each_step(text: str, views: list[str]) -> None:
    assert steps(text) == views


@pytest.mark.parametrize(
    "text", ["**a *b* `c`** [d *e*](f) $g_1$ \\(h\\) ~~i~~", "***a** b* ``c ` d`` ![e](f) <b>g</b>"]
)
def test_a_marker_is_never_seen(text: str) -> None:
    for end in range(1, len(text) + 1):
        root = Element("r")
        GrowingInline(text[:end], {}).into(root)
        for code in [*root.iter("code"), *root.iter("span")]:
            if code.tag == "code" or code.get("class") == "math":
                code.text = ""
        shown = "".join(root.itertext())
        assert not set("*`~]()") & set(shown), (text[:end], shown)


@pytest.mark.parametrize("text", ["**", "[a", "$x", "`" + "a" * 501, "[" + "a" * 301])
def test_an_end_that_never_comes_shows_the_text(text: str) -> None:
    """What is likely to be no markup any more is text again, all of it."""
    letters = "".join(character for character in text if character.isalpha())
    root = Element("r")
    GrowingInline(text, {}).into(root)
    shown = "".join(root.itertext())
    assert letters in shown
    assert ("`" in shown or "[" in shown) == (len(text) > 100)


def test_open_images_have_no_address_and_no_element_of_their_own() -> None:
    root = Element("r")
    GrowingInline("see [![a](https://b.example/c.png) d", {}).into(root)
    assert [element.tag for element in root.iter()] == ["r", "span", "span"]
    assert all("src" not in element.attrib for element in root.iter())


@pytest.mark.parametrize(("unit", "end"), [("[a](", "\n*a"), ('[a](<b " ', "c>\nd")])
def test_half_links_that_are_text_are_linear(unit: str, end: str) -> None:
    assert is_linear(lambda size: html(unit * size + end), 500)
