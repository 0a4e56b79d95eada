"""Python types by pydantic: the schema that the model is given, and the object that a reply becomes."""

from __future__ import annotations

import datetime as dt
import enum
import subprocess
import sys
import typing
import uuid
from collections.abc import Iterable
from dataclasses import InitVar, dataclass, field
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypeVar, Union

import annotated_types
import pydantic
import pytest
import typing_extensions
from pydantic import ConfigDict, Field, RootModel, StringConstraints
from typing_extensions import NotRequired, TypeAliasType

from deepseek_magic.app.ask import Ask, rehearse
from deepseek_magic.app.options import parse
from deepseek_magic.app.session import Session
from deepseek_magic.errors import OptionError
from deepseek_magic.notebook.namespace import evaluated
from deepseek_magic.structured.example import example
from deepseek_magic.structured.problem import Misfit
from deepseek_magic.structured.shape import Shape
from deepseek_magic.tools.signatures import function_of, is_strict
from tests.structured.schemas import schema_of

Kind = TypeVar("Kind")


@dataclass
class Leaf:
    value: int


@dataclass
class Branch:
    left: Node
    right: Node


Node = Union[Leaf, Branch]  # noqa: UP007  the older spelling is another type
Json = TypeAliasType("Json", "dict[str, Json] | list[Json] | str | int | float | bool | None")


@dataclass
class Item:
    name: str
    price: Decimal


@dataclass
class Page(Generic[Kind]):
    items: list[Kind]
    more: Page[Kind] | None = None


class Sheet(typing_extensions.TypedDict, Generic[Kind]):
    cells: list[Kind]
    title: NotRequired[str]


class Address(typing.TypedDict):
    street: str
    zip: NotRequired[Annotated[str, "five digits"]]


class Contact(typing.TypedDict, total=False):
    """Somebody."""

    name: typing_extensions.Required[str]
    addresses: list[Address]
    friends: list[Contact]


@dataclass
class Company:
    boss: Contact


@dataclass
class Scaled:
    size: float
    by: InitVar[int]

    def __post_init__(self, by: int) -> None:
        if by > 100:
            raise KeyError("no such scale")
        self.size *= by


@dataclass
class Computed:
    """One field is given, the others are made of it."""

    size: int
    double: int = field(init=False, default=0)
    half: float = field(init=False)

    def __post_init__(self) -> None:
        self.double, self.half = 2 * self.size, self.size / 2


class Cat(pydantic.BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(pydantic.BaseModel):
    kind: Literal["dog"]
    tricks: list[str]


Pet = Annotated[Cat | Dog, Field(discriminator="kind")]


class Names(RootModel[list[str]]):
    @pydantic.field_validator("root")
    @classmethod
    def some(cls, names: list[str]) -> list[str]:
        if not names:
            raise ValueError("nobody")
        return names


class Corner(enum.Enum):
    LEFT = (0, 0)
    RIGHT = (1, 0)


class Colour(enum.Enum):
    RED = "r"


class Level(enum.IntEnum):
    LOW = 1


class Place(NamedTuple):
    city: str
    corner: Corner = Corner.LEFT


class Lax(pydantic.BaseModel):
    number: int
    when: dt.date | None = None


class Strict(pydantic.BaseModel):
    model_config = ConfigDict(strict=True, extra="allow")
    number: int
    when: dt.date | None = None
    tags: frozenset[str] = frozenset()


@dataclass
class Types:
    """A field of each name that a schema of pydantic has, too."""

    type: dt.datetime
    default: dt.datetime
    metadata: set[str]
    fields: Corner


ID = uuid.UUID("12345678-1234-4678-9234-567812345678")
DAY = "2026-01-31"


def built(spec: Any, text: str) -> Any:
    return Shape.of(spec).read(text).value


def why(spec: Any, text: str) -> str:
    with pytest.raises(Misfit) as caught:
        Shape.of(spec).read(text)
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix("the reply does not fit: ")


@pytest.mark.parametrize(
    ("spec", "text", "value"),
    [
        (Node, '{"left": {"value": 1}, "right": {"left": {"value": 2}, "right": {"value": 3}}}', None),
        (Json, '{"value": {"a": [1, "x", {"b": null}]}}', {"a": [1, "x", {"b": None}]}),
        (list[Json], '{"items": [[[]], 1.5, true]}', [[[]], 1.5, True]),
        (Page[Item], '{"items": [{"name": "nut", "price": "0.10"}]}', Page([Item("nut", Decimal("0.10"))])),
        (
            Page[Page[int]],
            '{"items": [{"items": [1]}], "more": {"items": [], "more": null}}',
            Page([Page([1])], Page([])),
        ),
        (Sheet[Sheet[dt.date]], f'{{"cells": [{{"cells": ["{DAY}"], "title": "t"}}]}}', None),
        (Annotated[int, Field(ge=1, le=5)], '{"value": 3}', 3),
        (Annotated[str, StringConstraints(pattern="^[a-z]+$", max_length=3)], '{"value": "abc"}', "abc"),
        (Annotated[list[int], annotated_types.Len(1, 2)], '{"items": [1, 2]}', [1, 2]),
        (Scaled, '{"size": 2, "by": 3}', None),
        (list[Pet], '{"items": [{"kind": "dog", "tricks": ["sit"]}]}', [Dog(kind="dog", tricks=["sit"])]),
        (Pet, '{"kind": "cat", "lives": 9}', Cat(kind="cat", lives=9)),
        (Names, '{"items": ["Ann"]}', Names(["Ann"])),
        (Contact, '{"name": "Ann"}', {"name": "Ann"}),
        (Company, '{"boss": {"name": "A", "addresses": [{"street": "s"}], "friends": [{"name": "B"}]}}', None),
        (Place, '{"city": "Rome", "corner": "RIGHT"}', Place("Rome", Corner.RIGHT)),
        (dict[Corner, Literal[Colour.RED, 5]], '{"LEFT": "r", "RIGHT": 5}', {Corner.LEFT: Colour.RED, Corner.RIGHT: 5}),
        (Iterable[int], '{"items": [1, 2]}', [1, 2]),
        (bytes, '{"value": "abc"}', b"abc"),
        (dt.timedelta, '{"value": "PT1H30M"}', dt.timedelta(minutes=90)),
        (tuple[dt.time, uuid.UUID], f'{{"items": ["09:30", "{ID}"]}}', (dt.time(9, 30), ID)),
        (frozenset[dt.date], f'{{"items": ["{DAY}"]}}', frozenset([dt.date(2026, 1, 31)])),
        (dict[dt.date, set[int]], f'{{"{DAY}": [1]}}', {dt.date(2026, 1, 31): {1}}),
        (pydantic.create_model("Made", a=(int, 1), b=(str, ...)), '{"b": "x"}', None),
    ],
)
def test_what_is_read(spec, text, value):
    shape = Shape.of(spec)
    assert "json" in shape.instructions.lower()
    result = shape.read(text)
    assert value is None or (result.value, type(result.value)) == (value, type(value))
    assert shape.build(result.data) == result.value


def test_what_is_built_of_the_more_involved_ones():
    tree = built(Node, '{"left": {"value": 1}, "right": {"left": {"value": 2}, "right": {"value": 3}}}')
    assert tree == Branch(Leaf(1), Branch(Leaf(2), Leaf(3)))
    assert built(Scaled, '{"size": 2, "by": 3}').size == 6.0
    sheet = {"cells": [{"cells": [dt.date(2026, 1, 31)], "title": "t"}]}
    assert built(Sheet[Sheet[dt.date]], f'{{"cells": [{{"cells": ["{DAY}"], "title": "t"}}]}}') == sheet
    boss = {"name": "A", "addresses": [{"street": "s"}], "friends": [{"name": "B"}]}
    assert built(Company, '{"boss": {"name": "A", "addresses": [{"street": "s"}], "friends": [{"name": "B"}]}}') == (
        Company(boss)
    )
    assert list(schema_of(Computed)["properties"]) == ["size"]
    assert (built(Computed, '{"size": 2}').double, built(Computed, '{"size": 2}').half) == (4, 1.0)
    moment = dt.datetime(2026, 1, 31, 12, 0, tzinfo=dt.timezone.utc)
    text = f'{{"type": "{DAY}T12:00Z", "default": "{DAY}T12:00Z", "metadata": ["a"], "fields": "LEFT"}}'
    assert built(Types, text) == Types(moment, moment, {"a"}, Corner.LEFT)


@pytest.mark.parametrize(
    ("spec", "text", "words"),
    [
        (
            Node,
            '{"left": {"value": 1}, "right": {"left": {"value": "2"}, "right": {"value": 3}}}',
            "right.left.value: ",
        ),
        (Page[Item], '{"items": [{"name": 5, "price": "1"}]}', "items[0].name: expected a string, found 5"),
        (Page[int], '{"items": ["1"]}', "items[0]: expected a whole number"),
        (Sheet[int], '{"cells": [], "titel": ""}', "titel: expected no such key (known: cells, title), found"),
        (Annotated[int, Field(ge=1, le=5)], '{"value": 9}', "value: expected a number of at most 5, found 9"),
        (
            Annotated[str, StringConstraints(pattern="^[a-z]+$")],
            '{"value": "A"}',
            "value: expected a string that matches",
        ),
        (Scaled, '{"size": 2}', "by: expected a value (a whole number), found nothing"),
        (Scaled, '{"size": 2, "by": 101}', "the reply: expected another value (KeyError: 'no such scale'), found {"),
        (
            list[Scaled],
            '{"items": [{"size": 1, "by": 1}, {"size": 1, "by": 101}]}',
            "items[1]: expected another value (KeyError",
        ),
        (Pet, '{"kind": "dog", "tricks": "sit"}', 'tricks: expected a list, found "sit"'),
        (Pet, '{"kind": "cow"}', 'kind: expected one of "cat", "dog", found "cow"'),
        (Names, '{"items": []}', "items: expected another value (nobody), found []"),
        (Contact, '{"addresses": []}', "name: expected a value (a string), found nothing"),
        (
            Company,
            '{"boss": {"name": "A", "addresses": [{}]}}',
            "boss.addresses[0].street: expected a value (a string)",
        ),
        (Company, '{"boss": {"name": "A", "age": 5}}', "boss.age: expected no such key"),
        (Place, '{"city": "Rome", "corner": [0, 0]}', 'corner: expected one of "LEFT", "RIGHT", found [0, 0]'),
        (Iterable[int], '{"items": [1, "x"]}', "items[1]: expected a whole number"),
        (int, '{"value": "5"}', 'value: expected a whole number, found "5"'),
        (int, '{"value": true}', "value: expected a whole number, found true"),
        (float, '{"value": "1.5"}', 'value: expected a number, found "1.5"'),
        (str, '{"value": 5}', "value: expected a string, found 5"),
        (bool, '{"value": 1}', "value: expected true or false, found 1"),
        (Literal[1, 2], '{"value": true}', "value: expected a whole number, found true"),
        (Literal["a", 1], '{"value": true}', 'value: expected one of "a", 1, found true'),
        (Literal[True, "a"], '{"value": 1}', 'value: expected one of true, "a", found 1'),
        (Level, '{"value": true}', "value: expected one of 1, found true"),
        (dt.date, '{"value": "31.01.2026"}', "value: expected a string in the format date, like 2026-01-31"),
        (dt.date, '{"value": "2026-02-30"}', "value: expected a string in the format date"),
        (dt.datetime, '{"value": "20260131"}', "value: expected a string in the format date-time"),
        (dt.datetime, '{"value": "1.5"}', "value: expected a string in the format date-time"),
        (dt.datetime, '{"value": 1769850000}', "value: expected a string, found 1769850000"),
        (dt.timedelta, '{"value": "soon"}', "value: expected a valid duration"),
        (uuid.UUID, '{"value": "x"}', "value: expected a string in the format uuid"),
        (Decimal, '{"value": "much"}', "value: expected a string in the format decimal, like 12.50"),
        (frozenset[int], '{"items": [1, 1]}', "items: expected a list without duplicates, found [1, 1]"),
        (Annotated[Decimal, Field(max_digits=3)], '{"value": "12.34"}', "value: expected another value (Decimal input"),
        (Computed, '{"size": 1, "double": 5}', "double: expected no such key (known: size), found 5"),
        (Lax, '{"number": "x"}', 'number: expected a whole number, found "x"'),
        (Strict, '{"number": "5"}', 'number: expected a whole number, found "5"'),
        (
            list[Lax],
            '{"items": [{"number": "5"}, {"number": []}]}',
            "items[1].number: expected a whole number, found []",
        ),
    ],
)
def test_what_is_refused_and_where(spec, text, words):
    assert why(spec, text).startswith(words)


@pytest.mark.parametrize(
    ("spec", "schema"),
    [
        (Annotated[int, Field(ge=1, le=5)], {"type": "integer", "maximum": 5, "minimum": 1}),
        (Decimal, {"type": "string", "format": "decimal"}),
        (Annotated[Decimal, Field(ge=0)], {"type": "string", "format": "decimal", "minimum": 0}),
        (Colour, {"type": "string", "enum": ["r"]}),
        (Literal["a"], {"type": "string", "enum": ["a"]}),
        (Corner, {"type": "string", "enum": ["LEFT", "RIGHT"]}),
        (Names, {"type": "array", "items": {"type": "string"}}),
        (
            Contact,
            {
                "type": "object",
                "description": "Somebody.",
                "properties": {
                    "name": {"type": "string"},
                    "addresses": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {
                                "street": {"type": "string"},
                                "zip": {"type": "string", "description": "five digits"},
                            },
                            "required": ["street"],
                            "additionalProperties": False,
                        },
                    },
                    "friends": {"type": "array", "items": {"$ref": "#/$defs/Contact"}},
                },
                "required": ["name"],
                "additionalProperties": False,
            },
        ),
        (
            Place,
            {
                "type": "object",
                "properties": {"city": {"type": "string"}, "corner": {"type": "string", "enum": ["LEFT", "RIGHT"]}},
                "required": ["city"],
                "additionalProperties": False,
            },
        ),
        (
            Scaled,
            {
                "type": "object",
                "properties": {"size": {"type": "number"}, "by": {"type": "integer"}},
                "required": ["size", "by"],
                "additionalProperties": False,
            },
        ),
    ],
)
def test_what_the_model_is_given(spec, schema):
    made = schema_of(spec)
    if "$ref" in made:
        made = made["$defs"][made["$ref"].removeprefix("#/$defs/")]
    assert made == schema


def test_a_users_model_keeps_its_own_strictness_and_its_own_extra_keys():
    assert built(Lax, f'{{"number": "5", "when": "{DAY}", "more": 1}}') == Lax(number=5, when=dt.date(2026, 1, 31))
    strict = built(Strict, f'{{"number": 5, "when": "{DAY}", "tags": ["a"], "more": 1}}')
    assert (strict.when, strict.tags, strict.model_extra) == (dt.date(2026, 1, 31), frozenset("a"), {"more": 1})
    assert built(list[Lax], '{"items": [{"number": "5"}]}') == [Lax(number=5)]
    assert "number" in why(list[Strict], '{"items": [{"number": "5"}]}')


@pytest.mark.parametrize("digits", ["5.0", "5", "5e0", "500.0e-2"])
def test_a_whole_number_fits_an_integer_however_it_is_written(digits):
    for spec in (int, Annotated[int, Field(le=5)], Literal[5], Literal["a", 5], int | None, int | str, Leaf | int):
        value = built(spec, f'{{"value": {digits}}}')
        assert (value, type(value)) == (5, int)
    assert built(list[Leaf], f'{{"items": [{{"value": {digits}}}]}}') == [Leaf(5)]
    assert built(dict[str, Strict], f'{{"a": {{"number": {digits}}}}}')["a"].number == 5
    for spec in (float, int | float):
        assert built(spec, f'{{"value": {digits}}}') == 5
    assert "a whole number" in why(int, '{"value": 5.5}')


def test_numbers_elsewhere_stay_as_they_are():
    result = Shape.of(dict[str, Any]).read('{"a": 5.0, "b": [1.50], "c": 1e999, "d": 7}')
    assert result.value == result.data == {"a": 5.0, "b": [1.5], "c": float("inf"), "d": 7}
    assert [type(one) for one in (result.data["a"], result.data["b"][0], result.value["a"])] == [float] * 3


@pytest.mark.parametrize(
    "digits", ["1.10", "0.1000000000000000055511151231257827", "12345678901234567890.5", "-0.0", "10", "1E+2"]
)
@pytest.mark.parametrize("quote", ["", '"'])
def test_a_decimal_keeps_its_digits(digits, quote):
    for spec in (Decimal, Decimal | None, Annotated[Decimal, Field(le=10**30)]):
        assert str(built(spec, f'{{"value": {quote}{digits}{quote}}}')) == digits
    text = f'{{"items": [{{"name": "nut", "price": {quote}{digits}{quote}}}]}}'
    result = Shape.of(Page[Item]).read(text)
    assert str(result.value.items[0].price) == result.data["items"][0]["price"] == digits
    assert [str(one) for one in built(dict[str, tuple[int, Decimal]], f'{{"a": [1, {digits}]}}')["a"]] == ["1", digits]


@pytest.mark.parametrize("spec", [Annotated[Decimal, Field(ge=100)], Annotated[Decimal, Field(gt=0, lt=1)], Item])
def test_the_example_of_a_decimal_is_within_its_bounds(spec):
    shape = Shape.of(spec)
    assert shape.build(example(shape.schema)) is not None


def test_what_annotations_add_is_given_and_checked():
    spec = list[Annotated[float, {"multipleOf": 0.01}, "in euros"]]
    assert schema_of(spec)["items"] == {"type": "number", "multipleOf": 0.01, "description": "in euros"}
    assert built(spec, '{"items": [0.07, 1.1, 19.99]}') == [0.07, 1.1, 19.99]
    assert why(spec, '{"items": [0.071]}') == "items[0]: expected a multiple of 0.01, found 0.071"


def test_multiples_are_those_of_decimal_arithmetic():
    schema = {"type": "object", "properties": {"a": {"type": "number", "multipleOf": 0.01}}}
    assert Shape.of(schema).read('{"a": 0.07}').value == {"a": 0.07}
    assert Shape.of(schema).read('{"a": 8}').value == {"a": 8}
    assert Shape.of(schema).read('{"a": 123456789012.34}').value == {"a": 123456789012.34}
    assert "a: expected a multiple of 0.01" in why(schema, '{"a": 0.075}')
    assert "a: expected a multiple of 0.01" in why(schema, '{"a": 1e999}')


class Opaque:
    """Nothing that pydantic could read."""


@dataclass
class Holding:
    fine: int
    opaque: Opaque


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (Holding, "Opaque cannot be used in a schema: expected a JSON Schema, a dataclass"),
        (list[Opaque | int], "Opaque cannot be used in a schema"),
        (dict[str, type[int]], "int cannot be used in a schema"),
        (dict[str, typing.Callable[[], int]], "callable cannot be used in a schema"),
        (dict[dict[str, int], int], "cannot be used as the keys of a dict (JSON has only strings)"),
        ("Leaf", "'Leaf' cannot be used in a schema"),
        (len, "cannot be used in a schema"),
        (Annotated[Cat | int, Field(discriminator="kind")], "cannot be used in a schema: "),
        (list[{"type": None}], "cannot be used in a schema: "),
    ],
)
def test_what_cannot_be_read_is_one_line_that_names_it(spec, words):
    with pytest.raises(OptionError) as caught:
        Shape.of(spec)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_an_alias_that_refers_to_itself_without_a_name_is_refused_in_a_line_that_says_how_to_name_it():
    tree = dict[str, typing.ForwardRef("Tree")]
    with pytest.raises(OptionError, match=r"it refers to itself.*: Tree = typing_extensions\.TypeAliasType") as caught:
        Shape.of(tree, {"Tree": tree})
    assert "\n" not in str(caught.value)
    named = typing_extensions.TypeAliasType("named", "dict[str, named]")
    assert Shape.of(named, {"named": named}).read('{"a": {"b": {}}}').value == {"a": {"b": {}}}


def test_a_model_that_is_made_in_the_expression():
    spec = evaluated("pydantic.create_model('Made', n=(int, ...))", {"pydantic": pydantic}, "--schema")
    assert Shape.of(spec).read('{"n": 5}').value.n == 5


@pytest.mark.parametrize(
    "line",
    [
        "--schema dict[str, int] how many?",
        "--schema list[tuple[str, int]] which?",
        "--schema Literal['a b'] which?",
        "--schema {'type': 'object'} which?",
        "--schema pydantic.create_model('M', n=(int, ...)) how many?",
        "--schema=dict[str, int] how many?",
    ],
)
def test_an_expression_with_a_blank_is_refused_in_a_line_that_says_to_quote_it(line):
    with pytest.raises(OptionError, match="it ends at the first space; quote it, like --schema 'dict") as caught:
        evaluated(parse(line).values["schema"], {"Literal": Literal, "pydantic": pydantic}, "--schema")
    assert "\n" not in str(caught.value)


def test_a_union_with_a_blank_is_not_taken_for_its_first_part():
    with pytest.raises(OptionError, match=r"quote it, like --schema 'int \| None'"):
        rehearse(Session({}), Ask("| None how many?", {"schema": "int"}))


def test_names_are_those_of_the_user_in_every_kind_of_class():
    @dataclass
    class Row:
        one: Annotated[Later, "which one"]  # noqa: F821

    class Keyed(typing.TypedDict):
        one: Later  # noqa: F821

    class Numbered(NamedTuple):
        one: Later  # noqa: F821

    for kind in (Row, Keyed, Numbered, list["Later"]):  # noqa: F821
        with pytest.raises(OptionError, match="name 'Later' is not defined"):
            Shape.of(kind)
        shape = Shape.of(list[kind], {"Later": dt.date})
        part = [DAY] if kind == list["Later"] else {"one": DAY}  # noqa: F821
        assert "2026, 1, 31" in repr(shape.build([part]))
        assert kind is not Row or "which one" in shape.instructions


@pytest.mark.skipif(sys.version_info < (3, 11), reason="no generic typing.TypedDict before")
def test_a_generic_typed_dict_of_the_standard_library():
    class Sheets(typing.TypedDict, Generic[Kind]):
        rows: list[Kind]
        rest: NotRequired[Sheets[Kind]]

    spec = Sheets[Sheets[dt.date]]
    value = {"rows": [{"rows": [DAY]}], "rest": {"rows": []}}
    built = {"rows": [{"rows": [dt.date(2026, 1, 31)]}], "rest": {"rows": []}}
    assert Shape.of(spec, {"Sheets": Sheets}).build(value) == built
    with pytest.raises(Misfit, match=r"rest\.rows\[0\]: "):
        Shape.of(spec, {"Sheets": Sheets}).build({"rows": [], "rest": {"rows": [5]}})


class Stopping(pydantic.BaseModel):
    a: int

    @pydantic.field_validator("a")
    @classmethod
    def stop(cls, a: int) -> int:
        raise KeyboardInterrupt if a else SystemExit


def test_a_stop_of_the_user_is_let_through_and_an_exit_of_a_class_is_not():
    with pytest.raises(KeyboardInterrupt):
        built(list[Stopping], '{"items": [{"a": 1}]}')
    assert why(list[Stopping], '{"items": [{"a": 0}]}').startswith("items[0]: expected another value (SystemExit)")
    assert why(Stopping, '{"a": 0}').startswith("the reply: expected another value (SystemExit)")


def test_the_users_type_is_left_as_it_was():
    before = set(vars(type(Address))), set(vars(Address)), set(vars(Company))
    Shape.of(Company)
    assert (set(vars(type(Address))), set(vars(Address)), set(vars(Company))) == before


@pytest.mark.parametrize(
    ("spec", "given", "value", "strict"),
    [
        (Annotated[int, Field(ge=1, le=5)], 5.0, 5, True),
        (list[Pet], [{"kind": "cat", "lives": 1}], [Cat(kind="cat", lives=1)], False),
        (Colour, "r", Colour.RED, True),
        (Annotated[str, StringConstraints(pattern="^a")], "ab", "ab", True),
        (Page[int], {"items": [1]}, Page([1]), False),
        (Contact, {"name": "A"}, {"name": "A"}, False),
        (Decimal, "1.50", Decimal("1.50"), False),
        (Json, [1, {"a": "b"}], [1, {"a": "b"}], False),
        (dt.date, DAY, dt.date(2026, 1, 31), False),
        (Scaled, {"size": 1, "by": 1}, None, True),
        (Names, ["Ann"], Names(["Ann"]), True),
    ],
)
def test_the_same_as_a_parameter_of_a_tool(spec, given, value, strict):
    def f(parameter): ...

    f.__annotations__["parameter"] = spec
    function = function_of("f", f)
    made = function.values({"parameter": given})["parameter"]
    assert value is None or (made == value and type(made) is type(value))
    assert is_strict(function.schema) is strict


@pytest.mark.kernel
def test_importing_them_does_not_load_pydantic():
    code = (
        "import sys, deepseek_magic, deepseek_magic.structured.shape, deepseek_magic.structured.plan\n"
        "import deepseek_magic.tools.calls, deepseek_magic.tools.signatures\n"
        "print([name for name in ('pydantic', 'typing_extensions', 'jsonschema') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


WATCHED = """
import sys
from dataclasses import dataclass
from deepseek_magic.app.ask import Ask, rehearse
from deepseek_magic.app.options import parse
from deepseek_magic.app.session import Session
from deepseek_magic.errors import DeepSeekError
from deepseek_magic.structured.shape import Shape

@dataclass
class Row:
    a: int

opened = []
def watch(event, arguments):
    if event.startswith("socket.") or event in ("open", "os.open", "urllib.Request", "subprocess.Popen"):
        opened.append((event, arguments[0]))

def attempt(spec, text):
    try:
        shape = Shape.of(spec)
        shape.instructions
        shape.read(text)
    except DeepSeekError as error:
        return str(error)
    return ""

def everything():
    for spec in SPECS:
        said = attempt(spec, '{"a": "x"}'), attempt(spec, '{"items": [{"a": 1}]}')
    return said

SPECS = [
    {"$schema": "http://127.0.0.1:9/schema", "type": "object"},
    {"$schema": "file:///etc/hostname", "type": "object", "required": ["b"]},
    {"$id": "http://127.0.0.1:9/", "type": "object", "properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {}}},
    {"$ref": "http://127.0.0.1:9/schema#"},
    {"$ref": "file:///etc/hostname"},
    {"type": "object", "properties": {"a": {"$ref": "other.json"}}},
    {"type": "object", "properties": {"a": {"$dynamicRef": "http://127.0.0.1:9/"}}},
    {"type": "object", "properties": {"a": {"$id": "http://127.0.0.1:9/", "$ref": "#/properties/a"}}},
    {"type": "object", "properties": {"a": {"format": "uri"}, "b": {"format": "json-pointer"}}},
    list[Row],
]
everything()  # the libraries are loaded
sys.addaudithook(watch)
everything()
print(opened)
open(sys.executable, "rb").close()
print(len(opened))
"""


@pytest.mark.kernel
def test_no_schema_opens_a_socket_or_a_file():
    found = subprocess.run([sys.executable, "-c", WATCHED], capture_output=True, text=True, check=True).stdout
    assert found == "[]\n1\n"  # the second line: the watch sees what is opened
