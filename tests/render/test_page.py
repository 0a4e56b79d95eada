"""A growing text as safe HTML: groups that never change again, and the open rest."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from deepseek_magic.render import safe_html
from deepseek_magic.render.page import GROUP, Page


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
