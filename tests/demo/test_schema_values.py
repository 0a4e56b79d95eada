"""Values for a schema: what the question offers is used once, within the bounds of the schema."""

from __future__ import annotations

from typing import Any

import pytest

from deepseek_magic.demo.schema_values import QuestionHints, adapted, fits, instance

TEXT: Any = {"type": "string"}
WHOLE: Any = {"type": "integer"}


def test_quoted_texts_come_first_then_names_each_once() -> None:
    hints = QuestionHints("Send \"hello\" and 'bye' to Ada Lovelace")
    assert [hints.text("to", "other") for _ in range(4)] == ["hello", "bye", "Ada Lovelace", "other"]
    assert hints.text("query", "other") == hints.question


def test_numbers_come_in_order_and_whole_ones_where_they_must() -> None:
    hints = QuestionHints("From 2.5 to -3 in 4 steps of x1")
    assert hints.number(whole=True) == -3
    assert hints.number(whole=False) == 2.5
    assert (hints.number(whole=True), hints.number(whole=True)) == (4, None)


@pytest.mark.parametrize(
    ("example", "schema", "value"),
    [
        ("x", TEXT, "Paris"),
        ("x", {**TEXT, "pattern": "^x"}, "x"),
        (1, WHOLE, 30),
        (1, {**WHOLE, "maximum": 9}, 9),
        (1, {**WHOLE, "minimum": 50, "maximum": 60}, 50),
        (100, {**WHOLE, "minimum": 100}, 100),
        (100, {**WHOLE, "minimum": 7}, 30),
        (31, {**WHOLE, "minimum": 30.5}, 31),
        (1, {"type": "number", "maximum": 2.5}, 2.5),
        (1, {**WHOLE, "multipleOf": 7}, 1),
        ([1, "x"], {"prefixItems": [WHOLE, TEXT]}, [30, "Paris"]),
        ("sun", {"enum": ["sun", "Rain"]}, "Rain"),
        ("sun", {"enum": ["sun", "snow"]}, "sun"),
        ([1, 1], {"type": "array", "items": WHOLE}, [30, 1]),
        ({"a": "x", "b": "y"}, {"properties": {"b": TEXT}}, {"a": "x", "b": "Paris"}),
        (1, {"anyOf": [TEXT, WHOLE]}, 30),
        (1, {"$ref": "#/$defs/n", "$defs": {"n": WHOLE}}, 30),
    ],
)
def test_an_example_takes_what_the_question_offers(example: Any, schema: Any, value: Any) -> None:
    assert adapted(example, schema, QuestionHints("Plan 30 days in Paris with rain")) == value


def test_an_instance_fits_its_schema() -> None:
    schema = {"type": "object", "properties": {"city": TEXT, "days": WHOLE}, "required": ["city", "days"]}
    assert instance(schema, QuestionHints("Plan 3 days in Paris")) == {"city": "Paris", "days": 3}
    assert instance({"type": "nonsense"}, QuestionHints("")) == {}
    differing = {"type": "array", "items": {**WHOLE, "maximum": 9}, "minItems": 2, "uniqueItems": True}
    assert instance(differing, QuestionHints("10 or 20")) == [1, 2]


@pytest.mark.parametrize(
    ("value", "schema", "expected"),
    [
        (1, WHOLE, True),
        (True, WHOLE, False),
        (1, {"type": "number"}, True),
        (None, {"type": ["null", "string"]}, True),
        (1, {"const": 2}, False),
        ([1, "a"], {"items": WHOLE}, False),
        ({"a": 1}, {"required": ["b"]}, False),
        ({"a": 1}, {"properties": {"b": TEXT}, "additionalProperties": False}, False),
        (1, {"oneOf": [TEXT, WHOLE]}, True),
        (1, False, False),
        ("x", True, True),
    ],
)
def test_whether_a_value_fits(value: Any, schema: Any, expected: bool) -> None:
    assert fits(value, schema) is expected
