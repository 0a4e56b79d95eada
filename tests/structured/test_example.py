"""An example of what fits a schema."""

from __future__ import annotations

import jsonschema
import pytest

from deepseek_magic.structured.checking import validate
from deepseek_magic.structured.example import example


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "integer", "minimum": 7, "multipleOf": 5},
        {"type": "number", "exclusiveMinimum": 2},
        {"type": "number", "maximum": -3},
        {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 10},
        {"type": "string", "minLength": 30},
        {"type": "string", "maxLength": 2},
        {"type": "array", "items": {"type": "integer"}, "minItems": 3, "uniqueItems": True},
        {"type": "array", "items": {"enum": ["a", "b", "c"]}, "minItems": 2, "uniqueItems": True},
        {"type": "array", "items": {"type": "string"}, "minItems": 2, "uniqueItems": True},
        {"type": "array", "maxItems": 0},
        {"type": "object", "required": ["a"]},
        {"allOf": [{"type": "object", "properties": {"a": {"type": "string"}}}, {"required": ["a"]}]},
        {"oneOf": [{"type": "null"}, {"type": "object", "properties": {"a": {"const": 5}}, "required": ["a"]}]},
        {"type": ["null", "boolean"]},
        {"type": "object", "properties": {"n": {"$ref": "#"}}, "required": []},
        {"examples": [{"a": 1}], "type": "object"},
        {"type": "integer", "default": 5},
        *(
            {"type": "string", "format": name}
            for name in ("date", "date-time", "time", "uuid", "email", "ipv4", "ipv6", "uri")
        ),
    ],
)
def test_an_example_fits(schema):
    assert validate(example(schema), schema) == []
    jsonschema.validate(example(schema), schema)


TREE = {
    "$ref": "#/$defs/node",
    "$defs": {
        "node": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
            },
            "required": ["name"],
        }
    },
}


def test_a_schema_that_holds_itself_ends_after_a_level():
    made = example(TREE)
    assert made == {"name": "name", "children": [{"name": "name"}]}
    assert validate(made, TREE) == []


def test_a_schema_that_refers_to_itself_alone_still_ends():
    assert example({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}) == "anything"


def test_it_is_the_same_each_time_and_shows_what_is_optional():
    schema = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}, "c": False}}
    assert [example(schema) for _ in range(3)] == [{"a": "a", "b": 1}] * 3


def test_what_says_nothing_is_anything():
    assert example({}) == example(True) == "anything"
    assert example({"type": "null"}) is None
