"""Whatever there is to describe, the description is within its budget and nothing is raised. Times are not judged."""

from __future__ import annotations

import pytest

from tests.benchmarks import describing
from tests.benchmarks.describing import Described

pytestmark = pytest.mark.thorough

#: Around the data: the preamble, and the names of what was left out.
_AROUND = 250


@pytest.fixture(scope="module")
def described() -> dict[str, Described]:
    """Every case of a short run."""
    return {one.name: one for one in describing.run(quick=True)}


@pytest.mark.slow
def test_each_is_within_its_budget(described: dict[str, Described]) -> None:
    assert len(described) == 16
    for one in described.values():
        assert one.tokens <= one.budget + _AROUND, one.name


def test_nothing_raised(described: dict[str, Described]) -> None:
    assert [one.name for one in described.values() if "cannot be described" in one.text or "raised" in one.text] == []
    assert "its __repr__ did not end within 0.4 s" in described["an object whose repr takes a minute"].text
    assert "1,700 columns" in described["a frame of 1,700 columns"].text
    assert "rows × 5 columns" in described["a frame of 10 million rows"].text
    assert "the same dict again" in described["a recursive dictionary"].text


def test_a_frame_is_sampled_where_a_full_pass_would_be_slow_and_it_is_said(described: dict[str, Described]) -> None:
    assert "[sample]: nulls and values of" in described["a frame of 10 million rows"].text


def test_large_files_are_refused_or_read_in_part(described: dict[str, Described]) -> None:
    text, notebook = described["a text file of 300 MB"], described["a notebook file of 300 MB"]
    assert text.text.endswith("[the file goes on: 300,000,000 bytes in all, 56,000 of them are here]")
    assert notebook.text == (
        "long.ipynb has 300 MB, and at most 40 MB are read: clear its outputs and save it; -c cells sends the executed "
        "cells instead"
    )


def test_memory_is_bounded(described: dict[str, Described]) -> None:
    """A copy of what is described would take a hundred times as much."""
    assert max(one.memory for one in described.values()) < 40
    assert described["a text file of 300 MB"].memory < 2
