"""A growing text as safe HTML: groups that never change again, and the open rest."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepseek_magic.commonmark.splitter import PIECE
from deepseek_magic.render import safe_html
from deepseek_magic.render.page import GROUP, Page

LONG_TABLE = "\n\n| a | b |\n|---|---|\n" + "".join(f"| {number} | `two` |\n" for number in range(90)) + "\n"
LONG_CODE = "\n\n```python\n" + "".join(f"def f{number}():\n    return {number}\n" for number in range(60)) + "```\n\n"
LONG_LIST = "\n\n" + "".join(f"- item {number} of a list\n" for number in range(80)) + "\n"


def _words(html: str) -> str:
    return re.sub(r"<[^>]*>|\s", "", html)


class TestPage:
    @settings(deadline=None, max_examples=40)
    @given(
        st.lists(st.sampled_from(["word ", "\n\n", "- item\n", "```\n", "code\n", "| a | b |\n", "# h\n"]), max_size=80)
    )
    def test_groups_and_the_end_show_the_whole(self, pieces: list[str]) -> None:
        """However it came, the final view is that of the whole text."""
        page = Page()
        for piece in pieces:
            page.feed(piece)
            page.take_group()
            page.tail()
        text = "".join(pieces)
        assert page.holds(text)
        assert page.finish() == safe_html.answer(text)

    @settings(deadline=None, max_examples=25)
    @given(
        st.lists(st.sampled_from(["word ", "\n\n", LONG_TABLE, LONG_CODE, LONG_LIST, "# h\n"]), max_size=8),
        st.integers(0, 4000),
    )
    def test_the_last_paint_shows_the_whole_too_wherever_it_was_painted_before(
        self, pieces: list[str], painted: int
    ) -> None:
        text, page = "".join(pieces), Page()
        page.feed(text[:painted])
        group = page.take_group() or ""
        page.tail()
        page.feed(text[painted:])
        assert page.finish(painted=True) == safe_html.answer(text)
        assert _words(group + page.tail()) == _words(safe_html.answer(text))

    @pytest.mark.parametrize("text", [LONG_TABLE, LONG_CODE, LONG_LIST], ids=["table", "code", "list"])
    def test_what_was_never_painted_is_rendered_once(self, text: str) -> None:
        """Not in pieces for the last paint, and whole for the end."""
        page = Page()
        page.feed(text)
        html = page.finish(painted=True)
        assert len(text) > 2 * PIECE
        assert page.tail() == html

    def test_a_group_is_handed_over_once_and_is_worth_it(self) -> None:
        page = Page()
        paragraph = "word " * 60 + "\n\n"
        for _ in range(GROUP // len(paragraph) + 2):
            page.feed(paragraph)
        group = page.take_group()
        assert group is not None
        assert page.take_group() is None
        assert page.open_size < GROUP
        assert isinstance(page.tail(), safe_html.SafeHtml)

    def test_it_knows_when_it_missed_some(self) -> None:
        page = Page()
        page.feed("abc")
        assert not page.holds("abcd")
