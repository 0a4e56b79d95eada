"""A value against its schema: every misfit in words, with its place; few of very many."""

from __future__ import annotations

import subprocess
import sys

import pytest

from deepseek_magic.structured.checking import MAX_PROBLEMS, validate


@pytest.mark.parametrize(
    ("schema", "value", "said"),
    [
        ({"type": ["number", "null"]}, "n/a", 'the reply: expected a number or null, found "n/a"'),
        ({"type": "integer"}, True, "the reply: expected a whole number, found true"),
        ({"type": "integer"}, 1.5, "the reply: expected a whole number, found 1.5"),
        (
            {"type": "string"},
            {"a": 1, "b": 2, "c": 3, "d": 4},
            "the reply: expected a string, found an object with 4 keys",
        ),
        ({"type": "string"}, [1] * 9, "the reply: expected a string, found a list of 9"),
        ({"type": "object"}, "x" * 500, "the reply: expected an object, found " + '"' + "x" * 59 + '…"'),
        ({"enum": ["a", 1]}, "b", 'the reply: expected one of "a", 1, found "b"'),
        ({"const": "a"}, "b", 'the reply: expected "a", found "b"'),
        ({"minimum": 0}, -1, "the reply: expected a number of at least 0, found -1"),
        ({"exclusiveMaximum": 1}, 1, "the reply: expected a number below 1, found 1"),
        ({"multipleOf": 5}, 7, "the reply: expected a multiple of 5, found 7"),
        ({"minLength": 3}, "ab", 'the reply: expected a string of at least 3 characters, found "ab"'),
        ({"pattern": "^a"}, "b", 'the reply: expected a string that matches "^a", found "b"'),
        (
            {"format": "date"},
            "1.2.2026",
            'the reply: expected a string in the format date, like 2026-01-31, found "1.2.2026"',
        ),
        (
            {"format": "date"},
            "20260131",
            'the reply: expected a string in the format date, like 2026-01-31, found "20260131"',
        ),
        (
            {"format": "email"},
            "me",
            'the reply: expected a string in the format email, like name@example.org, found "me"',
        ),
        (
            {"items": {"format": "date-time"}},
            ["2026-01-31"],
            "[0]: expected a string in the format date-time, like 2026-01-31T09:30:00+00:00, found",
        ),
        ({"minItems": 2}, [1], "the reply: expected a list of at least 2, found [1]"),
        ({"uniqueItems": True}, [1, 1], "the reply: expected a list without duplicates, found [1, 1]"),
        ({"prefixItems": [{}], "items": False}, [1, 2], "the reply: expected a list of at most 1, found [1, 2]"),
        ({"required": ["a b"]}, {}, '["a b"]: expected a value, found nothing'),
        (
            {"propertyNames": {"pattern": "^x"}},
            {"y": 1},
            'y: expected as a key a string that matches "^x", found "y"',
        ),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, 1, "the reply: expected a string or null, found 1"),
        (
            {"anyOf": [{"type": "number", "minimum": 3}, {"type": "null"}]},
            1,
            "the reply: expected a number of at least 3, found 1",
        ),
        (
            {"oneOf": [{"type": "number"}, {"minimum": 0}]},
            1,
            "the reply: expected a value that fits exactly one alternative, found 1",
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


@pytest.mark.kernel
def test_jsonschema_is_loaded_while_the_reply_comes_where_the_schema_needs_it():
    code = (
        "import sys, threading; from deepseek_magic.structured.checking import preload; "
        "preload(None); preload({'type': 'object'}); print(threading.active_count());"
        "preload({'type': 'array', 'contains': {'type': 'string'}});"
        "[thread.join() for thread in threading.enumerate() if thread.name == 'jsonschema'];"
        "print('jsonschema' in sys.modules)"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "1\nTrue\n"
    )


TAGGED = {
    "anyOf": [
        {"properties": {"kind": {"enum": ["cat"]}, "lives": {"type": "integer"}}, "required": ["kind", "lives"]},
        {"properties": {"kind": {"enum": ["dog"]}, "name": {"type": "string"}}, "required": ["kind", "name"]},
    ]
}


@pytest.mark.parametrize("quick", [True, False])
@pytest.mark.parametrize(
    ("schema", "value", "said"),
    [
        (TAGGED, {"kind": "cat", "lives": 9}, []),
        (TAGGED, {"kind": "cat", "lives": "9"}, ['lives: expected a whole number, found "9"']),
        (TAGGED, {"kind": "cow"}, ['kind: expected one of "cat", "dog", found "cow"']),
        ({"multipleOf": 0.01}, 0.07, []),
        ({"multipleOf": 0.01}, 0.075, ["the reply: expected a multiple of 0.01, found 0.075"]),
        ({"type": "integer"}, 5.0, []),
        ({}, None, []),
    ],
)
def test_the_quick_way_and_the_library_find_the_same(schema, value, said, quick):
    assert [str(problem) for problem in validate(value, schema, quick=quick)] == said


def test_a_value_of_any_depth_ends_in_a_misfit():
    schema = {"type": "array", "items": {"$ref": "#"}}
    value: list[object] = []
    for _ in range(100_000):
        value = [value]
    assert [problem.kind for problem in validate(value, schema)] == ["shape"]
    while value:  # taken apart level by level: a deep list cannot be freed at once everywhere
        value = value[0]


def test_nothing_is_fetched_for_a_reference_to_elsewhere():
    """`schema.checked` refuses such a schema; were it let through, the validator would not open a socket either."""
    with pytest.raises(Exception, match="Unresolvable"):
        validate(1, {"$ref": "http://127.0.0.1:1/schema"}, quick=False)
