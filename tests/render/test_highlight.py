"""Code that is coloured while it grows: nothing of it is lost, and it looks like the whole at the end."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepseek_magic.render.highlight import GrowingCode, coloured
from deepseek_magic.render.page import Page

CODE = {
    "python": 'def f(x):\n    """A long\n    text %s of `many`\n    lines.\n    """\n    return f"{x!r:>{9}} y"\n\n',
    "html": '<p class="a">x<b>y</b></p>\n<script>\nvar a = 1;\n</script>\n',
    "rust": "fn a() -> i32 { /* one */ 1 }\n",
    "json": '{"a": [1, true],\n "b": null}\n',
    "none of these": "just text\n",
}


@pytest.mark.parametrize("language", CODE)
def test_growing_code_ends_as_the_whole_looks(language: str) -> None:
    """Lexing goes on where it stopped, inside of a string, too."""
    code = CODE[language] * 5
    growing = GrowingCode()
    for end in range(1, len(code) + 1, 7):
        shown = code[:end].removesuffix("\n") + "\n"  # as the open line of a fence is shown
        assert "".join(text for _, text in growing.coloured(shown, language, resumed=False)) == shown
    assert list(growing.coloured(code, language, resumed=False)) == list(coloured(code, language))


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(["python", "html", "rust"]), st.lists(st.integers(1, 9), min_size=1))
def test_pieces_keep_their_colours(language: str, sizes: list[int]) -> None:
    """A piece that begins inside of a string is a string."""
    lines = (CODE[language] * 4).splitlines(keepends=True)
    growing, shown, start = GrowingCode(), [], 0
    for size in itertools.cycle(sizes):
        piece = lines[start : start + size]
        for end in range(1, len(piece) + 1):
            pairs = list(growing.coloured("".join(piece[:end]), language, resumed=start > 0))
            assert "".join(text for _, text in pairs) == "".join(piece[:end])
        shown += pairs
        growing.cut()
        start += size
        if start >= len(lines):
            break
    styles = [style for style, text in shown for _ in text]
    whole = [style for style, text in coloured("".join(lines), language) for _ in text]
    text = "".join(lines)
    assert [style for style, sign in zip(styles, text, strict=True) if sign.strip()] == [
        style for style, sign in zip(whole, text, strict=True) if sign.strip()
    ]


def test_another_block_begins_anew() -> None:
    """Neither the language nor an open string of the block before goes on."""
    growing = GrowingCode()
    list(growing.coloured('x = """open\n', "python", resumed=False))
    growing.cut()
    assert list(growing.coloured("y = 1\n", "python", resumed=False)) == list(coloured("y = 1\n", "python"))
    assert list(growing.coloured("fn a() {}\n", "rust", resumed=True)) == list(coloured("fn a() {}\n", "rust"))


def test_a_page_shows_a_cut_string_as_one() -> None:
    """While it grows, too: the second half of a long string has the colour of the first."""
    page = Page()
    page.feed('```python\nx = """\n' + "some words of it\n" * 60)
    page.take_group()
    assert "string-color" in page.tail()
    assert "keyword-color" not in page.tail()
