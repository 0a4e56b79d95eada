"""A value on one line of a given width."""

from __future__ import annotations

import collections
import types
from typing import Any

import pytest

from deepseek_magic.description.brief import brief, first_items, key_name, length
from deepseek_magic.description.task import Task


class Raises:
    def __repr__(self) -> str:
        raise ValueError


class Returns:
    def __repr__(self) -> Any:
        return 3


class Addressed:
    def __repr__(self) -> str:
        return "<Addressed at 0x7f00aa00bb11>"


class Long:
    def __repr__(self) -> str:
        return "x" * 500


class Lies(list[Any]):
    def __len__(self) -> int:
        return 99

    def __getitem__(self, _: Any) -> Any:
        raise AssertionError


@pytest.mark.parametrize(
    ("value", "width", "line"),
    [
        ([1, 2, 3], 60, "[1, 2, 3]"),
        (list(range(100)), 20, "[0, 1, … 98 more]"),
        ([1, 2], 5, "[… 2]"),
        ({"a": 1, "b": [1, 2]}, 60, "{'a': 1, 'b': [1, 2]}"),
        ((1,), 60, "(1,)"),
        (set(), 60, "set()"),
        ({3, 1, 2}, 60, "{1, 2, 3}"),
        ("abcdefghij", 8, "'abcde…'"),
        (collections.Counter("aab"), 60, "Counter({'a': 2, 'b': 1})"),
        (int, 60, "<class int>"),
        (len, 60, "<function len>"),
        (types, 60, "<module types>"),
        (object(), 60, "<object object>"),
        (Raises(), 60, "<Raises: its __repr__ raised ValueError>"),
        (Returns(), 60, "<Returns: its __repr__ returned int, not str>"),
        (Addressed(), 60, "<Addressed>"),
        (Long(), 80, "x" * 62 + "… (500 characters)"),
        (Long(), 20, "x" * 19 + "…"),
    ],
)
def test_a_line(value: Any, width: int, line: str) -> None:
    assert brief(value, width, Task(400, 20.0)) == line


def test_a_value_inside_itself_stands_once_and_deep_ones_are_cut() -> None:
    inside: list[Any] = [1]
    inside.append(inside)
    assert brief(inside, 80, Task(400, 20.0)) == "[1, <the same list again>]"
    deep: list[Any] = []
    for _ in range(20):
        deep = [deep]
    assert brief(deep, 80, Task(400, 20.0)) == "[[[[[[[… 1]]]]]]]"


def test_items_are_read_by_the_slots_of_the_container() -> None:
    assert (length(Lies([1, 2]), list), first_items(Lies([1, 2]), list, 1)) == (2, [1])
    assert first_items({"a": 1, "b": 2}, dict, 1) == [("a", 1)]
    assert first_items({3, 1, 2}, set, 2) == [1, 2]


def test_a_key_names_its_value_where_it_is_made_of_words() -> None:
    assert [key_name(key, "it") for key in ("a", ("a", 1), 1)] == ["a", ("a", 1), "it"]
