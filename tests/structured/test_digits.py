"""Numbers as their places need them: whole ones, digits of a `Decimal`, and alternatives."""

from __future__ import annotations

import pytest

from deepseek_magic.structured.digits import ExactFloat, fitted

DECIMAL = {"type": "string", "format": "decimal"}
ITEMS = {"type": "array", "items": {"type": "integer"}}


@pytest.mark.parametrize(
    ("value", "schema", "made"),
    [
        (5.0, {"type": "integer"}, 5),
        (5.5, {"type": "integer"}, 5.5),
        (1e300, {"type": "integer"}, int(1e300)),
        (10**400, {"type": "integer"}, 10**400),
        (-(10**400), {"anyOf": [{"type": "integer"}, DECIMAL]}, -(10**400)),
        (5.0, {"type": "number"}, 5.0),
        (5, {"type": "number"}, 5),
        (5.0, {"type": ["integer", "null"]}, 5),
        (5.0, {"enum": [5]}, 5),
        (5.0, {"anyOf": [{"type": "integer"}, {"type": "number"}]}, 5.0),
        (5.0, {}, 5.0),
        (ExactFloat("1.10"), DECIMAL, "1.10"),
        (1.5, DECIMAL, "1.5"),
        (7, DECIMAL, "7"),
        (7, {"anyOf": [{"type": "integer"}, DECIMAL]}, 7),
        (ExactFloat("1.10"), {"anyOf": [DECIMAL, {"type": "null"}]}, "1.10"),
        (ExactFloat("1.10"), {"type": "number"}, 1.1),
        ("5.0", {"type": "integer"}, "5.0"),
        (True, {"type": "integer"}, True),
        ([1.0, 2.0, "x"], ITEMS, [1, 2, "x"]),
        ([1.0, 2.0, 3.0], {"prefixItems": [{"type": "integer"}, {"type": "number"}], "items": False}, [1, 2.0, 3.0]),
        ({"a": 1.0, "b": 1.0}, {"properties": {"a": {"type": "integer"}}}, {"a": 1, "b": 1.0}),
        ({"x": 1.0}, {"additionalProperties": {"type": "integer"}}, {"x": 1}),
        ({"x": 1.0}, {"patternProperties": {"^x": {"type": "integer"}}}, {"x": 1}),
        ({"x": [1.0]}, {"properties": {"x": {"$ref": "#/$defs/i"}}, "$defs": {"i": ITEMS}}, {"x": [1]}),
        (None, {"type": "integer"}, None),
    ],
)
def test_a_number_as_its_place_needs_it(value, schema, made):
    found = fitted(value, schema)
    assert found == made
    assert type(found) is type(made)
    assert not isinstance(found, ExactFloat)


def test_types_inside_are_plain_too():
    found = fitted({"a": [ExactFloat("1.0"), ExactFloat("2.5")]}, {})
    assert [type(one) for one in found["a"]] == [float, float]


def test_a_schema_that_refers_to_itself_is_followed_with_the_value():
    schema = {"anyOf": [{"type": "integer"}, {"type": "array", "items": {"$ref": "#"}}]}
    assert fitted([1.0, [2.0, [3.0]]], schema) == [1, [2, [3]]]
    assert type(fitted([[[3.0]]], schema)[0][0][0]) is int
    assert fitted(1.0, {"$ref": "#"}) == 1.0


def test_the_value_itself_is_not_changed():
    value = {"a": [1.0]}
    fitted(value, {"properties": {"a": ITEMS}})
    assert type(value["a"][0]) is float
