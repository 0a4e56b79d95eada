"""What the model is told so that its reply is the value, and what it is told where it was not."""

from __future__ import annotations

import pytest

from deepseek_magic.structured.instructions import correction, instructions, unwrapped, wrapped, wrapping_key
from deepseek_magic.structured.problem import Problem


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (Problem("empty", "a JSON value", "an empty reply"), "The reply was empty. "),
        (Problem("cut", "the rest", "the end", ("items", 3)), "The reply was cut off at items[3]. "),
        (Problem("syntax", "valid JSON", '"x" at line 1, column 2'), "The reply is not valid JSON. At the reply: "),
        (Problem("several", "one JSON value", "two values"), "The reply holds more than one JSON value. "),
        (Problem("shape", "a number", '"n/a"', ("rows", 3, "a b")), 'schema:\n- rows[3]["a b"]: expected a number, '),
    ],
)
def test_the_second_question_says_what_was_wrong(problem, said):
    asked = correction(problem)
    assert said in asked
    assert "JSON object and nothing else" in asked


def test_a_long_list_of_misfits_is_told_in_part():
    problems = [Problem("shape", "a number", '"x"', ("items", number)) for number in range(9)]
    asked = correction(problems)
    assert asked.count("\n- items[") == 5
    assert "- and 4 more of the kind" in asked


@pytest.mark.parametrize(
    ("schema", "key"),
    [
        ({"type": "object"}, ""),
        ({"properties": {}}, ""),
        ({"type": "array", "items": {}}, "items"),
        ({"type": "string"}, "value"),
        ({"anyOf": [{"type": "object"}, {"type": "null"}]}, "value"),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"type": "array"}}}, "items"),
    ],
)
def test_what_is_not_an_object_travels_in_one(schema, key):
    assert wrapping_key(schema) == key
    around = wrapped(schema)
    if not key:
        assert around is schema
    else:
        assert around["required"] == [key]
        assert unwrapped({key: [1]}, schema) == [1]
    assert unwrapped([1], schema) == [1]
    assert unwrapped({"other": 1}, schema) == {"other": 1}


def test_references_are_moved_with_what_they_refer_to():
    schema = {"type": "array", "items": {"anyOf": [{"type": "string"}, {"$ref": "#"}]}}
    assert wrapped(schema)["properties"]["items"]["items"]["anyOf"][1] == {"$ref": "#/properties/items"}
    assert schema["items"]["anyOf"][1] == {"$ref": "#"}
    defined = {"type": "array", "items": {"$ref": "#/$defs/a"}, "$defs": {"a": {"type": "string"}}}
    assert wrapped(defined)["properties"]["items"]["items"] == {"$ref": "#/$defs/a"}
    assert wrapped(defined)["$defs"] == defined["$defs"]


def test_an_example_that_would_not_fit_is_left_out():
    assert "An example of the shape" in instructions({"type": "string"})
    assert "An example of the shape" not in instructions({"type": "string", "pattern": "(?=x)y"})
    assert "JSON" in instructions(None)
    assert "ä" in instructions({"type": "string", "enum": ["ä"]})
