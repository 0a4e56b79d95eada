"""Python-Markdown with our extension gives what markdown-it-py makes of the same text."""

from __future__ import annotations

import subprocess
import sys

import markdown
import pytest
from hypothesis import given, settings

from tests.commonmark.documents import documents
from tests.commonmark.shapes import SHAPES
from tests.commonmark.test_commonmark import DIFFERENT, EXAMPLES
from tests.commonmark.trees import expected, tree
from tests.each import each


def html(source: str, *others: str) -> str:
    return markdown.markdown(source, extensions=["deepseek_magic.commonmark", *others], output_format="html")


def test_the_examples_of_commonmark() -> None:
    different = {
        example["number"]
        for example in EXAMPLES
        if tree(html(str(example["markdown"]))) != expected(str(example["markdown"]))
    }
    assert different == DIFFERENT.keys()


@each("source", SHAPES)
def test_shapes(source: str) -> None:
    assert tree(html(source)) == expected(source)


@settings(max_examples=60, deadline=None)
@given(documents)
def test_generated_documents(source: str) -> None:
    assert tree(html(source)) == expected(source)


@pytest.mark.parametrize(
    "source",
    ["![a *b* `c`](d.png)", '![a](d.png "e & f")', "[![a ![b](c)](d)](e)", "![a]\n\n[a]: b", "![](a)", "![a&amp;](b)"],
)
def test_images(source: str) -> None:
    assert tree(html(source)) == expected(source)


def test_what_the_html_looks_like() -> None:
    source = "# a\n\n- [x] b\n- [ ] c & d\n\n```py\n1 < 2\n```\n\n|e|f|\n|:-|-|\n|$x_1$|[g](h?i&j)|\n"
    assert html(source) == (
        '<h1>a</h1>\n<ul><li class="task-list-item"><input checked disabled type="checkbox"> b</li>\n'
        '<li class="task-list-item"><input disabled type="checkbox"> c &amp; d</li>\n</ul>\n'
        '<pre><code class="language-py">1 &lt; 2\n</code></pre>\n'
        '<table><thead><tr><th align="left">e</th>\n<th>f</th>\n</tr>\n</thead>\n'
        '<tbody><tr><td align="left"><span class="math">$x_1$</span></td>\n'
        '<td><a href="h?i&amp;j">g</a></td>\n</tr>\n</tbody>\n</table>'
    )


@pytest.mark.parametrize("extensions", [["toc"], ["tables", "fenced_code", "admonition", "toc"]])
def test_other_extensions_may_stand_beside_it(extensions: list[str]) -> None:
    first = html("# A b\n\n| c |\n|---|\n| d |\n", *extensions)
    assert '<h1 id="a-b">A b</h1>' in first
    assert markdown.markdown("# A b", extensions=[*extensions, "deepseek_magic.commonmark"]) == '<h1 id="a-b">A b</h1>'


def test_a_converter_can_be_used_again() -> None:
    converter = markdown.Markdown(extensions=["deepseek_magic.commonmark"], output_format="xhtml")
    assert converter.convert("[a]\n\n[a]: b") == '<p><a href="b">a</a></p>'
    assert converter.convert("[a]  \nc") == "<p>[a]<br />c</p>"
    assert converter.convert(" \n") == ""


def test_raw_html_is_text() -> None:
    assert html("<script>a</script>") == "<p>&lt;script&gt;a&lt;/script&gt;</p>"


@pytest.mark.kernel
def test_reading_markdown_does_not_load_the_library() -> None:
    code = (
        "import sys, deepseek_magic.commonmark, deepseek_magic.commonmark.elements\n"
        "print('markdown' in sys.modules, hasattr(deepseek_magic.commonmark, 'nothing'), 'markdown' in sys.modules)\n"
        "deepseek_magic.commonmark.makeExtension(), print('markdown' in sys.modules)"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).split() == [
        "False",
        "False",
        "False",
        "True",
    ]
