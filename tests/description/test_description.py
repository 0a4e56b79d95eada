"""What holds for any value: nothing is raised, the budget is kept, the same value gives the same text."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepseek_magic.description import describe, title_of
from deepseek_magic.description.fitting import cost
from tests.description.zoo import ZOO

# Each example tells several values; the machine that runs the tests may be slow, the law holds anyway.
few = settings(max_examples=40, deadline=None)
BUDGETS = (0, 1, 20, 60, 400, 3_000)


@dataclasses.dataclass
class Point:
    x: Any
    y: Any


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.lists(inner, max_size=30),
        st.tuples(inner, inner),
        st.dictionaries(st.text(max_size=30) | st.integers(), inner, max_size=30),
        st.builds(Point, inner, inner),
    )


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.complex_numbers(), st.text(max_size=300),
    st.binary(max_size=300), st.dates(), st.datetimes(), st.timedeltas(), st.decimals(), st.uuids(),
    st.frozensets(st.integers() | st.text()), st.builds(ValueError, st.text()),
)  # fmt: skip
values = st.recursive(scalars, nested, max_leaves=40)
columns = st.one_of(
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=3, max_size=3),
    st.lists(st.floats(), min_size=3, max_size=3),
    st.lists(st.text() | st.none(), min_size=3, max_size=3),
    st.lists(st.booleans(), min_size=3, max_size=3),
    st.lists(st.datetimes(), min_size=3, max_size=3),
)
frames = st.lists(st.tuples(st.text(max_size=20), columns), max_size=12, unique_by=lambda pair: pair[0])


def kept(value: object, tokens: int, name: str = "", deadline: float = 60) -> str:
    """The description, after the law of the budget; with time enough that a busy machine changes nothing."""
    text = describe(value, tokens=tokens, name=name, deadline=deadline)
    assert cost(text) <= tokens
    text.encode("utf-8")
    return text


@pytest.mark.parametrize("name", ZOO)
def test_nothing_in_the_zoo_gets_out(name: str) -> None:
    for tokens in BUDGETS:
        text = kept(ZOO[name], tokens, "value", deadline=0.2)
        assert not set(text) & {"\x1b", "\x00", "\r", "\u202e"}
    assert kept(ZOO[name], 400, deadline=0.2)


@pytest.mark.parametrize("name", ZOO)
def test_a_title_is_one_short_line_whatever_the_value(name: str) -> None:
    title = title_of(ZOO[name], "some\nname")
    assert title.startswith("some name (")
    assert title.isprintable()
    assert len(title) < 210


@few
@given(values, st.integers(20, 600), st.sampled_from(["", "x", "a name"]))
def test_any_value_is_told_within_any_budget_and_twice_the_same(value: object, tokens: int, name: str) -> None:
    assert kept(value, tokens, name) == kept(value, tokens, name)
    assert title_of(value, name).isprintable()


@few
@given(frames, st.integers(20, 600))
def test_any_frame_is_told_within_any_budget_and_twice_the_same(
    pairs: list[tuple[str, list[Any]]], tokens: int
) -> None:
    frame = pd.DataFrame(dict(pairs))
    assert kept(frame, tokens) == kept(frame, tokens)
    assert kept(frame, tokens).startswith(f"DataFrame, {frame.shape[0]} row")
    if frame.shape[1]:
        assert kept(frame.iloc[:, 0], tokens) == kept(frame.iloc[:, 0], tokens)


@few
@given(frames, st.integers(20, 600))
def test_any_polars_frame_too(pairs: list[tuple[str, list[Any]]], tokens: int) -> None:
    frame = pl.DataFrame(dict(pairs))
    assert kept(frame, tokens) == kept(frame, tokens)
    assert kept(frame, tokens).startswith(f"polars DataFrame, {frame.height} row")


@few
@given(
    st.sampled_from(["?", "i2", "u8", "f4", "f8", "c16", "M8[s]", "m8[D]", "S3", "U3", "O"]),
    st.lists(st.integers(0, 4), max_size=4),
    st.integers(20, 600),
)
def test_any_array_too(dtype: str, shape: list[int], tokens: int) -> None:
    array = np.zeros(shape, dtype)
    assert kept(array, tokens) == kept(array, tokens)
    assert kept(array, tokens).startswith("ndarray, shape (")


@few
@given(st.integers(20, 400))
def test_a_larger_budget_never_tells_a_frame_in_fewer_words(tokens: int) -> None:
    frame = pd.DataFrame({f"column {letter}": range(9) for letter in "abcdefgh"})
    assert len(kept(frame, tokens)) <= len(kept(frame, tokens + 200))
