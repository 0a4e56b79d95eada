"""Blocks as HTML before it is cleaned: nothing of the source passes as HTML, and no address leads anywhere else."""

from __future__ import annotations

import pytest

from deepseek_magic.commonmark.blocks import read
from deepseek_magic.render.html import SCHEMES, marked, raw_html
from deepseek_magic.render.safe_html import words
from deepseek_magic.render.style import BACKSLASH, MONEY


def raw(source: str, **options) -> str:
    parser = read(source)
    return raw_html(parser.finish(), parser.definitions, **options).replace("\n", "")


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("", ""),
        ("a & b", "<p>a &amp; b</p>"),
        ("<script>", "<p>&lt;script&gt;</p>"),
        ("[a](https://b.example 'c')", '<p><a href="https://b.example" title="c">a</a></p>'),
        ("![a](https://b.example)", '<p><a href="https://b.example">a</a></p>'),
        ("[a](HTTPS://b)", '<p><a href="HTTPS://b">a</a></p>'),
        ("- [x] a", '<ul><li class="task-list-item"><span class="done"></span> a</li></ul>'),
        ("$x$", '<p class="maths"><span>$x$</span></p>'),
        ("- a $x$", '<ul class="maths"><li>a <span>$x$</span></li></ul>'),
    ],
)
def test_html_of_a_source(source: str, html: str) -> None:
    assert raw(source) == html


@pytest.mark.parametrize(
    "address",
    ["/api", "x", "javascript:x", "JaVaScRiPt:x", "data:text/html,x", "file:///etc", "//b.example", "vbscript:x",
     "http", "?q", "#a", "ftp://b", ""],
)  # fmt: skip
@pytest.mark.parametrize("form", ["[a](<{}>)", "![a](<{}>)", "[a]\n\n[a]: <{}>"])
def test_an_address_that_is_not_plainly_of_the_web_is_shown_and_not_linked(address: str, form: str) -> None:
    html = raw(form.format(address))
    assert "href" not in html
    assert "<img" not in html
    assert f'title="{address}"' in html


def test_addresses_that_are_linked_are_of_these_schemes() -> None:
    assert {"http", "https", "mailto"} == SCHEMES


def test_no_link_is_in_a_link() -> None:
    html = raw("[![a](https://b.example) https://d.example](https://c.example)")
    assert html.count("<a ") == 1
    assert "b.example" not in html


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("$5", f"{MONEY}5"),
        ("\\(a", f"{BACKSLASH}(a"),
        ("\\[", f"{BACKSLASH}["),
        ("\\begin{a}", f"{BACKSLASH}begin{{a}}"),
        ("\\eqref{a}", f"{BACKSLASH}eqref{{a}}"),
        ("\\alpha", "\\alpha"),
        ("", ""),
    ],
)
def test_what_mathjax_would_take_is_marked(text: str, seen: str) -> None:
    assert marked(text) == seen


def test_money_is_marked_in_text_and_not_in_code_or_formulas() -> None:
    html = raw("$5 `$6` $x$ <b>$7</b>")
    assert html.count(MONEY) == 2
    assert "<code>$6</code>" in html
    assert "<span>$x$</span>" in html


@pytest.mark.parametrize(
    ("info", "language"),
    [("python", "python"), ("{r}", "r"), ("c++", "c++"), ('"><script>', None), ("a" * 99, "a" * 30), ("é", None)],
)
def test_a_language_is_a_word(info: str, language: str | None) -> None:
    html = raw(f"```{info}\nx\n```")
    assert (f'<pre class="language-{language}">' in html) if language else ("<pre>" in html)


def test_colours_are_asked_for_blocks_of_the_top_only() -> None:
    asked: list[tuple[str, str]] = []

    def colours(code: str, language: str):
        asked.append((code, language))
        return [("k", "<"), ("", "&")]

    html = raw("```py\na\n```\n\n> ```py\n> b\n> ```\n", colours=colours)
    assert asked == [("a\n", "py")]
    assert '<span class="k">&lt;</span>&amp;' in html


def test_a_piece_of_a_table_has_no_head() -> None:
    assert "<thead>" not in raw("|a|\n|-|\n|b|\n", resumed=True)


REORDERING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
MARKS = "\u200e\u200f\u061c"


@pytest.mark.parametrize("character", REORDERING + MARKS)
@pytest.mark.parametrize(
    "source",
    ["user{} text", "a **b{}** c", "# T{}", "| a{} | b |\n|---|---|\n| c{} | d |", "[a](http://x.y 't{}')", "- {}x"],
)
def test_what_reorders_prose_is_shown_and_not_obeyed(source, character):
    html = str(raw(source.format(character, character)))
    assert (character in html) == (character in MARKS)
    assert (f"\\u{ord(character):04x}" in html) == (character in REORDERING)


@pytest.mark.parametrize("character", REORDERING + MARKS)
@pytest.mark.parametrize(
    "source", ["```python\nx = 'a{}b'  # c\n```", "```\nx {}\n```", "    x = 1 {}\n", "a `b{}c` d", "$x {} y$"]
)
def test_what_hides_in_code_is_shown(source, character):
    html = str(raw(source.format(character)))
    assert character not in html
    assert f"\\u{ord(character):04x}" in html


def test_a_reference_to_such_a_character_is_shown_too():
    assert "\u202e" not in str(raw("a &#x202e; b"))


@pytest.mark.parametrize("character", REORDERING)
def test_in_our_own_words_too(character):
    assert character not in str(words(f"a{character}b"))
