"""What a column of pandas holds: missing values, and a range or the commonest values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from deepseek_magic.description.pandas_columns import column_name, column_of, dtype_name, label
from deepseek_magic.description.task import Task

ORDERED = pd.CategoricalDtype(list("abc"), ordered=True)


@pytest.mark.parametrize(
    ("values", "dtype", "nulls", "full", "short"),
    [
        ([1, 1, 2], "int64", "", "1 (2), 2 (1)", "1 to 2"),
        (range(100), "int64", "", "0 to 99, mean 49.5, all distinct", "0 to 99"),
        ([1.0, None, 3.0], "float64", "1 null", "1 to 3, mean 2", "1 to 3"),
        ([1.0, math.inf, 3.0], "float64", "", "1 to 3, mean 2, 1 infinite", "1 to 3"),
        ([math.inf, math.inf], "float64", "", "all 2 infinite", "infinite"),
        ([None, None], "float64", "all null", "", ""),
        ([True, False, True], "bool", "", "True (2), False (1)", "True (2), False (1)"),
        (["x", "y", "x", None], "object", "1 null", "holds str; 'x' (2), 'y' (1)", "holds str; 'x' (2), 'y' (1)"),
        ([1 + 2j], "complex128", "", "", ""),
        (["2024-01-02", "2024-02-03"], "datetime64[ns]", "", *["2024-01-02 to 2024-02-03"] * 2),
    ],
)
def test_a_column(values: Any, dtype: str, nulls: str, full: str, short: str) -> None:
    column = column_of(pd.Series(values, dtype=dtype, name="n"), 1, Task(400, 60.0))
    assert (column.name, column.dtype, column.nulls) == ("'n'", dtype, nulls)
    assert (column.full, column.short, column.step) == (full, short, 1)


def test_categories_are_counted_and_ordered() -> None:
    column = column_of(pd.Series(list("aab"), dtype=ORDERED), 1, Task(400, 60.0))
    assert column.dtype == "category (ordered)"
    assert column.full == "'a' (2), 'b' (1); order 'a' < 'b' < 'c'; 1 of 3 categories unused"
    assert column.short == "'a' (2), 'b' (1)"


def test_names_of_types_and_columns() -> None:
    assert (dtype_name(np.dtype("i4")), dtype_name(ORDERED)) == ("int32", "category (ordered)")
    task = Task(400, 60.0, name="v")
    assert (label("a", task), label(("a", 1), task)) == ("'a'", "('a', 1)")
    assert (column_name(pd.Series([1]), task), column_name(pd.Series([1], name="n"), task)) == ("v", "n")
