"""Frames and series of polars, word for word."""

from __future__ import annotations

import datetime
import functools

import polars as pl
import pytest

from deepseek_magic.description import describe as describe_in_time
from deepseek_magic.description import title_of
from tests.description.zoo import Uncomparable

#: With time enough that a busy machine changes no word.
describe = functools.partial(describe_in_time, deadline=60)


def frame() -> pl.DataFrame:
    """A frame with a column of each common type."""
    return pl.DataFrame(
        {
            "id": range(100),
            "name": ["a", "b", "a", None] * 25,
            "day": [datetime.date(2024, 1, 1) + datetime.timedelta(number) for number in range(100)],
            "share": [None, 0.5, float("nan"), 1.5] * 25,
            "flag": [True, False, True, None] * 25,
            "pair": [[1, 2]] * 100,
            "kind": pl.Series(["u", "v"] * 50, dtype=pl.Categorical),
        }
    )


def test_a_frame_is_told_with_types_gaps_ranges_and_rows() -> None:
    dtypes = [str(dtype) for dtype in frame().dtypes]
    assert describe(frame()).splitlines()[:11] == [
        "polars DataFrame, 100 rows × 7 columns",
        "columns (dtype, nulls: values):",
        f"- 'id' {dtypes[0]}: 0 to 99, mean 49.5",
        f"- 'name' {dtypes[1]}, 25 null: 'a' (50), 'b' (25)",
        f"- 'day' {dtypes[2]}: 2024-01-01 to 2024-04-09",
        f"- 'share' {dtypes[3]}, 25 null: 0.5 to 1.5, mean 1, 25 NaN",
        f"- 'flag' {dtypes[4]}, 25 null: True (50), False (25)",
        f"- 'pair' {dtypes[5]}",
        f"- 'kind' {dtypes[6]}: 'u' (50), 'v' (50)",
        "first 5 rows as CSV:",
        "id,name,day,share,flag,pair,kind",
    ]
    assert describe(frame()).splitlines()[11] == '0,a,2024-01-01,null,True,"[1, 2]",u'


def test_a_long_frame_is_sampled_and_says_so() -> None:
    long = pl.DataFrame({"n": pl.zeros(10_000_000, pl.Int8, eager=True)})
    text = describe(long)
    assert "[sample]: nulls and values of 10,000 of the 10,000,000 rows, evenly spaced" in text
    assert ": always 0 [sample]" in text


def test_a_wide_frame_is_told_by_names() -> None:
    wide = pl.DataFrame({f"x{number}": [1.0] for number in range(2_000)})
    assert describe(wide).endswith("Float64: 'x0' to 'x1999' (2,000)")


def test_objects_in_a_column_are_not_compared() -> None:
    text = describe(pl.DataFrame({"thing": pl.Series([Uncomparable(), Uncomparable()], dtype=pl.Object)}))
    assert "holds Uncomparable; such as <Uncomparable: its __repr__ raised RuntimeError>" in text


def test_a_series_and_a_lazy_frame() -> None:
    lines = describe(frame()["share"]).splitlines()
    assert lines == [
        "polars Series named 'share', 100 values, dtype Float64, 25 null",
        "values: 0.5 to 1.5, mean 1, 25 NaN",
        "starts: null, 0.5, NaN, 1.5, null, 0.5, NaN, 1.5, null, 0.5",
    ]
    ran: list[bool] = []
    lazy = frame().lazy().map_batches(lambda data: ran.append(True) or data)
    assert describe(lazy).startswith("polars LazyFrame; not collected: .collect_schema() gives its columns")
    assert ran == []


@pytest.mark.parametrize(
    ("value", "title"),
    [(frame(), "x (DataFrame, 100 rows × 7 columns)"), (frame()["id"], "x (Series, 100 values)")],
)
def test_titles(value: object, title: str) -> None:
    assert title_of(value, "x") == title
