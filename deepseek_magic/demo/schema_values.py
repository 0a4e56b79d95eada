"""Make values for a JSON Schema: examples, filled with text and numbers from the question."""

from __future__ import annotations

import math
import re
from typing import Any

from deepseek_magic.errors import OptionError

_QUOTED = re.compile(r"\"([^\"\n]+)\"|'([^'\n]+)'|`([^`\n]+)`")
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.]*\d)")
# A capital inside a sentence: usually the place or person that a question is about.
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][\w-]+(?: [A-Z][\w-]+)*")
_WHOLE = ("query", "question", "text", "prompt", "message", "request")
# Keywords that do not restrict a type.
_PLAIN = frozenset(("type", "title", "description", "default"))
_BOUNDS = frozenset(("minimum", "maximum"))
_TYPES: Any = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float)}


class QuestionHints:
    """The quoted texts, names and numbers in a question, for use as arguments; each is used once."""

    def __init__(self, question: str) -> None:
        self.question = question
        self._texts = [next(filter(None, found)) for found in _QUOTED.findall(question)]
        self._texts += _NAME.findall(question)
        self._numbers = _NUMBER.findall(question)

    def text(self, name: str, otherwise: str) -> str:
        """Return a string for the argument ``name``; ``otherwise`` if the question has none left."""
        if self._texts:
            return str(self._texts.pop(0))
        return self.question if name.lower() in _WHOLE else otherwise

    def number(self, *, whole: bool) -> int | float | None:
        """Return the next number in the question that fits, or ``None``."""
        for position, found in enumerate(self._numbers):
            if not (whole and "." in found):
                del self._numbers[position]
                return float(found) if "." in found else int(found)
        return None


def instance(schema: dict[str, Any], hints: QuestionHints) -> Any:
    """Return a value that fits ``schema``; an empty object if that is not a valid schema."""
    # Imported here, because most questions do not ask for a value, and to start the demo faster.
    from deepseek_magic.structured.checking import validate
    from deepseek_magic.structured.example import NoExample, example
    from deepseek_magic.structured.schema import checked

    try:
        shown = example(checked(schema))
    except (OptionError, NoExample):
        return {}
    made = adapted(shown, schema, hints)
    return shown if validate(made, schema) else made


def adapted(example: Any, schema: Any, hints: QuestionHints, name: str = "", root: Any = None) -> Any:
    """Return ``example``, which fits ``schema``, with ``hints`` in place of values that are only bound to a type."""
    root = schema if root is None else root
    schema = _resolved(schema, root)
    if not isinstance(schema, dict):
        return example
    for branch in _branches(schema):
        if fits(example, branch, root):
            return adapted(example, branch, hints, name, root)
    if isinstance(example, dict):
        inner = schema.get("properties") or {}
        return {key: adapted(value, inner.get(key), hints, key, root) for key, value in example.items()}
    if isinstance(example, list):
        first = schema.get("prefixItems", ())
        return [
            adapted(value, first[place] if place < len(first) else schema.get("items"), hints, name, root)
            for place, value in enumerate(example)
        ]
    if schema.get("enum") and "const" not in schema:
        asked = hints.question.lower()
        return next((one for one in schema["enum"] if isinstance(one, str) and one.lower() in asked), example)
    kind, others = schema.get("type"), schema.keys() - _PLAIN
    if kind == "string" and not others:
        return hints.text(name, example)
    if kind in ("integer", "number") and others <= _BOUNDS:
        number = hints.number(whole=kind == "integer")
        if number is not None:
            least, most = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
            within = min(max(number, least), most)
            return within if kind == "number" or within == int(within) else example
    return example


def fits(value: Any, schema: Any, root: Any = None) -> bool:
    """Return whether ``value`` has the types, parts and choices of ``schema``; bounds and patterns are not checked.

    jsonschema is not used, because it takes seconds to load if its optional packages are installed.
    """
    root = schema if root is None else root
    schema = _resolved(schema, root)
    if not isinstance(schema, dict):
        return schema is not False
    branches, kinds = _branches(schema), schema.get("type")
    if branches and not any(fits(value, one, root) for one in branches):
        return False
    if value not in schema.get("enum", [value]) or value != schema.get("const", value):
        return False
    if kinds and not any(_is(value, kind) for kind in (kinds if isinstance(kinds, list) else [kinds])):
        return False
    if isinstance(value, list):
        return all(fits(one, schema.get("items"), root) for one in value)
    if isinstance(value, dict):
        inner, others = schema.get("properties") or {}, schema.get("additionalProperties")
        known = all(fits(one, inner.get(key, others), root) for key, one in value.items())
        return known and all(key in value for key in schema.get("required", ()))
    return True


def _branches(schema: dict[str, Any]) -> list[Any]:
    return schema.get("anyOf") or schema.get("oneOf") or []


def _is(value: Any, kind: str) -> bool:
    """Return whether ``value`` is of the JSON type ``kind``."""
    if isinstance(value, bool) or value is None:
        return kind == ("null" if value is None else "boolean")
    return isinstance(value, _TYPES.get(kind, ()))


def _resolved(schema: Any, root: Any) -> Any:
    """Return ``schema``, or the schema in ``root`` that it refers to."""
    if not isinstance(schema, dict) or not isinstance(schema.get("$ref"), str):
        return schema
    found = root
    for part in schema["$ref"].lstrip("#/").split("/"):
        found = found.get(part) if isinstance(found, dict) else None
    return found
