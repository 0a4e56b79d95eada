"""What is taken for values, for labels, and for a value that is missing."""

from __future__ import annotations

import array
from collections import deque
from decimal import Decimal

import numpy
import pandas
import polars
import pytest

from deepseek_magic.batch.values import is_missing, read
from deepseek_magic.errors import QuestionError


class Odd:
    """An object that cannot be compared."""

    def __ne__(self, other: object) -> bool:
        raise ValueError("never")

    __hash__ = object.__hash__


@pytest.mark.parametrize(
    "given",
    [
        ["a", "b"],
        ("a", "b"),
        iter(["a", "b"]),
        (letter for letter in "ab"),
        {"a": 1, "b": 2}.keys(),
        deque("ab"),
        numpy.array(["a", "b"]),
        polars.Series(["a", "b"]),
        pandas.Index(["a", "b"]),
    ],
    ids=lambda given: type(given).__name__,
)
def test_whatever_yields_one_after_the_other_is_taken(given):
    values = read(given, "values")
    assert values.items == ["a", "b"]
    assert values.labels is None


@pytest.mark.parametrize("given", [range(3), array.array("i", [0, 1, 2])], ids=["range", "array"])
def test_a_method_called_index_is_no_label(given):
    assert read(given, "values").labels is None


def test_a_series_keeps_its_labels():
    labels = [("x", 3), ("x", 3), ("y", 1)]
    values = read(pandas.Series(["a", "b", "c"], index=pandas.MultiIndex.from_tuples(labels)), "values")
    assert list(values.labels) == labels


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("a text", "found a str"),
        (b"bytes", "found a bytes"),
        (5, "found an int"),
        (None, "found a NoneType"),
        (list, "found a type"),
        ({"a": 1}, "found a dict: use .values() or .keys()"),
        (pandas.DataFrame({"a": [1]}), "found a DataFrame: name one column of it"),
        (polars.DataFrame({"a": [1]}), "found a DataFrame: name one column of it"),
    ],
)
def test_anything_else_is_refused(given, words):
    with pytest.raises(QuestionError, match=r"df\.a: expected a column or a list") as refused:
        read(given, "df.a")
    assert words in str(refused.value)


@pytest.mark.parametrize(
    "value",
    [
        None,
        float("nan"),
        numpy.float32("nan"),
        numpy.datetime64("NaT"),
        pandas.NaT,
        pandas.NA,
        Decimal("NaN"),
    ],
    ids=repr,
)
def test_what_stands_for_no_value_is_missing(value):
    assert is_missing(value)


@pytest.mark.parametrize(
    "value",
    ["", " ", "nan", "None", 0, 0.0, False, [], {}, float("inf"), numpy.array([numpy.nan]), numpy.array(2.0), Odd()],
    ids=lambda value: type(value).__name__ + repr(value)[:10],
)
def test_everything_else_is_there(value):
    assert not is_missing(value)
