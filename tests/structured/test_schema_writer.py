"""The JSON Schema of a Python type: what becomes of hints, names and classes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, NamedTuple, NewType, TypeVar

import pydantic
import pytest
from annotated_types import Ge, Lt

from deepseek_magic.errors import OptionError
from tests.structured.schemas import schema_of
from tests.structured.shapes import Item, Level, Mood, Reply

Kind = TypeVar("Kind")
Name = NewType("Name", str)


@dataclass
class Pair(Generic[Kind]):
    left: Kind
    right: Later  # noqa: F821  the user's, in the notebook


@pytest.mark.parametrize(
    ("spec", "schema"),
    [
        (Any, {}),
        (Name, {"type": "string"}),
        (dict, {"type": "object", "additionalProperties": True}),
        (list, {"type": "array", "items": {}}),
        (frozenset[int], {"type": "array", "items": {"type": "integer"}, "uniqueItems": True}),
        (tuple[int, ...], {"type": "array", "items": {"type": "integer"}}),
        (Level, {"type": "integer", "enum": [1, 2]}),
        (Mood, {"type": "string", "enum": ["good", "bad"], "description": "How a text sounds."}),
        (Literal[Mood.GOOD], {"type": "string", "enum": ["good"]}),
        (Literal[1, "a"], {"enum": [1, "a"]}),
        (Annotated[int, Ge(0), Lt(10)], {"type": "integer", "minimum": 0, "exclusiveMaximum": 10}),
        (
            Annotated[Annotated[int, "inner"], "outer", {"maximum": 3}],
            {"type": "integer", "description": "outer", "maximum": 3},
        ),
    ],
)
def test_what_becomes_of_hints(spec, schema):
    assert schema_of(spec) == schema


def test_names_in_annotations_are_the_users():
    with pytest.raises(OptionError, match="name 'Later' is not defined"):
        schema_of(Pair)
    schema = schema_of(Pair[int], {"Later": int})
    assert schema["properties"] == {"left": {"type": "integer"}, "right": {"type": "integer"}}


def test_a_class_that_is_used_twice_is_defined_once():
    schema = schema_of(dict[str, Item | list[Item]])
    assert list(schema["$defs"]) == ["Item"]
    assert str(schema).count("its name") == 1


def test_two_classes_of_one_name_are_two():
    @dataclass
    class Reply2:
        text: int

    twin = type("Reply", (), {"__annotations__": {"mine": int}})
    schema = schema_of(tuple[Reply, dataclass(twin), Reply2, dataclass(twin)])
    first, second, third, fourth = schema["prefixItems"]
    assert second == fourth != first
    assert {one["$ref"].removeprefix("#/$defs/") for one in (first, second)} == schema["$defs"].keys()
    assert third["properties"] == {"text": {"type": "integer"}}


class Place(NamedTuple):
    """Where something is."""

    name: str
    height: Annotated[float, "in metres"] = 0.0


class Cat(pydantic.BaseModel):
    kind: Literal["cat"] = "cat"
    lives: int = 9


class Dog(pydantic.BaseModel):
    kind: Literal["dog"]


def test_what_strict_tools_do_not_take_is_written_in_another_way():
    """They take neither ``oneOf`` nor ``const``; a `Decimal` is a string, or its digits are lost."""
    pet = schema_of(Annotated[Cat | Dog, pydantic.Field(discriminator="kind")])
    assert len(pet["anyOf"]) == 2
    assert "oneOf" not in str(pet)
    assert "const" not in str(pet)
    assert schema_of(Decimal) == {"type": "string", "format": "decimal"}


def test_a_named_tuple_is_an_object_with_its_docstring():
    assert schema_of(Place) == {
        "type": "object",
        "description": "Where something is.",
        "properties": {"name": {"type": "string"}, "height": {"type": "number", "description": "in metres"}},
        "required": ["name"],
        "additionalProperties": False,
    }


def test_a_users_model_keeps_its_defaults_and_the_keys_it_takes():
    schema = schema_of(Cat)
    assert schema["properties"]["lives"] == {"type": "integer", "default": 9}
    assert "additionalProperties" not in schema
    assert "title" not in str(schema)


def test_keys_of_a_dict_are_strings_that_may_be_whole_numbers():
    pattern = schema_of(dict[int, str])["propertyNames"]["pattern"]
    fits = [key for key in ("0", "-3", "12", "01", "-0", "1.0", "a", "") if re.search(pattern, key)]
    assert fits == ["0", "-3", "12"]
