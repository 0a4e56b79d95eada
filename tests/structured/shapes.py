"""Thirty shapes, flat to nested: what names each, a right reply and what it builds, a wrong one and its place."""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple, TypedDict, Union

import pydantic
from typing_extensions import NotRequired, Required


class Mood(enum.Enum):
    """How a text sounds."""

    GOOD = "good"
    BAD = "bad"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Corner(enum.Enum):
    LEFT = (0, 0)
    RIGHT = (1, 0)


@dataclass
class Point:
    x: float
    y: float


@dataclass
class Positive(Point):
    def __post_init__(self) -> None:
        if self.x < 0:
            raise ValueError("x is out of range")


@dataclass(frozen=True)
class Sale:
    """One sale of a shop."""

    customer: Annotated[str, "who bought"]
    amount: float = field(metadata={"description": "in euros, with tax"})
    day: dt.date
    paid: bool = True
    note: str | None = None


@dataclass
class Order:
    id: int
    mood: Mood
    sales: list[Sale]
    address: Address | None = None
    tags: set[str] = field(default_factory=set)


@dataclass
class Address:
    street: str
    zip: Annotated[str, {"pattern": "^[0-9]{5}$"}]


@dataclass
class Tree:
    name: str
    parts: list[Tree] = field(default_factory=list)


@dataclass
class Circle:
    kind: Literal["circle"]
    radius: float


@dataclass
class Box:
    kind: Literal["box"]
    width: float
    height: float


@dataclass
class Drawing:
    title: str
    shapes: list[Circle | Box]


class Person(TypedDict):
    name: str
    age: NotRequired[int]


class Options(TypedDict, total=False):
    """What may be set."""

    colour: Required[str]
    size: Literal["s", "m", "l"]


class Place(NamedTuple):
    city: str
    people: int = 0


class Item(pydantic.BaseModel):
    """A thing in stock."""

    name: str = pydantic.Field(description="its name", min_length=2)
    price: Decimal = pydantic.Field(ge=0)


class Lettered(Item):
    @pydantic.field_validator("name")
    @classmethod
    def no_digits(cls, name: str) -> str:
        if not name.isalpha():
            raise ValueError("no digits")
        return name


class Checked(pydantic.BaseModel):
    items: list[Lettered]


class Stock(pydantic.BaseModel):
    items: list[Item]
    checked: dt.datetime
    shelf: dict[str, int] = {}


class Reply(pydantic.BaseModel):
    text: str
    answers: list[Reply] = []


@dataclass
class Mixed:
    item: Item
    points: tuple[Point, Point]


class Case(NamedTuple):
    """``right`` and ``wrong`` are replies as JSON values, as they travel; ``place`` is that of the first misfit."""

    name: str
    spec: Any
    right: Any
    built: Any
    wrong: Any
    place: str


DAY = dt.date(2026, 1, 31)
NOON = dt.datetime(2026, 1, 31, 12, 0, tzinfo=dt.timezone.utc)
ID = uuid.UUID("12345678-1234-4678-9234-567812345678")
SALE = {"customer": "Ann", "amount": 2.5, "day": "2026-01-31"}

CASES = [
    Case(
        "a flat schema",
        {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
        {"a": 1},
        {"a": 1},
        {"a": "1"},
        "a",
    ),
    Case(
        "a schema of a list",
        {"type": "array", "items": {"type": "number"}},
        {"items": [1, 2.5]},
        [1, 2.5],
        {"items": [1, "n/a"]},
        "items[1]",
    ),
    Case(
        "a schema with $defs",
        {"$ref": "#/$defs/row", "$defs": {"row": {"type": "object", "properties": {"n": {"minimum": 0}}}}},
        {"n": 3},
        {"n": 3},
        {"n": -3},
        "n",
    ),
    Case(
        "a schema with allOf",
        {"type": "object", "allOf": [{"properties": {"a": {"const": 1}}}, {"required": ["b"]}]},
        {"a": 1, "b": 2},
        {"a": 1, "b": 2},
        {"a": 1},
        "b",
    ),
    Case("a dataclass", Point, {"x": 1, "y": 2.5}, Point(1.0, 2.5), {"x": 1}, "y"),
    Case("a frozen dataclass", Sale, SALE, Sale("Ann", 2.5, DAY), {**SALE, "day": "31.01.2026"}, "day"),
    Case(
        "rows",
        list[Sale],
        {"items": [SALE, {**SALE, "paid": False, "note": "x"}]},
        [Sale("Ann", 2.5, DAY), Sale("Ann", 2.5, DAY, False, "x")],
        {"items": [SALE, SALE, {**SALE, "amount": "n/a"}]},
        "items[2].amount",
    ),
    Case(
        "an optional part that is null",
        Sale,
        {**SALE, "note": None},
        Sale("Ann", 2.5, DAY),
        {**SALE, "note": 5},
        "note",
    ),
    Case(
        "nested dataclasses",
        Order,
        {"id": 1, "mood": "good", "sales": [SALE], "address": {"street": "s", "zip": "12345"}, "tags": ["a"]},
        Order(1, Mood.GOOD, [Sale("Ann", 2.5, DAY)], Address("s", "12345"), {"a"}),
        {"id": 1, "mood": "good", "sales": [SALE], "address": {"street": "s", "zip": "D-1"}},
        "address.zip",
    ),
    Case(
        "an enum inside",
        Order,
        {"id": 1, "mood": "bad", "sales": []},
        Order(1, Mood.BAD, []),
        {"id": 1, "mood": "awful", "sales": []},
        "mood",
    ),
    Case(
        "a set",
        Order,
        {"id": 1, "mood": "bad", "sales": [], "tags": ["b", "a"]},
        Order(1, Mood.BAD, [], None, {"a", "b"}),
        {"id": 1, "mood": "bad", "sales": [], "tags": ["a", "a"]},
        "tags",
    ),
    Case("a key that is not known", Point, {"x": 0, "y": 0}, Point(0.0, 0.0), {"x": 0, "y": 0, "z": 0}, "z"),
    Case(
        "a recursive dataclass",
        Tree,
        {"name": "a", "parts": [{"name": "b", "parts": [{"name": "c"}]}]},
        Tree("a", [Tree("b", [Tree("c")])]),
        {"name": "a", "parts": [{"name": "b", "parts": [{"nme": "c"}]}]},
        "parts[0].parts[0].name",
    ),
    Case(
        "a tagged union",
        Drawing,
        {"title": "t", "shapes": [{"kind": "box", "width": 1, "height": 2}, {"kind": "circle", "radius": 3}]},
        Drawing("t", [Box("box", 1.0, 2.0), Circle("circle", 3.0)]),
        {"title": "t", "shapes": [{"kind": "box", "width": 1, "height": "2"}]},
        "shapes[0].height",
    ),
    Case(
        "a tag that is not known",
        Drawing,
        {"title": "t", "shapes": []},
        Drawing("t", []),
        {"title": "t", "shapes": [{"kind": "star"}]},
        "shapes[0].kind",
    ),
    Case("a TypedDict", Person, {"name": "Ann"}, {"name": "Ann"}, {"name": "Ann", "age": "old"}, "age"),
    Case(
        "a TypedDict that is not total",
        Options,
        {"colour": "red", "size": "m"},
        {"colour": "red", "size": "m"},
        {"size": "xl", "colour": "red"},
        "size",
    ),
    Case(
        "a required key of it",
        list[Options],
        {"items": [{"colour": "red"}]},
        [{"colour": "red"}],
        {"items": [{"size": "m"}]},
        "items[0].colour",
    ),
    Case("a NamedTuple", Place, {"city": "Rome"}, Place("Rome"), {"city": "Rome", "people": 1.5}, "people"),
    Case("an enum", Mood, {"value": "good"}, Mood.GOOD, {"value": "GOOD"}, "value"),
    Case(
        "enums of numbers and of tuples",
        dict[str, Union[Level, Corner]],  # noqa: UP007  the older spelling is another type
        {"a": 2, "b": "LEFT"},
        {"a": Level.HIGH, "b": Corner.LEFT},
        {"a": 3},
        "a",
    ),
    Case("a literal", Literal["yes", "no", 1, None], {"value": None}, None, {"value": "maybe"}, "value"),
    Case(
        "plain unions",
        list[int | str | None],
        {"items": [1, "a", None]},
        [1, "a", None],
        {"items": [1, [2]]},
        "items[1]",
    ),
    Case("texts by key", Mapping[Literal["de", "fr"], str], {"de": "Haus"}, {"de": "Haus"}, {"it": "casa"}, "it"),
    Case("numbers by number", dict[int, list[float]], {"1": [1, 2]}, {1: [1.0, 2.0]}, {"1": [1, None]}, '["1"][1]'),
    Case(
        "tuples",
        tuple[str, int, Annotated[float, {"minimum": 0}]],
        {"items": ["a", 1, 0.5]},
        ("a", 1, 0.5),
        {"items": ["a", 1, -1]},
        "items[2]",
    ),
    Case(
        "dates and more",
        dict[str, dt.datetime | dt.time | uuid.UUID | Decimal],
        {"a": "2026-01-31T12:00:00Z", "b": "09:30", "c": str(ID), "d": "1.5"},
        {"a": NOON, "b": dt.time(9, 30), "c": ID, "d": Decimal("1.5")},
        {"a": "noon"},
        "a",
    ),
    Case(
        "a pydantic model",
        Stock,
        {"items": [{"name": "nut", "price": "0.10"}], "checked": "2026-01-31T12:00:00Z", "shelf": {"a": 1}},
        Stock(items=[Item(name="nut", price=Decimal("0.10"))], checked=NOON, shelf={"a": 1}),
        {"items": [{"name": "n", "price": 1}], "checked": "2026-01-31T12:00:00Z"},
        "items[0].name",
    ),
    Case(
        "a recursive model",
        list[Reply],
        {"items": [{"text": "a", "answers": [{"text": "b"}]}]},
        [Reply(text="a", answers=[Reply(text="b")])],
        {"items": [{"text": "a", "answers": [{"text": 1}]}]},
        "items[0].answers[0].text",
    ),
    Case(
        "a model in a dataclass",
        Mixed,
        {"item": {"name": "nut", "price": "1"}, "points": [{"x": 0, "y": 1}, {"x": 2, "y": 3}]},
        Mixed(Item(name="nut", price=Decimal(1)), (Point(0.0, 1.0), Point(2.0, 3.0))),
        {"item": {"name": "nut", "price": 1}, "points": [{"x": 0, "y": 1}]},
        "points",
    ),
    Case(
        "sequences of anything",
        Sequence[dict[str, Any]],
        {"items": [{"a": [1, {"b": None}]}]},
        [{"a": [1, {"b": None}]}],
        {"items": ["a"]},
        "items[0]",
    ),
    Case(
        "a list that holds itself",
        {"type": "array", "items": {"$ref": "#"}},
        {"items": [[], [[]]]},
        [[], [[]]],
        {"items": [[], [1]]},
        "items[1][0]",
    ),
]
