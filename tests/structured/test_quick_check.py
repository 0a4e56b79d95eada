"""A schema that looks valid is valid: the library agrees, and is not needed for it."""

from __future__ import annotations

import json

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepseek_magic.structured.quick_check import plainly_valid
from tests.structured.schemas import schema_of
from tests.structured.shapes import CASES

KEYWORDS = (
    *("type", "properties", "required", "items", "enum", "anyOf", "const", "pattern", "minimum", "multipleOf", "$ref"),
    *("minLength", "uniqueItems", "title", "additionalProperties", "prefixItems", "$defs", "$schema", "format", "not"),
    *("default", "examples", "unknown", "$id", "patternProperties", "minProperties"),
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["string", "object", "strin", "[", "a+", "#", "#/$defs/a", "https://a", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYWORDS), inner, max_size=3),
    max_leaves=8,
)


def is_valid(schema: object) -> bool:
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError:
        return False
    return True


@settings(deadline=None, max_examples=500)
@given(st.dictionaries(st.sampled_from(KEYWORDS), VALUES, max_size=4))
def test_what_looks_valid_is_valid(schema):
    assert is_valid(schema) or not plainly_valid(schema)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_everyday_schemas_look_valid(case):
    schema = json.loads(json.dumps(schema_of(case.spec)))
    assert is_valid(schema)
    assert plainly_valid(schema)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "strin"},
        {"type": []},
        {"type": ["string", "string"]},
        {"type": True},
        {"required": ["a", "a"]},
        {"required": "a"},
        {"properties": {"a": 1}},
        {"properties": []},
        {"minimum": "1"},
        {"minimum": True},
        {"minLength": -1},
        {"minLength": 1.5},
        {"multipleOf": 0},
        {"pattern": "["},
        {"anyOf": []},
        {"anyOf": {"type": "string"}},
        {"items": [{"type": "string"}]},
        {"enum": "a"},
        {"title": 1},
        {"$ref": 1},
        {"uniqueItems": "yes"},
        {"additionalProperties": "no"},
    ],
)
def test_what_is_wrong_does_not(schema):
    assert not is_valid(schema)
    assert not plainly_valid(schema)
    assert not plainly_valid({"type": "object", "properties": {"a": {"anyOf": [schema]}}})


def test_a_deep_schema_is_left_to_the_library():
    schema: dict[str, object] = {"type": "string"}
    for _ in range(10_000):
        schema = {"items": schema}
    assert not plainly_valid(schema)
