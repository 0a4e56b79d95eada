"""A value as a DataFrame: its rows, the order and the types of its columns."""

from __future__ import annotations

import sys
from decimal import Decimal

import pandas as pd
import pytest

from deepseek_magic.errors import ConfigurationError
from deepseek_magic.structured.frames import to_frame
from tests.structured.schemas import schema_of
from tests.structured.shapes import Item, Order, Place, Point, Sale


@pytest.mark.parametrize(
    ("value", "columns", "rows"),
    [
        ([{"a": 1, "b": "x"}, {"a": 2, "b": "y"}], ["a", "b"], [[1, "x"], [2, "y"]]),
        ({"items": [{"a": 1}]}, ["a"], [[1]]),
        ({"rows": [{"a": 1}, {"a": 2}]}, ["a"], [[1], [2]]),
        ({"a": [1, 2], "b": ["x", "y"]}, ["a", "b"], [[1, "x"], [2, "y"]]),
        ({"a": 1, "b": [1, 2]}, ["a", "b"], [[1, [1, 2]]]),
        ([{"a": {"b": 1, "c": {"d": 2}}}], ["a.b", "a.c.d"], [[1, 2]]),
        ([1, 2], ["value"], [[1], [2]]),
        ([1, {"a": 2}], ["value"], [[1], [{"a": 2}]]),
        ([[1, "x"], [2, "y"]], [0, 1], [[1, "x"], [2, "y"]]),
        (5, ["value"], [[5]]),
        ([], [], []),
    ],
)
def test_what_the_rows_are(value, columns, rows):
    frame = to_frame(value)
    assert list(frame.columns) == columns
    assert frame.to_numpy(dtype=object).tolist() == rows


def test_the_columns_stand_in_the_order_of_the_schema():
    frame = to_frame([{"paid": True, "day": "2026-01-31", "amount": 2, "customer": "Ann"}], schema_of(list[Sale]))
    assert list(frame.columns) == ["customer", "amount", "day", "paid", "note"]
    assert frame["amount"].dtype == "float64"
    assert frame["day"][0] == pd.Timestamp("2026-01-31")
    assert frame["note"].isna().all()


def test_no_rows_still_have_columns():
    assert list(to_frame([], schema_of(list[Point])).columns) == ["x", "y"]
    assert list(to_frame({"items": []}, {"properties": {"items": schema_of(list[Point])}}).columns) == ["x", "y"]


def test_inner_objects_are_dotted_in_the_order_of_the_schema():
    order = {"id": 1, "mood": "good", "sales": [], "address": {"zip": "12345", "street": "s"}, "tags": ["a"]}
    frame = to_frame([order, {"id": 2, "mood": "bad", "sales": []}], schema_of(list[Order]))
    assert list(frame.columns) == ["id", "mood", "sales", "address.street", "address.zip", "tags"]
    assert frame["tags"][0] == ["a"]


def test_whole_numbers_stay_whole_where_some_are_missing():
    frame = to_frame([{"city": "Rome", "people": 3}, {"city": "Bonn"}], schema_of(list[Place]))
    assert str(frame["people"].dtype) == "Int64"
    assert frame["people"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("values", "dtype", "schema"),
    [
        ([9007199254740993, None, 1], "Int64", None),
        ([9007199254740993, None], "Int64", {"type": ["integer", "null"]}),
        ([None, -9007199254740993], "Int64", {"type": "integer"}),
        ([9007199254740993, 0.5, None], "object", {"type": "number"}),
        ([2**70, None], "object", None),
        ([9007199254740993, 2], "int64", None),
        ([9007199254740993, "x"], "object", None),
        ([{"a": [9007199254740993]}, 5], "object", None),
        ([1, None], "float64", None),
    ],
)
@pytest.mark.parametrize("nested", [False, True])
def test_large_whole_numbers_keep_their_digits_beside_a_null(values, dtype, schema, nested):
    rows = [{"id": {"n": one}} if nested else {"n": one} for one in values]
    part = {"type": "object", "properties": {"n": schema or {}}}
    part = {"type": "object", "properties": {"id": part}} if nested else part
    frame = to_frame(rows, {"type": "array", "items": part} if schema else None)
    name = "id.n" if nested and not isinstance(values[0], dict) else next(iter(frame.columns))
    column = frame[name]
    if not isinstance(values[0], dict):
        assert str(column.dtype) == dtype
        assert [None if pd.isna(one) else one for one in column] == values
    else:
        assert "9007199254740993" in str(frame.to_dict())


def test_what_no_column_can_hold_stays_as_it_was_read():
    schema = {"type": "array", "items": {"properties": {"n": {"type": "integer"}, "d": {"format": "date"}}}}
    frame = to_frame([{"n": 10**30, "d": "soon"}], schema)
    assert frame["n"][0] == 10**30
    assert frame["d"][0] == "soon"


def test_without_pandas_it_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(
        ConfigurationError, match="a DataFrame needs pandas, which is not installed: %pip install pandas"
    ):
        to_frame([1])


def test_an_object_that_is_null_in_some_rows_makes_no_empty_column():
    kept = {"id": 1, "mood": "good", "sales": [], "address": {"street": "s", "zip": "12345"}}
    bare = {"id": 2, "mood": "bad", "sales": [], "address": None}
    for rows in ([kept, bare], [bare, bare]):
        frame = to_frame(rows, schema_of(list[Order]))
        assert list(frame.columns) == ["id", "mood", "sales", "address.street", "address.zip", "tags"]
        assert frame["address.zip"].isna().tolist() == [row["address"] is None for row in rows]
    assert list(to_frame([kept, bare]).columns) == ["id", "mood", "sales", "address.street", "address.zip"]
    assert to_frame([{"a": {"b": 1}}, {"a": 2}]).to_dict("list")["a"][1] == 2


def test_decimals_keep_their_digits():
    frame = to_frame([{"name": "nut", "price": "0.10"}, {"name": "bolt", "price": "1e3"}], schema_of(list[Item]))
    assert [str(price) for price in frame["price"]] == ["0.10", "1E+3"]
    assert frame["price"].sum() == Decimal("1000.10")
