"""Recognise a valid JSON Schema without jsonschema, which takes seconds to load, and before anything is sent.

Source: the meta-schema of draft 2020-12, for the keywords below. A schema with others is left to jsonschema.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")
_DEEP = 50
_REFERENCE = re.compile(r"#(/[\w$./-]*)?", re.ASCII)


def plainly_valid(schema: Any, depth: int = 0) -> bool:
    """Return whether ``schema``, a JSON value, is certainly a valid JSON Schema. It may be one even if not."""
    if isinstance(schema, bool):
        return True
    if not isinstance(schema, dict) or depth > _DEEP:
        return False
    for keyword, value in schema.items():
        if keyword in _PLAIN:
            fits = _PLAIN[keyword](value)
        elif keyword in _SCHEMAS:
            fits = plainly_valid(value, depth + 1)
        elif keyword in _LISTS:
            fits = isinstance(value, list) and bool(value) and all(plainly_valid(one, depth + 1) for one in value)
        elif keyword in _MAPS:
            fits = isinstance(value, dict) and all(plainly_valid(one, depth + 1) for one in value.values())
            fits = fits and (keyword != "patternProperties" or all(map(_is_pattern, value)))
        else:
            fits = False
        if not fits:
            return False
    return True


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value)) and len(set(value)) == len(value)


def _are_types(value: Any) -> bool:
    return value in _TYPES if _is_text(value) else _are_names(value) and 0 < len(value) == len({*value} & {*_TYPES})


def _is_pattern(value: Any) -> bool:
    try:
        return _is_text(value) and bool(re.compile(value))
    except (re.error, RecursionError, OverflowError):
        return False


_SCHEMAS = frozenset(
    ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames", "unevaluatedItems")
)
_LISTS = frozenset(("anyOf", "oneOf", "allOf", "prefixItems"))
_MAPS = frozenset(("properties", "patternProperties", "$defs"))
_PLAIN: dict[str, Callable[[Any], bool]] = {
    "$schema": lambda value: value == _DIALECT,
    "$ref": lambda value: _is_text(value) and _REFERENCE.fullmatch(value) is not None,
    "type": _are_types,
    "required": _are_names,
    "enum": lambda value: isinstance(value, list),
    "examples": lambda value: isinstance(value, list),
    "const": lambda _value: True,
    "default": lambda _value: True,
    "pattern": _is_pattern,
    "multipleOf": lambda value: _is_number(value) and value > 0,
    "uniqueItems": lambda value: isinstance(value, bool),
    **dict.fromkeys(("title", "description", "format"), _is_text),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _is_number),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"), _is_count),
}
