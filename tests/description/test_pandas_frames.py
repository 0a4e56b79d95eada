"""Frames, series and indexes of pandas, word for word: could code be written from the text alone?"""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
import pytest

from deepseek_magic.description import describe as describe_in_time
from deepseek_magic.description import title_of

#: With time enough that a busy machine changes no word.
describe = functools.partial(describe_in_time, deadline=60)

ROWS = 600


def orders() -> pd.DataFrame:
    """A frame as people have them: keys, texts, dates, gaps, categories, flags, lists."""
    numbers = np.arange(ROWS)
    prices = np.round(5 + (numbers * 7 % 100) / 4, 2)
    prices[::50] = np.nan
    return pd.DataFrame(
        {
            "order id": numbers + 1001,
            "city": pd.Series(np.array(["Paris", "Rome", "Paris", 'Sankt "P", 2'], object)[numbers % 4], dtype=object),
            "at": (pd.Timestamp("2024-01-01 08:30") + pd.to_timedelta(numbers, unit="h")).astype("datetime64[ns]"),
            "price": prices,
            "stars": numbers % 3 + 1,
            "size": pd.Categorical(np.array(["S", "M", "L"])[numbers % 3], ["S", "M", "L", "XL"], ordered=True),
            "paid": numbers % 4 > 0,
            "left": pd.array([None, 5] * (ROWS // 2), dtype="Int64"),
            "tags": pd.Series([["new", "sale"] if number % 2 else None for number in numbers], dtype=object),
        }
    )


def test_a_frame_as_people_have_them() -> None:
    assert describe(orders(), name="orders").splitlines() == [
        "orders: DataFrame, 600 rows × 9 columns",
        "index: RangeIndex, 0 to 599",
        "columns (dtype, nulls: values):",
        "- 'order id' int64: 1001 to 1600, mean 1300.5, all distinct",
        "- 'city' object: holds str; 'Paris' (300), 'Rome' (150), 'Sankt \"P\", 2' (150)",
        "- 'at' datetime64[ns]: 2024-01-01T08:30:00 to 2024-01-26T07:30:00",
        "- 'price' float64, 12 null: 5.25 to 29.75, mean 17.5",
        "- 'stars' int64: 1 (200), 2 (200), 3 (200)",
        "- 'size' category (ordered): 'L' (200), 'M' (200), 'S' (200); order 'S' < 'M' < 'L' < 'XL'; "
        "1 of 4 categories unused",
        "- 'paid' bool: True (450), False (150)",
        "- 'left' Int64, 300 null: 5 (300)",
        "- 'tags' object, 300 null: holds list; such as ['new', 'sale']",
        "first 5 rows as CSV:",
        "order id,city,at,price,stars,size,paid,left,tags",
        "1001,Paris,2024-01-01T08:30:00,NaN,1,S,False,<NA>,None",
        "1002,Rome,2024-01-01T09:30:00,6.75,2,M,True,5,\"['new', 'sale']\"",
        "1003,Paris,2024-01-01T10:30:00,8.5,3,L,True,<NA>,None",
        '1004,"Sankt ""P"", 2",2024-01-01T11:30:00,10.25,1,S,True,5,"[\'new\', \'sale\']"',
        "1005,Paris,2024-01-01T12:30:00,12,2,M,False,<NA>,None",
    ]


def test_rows_are_cut_first_then_details_then_columns() -> None:
    shown = [describe(orders(), tokens=tokens) for tokens in (400, 300, 230, 170, 120, 60)]
    rows = [text.partition(" as CSV:\n")[2].count("\n") for text in shown]
    assert rows == sorted(rows, reverse=True)
    assert rows[-1] == 0
    details = ["5.25 to 29.75, mean 17.5" in text for text in shown]
    assert details == [True, True, True, False, False, False]
    assert ["'price' float64, 12 null" in text for text in shown] == [True, True, True, True, True, False]
    assert shown[-1].splitlines()[-1] == f"… {9 - shown[-1].count(chr(39)) // 2} more columns left out"


def test_a_frame_of_two_thousand_columns_is_told_by_their_names() -> None:
    frame = pd.DataFrame(np.zeros((5, 2_000)), columns=[f"sensor_{number:04}" for number in range(2_000)])
    frame["label"] = 1
    assert describe(frame).splitlines()[2:] == [
        "columns by dtype, in order:",
        "float64: 'sensor_0000' to 'sensor_1999' (2,000)",
        "int64: 'label'",
    ]


def test_names_without_numbers_that_do_not_fit_are_counted() -> None:
    names = [f"{first}{second}_value" for first in "abcdefghijklmnopqrst" for second in "abcdefghijklmnopqrst"]
    text = describe(pd.DataFrame(np.zeros((5, 400)), columns=names))
    assert f"… {400 - text.count('_value'):,} more columns left out" in text
    assert "float64: 'aa_value', 'ab_value', 'ac_value'," in text


def test_odd_names_are_written_as_code_writes_them() -> None:
    frame = pd.DataFrame([[1, 2, 3, 4]], columns=pd.Index(["a\nb", "a\nb", 3, None], dtype=object))
    text = describe(frame)
    assert r"column names that occur more than once: 'a\nb' (2)" in text
    assert r"- 'a\nb' int64: 1 (1)" in text
    assert "- 3 int64: 3 (1)" in text
    assert "- None int64: 4 (1)" in text


def test_levels_of_rows_and_columns_are_named() -> None:
    frame = orders().groupby(["city", "stars"])[["price", "order id"]].agg(["mean", "max"])
    dtype = frame.index.levels[0].dtype
    lines = describe(frame).splitlines()
    assert lines[1] == f"index: MultiIndex with the levels 'city' {dtype} (3 labels), 'stars' int64 (3 labels)"
    assert lines[2] == "columns: MultiIndex of 2 levels; a name is a tuple"
    assert lines[4].startswith("- ('price', 'mean') float64: ")
    assert "city,stars,\"('price', 'mean')\"" in "\n".join(lines)


@pytest.mark.parametrize(
    ("frame", "text"),
    [
        (pd.DataFrame(), "DataFrame, 0 rows × 0 columns\nindex: RangeIndex, empty"),
        (
            pd.DataFrame({"a": np.array([], "float64")}),
            "DataFrame, 0 rows × 1 column\nindex: RangeIndex, empty\ncolumns (dtype, nulls: values):\n- 'a' float64",
        ),
        (
            pd.DataFrame({"a": [np.nan, np.nan]}, index=["x", "y"]).astype({"a": "float64"}).rename_axis("key"),
            "DataFrame, 2 rows × 1 column\nindex 'key': Index {dtype}: all 2 distinct, such as 'x', 'y'\n"
            "columns (dtype, nulls: values):\n- 'a' float64, all null\nfirst 2 rows as CSV:\nkey,a\nx,NaN\ny,NaN",
        ),
    ],
)
def test_frames_with_little_in_them(frame: pd.DataFrame, text: str) -> None:
    holds = "object: holds str;" if frame.index.dtype == object else f"{frame.index.dtype}:"
    assert describe(frame) == text.replace("{dtype}:", holds)


def test_further_types_of_columns() -> None:
    frame = pd.DataFrame(
        {
            "zone": pd.date_range("2024-03-01", periods=3, tz="Europe/Paris").astype("datetime64[ns, Europe/Paris]"),
            "month": pd.period_range("2024-01", periods=3, freq="M"),
            "took": pd.to_timedelta([1, 2, 3], unit="h").astype("timedelta64[ns]"),
            "ends": [1.0, np.inf, -np.inf],
            "text": pd.array(["x", None, "x"], dtype="string"),
            "mixed": pd.Series([1, "a", None], dtype=object),
            "complex": [1j, 2j, 3j],
        }
    )
    lines = describe(frame, tokens=600).splitlines()
    assert lines[3:10] == [
        "- 'zone' datetime64[ns, Europe/Paris]: 2024-03-01T00:00:00+01:00 to 2024-03-03T00:00:00+01:00",
        "- 'month' period[M]: 2024-01 to 2024-03",
        "- 'took' timedelta64[ns]: 0 days 01:00:00 to 0 days 03:00:00",
        "- 'ends' float64: always 1, 2 infinite",
        "- 'text' string, 1 null: 'x' (2)",
        "- 'mixed' object, 1 null: holds int (1), str (1); all 2 distinct, such as 1, 'a'",
        "- 'complex' complex128",
    ]


def test_a_long_column_of_texts_is_sampled_where_numbers_are_not() -> None:
    size = 400_000
    frame = pd.DataFrame({"n": np.arange(size), "t": pd.Series(["same"] * size, dtype=object)})
    text = describe(frame)
    assert "[sample]: nulls and values of 10,000 of the 400,000 rows, evenly spaced" in text
    assert "- 'n' int64: 0 to 399999, mean 200000, all distinct" not in text
    assert "- 'n' int64: 0 to 399999, mean 200000\n" in text
    assert "- 't' object: holds str; 'same' (10,000) [sample]" in text


def test_a_series_is_told_with_its_index() -> None:
    series = orders().set_index("at")["price"]
    assert describe(series).splitlines()[:6] == [
        "Series named 'price', 600 values, dtype float64, 12 null",
        "index 'at': DatetimeIndex datetime64[ns]: 2024-01-01T08:30:00 to 2024-01-26T07:30:00",
        "values: 5.25 to 29.75, mean 17.5",
        "first 5 rows as CSV:",
        "at,value",
        "2024-01-01T08:30:00,NaN",
    ]


def test_an_index_is_told() -> None:
    index = pd.date_range("2024-01-01", periods=400).astype("datetime64[ns]")
    text = describe(index)
    assert text.startswith("DatetimeIndex of 400; index without name: DatetimeIndex datetime64[ns]")
    assert text.endswith(": 2024-01-01 to 2025-02-03\nstarts " + ", ".join(f"2024-01-0{day}" for day in range(1, 9)))


def test_single_values_of_a_frame_are_short() -> None:
    assert describe(pd.Timestamp("2024-01-02")) == "Timestamp('2024-01-02 00:00:00')"
    assert describe([pd.NA, pd.NaT]) == "[<NA>, NaT]"
    assert describe(orders()["price"].max()) == "29.75 (float64)"


@pytest.mark.parametrize(
    ("value", "title"),
    [
        (pd.DataFrame(np.zeros((1_200, 8))), "x (DataFrame, 1,200 rows × 8 columns)"),
        (pd.Series([1.0]), "x (Series, 1 value)"),
        (pd.Index([1, 2]), "x (Index of 2)"),
    ],
)
def test_titles(value: object, title: str) -> None:
    assert title_of(value, "x") == title


def test_an_error_inside_pandas_is_said_and_the_size_is_told() -> None:
    class Broken(pd.DataFrame):
        @property
        def iloc(self) -> object:
            raise RuntimeError

    assert describe(Broken({"a": [1]})) == "Broken, 1 row × 1 column (its description raised RuntimeError)"
