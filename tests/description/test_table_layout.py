"""The layout of a table: rows are cut first, then details, then names."""

from __future__ import annotations

from typing import Any

import pytest

from deepseek_magic.description.table_layout import (
    Column,
    Table,
    cell,
    csv_line,
    detailed,
    layout,
    look_at,
    numbered,
    sample_note,
)
from deepseek_magic.description.task import Task

COLUMNS = [Column(f"'c{place}'", "int", "", "one to ninety-nine", "1-99") for place in range(3)]
TABLE = Table("head", COLUMNS, [(one.name, "int") for one in COLUMNS], 3, "c0,c1,c2", ["1,2,3"] * 5)


def test_a_column_in_full_in_short_and_without_details() -> None:
    column = Column("'a'", "int64", "2 nulls", "1 to 9", "1-9")
    assert [column.line(detail) for detail in (2, 1, 0)] == [
        "- 'a' int64, 2 nulls: 1 to 9",
        "- 'a' int64, 2 nulls: 1-9",
        "- 'a' int64, 2 nulls",
    ]


@pytest.mark.parametrize(
    ("tokens", "holds", "lacks"),
    [
        (200, "first 5 rows as CSV:\nc0,c1,c2\n1,2,3", "…"),
        (50, "first row as CSV:\nc0,c1,c2\n1,2,3", "rows"),
        (45, "'c2' int: one to ninety-nine", "CSV"),
        (35, "'c2' int: 1-99", "one to"),
        (25, "- 'c2' int", "1-99"),
        (20, "int: 'c0' to 'c2' (3)", "- "),
        (15, "3 columns, names left out", "c0"),
    ],
)
def test_less_budget_leaves_out_rows_then_details_then_names(tokens: int, holds: str, lacks: str) -> None:
    text = layout(TABLE, tokens)
    assert text.startswith("head\n")
    assert holds in text
    assert lacks not in text


@pytest.mark.parametrize(
    ("names", "parts"),
    [
        (["'x1'", "'x2'", "'x3'", "'y'"], ["'x1' to 'x3' (3)", "'y'"]),
        (["x08", "x09", "x10"], ["x08 to x10 (3)"]),
        (["a1", "a2"], ["a1", "a2"]),
        (["a1", "a3", "a5"], ["a1", "a3", "a5"]),
    ],
)
def test_runs_of_names_are_gathered(names: list[str], parts: list[str]) -> None:
    assert numbered(names) == parts


def test_a_line_of_csv_can_be_read_back() -> None:
    assert csv_line(["a", "b,c", 'd"e', "x" * 50, "l\nm"]) == f'a,"b,c","d""e",{"x" * 39}…,l m'


def test_cells() -> None:
    task = Task(400, 60.0)
    assert cell(None, task, "c", "null") == "null"
    assert [cell(value, task, "c") for value in (None, "abc", 0.123456789, [1])] == ["None", "abc", "0.123457", "[1]"]


@pytest.mark.parametrize(("rows", "slow", "step"), [(300_000, True, 1), (300_001, True, 31), (300_001, False, 1)])
def test_many_cells_are_sampled_and_it_is_said(rows: int, slow: bool, step: int) -> None:
    found = look_at("a", "t", (rows, 1), lambda _: ("1 null", "full", "short"), Task(400, 60.0), slow=slow)
    assert (found.step, found.full) == (step, "full [sample]" if step > 1 else "full")
    assert bool(sample_note([found], rows)) == (step > 1)


def test_a_column_that_fails_or_comes_too_late_hides_no_other() -> None:
    def fails(_: int) -> Any:
        raise ValueError

    assert look_at("a", "t", (1, 1), fails, Task(400, 60.0), slow=True) == Column("a", "t")
    late = look_at("a", "t", (1, 1), fails, Task(400, -1.0), slow=True)
    assert late.full == "not looked at, out of time"


def test_a_sample_is_counted() -> None:
    assert sample_note([Column("a", "t", step=3)], 10).endswith("values of 4 of the 10 rows, evenly spaced")


def test_columns_are_looked_into_where_their_lines_may_fit() -> None:
    assert [detailed(10, 70), detailed(10, 69), detailed(150, 9_999), detailed(151, 9_999)] == [10, 0, 150, 0]
