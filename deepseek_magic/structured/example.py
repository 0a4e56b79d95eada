"""Make an example value for a schema, the same one each time: JSON mode must be shown the shape."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

from .formats import EXAMPLES, another
from .matching import matching
from .quick_errors import may_fit
from .schema import Schema, resolve

_DEEP = 6
_BOUNDS = frozenset(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"))
# If two schemas are merged, the narrower of two bounds applies.
_NARROWEST: dict[str, Any] = {
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), min),
}
_BRANCHES = ("anyOf", "oneOf")
_ANYTHING: tuple[Any, ...] = ("anything", 1, True, None, [], {})
# How many values are tried for a number or string; if none fits, the first is used.
_TURNS = 4
_MOST_PARTS = 3_000
_MOST_CHARACTERS = 100_000


class NoExample(Exception):
    """No example could be made: the schema demands an infinite value, or one that is too large to send."""


def example(schema: Schema) -> Any:
    """Return a value that should fit ``schema``. Not every keyword can be followed, so the caller must validate it.

    Optional parts are included unless no fitting value was found for them. Recursive ones end after a few levels.

    Raises:
        NoExample: no example could be made.
    """
    try:
        return _Maker(schema).make(schema, 0)
    except (RecursionError, OverflowError):  # bounds that are longer than any float
        raise NoExample from None


class _Maker:
    def __init__(self, root: Schema) -> None:
        self._root = root
        self._open: list[str] = []  # the references that are being followed
        self._turn = 0  # which of several possible values is next: the items of a list may have to differ
        self._left = _MOST_PARTS

    def make(self, schema: Any, depth: int, name: str = "text") -> Any:
        self._left -= 1
        if self._left < 0:
            raise NoExample
        reference = schema.get("$ref") if isinstance(schema, dict) else None
        if reference is None:
            return self._best(schema, depth, name)
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        self._open.append(reference)
        try:
            target = resolve(schema, self._root)
            target = self._merged([target, beside]) if beside and isinstance(target, dict) else target
            return self._best(target, _DEEP if reference in self._open[:-1] else depth, name)
        finally:
            self._open.pop()

    def fits(self, value: Any, schema: Any) -> bool:
        return may_fit(value, schema, self._root)

    def _best(self, schema: Any, depth: int, name: str) -> Any:
        """Return the first value that fits; if none does, the first one tried."""
        if not isinstance(schema, dict):
            return "anything"
        first: list[Any] = []
        for value in itertools.islice(self._values(schema, depth, name), 12):
            if self.fits(value, schema):
                return value
            first.append(value)
        return first[0] if first else "anything"

    def _values(self, schema: Schema, depth: int, name: str) -> Iterator[Any]:
        if "const" in schema:
            yield schema["const"]
        if isinstance(schema.get("default"), (str, int, float)) and not self._turn:
            yield schema["default"]
        for key in ("examples", "enum"):
            if isinstance(schema.get(key), list):
                yield from schema[key][self._turn :]
                yield from schema[key][: self._turn]
        if schema.get("allOf"):
            yield self.make(self._merged([_without(schema, "allOf"), *schema["allOf"]]), depth, name)
            return
        if "if" in schema:
            rest = _without(schema, "if", "then", "else")
            yield self.make(self._merged([rest, schema["if"], schema.get("then", {})]), depth, name)
            yield self.make(self._merged([rest, schema.get("else", {})]), depth, name)
            return
        branches = schema.get("anyOf") or schema.get("oneOf")
        if branches:
            rest = _without(schema, *_BRANCHES, "title", "description", "default", "$defs")
            for branch in self._ordered(branches, depth):
                yield self.make(self._merged([branch, rest]) if rest else branch, depth, name)
            return
        yield from self._typed(schema, depth, name)

    def _typed(self, schema: Schema, depth: int, name: str) -> Iterator[Any]:
        kind = schema.get("type")
        for one in sorted(kind, key="null".__eq__) if isinstance(kind, list) else [kind]:
            if one == "object" or (one is None and "properties" in schema):
                yield self._object(schema, depth)
            elif one == "array" or (one is None and ("items" in schema or "prefixItems" in schema)):
                yield self._array(schema, depth, name)
            elif one is None and not schema.keys() & {"pattern", "format", "minLength", "maxLength"}:
                yield from _ANYTHING
            else:
                for turn in range(self._turn, self._turn + _TURNS):
                    yield _leaf(schema, one, name, turn)

    def _ordered(self, branches: list[Any], depth: int) -> list[Any]:
        """Return the branches in the order to try: null last, but below `_DEEP` levels the simplest type first."""

        def kind(branch: Any) -> Any:
            branch = resolve(branch, self._root)
            return branch.get("type") if isinstance(branch, dict) else None

        some = [branch for branch in branches if branch is not False] or branches
        if depth >= _DEEP:
            simple = ["null", "boolean", "integer", "number", "string"]
            return sorted(some, key=lambda branch: simple.index(kind(branch)) if kind(branch) in simple else 9)
        turned = some[self._turn % len(some) :] + some[: self._turn % len(some)]
        return sorted(turned, key=lambda branch: kind(branch) == "null")

    def _merged(self, schemas: list[Any]) -> Schema:
        """Return one schema for the values that fit all of ``schemas``, as far as one schema can express that."""
        made: Schema = {}
        for one in (resolve(schema, self._root) for schema in schemas):
            if not isinstance(one, dict):
                continue
            bounds = {key: _NARROWEST[key](made[key], one[key]) for key in made.keys() & one.keys() & _NARROWEST.keys()}
            properties = dict(made.get("properties", {}))
            for key, part in one.get("properties", {}).items():
                properties[key] = self._merged([properties[key], part]) if key in properties else part
            required = [*made.get("required", []), *one.get("required", [])]
            made = {**made, **one, **bounds}
            made.update({"properties": properties} if properties else {})
            made.update({"required": required} if required else {})
        return made

    def _object(self, schema: Schema, depth: int) -> dict[str, Any]:
        schema = self._with_dependencies(schema)
        required, others = schema.get("required", []), schema.get("additionalProperties")
        shown: dict[str, Any] = {}
        for key, part in schema.get("properties", {}).items():
            if key in required or (depth < _DEEP and part is not False):
                value = self.make(part, depth + 1, key)
                if key in required or self.fits(value, part):
                    shown[key] = value
        for key in required:
            if key not in shown:
                shown[key] = self.make(others if isinstance(others, dict) else True, depth + 1, key)
        patterns = schema.get("patternProperties") or {}
        open_ = (isinstance(others, dict) or bool(patterns)) and not shown and depth < _DEEP
        least = max(int(schema.get("minProperties", 0)), int(open_))
        for number in range(20):
            if len(shown) >= least:
                break
            pattern = next(iter(patterns), None)
            key = self._key(schema.get("propertyNames", {}), pattern, number)
            part = patterns[pattern] if pattern else others if isinstance(others, dict) else True
            shown[another(key, number) if key in shown else key] = self.make(part, depth + 1)
        return shown

    def _key(self, names: Any, pattern: str | None, number: int) -> str:
        names = resolve(names, self._root)
        said = names if isinstance(names, dict) else {}
        if said.get("enum"):
            return str(said["enum"][number % len(said["enum"])])
        made = _text({**({"pattern": pattern} if pattern else {}), **said, "type": "string"}, "key", number)
        return str(made)

    def _with_dependencies(self, schema: Schema) -> Schema:
        """Return ``schema`` merged with what its properties demand of other properties."""
        for keyword in ("dependentRequired", "dependentSchemas", "dependencies"):
            for key, demanded in schema.get(keyword, {}).items():
                if key in schema.get("properties", {}) or key in schema.get("required", []):
                    more = {"required": demanded} if isinstance(demanded, list) else demanded
                    schema = self._merged([schema, more])
        return schema

    def _array(self, schema: Schema, depth: int, name: str) -> list[Any]:
        items = schema.get("items", True)
        first = schema.get("prefixItems", [])
        if isinstance(items, list):  # the form of drafts before 2020-12
            first, items = items, schema.get("additionalItems", True)
        made: list[Any] = []
        for part in itertools.takewhile(lambda one: one is not False, first):
            made.append(self.make(part, depth + 1, name))
        if "contains" in schema:
            made.append(self.make(self._merged([items, schema["contains"]]), depth + 1, name))
        least, most = int(schema.get("minItems", 0)), schema.get("maxItems", math.inf)
        shown = depth < _DEEP and items is not False and len(made) == len(first)
        wanted = min(max(least, int(shown and not made)), most)
        turn, differ = self._turn, bool(schema.get("uniqueItems"))
        for number in range(60):
            if len(made) >= wanted:
                break
            self._turn = turn + number if differ else turn
            one = self.make(items, depth + 1, name)
            if len(made) >= least and not self.fits(one, items):
                break
            if not (differ and one in made):
                made.append(one)
        self._turn = turn
        return made[: int(most)] if most != math.inf else made


def _without(schema: Schema, *keywords: str) -> Schema:
    return {key: value for key, value in schema.items() if key not in keywords}


def _leaf(schema: Schema, kind: str | None, name: str, turn: int) -> Any:
    if kind in ("integer", "number"):
        return _number(schema, turn, whole=kind == "integer")
    if kind == "boolean":
        return turn % 2 == 0
    return None if kind == "null" else _text(schema, name, turn)


def _number(schema: Schema, turn: int, *, whole: bool) -> int | float:
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
    if turn:
        apart = [sign * place * (step or 1) for place in range(1, turn + 1) for sign in (1, -1)]
        near = [
            number + one
            for one in apart
            if (low is None or number + one >= low) and (high is None or number + one <= high)
        ]
        number = near[turn - 1] if turn <= len(near) else number
    return int(number) if whole else number


def _text(schema: Schema, name: str, turn: int) -> str:
    least, most = int(schema.get("minLength", 0)), schema.get("maxLength")
    if least > _MOST_CHARACTERS:
        raise NoExample
    if "pattern" in schema and (found := matching(schema["pattern"], turn, least, most)) is not None:
        return found
    if schema.get("format") == "decimal" and not _BOUNDS.isdisjoint(schema):
        return str(_number(schema, turn, whole=False))
    if schema.get("format") in EXAMPLES:
        return another(EXAMPLES[schema["format"]], turn)
    text = name if schema.get("type") == "string" or "pattern" in schema else "anything"
    text = another(text, turn)
    text = text if len(text) >= least else (text + "." * least)[:least]
    if most is None or len(text) <= most:
        return text
    return text[-int(most) :] if turn and most else text[: int(most)]
