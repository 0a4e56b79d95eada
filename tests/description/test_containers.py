"""Containers and arrays of the standard library: the literal of a short one, the size and first items of others."""

from __future__ import annotations

import array
import enum
from typing import Any

import pytest

from deepseek_magic.description import describe
from deepseek_magic.description.containers import common, describe_enum, describe_fields
from deepseek_magic.description.task import Task


class Colour(enum.Enum):
    RED = 3


class Number(int):
    pass


@pytest.mark.parametrize(
    ("items", "size", "text"),
    [
        ([], 0, ""),
        ([1, 2, 3], 3, "all int, 1 to 3"),
        ([1, 2], 9, "the first 2 all int, 1 to 2"),
        ([1.5, float("nan")], 2, "all float, 1.5 to 1.5, 1 NaN"),
        ([1, "a"], 2, "of int, str"),
        ([1, "a", 2.0, None, b""], 5, "of 5 types"),
        (["a"], 1, "all str"),
        ([{"a": 1}, {"a": 2}], 2, "all dict with the keys 'a'"),
        ([{"a": 1}, {"b": 2}], 2, "all dict"),
    ],
)
def test_what_items_have_in_common(items: list[Any], size: int, text: str) -> None:
    assert common(items, size) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([1, 2], "[1, 2]"),
        (b"ab", "b'ab'"),
        (bytearray(b"ab"), "bytearray(b'ab')"),
        (Number(5), "Number(5)"),
        (array.array("i", [1, 2, 3]), "array.array of 3, typecode 'i', starts [1, 2, 3]"),
        (memoryview(b"abc"), "memoryview of 3 bytes, format 'B', shape (3,)"),
        ({"a": 1}.keys(), "dict_keys of 1:\n- 'a'"),
    ],
)
def test_a_short_value_in_full(value: Any, text: str) -> None:
    assert describe(value, deadline=20.0) == text


def test_a_long_one_by_size_common_type_and_first_items() -> None:
    numbers = describe(list(range(1000)), tokens=60, deadline=20.0)
    assert numbers.startswith("list of 1,000, all int, 0 to 999: [0, 1, 2, ")
    assert numbers.endswith(" more]")
    head, first, *_, last = describe([{"a": i} for i in range(100)], tokens=60, deadline=20.0).splitlines()
    assert (head, first) == ("list of 100, all dict with the keys 'a':", "- {'a': 0}")
    assert last.startswith("… ")


def test_fields_and_members_by_name() -> None:
    assert describe_fields("it", [("a", 1), ("b", "x")], Task(400, 20.0)) == "it:\n- a: 1\n- b: 'x'"
    assert describe_enum(Colour.RED, Task(400, 20.0)) == "Colour.RED (value 3)"
