"""An example of what fits a schema."""

from __future__ import annotations

import json

import jsonschema
import pytest

from deepseek_magic.structured.checking import validate
from deepseek_magic.structured.example import NoExample, example
from deepseek_magic.structured.instructions import instructions, unwrapped, wrapped
from deepseek_magic.structured.sentences import EXAMPLE
from deepseek_magic.structured.shape import Shape


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


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "integer", "minimum": 10**400},
        {"type": "number", "minimum": 10**400, "maximum": 10**401},
        {"type": "number", "multipleOf": 10**400},
        {"type": "integer", "multipleOf": 1e-320},
        {"type": "string", "minLength": 10**400},
        {"type": "string", "minLength": 10**7},
    ],
    ids=range(6),
)
def test_bounds_beyond_any_float_or_size_have_none_and_the_question_is_asked_without(schema):
    with pytest.raises(NoExample):
        example(schema)
    assert EXAMPLE not in instructions(schema)


def test_a_name_of_thousands_of_digits_is_changed_too():
    name = "1" * 5_000
    schema = {"type": "array", "items": of(**{name: text()}), "minItems": 2, "uniqueItems": True}
    first, second = example(schema)
    assert first != second


def test_what_says_nothing_is_anything():
    assert example({}) == example(True) == "anything"
    assert example({"type": "null"}) is None


def of(**properties):
    return {"type": "object", "properties": properties, "required": list(properties)}


def text(**more):
    return {"type": "string", **more}


WHOLE = {"type": "integer"}
DRAFT_07 = {"$schema": "http://json-schema.org/draft-07/schema#"}
FORMATS = (
    *("ipv4", "ipv6", "date", "time", "date-time", "uuid", "email", "uri", "hostname", "duration", "iri", "regex"),
    *("json-pointer", "relative-json-pointer", "uri-template", "idn-hostname", "decimal", "byte", "password"),
)
PATTERNS = (
    *("^[A-Z]{3}-[0-9]{2,4}$", r"^\d{3}$", r"^(foo|bar)+\.txt$", "^[^@]+@[^@]+\\.com$", r"^(?P<a>\w)\1$", r"\bx\b"),
    *("^[\u0430-\u044f]+$", r"^\S+\s\D$", "^(?:a|b)?c*?$", "x{3}", "^(?!b)[ab]$", "(?i)^ABC$", ""),
)


def several(count=2, **items):
    return of(a={"type": "array", "items": items, "minItems": count, "uniqueItems": True})


@pytest.mark.parametrize(
    "schema",
    [
        {**DRAFT_07, **of(a={"type": "array", "items": [text(), WHOLE], "additionalItems": False})},
        {**DRAFT_07, **of(a={"type": "array", "items": [text(), WHOLE], "minItems": 3, "additionalItems": text()})},
        {**DRAFT_07, **of(a=text(), b=text()), "dependencies": {"a": ["b"]}},
        of(a={**WHOLE, "default": 50, "maximum": 9}),
        of(a=text(default="x", minLength=3)),
        of(a={**WHOLE, "default": "x"}),
        of(a=text(examples=[5])),
        of(a={"enum": ["a", "bb"], "minLength": 2}),
        of(a={"type": "array", "prefixItems": [WHOLE, False]}),
        of(a={"type": "array", "prefixItems": [WHOLE, text()], "items": False, "minItems": 2}),
        of(a={"type": "array", "contains": WHOLE}),
        several(3, **WHOLE, minimum=1, maximum=3),
        several(type="boolean"),
        several(**of(x=WHOLE)),
        several(4, **text(maxLength=1)),
        several(anyOf=[{"const": 1}, {"const": 2}]),
        several(enum=["a", "b"]),
        *(several(3, **text(format=name)) for name in FORMATS),
        *(of(a=text(format=name)) for name in FORMATS),
        *(of(a=text(pattern=pattern), b=text()) for pattern in PATTERNS),
        of(a=text(pattern="^.{5,}$", maxLength=6), b=text(pattern="^[a-z]+$", minLength=8)),
        {"type": "object", "properties": {"a": text(pattern="(?=x)y"), "b": WHOLE}, "required": ["b"]},
        {"type": "object", "properties": {"a": text()}, "dependentRequired": {"a": ["b"]}},
        {"type": "object", "properties": {"a": text()}, "dependentSchemas": {"a": of(b=WHOLE)}},
        {"type": "object", "patternProperties": {"^x_": WHOLE}, "additionalProperties": False, "minProperties": 2},
        {"type": "object", "additionalProperties": WHOLE, "minProperties": 2},
        {"type": "object", "additionalProperties": WHOLE, "propertyNames": {"pattern": "^[A-Z]+$"}},
        of(a={"not": text()}),
        of(a=text(**{"not": {"const": "a"}})),
        of(a={"oneOf": [WHOLE, {"type": "number"}]}),
        of(a={"anyOf": [text(), {"type": "null"}], "minLength": 20}),
        of(a={"if": text(), "then": {"minLength": 9}}),
        of(a={"allOf": [{"minimum": 9}, {**WHOLE, "minimum": 3, "maximum": 20}, {"maximum": 10}]}),
        of(a={"type": "number", "multipleOf": 0.01, "minimum": 0.005, "maximum": 0.015}),
        {"type": "array", "items": {"anyOf": [False, WHOLE]}},
        {"type": "array", "items": {"anyOf": [False, False]}},
        {"$ref": "#/$defs/a", "$defs": {"a": True}},
    ],
)
def test_the_example_that_is_sent_fits_and_one_is_sent(schema):
    shape = Shape.of(schema)
    _, marked, shown = shape.instructions.partition(EXAMPLE)
    assert marked
    sent = json.loads(shown)
    jsonschema.validate(sent, wrapped(shape.schema), format_checker=jsonschema.FormatChecker())
    assert shape.read(shown).data == unwrapped(sent, shape.schema)


@pytest.mark.parametrize(
    "schema",
    [
        of(a=text(pattern="(?=x)y")),
        {"type": "object", "properties": {"a": WHOLE}, "required": ["z"], "additionalProperties": False},
        of(a={"anyOf": [False, False]}),
        of(a={"type": "array", "items": False, "minItems": 1}),
        of(a={**WHOLE, "minimum": 3, "maximum": 1}),
        {"type": "object", "properties": {"n": {"$ref": "#"}}, "required": ["n"]},
    ],
)
def test_where_nothing_fits_no_example_is_sent(schema):
    assert EXAMPLE not in Shape.of(schema).instructions
