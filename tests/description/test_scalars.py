"""Values that are one thing, on one line of a given width."""

from __future__ import annotations

import datetime
import decimal
import fractions
import pathlib
import uuid
from typing import Any

import numpy as np
import pytest

from deepseek_magic.description.scalars import excerpt, integer, masked, scalar
from deepseek_magic.description.task import Task
from deepseek_magic.guard import Guard, Redactor


class Number(int):
    pass


@pytest.mark.parametrize(
    ("value", "width", "text"),
    [
        (None, 40, "None"),
        (10**20, 40, "100000000000000000000"),
        (range(3), 40, "range(0, 3)"),
        (range(1, 9, 2), 40, "range(1, 9, 2)"),
        ("abc", 40, "'abc'"),
        ("x" * 100, 20, "'" + "x" * 17 + "…'"),
        ("x" * 1000, 60, "'" + "x" * 38 + "…' (1,000 characters)"),
        (b"abc", 40, "b'abc'"),
        (datetime.date(2024, 1, 2), 80, "datetime.date(2024, 1, 2)"),
        (decimal.Decimal("1.50"), 40, "Decimal('1.50')"),
        (fractions.Fraction(1, 3), 40, "Fraction(1, 3)"),
        (uuid.UUID(int=1), 80, "UUID('00000000-0000-0000-0000-000000000001')"),
        (pathlib.PurePosixPath("/a"), 40, "PurePosixPath('/a')"),
        (np.int64(3), 40, "3"),
        (np.datetime64("2024-01-02"), 40, "datetime64('2024-01-02')"),
    ],
)
def test_a_known_scalar(value: Any, width: int, text: str) -> None:
    assert scalar(value, width) == text


@pytest.mark.parametrize("value", [[1], Number(5), object(), int])
def test_anything_else_is_left_to_others(value: Any) -> None:
    assert scalar(value, 40) is None


def test_of_a_huge_number_only_the_size_is_given() -> None:
    assert integer(1 << 5000) == "int of about 1,506 digits"
    assert integer(-(1 << 5000)) == "negative int of about 1,506 digits"


def test_a_time_zone_of_the_user_is_not_asked() -> None:
    class Zone(datetime.tzinfo):
        def utcoffset(self, _: object) -> datetime.timedelta:
            raise AssertionError

    assert scalar(datetime.datetime(2024, 1, 2, tzinfo=Zone()), 80) is None
    assert scalar(datetime.datetime(2024, 1, 2, tzinfo=datetime.timezone.utc), 99) is not None


def test_an_excerpt_has_the_start_the_end_and_what_is_missing() -> None:
    text = "a" * 60 + "b" * 60
    assert excerpt(text, 120, Task(400, 5.0)) == text
    assert excerpt(text, 90, Task(400, 5.0)) == "a" * 26 + "\n[… 81 characters left out …]\n" + "b" * 13


@pytest.mark.parametrize(
    ("value", "name", "in_column", "shown"),
    [
        ("tiger", "password", False, "'[masked: password]'"),
        (b"tiger", "password", False, "b'[masked: password]'"),
        (1234, "password", True, "[masked: password]"),
        (1234, "password", False, ""),
        (12, "password", True, ""),
        ("tiger", "user", True, ""),
    ],
)
def test_a_name_decides_whether_a_value_is_masked(value: Any, name: str, in_column: bool, shown: str) -> None:
    task = Task(400, 5.0, Redactor(Guard("mask", {})))
    assert masked(value, task, name, in_column=in_column) == shown
    assert masked(value, Task(400, 5.0), name, in_column=in_column) == ""
