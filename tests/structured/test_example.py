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
