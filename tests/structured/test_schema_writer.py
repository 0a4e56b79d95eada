"""The JSON Schema of a Python type: what becomes of hints, names and classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Generic, Literal, NewType, TypeVar

import pytest
from annotated_types import Ge, Lt

from deepseek_magic.errors import OptionError
from deepseek_magic.structured.shape import schema_of
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
