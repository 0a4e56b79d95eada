"""Schemas: which are refused and how, what becomes of hints, and how a misfit is worded."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Literal

import pytest

from deepseek_magic.errors import OptionError
from deepseek_magic.structured.instructions import wrapping_key
from deepseek_magic.structured.problem import Misfit
from deepseek_magic.structured.shape import Shape
from tests.structured.schemas import schema_of


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
        ({"name": str}, "the schema is not JSON: Object of type type is not JSON serializable"),
        ({"name": "text"}, "the schema does not say what the value is: expected type, properties, enum or the like, "),
        ({}, "found nothing"),
        ({"type": "text"}, "the schema is not valid JSON Schema at type: 'text' is not valid"),
        ({"type": "object", "properties": {"a": {"minimum": "0"}}}, "at properties.a.minimum: '0' is not of type"),
        ({"$ref": "https://example.org/schema"}, "the schema refers to https://example.org/schema, which is not in it"),
        ({"$ref": "#/$defs/x"}, 'the schema refers to #/$defs/x, which is not in it: use "#/$defs/NAME"'),
        ({"$ref": "#/prefixItems/" + "1" * 5_000, "prefixItems": [{}]}, "the schema refers to #/prefixItems/111"),
        ({"$ref": "#"}, "the schema refers from # to itself"),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}, "to itself"),
        (
            {"type": "object", "not": {"$dynamicRef": "https://x.org"}},
            "the schema uses $dynamicRef, which is not supported",
        ),
        ({"type": "number", "minimum": float("nan")}, "the schema is not JSON"),
        ({"anyOf": [False, False]}, "no value fits the schema"),
        ({"$ref": "#/$defs/a", "$defs": {"a": False}}, "no value fits the schema"),
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


@pytest.mark.kernel
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
