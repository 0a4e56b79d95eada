"""Values of the language and the standard library: the words that a model reads."""

from __future__ import annotations

import array
import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import io
import pathlib
import re
import uuid
from typing import Any, NamedTuple

import pytest

from deepseek_magic.description import describe, title_of


class Colour(enum.Enum):
    RED = 1


class Level(enum.IntEnum):
    LOW = 1


class Place(NamedTuple):
    name: str
    zip: int


@dataclasses.dataclass
class Account:
    owner: str
    cents: int = 0
    password: str = dataclasses.field(default="hunter2", repr=False)


@dataclasses.dataclass
class Careful:
    password: str

    def __repr__(self) -> str:
        return "Careful(password=***)"


class Slotted:
    __slots__ = ("_hidden", "shown")

    def __init__(self) -> None:
        self.shown, self._hidden = 1, 2

    def pay(self, amount: int = 3, *, currency: str = "EUR") -> None: ...


class WithRepr:
    def __repr__(self) -> str:
        return "<WithRepr 3 of 7 at 0x7f00deadbeef>"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "None"),
        (True, "True"),
        (3, "3"),
        (-0.5, "-0.5"),
        (1 + 2j, "(1+2j)"),
        ("two words", "two words"),
        (b"ab\x00", r"b'ab\x00'"),
        ([1, "a", None], "[1, 'a', None]"),
        ((1,), "(1,)"),
        ([], "[]"),
        ({}, "{}"),
        (set(), "set()"),
        (frozenset(), "frozenset()"),
        ({"b": 1, "a": [2]}, "{'b': 1, 'a': [2]}"),
        ({"c", "a", "b"}, "{'a', 'b', 'c'}"),
        (frozenset({3, 1}), "frozenset({1, 3})"),
        (collections.deque([1, 2]), "deque([1, 2])"),
        (collections.Counter("aab"), "Counter({'a': 2, 'b': 1})"),
        (collections.OrderedDict(a=1), "OrderedDict({'a': 1})"),
        (range(3), "range(0, 3)"),
        (range(0, 9, 2), "range(0, 9, 2)"),
        (decimal.Decimal("1.50"), "Decimal('1.50')"),
        (fractions.Fraction(1, 3), "Fraction(1, 3)"),
        (datetime.date(2024, 5, 6), "datetime.date(2024, 5, 6)"),
        (datetime.timedelta(hours=1), "datetime.timedelta(seconds=3600)"),
        (uuid.UUID(int=7), "UUID('00000000-0000-0000-0000-000000000007')"),
        (pathlib.PurePosixPath("/a/b"), "PurePosixPath('/a/b')"),
        (re.compile("a+"), "re.compile('a+')"),
        (Colour.RED, "Colour.RED (value 1)"),
        (Level.LOW, "Level.LOW (value 1)"),
        (Place("Bonn", 53111), "Place(name='Bonn', zip=53111)"),
        (Account("Ann"), "Account (data class) with fields:\n- owner: 'Ann'\n- cents: 0"),
        (Careful("hunter2"), "Careful(password=***)"),
        (
            Slotted(),
            "Slotted object\nattributes:\n- shown: 1\nits class defines: pay(self, amount=3, *, currency='EUR')",
        ),
        (WithRepr(), "<WithRepr 3 of 7>"),
        (array.array("i", [1, 2]), "array.array of 2, typecode 'i', starts [1, 2]"),
        ({1: 2}.keys(), "dict_keys of 1:\n- 1"),
        (io.StringIO("secret"), "StringIO, at position 0; not read"),
        (memoryview(b"abc"), "memoryview of 3 bytes, format 'B', shape (3,)"),
    ],
)
def test_a_short_value_is_told_in_full(value: object, text: str) -> None:
    assert describe(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "x = 3"),
        ("two words", "x = 'two words'"),
        ([1, 2], "x = [1, 2]"),
        (Colour.RED, "x: Colour.RED (value 1)"),
        ("two\nlines", "x (str of 9 characters):\ntwo\nlines"),
    ],
)
def test_a_name_heads_it(value: object, text: str) -> None:
    assert describe(value, name="x") == text


@pytest.mark.parametrize(
    ("value", "title"),
    [
        (list(range(40)), "x (list of 40)"),
        ({"a": 1}, "x (dict of 1)"),
        ("abc", "x (str of 3 characters)"),
        (b"abc", "x (bytes of 3)"),
        (3, "x (int)"),
        (None, "x (NoneType)"),
        (Account, "x (class)"),
        (describe, "x (Describe)"),
        (re, "x (module)"),
    ],
)
def test_a_title_says_what_it_is_and_how_large(value: object, title: str) -> None:
    assert title_of(value, "x") == title


def test_without_a_name_a_title_is_the_kind_alone() -> None:
    assert title_of([1, 2]) == "list of 2"


def test_a_long_list_of_numbers_says_what_they_have_in_common() -> None:
    text = describe(list(range(1_000)), name="scores")
    assert text.startswith("scores: list of 1,000, all int, 0 to 999: [0, 1, 2,")
    assert re.search(r", … \d+ more\]$", text)
    last = int(text.rpartition(", … ")[0].rpartition(", ")[2])
    assert text.endswith(f", … {999 - last} more]")


def test_a_list_with_gaps_counts_them() -> None:
    assert "all float, 1.0 to 2.0, 50 NaN" in describe([1.0, 2.0] * 25 + [float("nan")] * 50)


def test_records_are_told_by_their_keys() -> None:
    value = [{"id": number, "name": f"name {number}"} for number in range(500)]
    text = describe(value, tokens=200)
    assert text.startswith("list of 500, all dict with the keys 'id', 'name':\n- {'id': 0, 'name': 'name 0'}\n")
    left_out = int(text.rpartition("\n… ")[2].removesuffix(" more").replace(",", ""))
    assert left_out == 500 - text.count("\n- {")


def test_a_nested_dictionary_shows_every_key_it_can() -> None:
    value = {"model": {"name": "m", "layers": list(range(300))}, "data": {"path": "p" * 500, "rows": 3}, "seed": 7}
    lines = describe(value, tokens=150).splitlines()
    assert lines[0] == "dict of 3, of dict, int:"
    assert lines[1].startswith("- 'model': {'name': 'm', 'layers': [0, 1,")
    assert lines[2].startswith("- 'data': {'path': 'ppp")
    assert lines[3] == "- 'seed': 7"


def test_of_a_long_text_start_and_end_are_told_and_how_much_is_missing() -> None:
    text = describe("a" * 5_000 + "b" * 5_000, tokens=100)
    head, middle, tail = text.splitlines()
    assert (set(head), set(tail)) == ({"a"}, {"b"})
    assert middle == f"[… {10_000 - len(head) - len(tail):,} characters left out …]"


def test_a_value_inside_itself_is_told_once() -> None:
    value: list[Any] = [1]
    value.append(value)
    assert describe(value) == "[1, <the same list again>]"


def test_sets_read_the_same_in_whatever_order_they_were_filled() -> None:
    names = [f"name {number}" for number in range(500)]
    backwards: set[str] = set()
    backwards.update(reversed(names))
    assert describe(set(names)) == describe(backwards)


def test_a_default_repr_has_no_address() -> None:
    assert describe([object(), WithRepr()]) == "[<object object>, <WithRepr 3 of 7>]"


def test_an_open_file_is_named_and_not_read(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "data.txt"
    path.write_text("content", encoding="utf-8")
    with path.open(encoding="utf-8") as file:
        text = describe(file)
        assert (text.startswith("TextIOWrapper"), "content" in text, file.read()) == (True, False, "content")
    assert describe(file).endswith("closed")


def test_an_exception_is_told_with_notes_causes_and_members() -> None:
    error = ValueError("outer")
    error.__notes__ = ["look here"]
    error.__cause__ = KeyError("name")
    error.__cause__.__context__ = OSError(2, "No such file")
    assert describe(error).splitlines() == [
        "ValueError: outer",
        "  note: look here",
        "  caused by KeyError: 'name'",
        "    raised while handling FileNotFoundError: [Errno 2] No such file"
        if type(error.__cause__.__context__) is FileNotFoundError
        else "    raised while handling OSError: [Errno 2] No such file",
    ]
