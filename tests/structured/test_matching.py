"""A text that matches a regular expression: it is found in it, has the length that is asked for, or there is none."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepseek_magic.structured.matching import matching


@pytest.mark.parametrize(
    "pattern",
    ["", "abc", "^[A-Z]{3}-\\d{4}$", "a|b|c", "(ab)+c?", "^\\w+@\\w+\\.org$", "[^a-z]", "\\s\\S", ".{3}", "(a)\\1",
     "(?P<x>a|b)-(?P=x)", "^(?:0|-?[1-9][0-9]*)$", "[\u0400-\u04ff]{2}", "\\Aa\\Z", "a{2,}", "(?i)ABC", "[a-z]*?z",
     "\\bword\\b"],
)  # fmt: skip
@pytest.mark.parametrize("turn", [0, 1, 7])
def test_the_pattern_is_found_in_the_text(pattern, turn):
    text = matching(pattern, turn)
    assert text is not None
    assert re.search(pattern, text)


@pytest.mark.parametrize("pattern", ["(", "[", "a{9999999999}", "(?!a)a", "a\\b\\Bb", "^a$b", "*"])
def test_where_none_is_found_there_is_none(pattern):
    text = matching(pattern)
    assert text is None or re.search(pattern, text)


def test_it_is_the_same_each_time_and_another_for_each_turn():
    assert matching("^[a-z]{2}$") == matching("^[a-z]{2}$")
    assert len({matching("^[a-z]$", turn) for turn in range(26)}) == 26
    assert [matching("red|green|blue", turn) for turn in range(4)] == ["red", "green", "blue", "red"]


@pytest.mark.parametrize(("least", "most"), [(0, None), (12, None), (0, 3), (5, 5), (150, 199)])
def test_the_length_is_within_its_bounds(least, most):
    text = matching("^[a-z]*$", 0, least, most)
    assert least <= len(text) <= (most if most is not None else 10**6)


def test_a_length_that_cannot_be_has_no_example():
    assert matching("^abc$", 0, 4) is None
    assert matching("^abc$", 0, 0, 2) is None


def test_a_huge_repetition_is_bounded():
    text = matching("a{50000}")
    assert text is None or len(text) <= 1_000


@given(st.text(alphabet="ab01[]()^$.|*+?{},\\dw-", max_size=12))
def test_any_pattern_gives_a_text_that_matches_or_none(pattern):
    text = matching(pattern)
    assert text is None or re.search(pattern, text)
