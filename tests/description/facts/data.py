"""Values of numpy, pandas, polars and xarray."""

from __future__ import annotations

import datetime
import decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import xarray as xr

from . import Values


def frame(**more: Any) -> pd.DataFrame:
    return pd.DataFrame({"city": list("aabbc"), "sales": [1.0, 2, 3, 4, None], "n": [2, 4, 5, 8, 11], **more})


def hours(count: int = 48) -> pd.DataFrame:
    return pd.DataFrame({"load": range(count)}, index=pd.date_range("2026-01-01", periods=count, freq="h"))


def described(value: Any, **attrs: Any) -> Any:
    value.attrs.update(attrs)
    return value


def wide(columns: int) -> pd.DataFrame:
    return pd.DataFrame({f"c{n}": [n] for n in range(columns)})


def struct(fields: int = 400) -> pl.Series:
    return pl.Series("s", [{f"field_{n}": n for n in range(fields)}])


def pandas_struct() -> pd.DataFrame:
    return pd.DataFrame({"s": [{f"f{n}": n for n in range(400)}], "after": [7]})


def dataset() -> xr.Dataset:
    return xr.Dataset(
        {"temp": (("time", "x"), np.arange(6.0).reshape(2, 3), {"units": "K"})},
        coords={"time": pd.date_range("2026-01-01", periods=2), "x": [1, 2, 3]},
        attrs={"title": "weather"},
    )


def masked() -> Any:
    return np.ma.masked_array([1.0, 2, 3], [False, True, False])


RECORDS = np.array([(1, 2.5)], dtype=[("id", "i4"), ("x", "f8")])
LEVELS = pd.MultiIndex.from_product([["a", "b"], [1, 2]], names=["kind", "year"])
CATEGORY = pd.Series(pd.Categorical(["lo", "hi", "lo"], ["lo", "hi"], ordered=True), name="level")

VALUES: Values = {
    "array": (lambda: np.arange(6.0).reshape(2, 3), ("ndarray", "(2, 3)", "float64", "0 to 5", "mean 2.5")),
    "array of ints": (lambda: np.array([3, 1]), ("int64", "1 to 3", "[3, 1]")),
    "array with NaN": (lambda: np.array([1, np.nan]), ("1 NaN",)),
    "array with infinity": (lambda: np.array([1, np.inf]), ("1 infinite",)),
    "empty array": (lambda: np.zeros((0, 3)), ("(0, 3)", "float64")),
    "array of bools": (lambda: np.array([True, False, True]), ("bool", "True (2)", "False (1)")),
    "array of strings": (lambda: np.array(["a", "bc"]), ("<U2", "'a'", "'bc'")),
    "array of dates": (
        lambda: np.array(["2026-01-01", "2026-02-01"], "M8[D]"),
        ("datetime64[D]", "2026-01-01 to 2026-02-01"),
    ),
    "array of objects": (lambda: np.array([1, "a", None], object), ("object", "int", "str")),
    "records": (lambda: RECORDS, ("'id' int32", "'x' float64", "(1, 2.5)")),
    "masked array": (masked, ("MaskedArray", "1 masked", "1 to 3")),
    "array of zero dimensions": (lambda: np.array(7), ("shape ()", "7")),
    "complex array": (lambda: np.array([1 + 2j]), ("complex128", "1+2j")),
    "matrix": (lambda: np.eye(3), ("(3, 3)", "[1, 0, 0]")),
    "float32": (lambda: np.float32(1.5), ("1.5", "float32")),
    "float64": (lambda: np.float64(0.25), ("0.25", "float64")),
    "int8": (lambda: np.int8(3), ("3", "int8")),
    "numpy bool": (lambda: np.bool_(True), ("True", "bool")),
    "numpy string": (lambda: np.str_("hi"), ("'hi'",)),
    "datetime64": (lambda: np.datetime64("2026-01-01"), ("2026-01-01", "datetime64")),
    "record": (lambda: RECORDS[0], ("(1, 2.5)",)),
    "dtype": (lambda: np.dtype("f4"), ("float32",)),
    "numpy generator": (lambda: np.random.default_rng(4), ("Generator(PCG64)",)),
    "ufunc": (lambda: np.add, ("add", "ufunc")),
    "polynomial": (lambda: np.polynomial.Polynomial([1, 2]), ("Polynomial", "[1.", "2.")),
    "frame": (
        frame,
        ("DataFrame", "5 rows × 3 columns", "'city'", "'sales' float64, 1 null", "1 to 4", "RangeIndex", "a,1,2"),
    ),
    "empty frame": (lambda: frame().iloc[:0], ("0 rows × 3 columns", "'city'", "'sales'")),
    "wide frame": (lambda: wide(500), ("500 columns", "'c0' to 'c499' (500)", "int64")),
    "frame with a long text": (lambda: frame(text="x" * 500), ("'text'", "xxx")),
    "frame with dates": (
        lambda: frame(day=pd.date_range("2026-01-01", periods=5, tz="Europe/Rome")),
        ("Europe/Rome", "2026-01-01"),
    ),
    "frame with lists": (lambda: frame(tags=[["a"]] * 5), ("'tags' object", "list", "['a']")),
    "frame with dicts": (lambda: frame(meta=[{"k": 1}] * 5), ("'meta' object", "dict", "{'k': 1}")),
    "frame with Decimals": (lambda: frame(p=[decimal.Decimal("1.10")] * 5), ("Decimal", "1.10")),
    "frame with mixed types": (
        lambda: frame(m=[1, "a", 2.5, None, "b"]),
        ("str (2)", "int (1)", "float (1)", "1 null"),
    ),
    "frame of all null": (lambda: frame(e=[None] * 5), ("'e'", "all null")),
    "frame with attrs": (
        lambda: described(frame(), source="sensor 7", units="mm"),
        ("source", "sensor 7", "units", "mm"),
    ),
    "frame with a repeated index": (lambda: frame().set_index("city"), ("index 'city'", ("not unique", "repeat"))),
    "frame with an unsorted index": (lambda: frame().set_index(pd.Index([3, 1, 2, 5, 4])), ("not sorted",)),
    "frame with a falling index": (lambda: hours().iloc[::-1], ("DatetimeIndex", ("descending", "falling"))),
    "frame with repeated dates": (
        lambda: pd.concat([hours(3), hours(3)]),
        ("DatetimeIndex", ("not unique", "repeat"), "not sorted"),
    ),
    "frame with a sorted index": (hours, ("DatetimeIndex", "freq h", "2026-01-01")),
    "frame with levels": (
        lambda: pd.DataFrame({"v": range(4)}, index=LEVELS),
        ("MultiIndex", "'kind'", "'year'", "(2 labels)"),
    ),
    "frame with repeated levels": (
        lambda: pd.DataFrame({"v": range(3)}, index=LEVELS[[0, 0, 1]]),
        ("MultiIndex", ("not unique", "repeat")),
    ),
    "frame with column levels": (
        lambda: pd.DataFrame([[1, 2, 3, 4]], columns=LEVELS),
        ("MultiIndex of 2 levels", "('a', 1)"),
    ),
    "frame with repeated columns": (
        lambda: pd.DataFrame([[1, 2]], columns=["a", "a"]),
        ("occur more than once", "'a' (2)"),
    ),
    "frame with a struct": (pandas_struct, ("'s'", "'after' int64", "7")),
    "frame of integers with missing": (lambda: frame(i=pd.array([1, None, 3, 4, 5], "Int64")), ("Int64", "1 null")),
    "frame with categories": (CATEGORY.to_frame, ("category (ordered)", "'lo' (2)", "'lo' < 'hi'")),
    "frame with periods": (
        lambda: pd.DataFrame({"p": pd.period_range("2026-01", periods=3, freq="M")}),
        ("period[M]", "2026-01 to 2026-03"),
    ),
    "series": (
        lambda: pd.Series([1, 5], name="price"),
        ("Series", "'price'", "2 values", "int64", ("1 to 5", "1 (1), 5 (1)")),
    ),
    "series with attrs": (lambda: described(pd.Series([1]), units="EUR"), ("units", "EUR")),
    "series with repeated labels": (lambda: pd.Series([1, 2], ["a", "a"]), (("not unique", "repeat"),)),
    "index": (lambda: pd.Index(["b", "a"], name="k"), ("Index", "'k'", "'a'", "'b'")),
    "date index": (
        lambda: pd.date_range("2026-01-01", periods=3, freq="D"),
        ("DatetimeIndex", "freq D", "2026-01-01 to 2026-01-03"),
    ),
    "Timestamp": (lambda: pd.Timestamp("2026-01-01 08:00", tz="UTC"), ("2026-01-01 08:00:00", "UTC")),
    "Timedelta": (lambda: pd.Timedelta("2h"), ("0 days 02:00:00",)),
    "Period": (lambda: pd.Period("2026-01"), ("2026-01", "M")),
    "Interval": (lambda: pd.Interval(0, 1), ("Interval(0, 1", "right")),
    "missing value": (lambda: pd.NA, ("NA",)),
    "categorical": (lambda: pd.Categorical(["a", "b", "a"]), ("a", "b", "2")),
    "group by": (
        lambda: frame().groupby("city"),
        ("DataFrameGroupBy", "'city'", "3 groups", "'a' (2)", "'c' (1)", "5 rows", "sales"),
    ),
    "group by two keys": (
        lambda: frame(kind=list("xxxyy")).groupby(["city", "kind"]),
        ("'city'", "'kind'", "4 groups", "('a', 'x') (2)"),
    ),
    "group by of a column": (
        lambda: frame().groupby("city")["n"],
        ("SeriesGroupBy", "'city'", "3 groups", "'n'"),
    ),
    "group by without index": (lambda: frame().groupby("city", as_index=False), ("'city'", "3 groups")),
    "group by a function": (lambda: frame().groupby(lambda row: row % 2), ("2 groups", "0 (3)", "1 (2)")),
    "resampler": (lambda: hours().resample("D"), ("Resampler", "freq D", "2 groups", "48 rows", "load")),
    "resampler of a column": (lambda: hours()["load"].resample("6h"), ("freq 6h", "8 groups", "load")),
    "rolling": (lambda: hours().rolling(3), ("Rolling", "window=3")),
    "sparse frame": (
        lambda: pd.DataFrame({"s": pd.arrays.SparseArray([0, 0, 1])}),
        ("Sparse[int64", ("0 to 1", "0 (2), 1 (1)")),
    ),
    "extension array": (lambda: pd.array([1, None], "Int64"), ("Int64", "<NA>", "1")),
    "polars frame": (
        lambda: pl.DataFrame({"a": [1, None, 3], "b": ["x", "y", "x"]}),
        ("polars DataFrame", "3 rows × 2 columns", "'a' Int64, 1 null", "1 to 3", "'x' (2)", "1,x"),
    ),
    "polars series": (lambda: pl.Series("v", [1.5, 2.5]), ("'v'", "Float64", "2 values", "1.5 to 2.5")),
    "polars with dates": (lambda: pl.DataFrame({"d": [datetime.date(2026, 1, 1)]}), ("Date", "2026-01-01")),
    "polars with lists": (lambda: pl.DataFrame({"l": [[1, 2]]}), ("List(Int64)", "[1, 2]")),
    "polars enum": (
        lambda: pl.DataFrame({"e": pl.Series(["a"], dtype=pl.Enum(["a", "b"]))}),
        ("Enum", "'a'"),
    ),
    "polars struct": (
        lambda: pl.DataFrame({"s": [{"x": 1, "y": "b"}]}),
        ("Struct", "'x': Int64", "'y': String", "{'x': 1, 'y': 'b'}"),
    ),
    "polars with one huge struct": (
        lambda: pl.DataFrame({"s": struct(), "after": [7], "last": ["z"]}),
        ("'s' Struct", "field_0", "400 fields", "'after' Int64", "7", "'last' String", "'z'"),
    ),
    "polars with many structs": (
        lambda: pl.DataFrame({f"s{n}": struct() for n in range(8)} | {"after": [7]}),
        ("'s0'", "'s7'", "'after'", "Int64"),
    ),
    "polars with a huge enum": (
        lambda: pl.DataFrame({"e": pl.Series(["v1"], dtype=pl.Enum([f"v{n}" for n in range(900)])), "after": [7]}),
        ("'e' Enum", "'v1'", "'after' Int64"),
    ),
    "polars series of a huge struct": (struct, ("Struct", "field_0", "400 fields", "1 value")),
    "polars expression": (lambda: pl.col("a").sum().over("b"), ("col(", "sum()", "over(")),
    "polars dtype": (lambda: pl.Datetime("us", "UTC"), ("Datetime", "UTC")),
    "polars schema": (lambda: pl.Schema({"a": pl.Int8}), ("'a'", "Int8")),
    "dataset": (dataset, ("Dataset", "time: 2", "x: 3", "temp", "0 to 5", "K", "title", "weather")),
    "data array": (lambda: dataset()["temp"], ("DataArray", "'temp'", "float64", "0 to 5", "units", "K")),
}
