"""Code blocks of a reply by CommonMark's rules."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from deepseek_magic.commonmark.code_blocks import CodeBlock, code_blocks
from tests.commonmark.documents import soups


@pytest.mark.parametrize(
    ("markdown", "blocks"),
    [
        ("text\n```python\nx = 1\n\ny\n```\nmore\n", [("x = 1\n\ny", "python")]),
        ("```\na\n```\n~~~ js extra\nb\n~~~\n", [("a", ""), ("b", "js")]),
        ("```py\nunclosed\n  x", [("unclosed\n  x", "py")]),
        ("````\n```\n````\n", [("```", "")]),
        ("1. do\n   ```bash\n   ls\n     -l\n   ```\n", [("ls\n  -l", "bash")]),
        ("> ```\n> a\n>  b\n", [("a\n b", "")]),
        ("- > ```x\n  > a\n", [("a", "x")]),
        ("    a\n      b\n\n    c\n\ntext\n", [("a\n  b\n\nc", "")]),
        ("- a\n\n      code\n", [("code", "")]),
        ("  ```\n  a\n    b\n c\n  ```\n", [("a\n  b\nc", "")]),
        ("```\r\na\r\nb\r\n```\r\n", [("a\nb", "")]),
        ("```\na\x0cb\u2028c\n```\n", [("a\x0cb\u2028c", "")]),
        ("``` c&#43;+\nx\n```\n", [("x", "c++")]),
        ("```\n```\n", [("", "")]),
        ("a `b` ``` c ```\n", []),
        ("\\```\na\n\\```\n", []),
        ("text\n    lazy\n", []),
        ("$$\n    x\n$$\n", []),
        ("\tx\n\t\ty\n", [("x\n\ty", "")]),
        ("", []),
    ],
)
def test_code_blocks(markdown: str, blocks: list[tuple[str, str]]) -> None:
    assert code_blocks(markdown) == tuple(CodeBlock(source, language) for source, language in blocks)


@settings(max_examples=200, deadline=None)
@given(soups)
def test_any_text_is_taken(source: str) -> None:
    for block in code_blocks(source):
        assert not block.source.endswith("\r")


# Raw HTML is shown as text, here as everywhere in a reply.
JUDGE = MarkdownIt("commonmark").disable(["html_block", "html_inline"])
FENCES = [
    "```",
    "````",
    "~~~",
    "~~~~",
    "```python",
    "~~~ py x",
    "``` a`b",
    "~~~ a`b",
    "``",
    "``` ",
    "\\```",
    "\\~~~",
    "``` `",
]
LINES = st.builds(
    lambda container, indent, text: container + indent + text,
    st.sampled_from(["", "", "> ", "- ", "1. ", "  ", "    "]),
    st.sampled_from(["", "", " ", "  ", "   ", "    ", "\t"]),
    st.sampled_from([*FENCES, "x = 1", "  y", "text", "", "", "# h", "---"]),
)


def judged(markdown: str) -> list[CodeBlock]:
    blocks = []
    for token in JUDGE.parse(markdown):
        if token.type == "fence":
            blocks.append(CodeBlock(token.content.removesuffix("\n"), (token.info.split() or [""])[0]))
        elif token.type == "code_block":
            blocks.append(CodeBlock(token.content.rstrip("\n"), ""))
    return blocks


@settings(max_examples=300, deadline=None)
@given(st.lists(LINES, max_size=10).map("\n".join))
def test_fences_in_any_place_are_those_of_another_parser(markdown: str) -> None:
    # It closes a quote or a list at a deeply indented line that goes on with its paragraph (CommonMark 5.1): not here.
    if not re.search(r"\S[^\n]*\n(?: {4}| {0,3}\t)", markdown):
        assert list(code_blocks(markdown + "\n")) == judged(markdown + "\n")
