"""The schemas of the plainest types are those that pydantic's types get, to the letter; anything else is left to it."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from deepseek_magic.structured.plain_types import arguments_schema
from deepseek_magic.structured.python_types import PythonType


def _either(two):
    """A union of two types, where they make one."""
    one, other = two
    return one if one is None or other is None or Any in two else one | other


LEAVES = st.sampled_from([str, int, float, bool, None, Any, list, dict, Literal["a"], Literal["b", "a"], list[Any]])
TYPES = st.recursive(
    LEAVES,
    lambda one: (
        one.map(lambda inner: list[inner])
        | one.map(lambda inner: dict[str, inner])
        | one.map(lambda inner: inner if inner in (None, Any) else inner | None)
        | st.tuples(one, one).map(_either)
    ),
    max_leaves=6,
)
NAMES = st.sampled_from(["name", "model_x", "schema", "items", "class_", "größe", "a", "required", "_own"])


@settings(max_examples=60)
@given(st.dictionaries(NAMES, TYPES, max_size=3), st.sets(NAMES))
@example({"name": str | None | int}, set())
def test_it_is_what_pydantic_is_asked_for(hints, optional):
    plain = arguments_schema(hints, optional)
    if plain is not None:
        assert json.dumps(plain) == json.dumps(PythonType.of_arguments(hints, optional, {}).schema)


@pytest.mark.parametrize("hint", [str, int | None, list[dict[str, float]], Literal["a", "b"], list[str] | None])
def test_everyday_types_are_known(hint):
    assert arguments_schema({"value": hint}, ()) is not None


class Unit(Enum):
    """A class of the user's."""

    C = 1


@pytest.mark.parametrize(
    "hint",
    [Unit, Decimal, tuple[int, str], set[str], Annotated[int, "words"], Literal[1], dict[int, str], list["Unit"]],
)
def test_other_types_are_left_to_pydantic(hint):
    assert arguments_schema({"value": hint}, ()) is None


@pytest.mark.kernel
def test_offering_a_plain_function_loads_no_pydantic_and_calling_it_checks_by_it():
    code = (
        "import sys; from deepseek_magic.tools.signatures import function_of\n"
        "def look(name: str, deep: int | None = None): 'Look.'\n"
        "tool = function_of('look', look); print('pydantic' in sys.modules, tool.schema['required'])\n"
        "print(tool.values({'name': 'x', 'deep': 3.0}))\n"
        "try: tool.values({'name': 1})\n"
        "except Exception as error: print(error.problems[0])\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines() == ["False ['name']", "{'name': 'x', 'deep': 3}", "name: expected a string, found 1"]
