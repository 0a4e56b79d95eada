"""Our wrappers, colours and directions on cleaned HTML: what each tag becomes, whole, cut, and from right to left."""

from __future__ import annotations

import re

import pytest

from deepseek_magic.render.style import BACKSLASH, MONEY, Cut, dress, escaped, inline_colours

WHOLE = Cut()


@pytest.mark.parametrize(
    ("html", "parts"),
    [
        ("<p>a</p>", ['<p dir="auto">a</p>']),
        ("<hr>", ["<hr>"]),
        ('<a href="https://b">a</a>', ['href="https://b"', 'target="_blank"', "text-decoration:underline"]),
        ('<td align="right">a</td>', ["text-align:right"]),
        ("<td>a</td>", ["text-align:left"]),
        ('<p class="maths">a</p>', ["overflow-x:auto"]),
        ('<li class="task-list-item">a</li>', ["list-style:none"]),
        ('<span class="done"></span>', ['role="img"', 'aria-label="done"', "☑"]),
        ("<table><tr></tr></table>", ['<div class="deepseek-table"', "overflow-x:auto", "</table></div>"]),
        ("<pre><code>a</code></pre>", ['class="deepseek-code highlight"', "overflow:auto", "</pre></div>"]),
        ('<pre class="language-py"><code>a</code></pre>', ['aria-label="py"', ">py</div>"]),
    ],
)
def test_what_a_tag_becomes(html: str, parts: list[str]) -> None:
    found = dress(html, WHOLE)
    assert [part for part in parts if part not in found] == []


def test_classes_are_only_ours_or_those_of_pygments() -> None:
    found = dress('<p class="maths"><span class="k">a</span><span class="c">b</span></p>', WHOLE)
    assert found.count("class=") == 1
    assert '<span class="k">a</span>' in found
    assert inline_colours(found).count("class=") == 0


def test_marks_become_what_mathjax_passes_over() -> None:
    assert dress(f"a{MONEY}{MONEY}{BACKSLASH}b", WHOLE) == ('a<span class="tex2jax_ignore mathjax_ignore">$$\\</span>b')


@pytest.mark.parametrize(
    ("cut", "margins"),
    [
        (WHOLE, ".6em 0 .6em"),
        (Cut(True, False), "0 0 .6em"),
        (Cut(False, True), ".6em 0 0"),
        (Cut(True, True), "0 0 0"),
    ],
)
@pytest.mark.parametrize("html", ["<pre><code>a</code></pre>", "<table></table>", "<ul><li>a</li></ul>"])
def test_pieces_touch(html: str, cut: Cut, margins: str) -> None:
    found = dress(html, cut)
    assert (f"margin:{margins}" in found) or (cut == WHOLE and "<ul" in found)


def test_only_the_first_element_is_the_piece() -> None:
    found = dress("<ul><li><pre><code>a</code></pre></li></ul>", Cut(True, True))
    assert found.count("margin:0 0 0") == 1
    assert "border-top:0" not in found


def test_a_language_is_named_on_the_first_piece_only() -> None:
    code = '<pre class="language-py"><code>a</code></pre>'
    assert ">py</div>" in dress(code, Cut(False, True))
    assert ">py</div>" not in dress(code, Cut(True, False))


@pytest.mark.parametrize("letter", ["\u05d0", "\u0628", "\ufb4f"])
def test_text_from_right_to_left_turns_its_boxes_and_not_its_code(letter: str) -> None:
    found = dress(f"<ul><li><p>{letter}</p><pre><code>a</code></pre></li></ul>", WHOLE)
    assert '<ul style="padding:0 2em">' in found
    assert '<p dir="auto" style="text-align:right;text-align:start">' in found
    assert '<div dir="ltr" class="deepseek-code' in found
    assert "text-align:start" in dress(f"<td>{letter}</td>", WHOLE)
    assert "text-align:start" not in dress(f'<td align="right">{letter}</td>', WHOLE)


def test_many_tags_of_one_kind_are_all_dressed() -> None:
    found = dress("<table><tbody>" + "<tr><td>1</td></tr>" * 5_000 + "</tbody></table>", WHOLE)
    assert found.count('<td style="text-align:left">1</td>') == 5_000


def test_text_is_escaped_for_tags_and_attributes() -> None:
    assert escaped('<a href="b">\'&') == "&lt;a href=&quot;b&quot;&gt;&#x27;&amp;"
    assert dress("", WHOLE) == ""


@pytest.mark.parametrize(
    ("words", "side"),
    [
        ("שלום world", "right"),
        ("<strong>مرحبا</strong> world", "right"),
        ("<code>x</code> &amp; 12. مرحبا", "right"),
        ("world שלום", "left"),
        ("12.", "left"),
    ],
)
def test_the_side_of_a_text_is_named_plainly_too(words, side):
    """What is not trusted keeps only that; each paragraph and each cell has its own."""
    html = f"<blockquote><p>{words}</p><p>english</p><p>עברית</p></blockquote>"
    first, second, third = re.findall(r'<p dir="auto" style="([^"]*)">', dress(html, WHOLE))
    plain = {"left": "text-align:start", "right": "text-align:right;text-align:start"}
    assert (first, second, third) == (plain[side], plain["left"], plain["right"])
    cells = f"<table><tr><td>{words}</td><td>english</td><td>עברית</td></tr></table>"
    found = re.findall(r'<td dir="auto" style="text-align:(\w+);text-align:start">', dress(cells, WHOLE))
    assert found == [side, "left", "right"]
