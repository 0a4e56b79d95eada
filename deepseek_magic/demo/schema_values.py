"""An example value for a JSON schema, with hints from the question where they fit."""

from __future__ import annotations

import re
from typing import Any

from .checks import JSON

_DEPTH = 6
_QUOTED = re.compile(r"\"([^\"\n]+)\"|'([^'\n]+)'|`([^`\n]+)`")
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.]*\d)")
# A capital in mid-sentence: most often the place or person that a question is about.
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][\w-]+(?: [A-Z][\w-]+)*")
_WHOLE = ("query", "question", "text", "prompt", "message", "request")
# What may stand beside the type of a value that anything of this type fits.
_PLAIN = frozenset(("type", "title", "description"))
_TYPES: dict[str, tuple[type, ...]] = {"object": (dict,), "array": (list,), "string": (str,), "number": (int, float)}
_FORMATS = {
    "email": "somebody@example.org",
    "hostname": "example.org",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "date": "2026-01-01",
    "date-time": "2026-01-01T00:00:00Z",
    "time": "00:00:00Z",
    "uri": "https://example.org/",
}


class Hints:
    """What a question offers for the values of arguments: each quoted text, name and number is used once."""

    def __init__(self, question: str) -> None:
        self.question = question
        self._texts = [next(filter(None, found)) for found in _QUOTED.findall(question)]
        self._texts += _NAME.findall(question)
        self._numbers = _NUMBER.findall(question)

    def text(self, name: str, otherwise: str = "example") -> str:
        """A text for the argument ``name``."""
        if self._texts:
            return str(self._texts.pop(0))
        return self.question if name.lower() in _WHOLE else otherwise

    def number(self, *, whole: bool) -> int | float | None:
        """The next number of the question that fits."""
        for position, found in enumerate(self._numbers):
            if not (whole and "." in found):
                del self._numbers[position]
                return float(found) if "." in found else int(found)
        return None


def instance(schema: Any, hints: Hints, name: str = "", root: Any = None, depth: int = _DEPTH) -> Any:
    """A value that fits ``schema`` (the subset that guides/tool_calls documents); ``None`` for an unknown type."""
    if not isinstance(schema, dict) or depth <= 0:
        return None
    root = schema if root is None else root
    if isinstance(schema.get("$ref"), str):
        return instance(_referred(root, schema["$ref"]), hints, name, root, depth - 1)
    for fixed in ("const", "default"):
        if fixed in schema:
            return schema[fixed]
    if schema.get("enum"):
        return _mentioned(schema["enum"], hints)
    for union in ("anyOf", "oneOf"):
        if schema.get(union):
            return instance(schema[union][0], hints, name, root, depth - 1)
    return _typed(schema, hints, name, root, depth)


def adapted(example: Any, schema: Any, hints: Hints, name: str = "", root: Any = None) -> Any:
    """``example``, which fits ``schema``, with what the question offers where anything of that type fits."""
    root = schema if root is None else root
    if isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
        schema = _referred(root, schema["$ref"])
    if not isinstance(schema, dict):
        return example
    if isinstance(example, dict):
        inner = schema.get("properties") or {}
        return {key: adapted(value, inner.get(key), hints, key, root) for key, value in example.items()}
    if isinstance(example, list):
        return [adapted(value, schema.get("items"), hints, name, root) for value in example]
    if schema.get("enum"):
        return _mentioned(schema["enum"], hints) if "const" not in schema else example
    plain = schema.keys() <= _PLAIN
    match schema.get("type"):
        case "string" if plain:
            return hints.text(name, example)
        case "integer" | "number" if plain:
            number = hints.number(whole=schema["type"] == "integer")
            return example if number is None else number
    return example


def fits(value: Any, schema: Any, root: Any = None) -> bool:
    """Whether ``value`` has the types, parts and choices of ``schema``; bounds and patterns are not looked at."""
    root = schema if root is None else root
    if isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
        schema = _referred(root, schema["$ref"])
    if not isinstance(schema, dict):
        return schema is not False
    unions = [schema[union] for union in ("anyOf", "oneOf") if schema.get(union)]
    if not all(any(fits(value, one, root) for one in union) for union in unions):
        return False
    if value not in schema.get("enum", [value]) or value != schema.get("const", value):
        return False
    if "type" in schema and not any(_is(value, kind) for kind in _listed(schema["type"])):
        return False
    if isinstance(value, list):
        return all(fits(one, schema.get("items"), root) for one in value)
    if isinstance(value, dict):
        inner, others = schema.get("properties") or {}, schema.get("additionalProperties")
        known = all(fits(one, inner.get(key, others), root) for key, one in value.items())
        return known and all(key in value for key in schema.get("required", ()))
    return True


def _listed(kind: Any) -> list[Any]:
    return kind if isinstance(kind, list) else [kind]


def _is(value: Any, kind: Any) -> bool:
    """Whether ``value`` is of the JSON type ``kind``."""
    if isinstance(value, bool) or value is None:
        return str(kind) == ("null" if value is None else "boolean")
    if kind == "integer":
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return isinstance(value, _TYPES.get(str(kind), ()))


def _typed(schema: JSON, hints: Hints, name: str, root: Any, depth: int) -> Any:
    kind = schema.get("type", "object" if "properties" in schema else None)
    kind = next((one for one in kind if one != "null"), None) if isinstance(kind, list) else kind
    match kind:
        case "object":
            wanted = schema.get("properties") or {}
            return {key: instance(value, hints, key, root, depth - 1) for key, value in wanted.items()}
        case "array":
            item = instance(schema.get("items"), hints, name, root, depth - 1)
            return [] if item is None else [item]
        case "integer" | "number":
            return _bounded(schema, hints.number(whole=kind == "integer"))
        case "boolean":
            return True
        case "string":
            return _FORMATS.get(str(schema.get("format"))) or hints.text(name)
    return None


def _bounded(schema: JSON, hint: int | float | None) -> int | float:
    low, high = schema.get("minimum"), schema.get("maximum")
    value = hint if hint is not None else low if low is not None else 1
    if low is not None and value < low:
        value = low
    return high if high is not None and value > high else value


def _mentioned(choices: list[Any], hints: Hints) -> Any:
    """The choice that the question names, else the first."""
    asked = hints.question.lower()
    return next((one for one in choices if isinstance(one, str) and one.lower() in asked), choices[0])


def _referred(root: Any, reference: str) -> Any:
    value = root
    for part in reference.lstrip("#/").split("/"):
        value = value.get(part) if isinstance(value, dict) else None
    return value
