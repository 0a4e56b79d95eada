"""Values of the language and of the standard library."""

from __future__ import annotations

import argparse
import array
import collections
import configparser
import dataclasses
import datetime
import decimal
import enum
import fractions
import functools
import io
import ipaddress
import itertools
import logging
import pathlib
import queue
import random
import re
import sqlite3
import string
import threading
import types
import typing
import urllib.parse
import uuid
import zoneinfo
from typing import Any, NamedTuple, TypedDict

from . import Values


class Colour(enum.Enum):
    RED = "#f00"
    BLUE = "#00f"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 3


class Movie(TypedDict, total=False):
    title: str
    year: int


Booking = TypedDict("Booking", {"guest": str, "nights": int})  # noqa: UP013 - made where no source is found


class Point(NamedTuple):
    x: float
    y: float = 0.0


@dataclasses.dataclass
class Order:
    number: int
    lines: list[str]
    total: float = 0.0
    token: str = dataclasses.field(default="", repr=False)


@dataclasses.dataclass
class Customer:
    name: str
    orders: list[Order]


class Plain:
    """A class without a repr of its own."""

    def __init__(self) -> None:
        self.rate = 0.25
        self.names = ["ada", "bo"]

    def run(self, steps: int) -> int:
        return steps


class Hidden:
    """Holds all its state in private attributes."""

    def __init__(self) -> None:
        self._balance = 75
        self._owner = "ada"

    @property
    def balance(self) -> int:
        return self._balance


class Scale:
    """Gives by properties what it holds under names with an underscore."""

    def __init__(self) -> None:
        self.ticks, self._low, self._high = 5, 1, 40

    low = property(lambda self: self._low)
    high = property(lambda self: self._high)


class Spoken:
    """Has a str, and no repr."""

    def __str__(self) -> str:
        return "a basket of 3 apples"


class Slotted:
    __slots__ = ("height", "width")

    def __init__(self) -> None:
        self.width, self.height = 3, 4


class Many:
    """More methods than anybody reads, and two attributes."""

    def __init__(self) -> None:
        self.capacity, self.used = 512, 77


for _number in range(80):
    setattr(Many, f"method_with_a_long_name_{_number}", lambda self, first, second=None: first)


class Child(Plain):
    def __init__(self) -> None:
        super().__init__()
        self.depth = 9


class Counted(list[int]):
    """A list with a name."""


def area(width: float, height: float = 2.0) -> float:
    """Return the area of a rectangle."""
    return width * height


@functools.lru_cache(maxsize=32)
def cached(key: str) -> str:
    """Return the key."""
    return key


def _config(text: str) -> configparser.ConfigParser:
    made = configparser.ConfigParser()
    made.read_string(text)
    return made


def _error() -> Exception:
    try:
        {}["missing"]
    except KeyError as error:
        made = ValueError("no such row")
        made.__cause__ = error
        return made
    raise AssertionError


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser("train", description="Train a model.")
    made.add_argument("--epochs", type=int)
    return made


def _deep() -> dict[str, Any]:
    return {"model": {"layers": [64, 32], "dropout": 0.1}, "seed": 7}


VALUES: Values = {
    "int": (lambda: 42, ("it = 42",)),
    "huge int": (lambda: 10**9_000, ("about 9,001 digits",)),
    "float": (lambda: 2.5, ("2.5",)),
    "nan": (lambda: float("nan"), ("nan",)),
    "complex": (lambda: 1 + 2j, ("1+2j",)),
    "bool": (lambda: True, ("True",)),
    "None": (lambda: None, ("None",)),
    "string": (lambda: "hello", ("'hello'",)),
    "empty string": (lambda: "", ("''",)),
    "text of lines": (lambda: "first\nsecond", ("first", "second", "12 characters")),
    "long text": (lambda: "start " + "x" * 9_000 + " end", ("start", " end", "9,010 characters", "left out")),
    "bytes": (lambda: b"\x89PNG", ("PNG",)),
    "long bytes": (lambda: b"ab" * 5_000, ("10,000 bytes",)),
    "bytearray": (lambda: bytearray(b"ab"), ("ab", "bytearray")),
    "memoryview": (lambda: memoryview(b"abcd"), ("4 bytes", "memoryview")),
    "list": (lambda: [3, 1, 2], ("[3, 1, 2]",)),
    "long list": (lambda: list(range(1_000)), ("list of 1,000", "int", "0 to 999")),
    "empty list": (list, ("[]",)),
    "mixed list": (lambda: [1, "a", None] * 90, ("list of 270", "NoneType, int, str", "'a'")),
    "list of dicts": (
        lambda: [{"id": n, "name": f"n{n}"} for n in range(60)],
        ("list of 60", "with the keys 'id', 'name'", "'n0'"),
    ),
    "nested list": (lambda: [[n] * 9 for n in range(40)], ("list of 40", "all list")),
    "list of floats with nan": (lambda: [1.5, float("nan")] * 60, ("list of 120", "60 NaN", "1.5")),
    "tuple": (lambda: (1, "a"), ("(1, 'a')",)),
    "dict": (lambda: {"a": 1, "b": [2]}, ("'a': 1", "'b': [2]")),
    "long dict": (lambda: {f"k{n}": n for n in range(300)}, ("dict of 300", "'k0': 0", "int")),
    "nested dict": (_deep, ("layers", "64, 32", "dropout", "'seed': 7")),
    "set": (lambda: {3, 1}, ("{1, 3}",)),
    "frozenset": (lambda: frozenset("ab"), ("frozenset", "'a'", "'b'")),
    "defaultdict": (lambda: collections.defaultdict(list, a=[1]), ("defaultdict", "'a': [1]")),
    "Counter": (lambda: collections.Counter("aab"), ("Counter", "'a': 2")),
    "deque": (lambda: collections.deque([1, 2], maxlen=5), ("deque", "1, 2")),
    "OrderedDict": (lambda: collections.OrderedDict(a=1), ("OrderedDict", "'a': 1")),
    "ChainMap": (lambda: collections.ChainMap({"a": 1}, {"b": 2}), ("ChainMap", "'a': 1", "'b': 2")),
    "UserDict": (lambda: collections.UserDict(a=1), ("'a': 1", "UserDict")),
    "mapping proxy": (lambda: types.MappingProxyType({"a": 1}), ("'a': 1", "mappingproxy")),
    "SimpleNamespace": (lambda: types.SimpleNamespace(lr=0.1, name="x"), ("lr", "0.1", "'x'")),
    "subclass of list": (lambda: Counted([5, 6]), ("Counted", "5, 6")),
    "array": (lambda: array.array("d", [1.5, 2]), ("array", "'d'", "1.5")),
    "range": (lambda: range(0, 10, 2), ("range(0, 10, 2)",)),
    "enum member": (lambda: Colour.RED, ("Colour.RED", "#f00")),
    "int enum": (lambda: Level.HIGH, ("Level.HIGH", "3")),
    "enum class": (lambda: Colour, ("Colour", "RED", "BLUE")),
    "TypedDict": (lambda: Movie, ("Movie", "title", "year", "int")),
    "TypedDict made by a call": (lambda: Booking, ("Booking", "guest: str", "nights: int")),
    "named tuple": (lambda: Point(1.0, 2.0), ("Point", "x=1.0", "y=2.0")),
    "named tuple class": (lambda: Point, ("Point", "x", "y")),
    "data class": (lambda: Order(7, ["a"], 9.5, "hush"), ("Order", "number: 7", "lines: ['a']", "total: 9.5")),
    "nested data class": (
        lambda: Customer("Ada", [Order(7, ["a"])]),
        ("Customer", "name: 'Ada'", "number=7", "lines=['a']"),
    ),
    "data class itself": (lambda: Order, ("Order", "number", "lines", "total")),
    "object": (Plain, ("Plain", "rate: 0.25", "names: ['ada', 'bo']", "run(self, steps)")),
    "object with private state": (Hidden, ("Hidden", "75", "'ada'", "balance")),
    "object with properties": (Scale, ("Scale", "ticks: 5", "_low: 1", "_high: 40")),
    "object with a str": (Spoken, ("Spoken", "a basket of 3 apples")),
    "object with slots": (Slotted, ("Slotted", "width: 3", "height: 4")),
    "object with many methods": (Many, ("Many", "capacity: 512", "used: 77", "method_with_a_long_name_0")),
    "object of a derived class": (Child, ("Child", "rate: 0.25", "depth: 9", "run(self, steps)")),
    "list of objects with a str": (lambda: [Spoken()], ("Spoken", "a basket of 3 apples")),
    "function": (lambda: area, ("area", "width", "height: float = 2.0", "Return the area")),
    "cached function": (lambda: cached, ("cached", "key", "Return the key")),
    "lambda": (lambda: lambda row: row + 1, ("lambda", "row")),
    "method": (lambda: Plain().run, ("run", "steps", "Plain")),
    "partial": (lambda: functools.partial(area, height=5), ("area", "height=5")),
    "built-in": (lambda: len, ("len", "obj")),
    "class": (lambda: Plain, ("Plain", "run", "A class without a repr")),
    "module": (lambda: string, ("string", "ascii_letters")),
    "generator": (lambda: (each for each in range(9)), ("generator", "not started")),
    "iterator": (lambda: iter([1]), ("list_iterator", "not advanced")),
    "chain": (lambda: itertools.chain([1]), ("chain",)),
    "count": (lambda: itertools.count(5), ("count(5)",)),
    "exception": (_error, ("ValueError", "no such row", "caused by KeyError", "missing")),
    "exception class": (lambda: KeyError, ("KeyError", "LookupError")),
    "date": (lambda: datetime.date(2026, 3, 9), ("2026, 3, 9",)),
    "datetime with zone": (
        lambda: datetime.datetime(2026, 3, 9, 8, tzinfo=zoneinfo.ZoneInfo("Europe/Rome")),
        ("2026, 3, 9, 8", "Europe/Rome"),
    ),
    "timedelta": (lambda: datetime.timedelta(days=2), ("days=2",)),
    "Decimal": (lambda: decimal.Decimal("1.10"), ("1.10", "Decimal")),
    "Fraction": (lambda: fractions.Fraction(1, 3), ("Fraction(1, 3)",)),
    "UUID": (lambda: uuid.UUID(int=5), ("00000000-0000-0000-0000-000000000005",)),
    "path": (lambda: pathlib.PurePosixPath("/data/a.csv"), ("/data/a.csv",)),
    "address": (lambda: ipaddress.ip_address("10.0.0.1"), ("10.0.0.1",)),
    "network": (lambda: ipaddress.ip_network("10.0.0.0/8"), ("10.0.0.0/8",)),
    "pattern": (lambda: re.compile(r"\d+", re.IGNORECASE), ("\\d+", "IGNORECASE")),
    "match": (lambda: re.search("b", "abc"), ("span=(1, 2)", "'b'")),
    "parsed URL": (lambda: urllib.parse.urlsplit("https://a.org/b?c=1"), ("a.org", "/b", "c=1")),
    "memory file": (lambda: io.StringIO("abc"), ("StringIO", "not read")),
    "closed file": (lambda: _closed_file("utf-8"), ("closed", "TextIOWrapper")),
    "config": (lambda: _config("[db]\nhost = here\nport = 80\n[web]\ndebug = yes"), ("db", "host", "here", "debug")),
    "config with defaults": (lambda: _config("[DEFAULT]\nuser = bo\n[a]\nx = 1"), ("user", "bo", "x")),
    "config section": (lambda: _config("[db]\nhost = here")["db"], ("db", "host", "here")),
    "argument parser": (_parser, ("train", "Train a model")),
    "parsed arguments": (lambda: _parser().parse_args(["--epochs", "3"]), ("epochs=3",)),
    "logger": (lambda: logging.getLogger("shop.web"), ("shop.web",)),
    "log record": (lambda: logging.LogRecord("a", 20, "p.py", 5, "it %s", ("broke",), None), ("p.py", "5", "it %s")),
    "queue": (lambda: queue.Queue(maxsize=7), ("Queue", "maxsize: 7")),
    "lock": (threading.Lock, ("unlocked",)),
    "event": (threading.Event, ("unset",)),
    "thread": (lambda: threading.Thread(name="loader", daemon=True), ("loader", "initial", "daemon")),
    "random": (lambda: random.Random(4), ("Random",)),
    "template": (lambda: string.Template("Dear $name"), ("Template", "Dear $name")),
    "connection": (lambda: sqlite3.connect(":memory:"), ("Connection",)),
    "generic alias": (lambda: dict[str, list[int]], ("dict[str, list[int]]",)),
    "union": (lambda: int | None, ("int | None",)),
    "type variable": (lambda: typing.TypeVar("Row"), ("Row",)),
    "property": (lambda: Hidden.__dict__["balance"], ("property", "balance")),
    "static method": (lambda: staticmethod(area), ("staticmethod", "area", "width")),
    "dictionary view": ({"a": 1}.keys, ("dict_keys", "'a'")),
}


def _closed_file(encoding: str) -> Any:
    with pathlib.Path(__file__).open(encoding=encoding) as file:
        pass
    return file
