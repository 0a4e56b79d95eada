"""Arrays of numpy and data sets of xarray, word for word."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from deepseek_magic.description import describe as describe_in_time
from deepseek_magic.description import title_of
from tests.description.zoo import Uncomparable

#: With time enough that a busy machine changes no word.
describe = functools.partial(describe_in_time, deadline=60)


class Refusing(np.ndarray):
    """An array whose own methods raise."""

    def refuse(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError

    __getitem__ = min = max = mean = __len__ = __repr__ = refuse


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (
            np.arange(12.0).reshape(3, 4),
            "ndarray, shape (3, 4), dtype float64\nvalues: 0 to 11, mean 5.5\n"
            "starts: [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]",
        ),
        (np.array(5), "ndarray, shape (), dtype int64\nvalues: always 5\nvalue: 5"),
        (np.array([]), "ndarray, shape (0,), dtype float64\nvalues: none"),
        (
            np.array([np.nan, np.inf, 1.0, 2.0]),
            "ndarray, shape (4,), dtype float64\nvalues: 1 to 2, mean 1.5, 1 infinite, 1 NaN\nstarts: [NaN, inf, 1, 2]",
        ),
        (np.array([np.nan]), "ndarray, shape (1,), dtype float64\nvalues: no finite number, 1 NaN\nstarts: [NaN]"),
        (
            np.zeros((2, 3, 2), "i2"),
            "ndarray, shape (2, 3, 2), dtype int16\nvalues: always 0\nstarts with [0, …]: [[0, 0], [0, 0], [0, 0]]",
        ),
        (
            np.array([True, False]),
            "ndarray, shape (2,), dtype bool\nvalues: True (1), False (1)\nstarts: [True, False]",
        ),
        (
            np.array(["a", "b", "a"]),
            "ndarray, shape (3,), dtype <U1\nvalues: 'a' (2), 'b' (1)\nstarts: ['a', 'b', 'a']",
        ),
        (
            np.array(["2020-01-01", "NaT"], "M8[D]"),
            "ndarray, shape (2,), dtype datetime64[D]\nvalues: always 2020-01-01, 1 NaT\n"
            "starts: [datetime64('2020-01-01'), datetime64('NaT')]",
        ),
        (
            np.array([(1, 2.5)], [("a", "i4"), ("b", "f8")]),
            "ndarray, shape (1,), dtype structured ('a' int32, 'b' float64)\nstarts: [(1, 2.5)]",
        ),
        (
            np.ma.array([1.0, 2.0, 3.0], mask=[0, 1, 0]),
            "MaskedArray, shape (3,), dtype float64, 1 masked\nvalues: 1 to 3, mean 2\nstarts: [1, masked, 3]",
        ),
        (
            np.array([Uncomparable(), 1, 1, None], object),
            "ndarray, shape (4,), dtype object\nvalues: holds int (2), Uncomparable (1); 1 (2)\n"
            "starts: [<Uncomparable: its __repr__ raised Runt…, 1, 1, None]",
        ),
        (
            np.arange(3).view(Refusing),
            "Refusing, shape (3,), dtype int64\nvalues: 0 to 2, mean 1\nstarts: [0, 1, 2]",
        ),
    ],
)
def test_an_array_is_told_by_shape_type_range_and_start(array: Any, text: str) -> None:
    assert describe(array) == text


def test_a_large_array_is_sampled_and_says_so() -> None:
    array = np.broadcast_to(np.int8(3), (100_000, 100_000))
    text = describe(array)
    assert "shape (100000, 100000), dtype int8\nvalues are of a sample of " in text
    assert "\nvalues: always 3\nstarts: [[3, 3, 3, 3, 3, 3, 3, 3, …]," in text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.float32(1.5), "1.5 (float32)"),
        (np.int64(3), "3 (int64)"),
        (np.bool_(True), "True (bool)"),
        (np.str_("a"), "'a'"),
    ],
)
def test_a_scalar_is_told_as_its_python_value_and_type(value: object, text: str) -> None:
    assert describe(value, name="x") == f"x: {text}"
    assert describe([value]) == f"[{text.partition(' (')[0]}]"


def weather() -> xr.Dataset:
    """A data set with units, an index of time and attributes."""
    return xr.Dataset(
        {"t": (("time", "x"), np.arange(30.0).reshape(10, 3), {"units": "K", "long_name": "temperature"})},
        coords={"time": pd.date_range("2024-01-01", periods=10).astype("datetime64[ns]"), "x": [1, 2, 3]},
        attrs={"title": "demo"},
    )


def test_a_data_set_is_told_by_dimensions_variables_and_coordinates() -> None:
    assert describe(weather(), name="ds").splitlines() == [
        "ds: xarray Dataset, dimensions time: 10, x: 3",
        "1 variable, 2 coordinates",
        "variables:",
        "- 't' (time, x) float64: 0 to 29, mean 14.5 ['temperature', 'K']",
        "coordinates:",
        "- 'time' (time) datetime64[ns]: 2024-01-01 to 2024-01-10 (first to last)",
        "- 'x' (x) int64: 1 to 3 (first to last)",
        "attrs: 'title': 'demo'",
    ]
    assert title_of(weather(), "ds") == "ds (Dataset, time: 10, x: 3)"


def test_a_data_array_is_told_with_a_sample() -> None:
    lines = describe(weather()["t"]).splitlines()
    assert lines[0] == "xarray DataArray named 't', dimensions time: 10, x: 3, dtype float64"
    assert lines[1] == "values: 0 to 29, mean 14.5"
    assert lines[-1] == "starts: [[0, 1, 2], [3, 4, 5], [6, 7, 8], …]"


def test_what_is_not_in_memory_is_not_loaded() -> None:
    loaded: list[object] = []

    class Stored(xr.backends.BackendArray):
        shape, dtype = (4,), np.dtype("f8")

        def __getitem__(self, key: object) -> Any:
            loaded.append(key)
            return np.zeros(4)

    from xarray.core import indexing

    lazy = xr.Dataset({"v": ("x", indexing.LazilyIndexedArray(Stored()))})
    assert "- 'v' (x) float64: not loaded" in describe(lazy)
    assert "values: not loaded" in describe(lazy["v"])
    assert loaded == []
