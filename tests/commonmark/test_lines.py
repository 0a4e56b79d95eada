"""A line read from left to right, in columns: tabs, what is eaten, and the part before a find."""

from __future__ import annotations

import re

import pytest

from deepseek_magic.commonmark.lines import Cursor, split_lines


def test_only_the_line_ends_of_markdown_end_a_line() -> None:
    assert split_lines("a\nb\r\nc\rd\u2028e\x0bf") == ["a\n", "b\r\n", "c\r", "d\u2028e\x0bf"]


@pytest.mark.parametrize(
    ("line", "columns", "rest", "indent"),
    [("    a", 2, "  a", 2), ("\ta", 2, "  a", 2), ("\ta", 4, "a", 0), (" \t a", 3, "  a", 2), ("a", 3, "a", 0)],
)
def test_a_container_may_end_in_a_tab(line: str, columns: int, rest: str, indent: int) -> None:
    cursor = Cursor(line)
    cursor.take(columns)
    assert (cursor.rest(), cursor.indent) == (rest, indent)


def test_a_place_is_one_of_the_line_whatever_was_eaten() -> None:
    line = ">\t- a <b> c"
    cursor = Cursor(line)
    cursor.eat_quote()
    cursor.eat(1)
    assert line[cursor.place :] == cursor.words() == "a <b> c"
    found = cursor.search(re.compile("<.>"))
    assert found is not None
    part = cursor.until(found.start())
    assert (part.words(), line[part.place], part.blank) == ("a ", "a", False)
    assert cursor.words() == "a <b> c"
    cursor.eat_to(found.end())
    assert line[cursor.place :] == cursor.words() == "c"
    cursor.eat_to(None)
    assert cursor.blank


def test_a_search_starts_at_the_words() -> None:
    cursor = Cursor("> <a")
    assert cursor.has_tags
    cursor.eat(1)
    assert cursor.search(re.compile(">")) is None
    assert not Cursor("a").has_tags
