"""The quick check finds what jsonschema finds, in the same words, and needs no jsonschema for it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepseek_magic.structured.checking import validate
from deepseek_magic.structured.problem import Misfit
from deepseek_magic.structured.quick_errors import is_everyday, may_fit
from deepseek_magic.structured.shape import Shape
from tests.structured.schemas import schema_of
from tests.structured.shapes import CASES

KEYS = st.sampled_from(["a", "b", "kind", "12", "items", "value", "not a name"])
PLAIN = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 7), st.sampled_from([0.5, 1.0, 0.07, 1e300, float("nan"), float("inf")])
) | st.sampled_from(["", "a", "ab", "12", "red", "2026-01-31", "a@b", "192.0.2.1"])
VALUES = st.recursive(
    PLAIN, lambda one: st.lists(one, max_size=4) | st.dictionaries(KEYS, one, max_size=4), max_leaves=9
)
TYPES = st.sampled_from(["object", "array", "string", "number", "integer", "boolean", "null"])
SCHEMAS = st.recursive(
    st.just(True)
    | st.fixed_dictionaries(
        {},
        optional={
            "type": TYPES | st.lists(TYPES, min_size=1, max_size=2, unique=True),
            "enum": st.lists(PLAIN.filter(lambda one: one == one), max_size=3),
            "const": VALUES.filter(lambda one: "NaN" not in json.dumps(one)),
            "minimum": st.integers(-1, 3),
            "exclusiveMaximum": st.sampled_from([2, 5.5]),
            "multipleOf": st.sampled_from([2, 0.01]),
            "minLength": st.integers(0, 3),
            "maxLength": st.integers(0, 2),
            "pattern": st.sampled_from(["^a", "[0-9]+", "b$"]),
            "format": st.sampled_from(["date", "email", "ipv4", "unknown"]),
            "minItems": st.integers(0, 3),
            "maxItems": st.integers(0, 2),
            "uniqueItems": st.booleans(),
            "minProperties": st.integers(0, 2),
            "maxProperties": st.integers(0, 2),
            "required": st.lists(KEYS, max_size=2, unique=True),
            "title": st.just("A title"),
        },
    ),
    lambda one: st.fixed_dictionaries(
        {},
        optional={
            "properties": st.dictionaries(KEYS, one, max_size=3),
            "patternProperties": st.dictionaries(st.sampled_from(["^a", "[0-9]"]), one, max_size=2),
            "additionalProperties": one | st.just(False),
            "propertyNames": one,
            "items": one | st.just(False),
            "prefixItems": st.lists(one, min_size=1, max_size=2),
            "anyOf": st.lists(one, min_size=1, max_size=3),
            "oneOf": st.lists(one, min_size=1, max_size=3),
            "allOf": st.lists(one, min_size=1, max_size=2),
            "not": one,
            "type": TYPES,
            "$ref": st.just("#/$defs/a"),
        },
    ),
    max_leaves=6,
)


def found(schema, *values, quick=True):
    """What is wrong with each of ``values``: by the quick check, or by jsonschema."""
    return [sorted(map(str, validate(value, schema, quick=quick))) for value in values]


@settings(deadline=None, max_examples=80)
@given(VALUES, SCHEMAS, st.sampled_from([{"type": "string"}, {"type": "object", "required": ["a"]}, True]))
def test_it_finds_what_jsonschema_finds(value, schema, definition):
    for whole in ({"properties": {"a": schema}, "items": schema}, {"anyOf": [schema, {"properties": {"b": schema}}]}):
        whole["$defs"] = {"a": definition}
        assert is_everyday(whole)
        assert found(whole, value) == found(whole, value, quick=False)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@settings(deadline=None, max_examples=3)
@given(data=st.data())
def test_it_finds_the_same_in_replies_of_every_shape(case, data):
    schema = schema_of(case.spec)
    right = json.loads(json.dumps(case.right))
    values = [right, json.loads(json.dumps(case.wrong)), data.draw(VALUES)]
    if isinstance(right, dict) and right:
        values.append({**right, data.draw(st.sampled_from(sorted(right))): data.draw(VALUES)})
    assert is_everyday(schema)
    assert found(schema, *values) == found(schema, *values, quick=False)


LONG = 10**400


@pytest.mark.parametrize("step", [2, 0.5, 3, LONG], ids=["2", "half", "3", "long"])
@pytest.mark.parametrize("value", [LONG, -LONG, LONG + 1, 1e300, float("inf"), float("nan")], ids=range(6))
def test_numbers_that_are_longer_than_any_float_are_multiples_or_not(value, step):
    schema = {"type": "number", "multipleOf": step}
    is_one = (isinstance(value, int) and value * 2 % int(step * 2) == 0) or (value == 1e300 and step in (2, 0.5))
    assert (validate(value, schema) == []) == is_one
    assert found(schema, value) == found(schema, value, quick=False)
    assert may_fit(value, schema, schema) == is_one


def test_a_long_number_that_does_not_fit_is_told_with_its_place():
    """So that the model is asked to correct it; it is no defect of ours."""
    assert Shape.of({"type": "number", "multipleOf": 2}).read(str(LONG)).value == LONG
    for schema in ({"type": "number", "multipleOf": 2}, {"type": "integer", "maximum": 9}, {"enum": [1, 2]}):
        with pytest.raises(Misfit) as caught:
            Shape.of(schema).read(str(LONG + 1))
        assert caught.value.problems[0].found.startswith("1000")
    with pytest.raises(Misfit, match="at most 4,000 digits"):
        Shape.of(int).read("1" * 5_000)


def test_a_keyword_that_cannot_be_computed_may_fit():
    assert may_fit(1, {"multipleOf": 0}, {})


def test_what_may_not_be_there_at_all_is_named_with_its_place():
    """Jsonschema names the place around it."""
    schema = {"properties": {"a": False, "b": {"items": False}, "c": {"prefixItems": [True, False]}}}
    said = [str(one) for one in validate({"a": 1, "b": [2], "c": [3, 4]}, schema)]
    assert said == [
        "a: expected nothing, found 1",
        "b: expected a list of at most 0, found [2]",
        "c[1]: expected nothing, found 4",
    ]


@pytest.mark.parametrize("keyword", ["if", "contains", "dependentRequired", "unevaluatedItems", "$id", "unknown"])
def test_what_it_does_not_know_is_left_to_jsonschema(keyword):
    assert not is_everyday({"properties": {"a": {keyword: {}}}})


@pytest.mark.kernel
def test_a_misfit_of_a_type_does_not_load_jsonschema():
    code = (
        "import dataclasses, sys\n"
        "from typing import Annotated\n"
        "from deepseek_magic.structured.problem import Misfit\n"
        "from deepseek_magic.structured.shape import Shape\n"
        "Row = dataclasses.make_dataclass('Row', [('a', int), ('b', Annotated[str, {'pattern': '^x'}])])\n"
        'for text in (\'{"items": [{"a": "1", "b": "y"}]}\', \'[]\', \'{"rows": []}\', \'{"items": [{"a": 1}]}\'):\n'
        "    try: Shape.of(list[Row]).read(text)\n"
        "    except Misfit as error: print(error)\n"
        "print([name for name in ('jsonschema', 'referencing') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.startswith('the reply does not fit: items[0].a: expected a whole number, found "1"\n')
    assert said.endswith("[]\n")
