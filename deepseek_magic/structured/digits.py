"""Convert the numbers of a reply to the types in its schema: ``5.0`` fits an integer, a `Decimal` keeps its digits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from deepseek_magic.structured.schema import Schema, resolve

_AS_IT_IS = (str, bool, type(None))


class ExactFloat(float):
    """A float that keeps the digits it was written with, so that a `Decimal` can be made of them."""

    __slots__ = ("digits",)
    digits: str

    def __new__(cls, digits: str) -> ExactFloat:
        made = super().__new__(cls, digits)
        made.digits = digits
        return made


def fitted(value: Any, schema: Schema) -> Any:
    """Return ``value`` with each number in the type that ``schema`` asks for, and every other `ExactFloat` as a float.

    Args:
        value: a JSON value.
        schema: the JSON Schema of the whole value.
    """
    fitting = _Fitting(schema)
    return fitting.fitted(value, fitting.branches((schema,)))


class _Fitting:
    """Walks a value with ``branches``: every schema that applies at a place, references and alternatives resolved."""

    def __init__(self, root: Schema) -> None:
        self._root = root
        self._below: dict[tuple[int, str | int], tuple[tuple[Schema, ...], tuple[Schema, ...]]] = {}

    def fitted(self, value: Any, branches: tuple[Schema, ...]) -> Any:
        if isinstance(value, _AS_IT_IS):
            return value
        if isinstance(value, dict):
            return {
                key: one if isinstance(one, _AS_IT_IS) else self.fitted(one, self._inside(branches, key))
                for key, one in value.items()
            }
        if isinstance(value, list):
            return [self.fitted(one, self._inside(branches, place)) for place, one in enumerate(value)]
        return _number(value, branches)

    def branches(self, schemas: Iterable[Any]) -> tuple[Schema, ...]:
        found: dict[int, Schema] = {}
        left = list(schemas)
        while left:
            one = resolve(left.pop(), self._root)
            if isinstance(one, dict) and id(one) not in found:
                found[id(one)] = one
                left += [*one.get("anyOf", ()), *one.get("oneOf", ()), *one.get("allOf", ())]
        return tuple(found.values())

    def _inside(self, branches: tuple[Schema, ...], part: str | int) -> tuple[Schema, ...]:
        """Return the branches of a key or an item. They are cached by key; items with one schema share an entry."""
        if isinstance(part, int):
            part = min(part, max((len(one.get("prefixItems", ())) for one in branches), default=0))
        known = self._below.get((id(branches), part))
        if known is None:
            inside = self.branches(schema for one in branches for schema in _parts(one, part))
            known = self._below[id(branches), part] = branches, inside  # keeping both prevents the id from being reused
        return known[1]


def _number(value: float, branches: tuple[Schema, ...]) -> Any:
    kinds = {kind for one in branches for kind in _kinds(one)}
    if "number" not in kinds:
        if any(one.get("format") == "decimal" for one in branches) and not (
            isinstance(value, int) and "integer" in kinds
        ):
            return value.digits if isinstance(value, ExactFloat) else repr(value)
        if "integer" in kinds and not isinstance(value, int) and value.is_integer():
            return int(value)
    return value if isinstance(value, int) else float(value)


def _kinds(schema: Schema) -> list[Any]:
    kind = schema.get("type") or ["integer" for one in schema.get("enum", ()) if isinstance(one, int)]
    return kind if isinstance(kind, list) else [kind]


def _parts(schema: Schema, part: str | int) -> list[Any]:
    if isinstance(part, int):
        first = schema.get("prefixItems", ())
        return [first[part] if part < len(first) else schema.get("items")]
    if part in schema.get("properties", {}):
        return [schema["properties"][part]]
    return [schema.get("additionalProperties"), *schema.get("patternProperties", {}).values()]
