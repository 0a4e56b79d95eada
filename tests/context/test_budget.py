"""What fits: how a budget is shared, and how a text is cut to its part."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepseek_magic.context.budget import MARGIN, allowances, cut, frame, rough
from deepseek_magic.text import estimate_tokens


@pytest.mark.parametrize(
    ("worth", "sizes", "budget", "allowed"),
    [
        ([], [], 100, []),
        ([1], [50], 100, [50]),
        ([1], [500], 100, [100]),
        ([1, 1], [500, 40], 100, [60, 40]),
        ([1, 1, 1], [300, 300, 300], 300, [100, 100, 100]),
        ([1, 1, 1], [300, 300, 300], 150, [0, 75, 75]),  # the oldest goes first
        ([3, 1, 2], [300, 300, 300], 150, [75, 0, 75]),  # and before it what is worth least
        ([1, 1], [300, 300], 10, [0, 10]),  # one is left, however little of it
    ],
)
def test_shares(worth: list[int], sizes: list[int], budget: int, allowed: list[int]) -> None:
    assert allowances(worth, sizes, budget) == allowed


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 10_000)), max_size=40),
    st.integers(60, 20_000),
)
def test_shares_keep_within_the_budget(items: list[tuple[int, int]], budget: int) -> None:
    worth, sizes = [item[0] for item in items], [item[1] for item in items]
    allowed = allowances(worth, sizes, budget)
    assert sum(allowed) <= budget
    assert all(part <= size for part, size in zip(allowed, sizes, strict=True))
    assert allowed == sizes or sum(sizes) > budget


def anywhere(text: str, place: int) -> int:
    return place


LINES = "".join(f"line {number:05}\n" for number in range(2_000))


def test_a_cut_says_what_is_gone_and_falls_on_line_ends() -> None:
    size = estimate_tokens(LINES)
    found = cut(LINES, 500, size, anywhere)
    head, gone, tail = found.partition("\n[about ")
    count, _, tail = tail.partition(" tokens left out here]\n")
    assert gone
    assert LINES.startswith(f"{head}\n")
    assert LINES.endswith(tail)
    assert tail.startswith("line ")
    assert int(count.replace(",", "")) == size - estimate_tokens(head) - estimate_tokens(tail)
    assert estimate_tokens(found) <= 500
    assert len(head) > len(tail)


def test_what_fits_is_not_cut() -> None:
    assert cut("a\nb", 10, 2, anywhere) == "a\nb"
    assert cut("", 0, 0, anywhere) == ""


def test_a_place_that_is_not_safe_is_moved() -> None:
    asked: list[int] = []

    def before(text: str, place: int) -> int:
        asked.append(place)
        return place - 3

    text = "x" * 10_000
    head, _, tail = cut(text, 200, estimate_tokens(text), before).partition("\n[")
    assert len(head) + 3 in asked
    assert len(text) - len(tail.partition("]\n")[2]) + 3 in asked


@given(st.text("a\n\u5b57 ", max_size=400), st.integers(0, 60))
def test_a_cut_of_anything_begins_and_ends_as_the_text(text: str, tokens: int) -> None:
    found = cut(text, tokens, estimate_tokens(text), anywhere)
    if found != text:
        head, _, tail = found.partition("\n[about ")
        assert text.startswith(head)
        assert text.endswith(tail.partition(" left out here]\n")[2])


def test_a_huge_text_is_shortened_with_a_margin_before_it_is_looked_at() -> None:
    text = LINES * 10
    found = rough(text, 100)
    assert len(found) == 2 * (400 + 2 * MARGIN) + 1
    assert text.startswith(found[: len(found) // 2])
    assert rough(LINES, 10_000) is LINES


def test_a_frame_costs_its_heading_and_its_markers() -> None:
    assert frame("a heading of some words") - frame("") == estimate_tokens("a heading of some words")
    assert frame("") > 0
