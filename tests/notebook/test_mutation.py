"""Which methods change an object of which type."""

from __future__ import annotations

import re
from collections import deque

import matplotlib.figure
import numpy as np
import pandas as pd
import polars as pl
import pytest
import xarray as xr

from deepseek_magic.notebook.slice.effects import Change
from deepseek_magic.notebook.slice.mutation import changes_by_name, changes_by_type, is_value, lineage, never_changes


@pytest.mark.parametrize(
    ("kind", "changing", "reading"),
    [
        (pd.DataFrame, "insert pop update", "add eval sort_values set_axis style to_records whatever"),
        (pd.Series, "update pop", "add_prefix add map"),
        (pl.DataFrame, "insert_column drop_in_place extend", "sort remove clear glimpse with_columns"),
        (xr.Dataset, "update", "assign mean isel sel"),
        (np.ndarray, "sort fill partition", "cumsum tobytes reshape"),
        (np.random.Generator, "normal choice", ""),
        (str, "", "replace append title"),
        (re.Pattern, "", "search sub"),
        (list, "append sort +=", "index copy count"),
        (dict, "update setdefault pop", "get items"),
        (deque, "popleft rotate", "count index"),
        (matplotlib.figure.Figure, "suptitle add_subplot", "savefig get_axes"),
    ],
)
def test_what_changes_an_object_of_a_type(kind, changing, reading):
    assert [name for name in changing.split() if not changes_by_type(kind, Change("x", name))] == []
    assert [name for name in reading.split() if changes_by_type(kind, Change("x", name)) is not False] == []


def test_in_place_changes_whatever_the_method():
    assert changes_by_type(pd.DataFrame, Change("x", "dropna", in_place=True))
    assert changes_by_name(Change("x", "dropna", in_place=True))


def test_the_type_says_nothing_of_elements_and_of_unknown_classes():
    assert changes_by_type(list, Change("x", "append", deep=True)) is None
    assert changes_by_type(np.ndarray, Change("x", "set_title", deep=True)) is None
    assert changes_by_type(type("Own", (), {}), Change("x", "push")) is None
    assert (changes_by_name(Change("x", "push")), changes_by_name(Change("x", "get_it"))) == (True, False)


def test_what_a_type_is():
    assert lineage(bool) == (("builtins", "bool"), ("builtins", "int"), ("builtins", "object"))
    assert (never_changes(str), never_changes(list), is_value(pd.DataFrame), is_value(dict)) == (
        True,
        False,
        True,
        False,
    )
