"""Structured answers, from what the user names to the value: thirty shapes, right and wrong."""

from __future__ import annotations

import datetime as dt
import json
from typing import NamedTuple

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepseek_magic.structured.checking import validate
from deepseek_magic.structured.example import example
from deepseek_magic.structured.instructions import correction, instructions, wrapped
from deepseek_magic.structured.problem import Misfit
from deepseek_magic.structured.shape import Shape
from tests.structured.schemas import schema_of
from tests.structured.shapes import CASES, Checked, Place, Point, Positive, Sale
from tests.structured.test_reading import JSON

NAMED = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


class Stay(NamedTuple):
    """A named tuple in another, and in itself."""

    place: Place
    day: dt.date
    before: tuple[Stay, ...] = ()


def attempt(spec, text):
    """The result of reading ``text``, or the misfit that it is."""
    try:
        return Shape.of(spec).read(text)
    except Misfit as misfit:
        return misfit


def test_there_are_thirty():
    assert len(CASES) >= 30


@NAMED
def test_a_right_reply_is_built(case):
    result = Shape.of(case.spec).read(json.dumps(case.right))
    assert result.value == case.built
    assert type(result.value) is type(case.built)
    assert not result.notes


@NAMED
def test_a_wrong_reply_is_told_with_its_place(case):
    with pytest.raises(Misfit) as caught:
        Shape.of(case.spec).read(json.dumps(case.wrong))
    assert caught.value.problems[0].place == case.place
    assert str(caught.value).startswith(f"the reply does not fit: {case.place}: expected ")
    assert correction(caught.value.problems).count(case.place) >= 1


@NAMED
def test_the_schema_is_valid_and_its_example_fits(case):
    schema = Shape.of(case.spec).schema
    jsonschema.Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema)) == schema
    shown = example(wrapped(schema))
    assert validate(shown, wrapped(schema)) == [] or "pattern" in json.dumps(schema)
    assert example(schema) == example(schema)


@NAMED
def test_what_the_model_is_told_holds_the_word_and_the_example(case):
    schema = Shape.of(case.spec).schema
    told = instructions(schema)
    assert "json" in told.lower()
    assert json.dumps(wrapped(schema), ensure_ascii=False) in told
    assert ("An example" in told) == (validate(example(wrapped(schema)), wrapped(schema)) == [])


@NAMED
@pytest.mark.parametrize("around", ["```json\n{}\n```", "Here it is:\n\n{}\n\nAnything else?", "\ufeff\n\n{}\n\n\n\n"])
def test_what_stands_around_a_right_reply_is_passed_over(case, around):
    result = Shape.of(case.spec).read(around.replace("{}", json.dumps(case.right, indent=1)))
    assert result.value == case.built


@NAMED
@settings(deadline=None, max_examples=20)
@given(st.data())
def test_a_cut_reply_is_no_value(case, data):
    text = json.dumps(case.right)
    cut = data.draw(st.integers(1, len(text) - 1))
    with pytest.raises(Misfit) as caught:
        Shape.of(case.spec).read(text[:cut])
    assert caught.value.problems[0].kind == "cut"


@NAMED
@settings(deadline=None, max_examples=10)
@given(st.data())
def test_any_other_reply_fits_or_is_a_misfit(case, data):
    """One part of a right reply, or the whole, becomes something else."""
    reply = json.loads(json.dumps({"": case.right}))
    place, key = reply, ""
    while isinstance(place[key], (dict, list)) and place[key] and data.draw(st.booleans()):
        place = place[key]
        key = data.draw(st.sampled_from(list(place) if isinstance(place, dict) else range(len(place))))
    place[key] = data.draw(JSON)
    outcome = attempt(case.spec, json.dumps(reply[""]))
    if isinstance(outcome, Misfit):
        assert outcome.problems
        assert "\n" not in str(outcome)
        assert correction(outcome.problems)
    elif "model" not in case.name:  # a user's model takes more than its schema says, unless it is strict
        assert validate(outcome.data, Shape.of(case.spec).schema) == []


def test_a_list_without_its_object_is_taken():
    assert Shape.of(list[Point]).read('[{"x": 1, "y": 2}]').value == [Point(1, 2)]
    with pytest.raises(Misfit, match=r'items\[0\]\.y: expected a number, found "b"'):
        Shape.of(list[Point]).read('[{"x": 1, "y": "b"}]')


def test_an_object_with_another_key_is_not():
    with pytest.raises(Misfit, match=r"items: expected a value \(a list\), found nothing"):
        Shape.of(list[Point]).read('{"rows": []}')


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        (Place, '["Rome", 3]'),
        (Place, '{"city": "Rome", "more": 1}'),
        (list[Place], '{"items": [{"city": "Rome"}, ["Rome"]]}'),
        (Stay, '{"place": ["Rome"], "day": "2026-01-31"}'),
        (Stay, '{"place": {"people": 1}, "day": "2026-01-31"}'),
    ],
)
def test_a_named_tuple_is_read_by_its_names_only(spec, text):
    with pytest.raises(Misfit):
        Shape.of(spec).read(text)


def test_the_fields_of_a_named_tuple_are_read_as_their_types():
    made = Shape.of(Stay).read('{"place": {"city": "Rome"}, "day": "2026-01-31"}').value
    assert made == Stay(Place("Rome", 0), dt.date(2026, 1, 31), ())
    made = Shape.of(Stay).read(
        '{"place": {"city": "A"}, "day": "2026-01-31", "before": [{"place": {"city": "B"}, "day": "2026-01-30"}]}'
    )
    assert made.value.before == (Stay(Place("B", 0), dt.date(2026, 1, 30)),)


def test_without_a_schema_any_json_will_do():
    shape = Shape.of(None)
    assert shape.schema is None
    assert "JSON" in shape.instructions
    assert shape.read('{"a": [1]}').value == {"a": [1]}
    with pytest.raises(Misfit):
        shape.read("no")


def test_a_class_that_refuses_its_values_is_a_misfit():
    with pytest.raises(Misfit, match=r"items\[1\]: expected another value \(x is out of range\)"):
        Shape.of(list[Positive]).read('[{"x": 1, "y": 2}, {"x": -1, "y": 2}]')


def test_what_a_validator_of_pydantic_refuses_is_a_misfit_at_its_place():
    with pytest.raises(
        Misfit, match=r"items\[0\]\.items\[0\]\.name: expected another value \(no digits\), found \"n1\""
    ):
        Shape.of(list[Checked]).read('{"items": [{"items": [{"name": "n1", "price": 1}]}]}')


def test_rows_say_what_they_are():
    schema = schema_of(Sale)
    assert schema == {
        "type": "object",
        "description": "One sale of a shop.",
        "properties": {
            "customer": {"type": "string", "description": "who bought"},
            "amount": {"type": "number", "description": "in euros, with tax"},
            "day": {"type": "string", "format": "date"},
            "paid": {"type": "boolean"},
            "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        },
        "required": ["customer", "amount", "day"],
        "additionalProperties": False,
    }
    assert instructions(schema_of(list[Sale])).endswith(
        'An example of the shape, with made-up values:\n{"items": [{"customer": "customer", "amount": 1.5, '
        '"day": "2026-01-31", "paid": true, "note": "note"}]}'
    )
