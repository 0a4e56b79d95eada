"""Schemas: which are refused and how, what becomes of hints, and how a misfit is worded."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Literal, NewType, TypeVar

import jsonschema
import pytest
from annotated_types import Ge, Lt

from deepseek_magic.errors import OptionError
from deepseek_magic.structured.checking import MAX_PROBLEMS, validate
from deepseek_magic.structured.example import example
from deepseek_magic.structured.instructions import wrapping_key
from deepseek_magic.structured.problem import Misfit
from deepseek_magic.structured.shape import Shape, schema_of
from tests.structured.shapes import Item, Level, Mood, Reply

Kind = TypeVar("Kind")
Name = NewType("Name", str)


@dataclass
class Pair(Generic[Kind]):
    left: Kind
    right: Later  # noqa: F821  the user's, in the notebook


@dataclass
class Unknown:
    what: Nowhere  # noqa: F821  the point of it


class Bounds:
    """No type of which a value of JSON could be one."""


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (object(), "object at"),
        (complex, "complex cannot be used in a schema: expected a JSON Schema, a dataclass"),
        (list[Bounds], "Bounds cannot be used in a schema"),
        ([str], "[<class 'str'>] cannot be used in a schema"),
        (3, "3 cannot be used in a schema"),
        (lambda: 1, "cannot be used in a schema"),
        (dict[tuple[int, int], str], "cannot be used as the keys of a dict (JSON has only strings)"),
        (Literal[b"x"], "b'x' cannot be a choice in JSON"),
        (Unknown, "the annotations of Unknown cannot be read: name 'Nowhere' is not defined"),
        ({"name": str}, "the schema is no JSON: Object of type type is not JSON serializable"),
        ({"name": "text"}, "the schema does not say what the value is: expected type, properties, enum or the like, "),
        ({}, "found nothing"),
        ({"type": "text"}, "the schema is not valid JSON Schema at type: 'text' is not valid"),
        ({"type": "object", "properties": {"a": {"minimum": "0"}}}, "at properties.a.minimum: '0' is not of type"),
        ({"$ref": "https://example.org/schema"}, "the schema refers to https://example.org/schema, which is not in it"),
        ({"$ref": "#/$defs/x"}, 'the schema refers to #/$defs/x, which is not in it: use "#/$defs/NAME"'),
        ({"$ref": "#"}, "the schema refers from # to itself"),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}, "to itself"),
        (
            {"type": "object", "not": {"$dynamicRef": "https://x.org"}},
            "the schema uses $dynamicRef, which is not supported",
        ),
        ({"type": "number", "minimum": float("nan")}, "the schema is no JSON"),
        ({"type": "array", "items": {"$id": "https://a.org/", "$ref": "#"}}, "the schema uses $id below its top"),
    ],
)
def test_what_is_no_schema_is_refused_in_one_line(spec, said):
    with pytest.raises(OptionError) as caught:
        schema_of(spec)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_schema_stays_as_it_is():
    schema = {"type": "object", "properties": {"$ref": {"type": "string"}, "enum": {"enum": [1]}}, "x-mine": 1}
    assert schema_of(schema) is not schema
    assert schema_of(schema) == schema


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


@pytest.mark.parametrize(
    ("schema", "value", "said"),
    [
        ({"type": ["number", "null"]}, "n/a", 'the reply: expected a number or null, found "n/a"'),
        ({"type": "integer"}, True, "the reply: expected a whole number, found true"),
        ({"type": "integer"}, 1.5, "the reply: expected a whole number, found 1.5"),
        (
            {"type": "string"},
            {"a": 1, "b": 2, "c": 3, "d": 4},
            "the reply: expected a text, found an object with 4 keys",
        ),
        ({"type": "string"}, [1] * 9, "the reply: expected a text, found a list of 9"),
        ({"type": "object"}, "x" * 500, "the reply: expected an object, found " + '"' + "x" * 59 + '…"'),
        ({"enum": ["a", 1]}, "b", 'the reply: expected one of "a", 1, found "b"'),
        ({"const": "a"}, "b", 'the reply: expected "a", found "b"'),
        ({"minimum": 0}, -1, "the reply: expected a number of at least 0, found -1"),
        ({"exclusiveMaximum": 1}, 1, "the reply: expected a number below 1, found 1"),
        ({"multipleOf": 5}, 7, "the reply: expected a multiple of 5, found 7"),
        ({"minLength": 3}, "ab", 'the reply: expected a text of at least 3 characters, found "ab"'),
        ({"pattern": "^a"}, "b", 'the reply: expected a text that matches "^a", found "b"'),
        (
            {"format": "date"},
            "1.2.2026",
            'the reply: expected a text in the format date, like 2026-01-31, found "1.2.2026"',
        ),
        (
            {"format": "date"},
            "20260131",
            'the reply: expected a text in the format date, like 2026-01-31, found "20260131"',
        ),
        (
            {"format": "email"},
            "me",
            'the reply: expected a text in the format email, like name@example.org, found "me"',
        ),
        (
            {"items": {"format": "date-time"}},
            ["2026-01-31"],
            "[0]: expected a text in the format date-time, like 2026-01-31T09:30:00+00:00, found",
        ),
        ({"minItems": 2}, [1], "the reply: expected a list of at least 2, found [1]"),
        ({"uniqueItems": True}, [1, 1], "the reply: expected a list in which nothing stands twice, found [1, 1]"),
        ({"prefixItems": [{}], "items": False}, [1, 2], "the reply: expected a list of at most 1, found [1, 2]"),
        ({"required": ["a b"]}, {}, '["a b"]: expected a value, found nothing'),
        (
            {"propertyNames": {"pattern": "^x"}},
            {"y": 1},
            'y: expected as a key a text that matches "^x", found "y"',
        ),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, 1, "the reply: expected a text or null, found 1"),
        (
            {"anyOf": [{"type": "number", "minimum": 3}, {"type": "null"}]},
            1,
            "the reply: expected a number of at least 3, found 1",
        ),
        (
            {"oneOf": [{"type": "number"}, {"minimum": 0}]},
            1,
            "the reply: expected a value that fits one alternative alone, found 1",
        ),
        ({"not": {"type": "null"}}, None, "the reply: expected what fits: None should not be valid under"),
        (False, 1, "the reply: expected nothing, found 1"),
        (
            {"dependentRequired": {"a": ["b"]}},
            {"a": 1},
            "the reply: expected what fits: 'b' is a dependency of 'a', found",
        ),
    ],
)
def test_how_a_misfit_is_worded(schema, value, said):
    assert str(validate(value, schema)[0]).startswith(said)


def test_the_misfits_are_bounded_and_the_nearest_come_first():
    schema = {"type": "object", "properties": {"rows": {"items": {"type": "number"}}}, "required": ["name"]}
    problems = validate({"rows": ["x"] * 150}, schema)
    assert len(problems) == MAX_PROBLEMS
    assert problems[0].place == "name"


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


@pytest.mark.parametrize(("spec", "loaded"), [("list[Row]", ["pydantic"]), ("{'type': 'array'}", [])])
def test_pandas_and_jsonschema_are_not_loaded_before_a_question_is_sent_and_pydantic_for_types_only(spec, loaded):
    code = (
        "import dataclasses, sys, deepseek_magic.structured.frames\n"
        "from deepseek_magic.structured.shape import Shape\n"
        "Row = dataclasses.make_dataclass('Row', [('a', int), ('b', str | None)])\n"
        f"Shape.of({spec}).instructions\n"
        "print([name for name in ('pydantic', 'pandas', 'jsonschema') if name in sys.modules])"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == f"{loaded}\n"
    )


@pytest.mark.kernel
def test_jsonschema_is_loaded_while_the_reply_is_awaited():
    code = (
        "import sys, threading; from deepseek_magic.structured.checking import preload; preload();"
        "[thread.join() for thread in threading.enumerate() if thread.name == 'jsonschema'];"
        "print('jsonschema' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "True\n"


@pytest.mark.parametrize(
    ("schema", "right", "wrong"),
    [
        ({"type": "array", "items": {"$ref": "#/$defs/a%20b"}, "$defs": {"a b": {"type": "integer"}}}, [1], ["1"]),
        (
            {
                "$id": "https://a.org/b",
                "type": "array",
                "items": {"$ref": "#/$defs/a"},
                "$defs": {"a": {"type": "integer"}},
            },
            [1],
            ["1"],
        ),
        ({"$ref": "#/$defs/a", "$defs": {"a": True}}, [1], None),
        ({"type": "array", "items": {"anyOf": [False, {"type": "integer"}]}}, [1], ["1"]),
    ],
)
def test_references_of_every_spelling_are_resolved_inside_the_schema(schema, right, wrong):
    shape = Shape.of(schema)
    key = wrapping_key(shape.schema)
    assert shape.instructions
    assert shape.read(json.dumps({key: right})).value == right
    if wrong is not None:
        with pytest.raises(Misfit, match=rf"{key}\[0\]: expected "):
            shape.read(json.dumps({key: wrong}))
