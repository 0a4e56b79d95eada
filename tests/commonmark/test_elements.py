"""Blocks as elements: what HTML each becomes, how short rows are filled up, and what a piece of a table leaves out."""

from __future__ import annotations

from xml.etree.ElementTree import Element, tostring

import pytest

from deepseek_magic.commonmark.blocks import read
from deepseek_magic.commonmark.elements import MAX_PADDING, build
from deepseek_magic.commonmark.links import Target


def html(source: str, *, resumed: bool = False) -> str:
    """The elements of ``source`` as HTML, without the root."""
    parser, root = read(source), Element("root")
    build(root, parser.finish(), parser.definitions, resumed=resumed)
    return tostring(root, encoding="unicode", method="html").removeprefix("<root>").removesuffix("</root>")


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("", ""),
        ("a\n\nb", "<p>a</p><p>b</p>"),
        ("## a *b*", "<h2>a <em>b</em></h2>"),
        ("---", "<hr>"),
        ("```", "<pre><code></code></pre>"),
        ("```py x=1\na<b\n```", '<pre><code class="language-py">a&lt;b\n</code></pre>'),
        ("> a\n> > b", "<blockquote><p>a</p><blockquote><p>b</p></blockquote></blockquote>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("- a\n\n- b", "<ul><li><p>a</p></li><li><p>b</p></li></ul>"),
        ("7. a", '<ol start="7"><li>a</li></ol>'),
        ("1. a", "<ol><li>a</li></ol>"),
        ("[a]: /b\n\n[a]", '<p><a href="/b">a</a></p>'),
        ("a\x00b\ud800", "<p>a\ufffdb\ufffd</p>"),
    ],
)
def test_block_as_html(source: str, result: str) -> None:
    assert html(source) == result


@pytest.mark.parametrize(
    ("source", "boxes"),
    [("- [ ] a", 1), ("- [x] a\n- [X] b", 2), ("- [x]", 0), ("- [x]a", 0), ("[x] a", 0), ("- a\n\n  [x] b", 0)],
)
def test_a_task_is_only_what_starts_an_item(source: str, boxes: int) -> None:
    assert html(source).count("<input") == boxes
    assert html(source).count(" checked=") == (boxes if "x" in source else 0)


def test_cells_are_as_many_as_the_head_says() -> None:
    assert html("|a|b|\n|:-|-:|\n|1|\n|1|2|3|\n") == (
        '<table><thead><tr><th align="left">a</th><th align="right">b</th></tr></thead>'
        '<tbody><tr><td align="left">1</td><td align="right"></td></tr>'
        '<tr><td align="left">1</td><td align="right">2|3</td></tr></tbody></table>'
    )


def test_short_rows_are_filled_up_only_so_far() -> None:
    """A few kilobytes of a wide head and many short rows would be millions of cells."""
    columns, rows = 500, 400
    found = html(f"{'|a' * columns}|\n{'|-' * columns}|\n" + "|b|\n" * rows)
    assert found.count("<td>") == rows + MAX_PADDING


def test_a_piece_of_a_table_has_no_head() -> None:
    source = "|a|\n|-|\n|b|\n\n|c|\n|-|\n"
    assert html(source, resumed=True).count("<thead>") == 1  # only the first block goes on after another piece
    assert "a" not in html("|a|\n|-|\n|b|\n", resumed=True).replace("<table>", "").replace("</table>", "")


def test_definitions_of_elsewhere_are_used() -> None:
    root = Element("root")
    build(root, read("[a]").finish(), {"a": Target("/b", "c")})
    assert tostring(root, encoding="unicode") == '<root><p><a href="/b" title="c">a</a></p></root>'
