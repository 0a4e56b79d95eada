"""The instructions that ask the model for a value, and the correction that is sent if its reply was not one.

DeepSeek's JSON mode returns one object, demands the word "json" and an example in the prompt, and takes no schema.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from .checking import validate
from .example import NoExample, example
from .problem import Problem
from .schema import Schema, is_object, references, resolve
from .sentences import EXAMPLE, RULES, SCHEMA

_TOLD = 5


def wrapping_key(schema: Schema) -> str:
    """Return the key that wraps a value of this schema in an object, as JSON mode demands; "" if it is an object."""
    if is_object(schema):
        return ""
    top = resolve(schema, schema)
    return "items" if isinstance(top, dict) and (top.get("type") == "array" or "items" in top) else "value"


def wrapped(schema: Schema) -> Schema:
    """Return ``schema``, or the schema of the object that wraps its value (see `wrapping_key`)."""
    key = wrapping_key(schema)
    if not key:
        return schema
    top = ("$schema", "$id", "$defs", "definitions")
    schema = copy.deepcopy(schema)
    for one in references(schema):
        if not one["$ref"].startswith(("#/$defs/", "#/definitions/")):
            one["$ref"] = f"#/properties/{key}{one['$ref'].removeprefix('#')}"
    around: Schema = {name: value for name, value in schema.items() if name in top}
    inner = {name: value for name, value in schema.items() if name not in top}
    made = {"type": "object", "properties": {key: inner}, "required": [key], "additionalProperties": False}
    return {**around, **made}


def unwrapped(value: Any, schema: Schema) -> Any:
    """Return the value of ``schema`` in a reply. It is also accepted without the object that should wrap it."""
    key = wrapping_key(schema)
    return value[key] if key and isinstance(value, dict) and value.keys() == {key} else value


def instructions(schema: Schema | None = None) -> str:
    """Return the instructions for the model: they hold the word JSON, as JSON mode demands, the schema and an example.

    Args:
        schema: the schema of the value; ``None`` if any JSON object will do. The example is left out if none that
            fits could be made.
    """
    if schema is None:
        return f'{RULES}\nFor example, the shape of a reply (not its content): {{"answer": 42}}'
    sent = wrapped(schema)
    parts = [RULES, f"{SCHEMA}{_compact(sent)}"]
    with suppress(NoExample):
        shown = example(sent)
        if not validate(shown, sent):
            parts.append(f"{EXAMPLE}{_compact(shown)}")
    return "\n\n".join(parts)


def correction(problems: Problem | Sequence[Problem]) -> str:
    """Return the message that asks for a corrected reply, given what was wrong with the last one."""
    listed = [problems] if isinstance(problems, Problem) else list(problems)
    again = "Reply again with the whole JSON object and nothing else."
    match listed[0].kind:
        case "empty":
            return f"The reply was empty. {again}"
        case "cut":
            return f"The reply was cut off at {listed[0].place}. {again} Keep it shorter, so that it is complete."
        case "syntax":
            return f"The reply is not valid JSON. At {listed[0]}. {again}"
        case "several":
            return f"The reply holds more than one JSON value. {again} Put everything into one object."
    lines = "\n".join(f"- {problem}" for problem in listed[:_TOLD])
    more = f"\n- and {len(listed) - _TOLD} more of the kind" if len(listed) > _TOLD else ""
    return f"The JSON does not fit the schema:\n{lines}{more}\nCorrect that and leave the rest as it is. {again}"


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
