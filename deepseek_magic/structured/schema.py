"""Check a JSON Schema (draft 2020-12) that the user gave, and answer questions about any schema."""

from __future__ import annotations

import json
from typing import Any, TypeAlias
from urllib.parse import unquote

from deepseek_magic.errors import OptionError
from deepseek_magic.text import one_line

from .quick_check import plainly_valid

Schema: TypeAlias = dict[str, Any]

ROWS: Schema = {"type": "array", "items": {"type": "object"}}
"""The schema of a table whose columns are not known."""

_MEANT = frozenset(
    (
        *("$ref", "type", "enum", "const", "properties", "required", "additionalProperties", "patternProperties"),
        *("items", "prefixItems", "anyOf", "oneOf", "allOf", "not", "if", "format", "pattern", "minimum", "maximum"),
    )
)
_NAMED = ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions")
_VALUES = ("enum", "const", "default", "examples")


def checked(schema: Schema) -> Schema:
    """Return ``schema`` if it is a valid JSON Schema that has a keyword and no reference to other documents.

    Raises:
        OptionError: it is not.
    """
    try:
        copy = json.loads(json.dumps(schema, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        msg = f"the schema is not JSON: {one_line(str(error), 200)}; use a dataclass or TypedDict for types as values"
        raise OptionError(msg) from None
    if not _MEANT & copy.keys():
        known = ", ".join(map(str, list(copy)[:5])) or "nothing"
        msg = f"the schema does not say what the value is: expected type, properties, enum or the like, found {known}"
        raise OptionError(msg)
    if not plainly_valid(copy):
        _check_validity(copy)
    _check_references(copy)
    if _fits_nothing(resolve(copy, copy), copy):
        msg = "no value fits the schema: expected one in which something may stand"
        raise OptionError(msg)
    return schema


def _fits_nothing(schema: Any, root: Schema) -> bool:
    """Return whether ``schema`` obviously fits no value."""
    branches = [resolve(one, root) for one in schema.get("anyOf", ())] if isinstance(schema, dict) else []
    return schema is False or (bool(branches) and all(one is False for one in branches))


def _check_validity(schema: Schema) -> None:
    import jsonschema  # slow to load: only if `plainly_valid` cannot tell

    kind = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    try:
        kind.check_schema(schema)
    except jsonschema.SchemaError as error:
        place = ".".join(map(str, error.path)) or "its top"
        msg = (
            f"the schema is not valid JSON Schema at {one_line(place, 80)}: {one_line(error.message, 200)}; "
            "fix it there"
        )
        raise OptionError(msg) from None


def resolve(schema: Any, root: Schema) -> Any:
    """Return ``schema``, or the schema in ``root`` that it is a reference to; ``None`` if references form a loop."""
    for _ in range(50):
        if not isinstance(schema, dict) or not isinstance(schema.get("$ref"), str):
            return schema
        schema = _at_pointer(root, schema["$ref"])
    return None


def references(schema: Any, keyword: str = "$ref") -> list[Schema]:
    """Return every schema inside ``schema`` that is a reference."""
    found: list[Schema] = []
    left = [schema]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            if isinstance(one.get(keyword), str):
                found.append(one)
            for key, value in one.items():
                if key in _NAMED and isinstance(value, dict):
                    left += value.values()
                elif key not in _VALUES:
                    left.append(value)
        elif isinstance(one, list):
            left += one
    return found


def is_object(schema: Schema) -> bool:
    """Return whether only objects fit ``schema``: JSON mode returns nothing else at the top level."""
    top = resolve(schema, schema)
    if isinstance(top, dict) and ("anyOf" in top or "oneOf" in top):
        return all(_says_object(resolve(one, schema)) for one in top.get("anyOf") or top["oneOf"])
    return _says_object(top)


def _says_object(schema: Any) -> bool:
    return isinstance(schema, dict) and (
        schema.get("type") == "object" or ("type" not in schema and "properties" in schema)
    )


def _at_pointer(root: Schema, reference: str) -> Any:
    value: Any = root
    for part in reference.removeprefix("#").split("/")[1:]:
        key = unquote(part).replace("~1", "/").replace("~0", "~")
        if isinstance(value, list):
            place = int(key) if key.isdecimal() and len(key) < 10 else len(value)
            value = value[place] if place < len(value) else None
        else:
            value = value.get(key) if isinstance(value, dict) else None
    return value


def _check_references(schema: Schema) -> None:
    for keyword in ("$dynamicRef", "$recursiveRef"):
        if references(schema, keyword):
            msg = f"the schema uses {keyword}, which is not supported: use $ref"
            raise OptionError(msg)
    if any(one is not schema for one in references(schema, "$id")):
        msg = "the schema uses $id below its top, which is not supported: use $ref with #/$defs/NAME"
        raise OptionError(msg)
    for one in references(schema):
        reference = one["$ref"]
        if not (reference == "#" or reference.startswith("#/")) or not isinstance(
            _at_pointer(schema, reference), (dict, bool)
        ):
            msg = f'the schema refers to {one_line(reference, 100)}, which is not in it: use "#/$defs/NAME"'
            raise OptionError(msg)
        if resolve(one, schema) is None:
            msg = f"the schema refers from {one_line(reference, 100)} to itself: give it a content"
            raise OptionError(msg)


def inlined(schema: Schema) -> Schema:
    """Return ``schema`` with each definition that is used once inlined, and the others below ``$defs``."""
    root = dict(schema)
    definitions = dict(root.pop("$defs", {}))
    changed = True
    while changed:
        changed = False
        for name in list(definitions):
            uses = _uses(name, root, definitions)
            own = references(definitions[name])
            if len(uses) == 1 and not any(use is inner for use in uses for inner in own):
                (use,) = uses
                said = {key: value for key, value in use.items() if key != "$ref"}
                use.clear()
                use.update({**definitions.pop(name), **said})
                changed = True
    return {**root, "$defs": definitions} if definitions else root


def _uses(name: str, root: Schema, definitions: dict[str, Schema]) -> list[Schema]:
    every = [one for schema in (root, *definitions.values()) for one in references(schema)]
    return [one for one in every if one["$ref"] == f"#/$defs/{name}"]
