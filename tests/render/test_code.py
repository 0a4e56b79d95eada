"""Code blocks of a reply by CommonMark's rules."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from deepseek_magic.render.code import CodeBlock, code_blocks
from tests.render.documents import soups


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
