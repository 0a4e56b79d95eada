"""An example of what fits a schema, the same each time: JSON mode wants the shape shown, not only described."""

from __future__ import annotations

import math
from typing import Any

from .formats import EXAMPLES
from .schema import Schema, resolve

_DEEP = 6
_BOUNDS = frozenset(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"))


def example(schema: Schema) -> Any:
    """A value that fits ``schema`` as far as types, choices, bounds, lengths and known formats go.

    Optional parts are shown, recursive ones end after a few levels. A ``pattern`` is not followed.
    """
    return _Maker(schema).make(schema, 0)


class _Maker:
    def __init__(self, root: Schema) -> None:
        self._root = root
        self._open: list[str] = []  # the references that are being followed

    def make(self, schema: Any, depth: int, name: str = "text") -> Any:
        reference = schema.get("$ref") if isinstance(schema, dict) else None
        if reference is None:
            return self._made(schema, depth, name)
        self._open.append(reference)
        made = self._made(resolve(schema, self._root), _DEEP if reference in self._open[:-1] else depth, name)
        self._open.pop()
        return made

    def _made(self, schema: Any, depth: int, name: str) -> Any:
        if not isinstance(schema, dict):
            return "anything"
        if "const" in schema:
            return schema["const"]
        if isinstance(schema.get("default"), (str, int, float)):
            return schema["default"]
        for key in ("examples", "enum"):
            if isinstance(schema.get(key), list) and schema[key]:
                return schema[key][0]
        if schema.get("allOf"):
            rest = {key: value for key, value in schema.items() if key != "allOf"}
            return self.make(self._merged([rest, *schema["allOf"]]), depth, name)
        branches = schema.get("anyOf") or schema.get("oneOf")
        if branches:
            rest = {key: value for key, value in schema.items() if key not in ("anyOf", "oneOf")}
            branch = self._branch(branches, depth)
            return self.make(self._merged([rest, branch]) if "properties" in rest else branch, depth, name)
        return self._typed(schema, depth, name)

    def _typed(self, schema: Schema, depth: int, name: str) -> Any:
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = next((one for one in kind if one != "null"), "null")
        if kind == "object" or (kind is None and "properties" in schema):
            return self._object(schema, depth)
        if kind == "array" or (kind is None and ("items" in schema or "prefixItems" in schema)):
            return self._array(schema, depth, name)
        if kind in ("integer", "number"):
            return _number(schema, whole=kind == "integer")
        if kind == "boolean":
            return True
        return None if kind == "null" else _text(schema, name)

    def _branch(self, branches: list[Any], depth: int) -> Any:
        """The branch to show: the first that is not null; where it gets deep, null or the shallowest."""

        def kind(branch: Any) -> Any:
            branch = resolve(branch, self._root)
            return branch.get("type") if isinstance(branch, dict) else None

        if depth >= _DEEP:
            flat = [one for one in branches if kind(one) not in ("object", "array", None)]
            return next((one for one in flat if kind(one) == "null"), (flat or branches)[0])
        return next((one for one in branches if kind(one) != "null"), branches[0])

    def _merged(self, schemas: list[Any]) -> Schema:
        made: Schema = {}
        for one in (resolve(schema, self._root) for schema in schemas):
            if isinstance(one, dict):
                properties = {**made.get("properties", {}), **one.get("properties", {})}
                required = [*made.get("required", []), *one.get("required", [])]
                made = {**made, **one}
                made.update({"properties": properties} if properties else {})
                made.update({"required": required} if required else {})
        return made

    def _object(self, schema: Schema, depth: int) -> dict[str, Any]:
        required = schema.get("required", [])
        shown = {
            key: self.make(value, depth + 1, key)
            for key, value in schema.get("properties", {}).items()
            if key in required or (depth < _DEEP and value is not False)
        }
        shown.update({key: "anything" for key in required if key not in shown})
        other = schema.get("additionalProperties")
        if not shown and isinstance(other, dict) and depth < _DEEP:
            names = resolve(schema.get("propertyNames", {}), self._root)
            key = names["enum"][0] if names.get("enum") else "1" if names.get("pattern") else "key"
            shown[key] = self.make(other, depth + 1)
        return shown

    def _array(self, schema: Schema, depth: int, name: str) -> list[Any]:
        first = [self.make(one, depth + 1, name) for one in schema.get("prefixItems", [])]
        least, most = int(schema.get("minItems", 0)), schema.get("maxItems", math.inf)
        items = schema.get("items", True)
        wanted = least if depth >= _DEEP or items is False else max(least, len(first) or 1)
        while len(first) < min(wanted, most):
            one = self.make(items, depth + 1, name)
            if schema.get("uniqueItems") and one in first:
                one = self._other(items, one, len(first))
            first.append(one)
        return first

    def _other(self, items: Any, one: Any, number: int) -> Any:
        """Another value than ``one``, for a list whose items differ."""
        schema = resolve(items, self._root)
        choices = schema.get("enum") if isinstance(schema, dict) else None
        if choices and len(choices) > number:
            return choices[number]
        if isinstance(one, (int, float)) and not isinstance(one, bool):
            return one + number
        return f"{one} {number + 1}" if isinstance(one, str) else one


def _number(schema: Schema, *, whole: bool) -> int | float:
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    step = schema.get("multipleOf") or (1 if whole else None)
    number: float = 1 if whole else 1.5
    if low is not None and high is not None and not low < number < high:
        number = (low + high) / 2
    elif low is not None and number <= low:
        number = low if "minimum" in schema else low + (step or 1)
    elif high is not None and number >= high:
        number = high if "maximum" in schema else high - (step or 1)
    if step:
        number = math.floor(number / step) * step
        if low is not None and (number < low or (number == low and "minimum" not in schema)):
            number += step
    return int(number) if whole else number


def _text(schema: Schema, name: str) -> str:
    if schema.get("format") == "decimal" and not _BOUNDS.isdisjoint(schema):
        return str(_number(schema, whole=False))
    if schema.get("format") in EXAMPLES:
        return EXAMPLES[schema["format"]]
    text = name if schema.get("type") == "string" or "pattern" in schema else "anything"
    least, most = int(schema.get("minLength", 0)), schema.get("maxLength")
    text = text if len(text) >= least else (text + "." * least)[:least]
    return text if most is None else text[: int(most)]
