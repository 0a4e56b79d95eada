"""Check a value against a schema of everyday keywords without jsonschema, which takes seconds to load.

Its optional packages make it slow to load, and JupyterLab installs them. The errors are those of jsonschema for the
keywords below, in its order and with its attributes (draft 2020-12). Other keywords are left to jsonschema.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .formats import FORMATS
from .problem import Path
from .quick_check import plainly_valid
from .schema import Schema, resolve

_SILENT = frozenset(("$schema", "$defs", "title", "description", "default", "examples"))


@dataclass(frozen=True, slots=True)
class Error:
    """One error, with those attributes of ``jsonschema.ValidationError`` that `checking` reads."""

    validator: str | None
    validator_value: Any
    instance: Any
    schema: Any
    path: Path
    schema_path: Path
    base: Path = ()
    context: tuple[Error, ...] = ()
    message: str = ""

    @property
    def absolute_path(self) -> Path:
        """The path of the error in the whole value."""
        return (*self.base, *self.path)

    @property
    def absolute_schema_path(self) -> Path:
        """The path of its keyword in the schema; only the last parts of it are right."""
        return self.schema_path


def is_everyday(schema: Any) -> bool:
    """Return whether ``schema`` is valid and has only keywords that are checked here."""
    known = _SILENT | _KEYWORDS.keys()
    return plainly_valid(schema) and all(one.keys() <= known for one in _parts(schema))


def errors(value: Any, schema: Schema) -> Iterator[Error]:
    """Yield where ``value`` does not fit ``schema``, which must be everyday; may raise `RecursionError`."""
    return _Walk(schema).errors(value, schema, (), (), ())


def may_fit(value: Any, schema: Any, root: Schema) -> bool:
    """Return whether ``value`` fits the keywords of ``schema``, a part of ``root``, that are checked here."""
    try:
        return _Walk(root).fits(value, schema)
    except (re.error, RecursionError, TypeError, AttributeError, ValueError, ArithmeticError):
        return True  # a keyword has a form of another draft


def _parts(schema: Any) -> Iterator[Schema]:
    left = [schema]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            yield one
            for keyword, inner in one.items():
                if keyword in ("properties", "patternProperties", "$defs"):
                    left += inner.values()
                elif keyword in ("anyOf", "oneOf", "allOf", "prefixItems"):
                    left += inner
                elif keyword in ("items", "additionalProperties", "not", "propertyNames"):
                    left.append(inner)


class _Walk:
    """One check. References are resolved in ``root``."""

    def __init__(self, root: Schema) -> None:
        self.root = root

    def errors(self, value: Any, schema: Any, base: Path, path: Path, where: Path) -> Iterator[Error]:
        """Yield the errors at ``path`` below ``base``; ``where`` is the path of ``schema``."""
        if schema is True:
            return
        if schema is False:
            yield Error(None, None, value, schema, path, where, base)
            return
        for keyword, said in schema.items():
            if keyword in _KEYWORDS:
                yield from _KEYWORDS[keyword](self, value, said, schema, (base, path, (*where, keyword)))

    def fits(self, value: Any, schema: Any) -> bool:
        return next(self.errors(value, schema, (), (), ()), None) is None


_At = tuple[Path, Path, Path]
_Keyword = Callable[[_Walk, Any, Any, Schema, _At], Iterator[Error]]


def _error(value: Any, said: Any, schema: Schema, at: _At, **more: Any) -> Error:
    base, path, where = at
    keyword = where[-1]
    return Error(str(keyword), said, value, schema, path, where, base, **more)


def _simple(kind: Any, fits: Callable[[Any, Any], bool]) -> _Keyword:
    """Return the check of a keyword that applies only to values of the type ``kind``."""

    def check(_walk: _Walk, value: Any, said: Any, schema: Schema, at: _At) -> Iterator[Error]:
        if isinstance(value, kind) and not (isinstance(value, bool) and kind is not object) and not fits(value, said):
            yield _error(value, said, schema, at)

    return check


def _has_type(value: Any, said: Any) -> bool:
    return any(_is(value, kind) for kind in ([said] if isinstance(said, str) else said))


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool) or value is None:
        return kind == ("null" if value is None else "boolean")
    if kind == "integer":
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return isinstance(value, _CLASSES.get(kind, ()))


_CLASSES: dict[str, Any] = {"object": dict, "array": list, "string": str, "number": (int, float)}


def equal(one: Any, other: Any) -> bool:
    """Return whether two JSON values are the same: 1 and 1.0 are, 1 and true are not."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    return one is other or (isinstance(one, bool) == isinstance(other, bool) and bool(one == other))


def _all_differ(value: list[Any], said: bool) -> bool:
    if not said:
        return True
    if all(isinstance(one, str) for one in value):
        return len(set(value)) == len(value)
    return not any(equal(one, other) for place, one in enumerate(value) for other in value[:place])


def is_multiple(value: float, step: float) -> bool:
    """Return whether ``value`` is a multiple by the digits of both: as floats, 0.07 is not a multiple of 0.01."""
    finite = isinstance(value, int) or math.isfinite(value)  # ``isfinite`` fails for an int too large for a float
    return finite and (Fraction(str(value)) / Fraction(str(step))).denominator == 1


def _in_format(value: str, name: str) -> bool:
    try:
        FORMATS.get(name, str)(value)
    except (ValueError, TypeError):
        return False
    return True


def _reference(walk: _Walk, value: Any, said: Any, _schema: Schema, at: _At) -> Iterator[Error]:
    yield from walk.errors(value, resolve({"$ref": said}, walk.root), *at)


def _properties(walk: _Walk, value: Any, said: Any, _schema: Schema, at: _At) -> Iterator[Error]:
    base, path, where = at
    if isinstance(value, dict):
        for key, inner in said.items():
            if key in value:
                yield from walk.errors(value[key], inner, base, (*path, key), (*where, key))


def _pattern_properties(walk: _Walk, value: Any, said: Any, _schema: Schema, at: _At) -> Iterator[Error]:
    base, path, where = at
    if isinstance(value, dict):
        for pattern, inner in said.items():
            for key, one in value.items():
                if re.search(pattern, key):
                    yield from walk.errors(one, inner, base, (*path, key), (*where, pattern))


def _additional(walk: _Walk, value: Any, said: Any, schema: Schema, at: _At) -> Iterator[Error]:
    base, path, where = at
    if not isinstance(value, dict):
        return
    patterns = "|".join(f"(?:{one})" for one in schema.get("patternProperties", ()))
    extra = [
        key for key in value if key not in schema.get("properties", {}) and not (patterns and re.search(patterns, key))
    ]
    if said is False:
        if extra:
            yield _error(value, said, schema, at)
        return
    for key in extra:
        yield from walk.errors(value[key], said, base, (*path, key), where)


def _names(walk: _Walk, value: Any, said: Any, _schema: Schema, at: _At) -> Iterator[Error]:
    if isinstance(value, dict):
        for key in value:
            yield from walk.errors(key, said, *at)


def _required(_walk: _Walk, value: Any, said: Any, schema: Schema, at: _At) -> Iterator[Error]:
    if isinstance(value, dict):
        for key in said:
            if key not in value:
                yield _error(value, said, schema, at)


def _first_items(walk: _Walk, value: Any, said: Any, _schema: Schema, at: _At) -> Iterator[Error]:
    base, path, where = at
    if isinstance(value, list):
        for place, (one, inner) in enumerate(zip(value, said, strict=False)):
            yield from walk.errors(one, inner, base, (*path, place), (*where, place))


def _items(walk: _Walk, value: Any, said: Any, schema: Schema, at: _At) -> Iterator[Error]:
    base, path, where = at
    first = len(schema.get("prefixItems", ()))
    if not isinstance(value, list) or len(value) <= first:
        return
    if said is False:
        yield _error(value, said, schema, at)
        return
    for place in range(first, len(value)):
        yield from walk.errors(value[place], said, base, (*path, place), where)


def _any(walk: _Walk, value: Any, said: Any, schema: Schema, at: _At) -> Iterator[Error]:
    base, path, _ = at
    found: list[Error] = []
    for place, branch in enumerate(said):
        of_branch = list(walk.errors(value, branch, (*base, *path), (), (place,)))
        if not of_branch:
            return
        found += of_branch
    yield _error(value, said, schema, at, context=tuple(found))


def _one(walk: _Walk, value: Any, said: Any, schema: Schema, at: _At) -> Iterator[Error]:
    fitting = sum(walk.fits(value, branch) for branch in said)
    if fitting == 0:
        yield from _any(walk, value, said, schema, at)
    elif fitting > 1:
        yield _error(value, said, schema, at)


def _all(walk: _Walk, value: Any, said: Any, _schema: Schema, at: _At) -> Iterator[Error]:
    base, path, where = at
    for place, branch in enumerate(said):
        yield from walk.errors(value, branch, base, path, (*where, place))


def _not(walk: _Walk, value: Any, said: Any, schema: Schema, at: _At) -> Iterator[Error]:
    if walk.fits(value, said):
        yield _error(value, said, schema, at, message=f"{value!r} should not be valid under {said!r}")


_NUMBER = (int, float)
_KEYWORDS: dict[str, _Keyword] = {
    "$ref": _reference,
    "type": _simple(object, _has_type),
    "enum": _simple(object, lambda value, said: any(equal(value, one) for one in said)),
    "const": _simple(object, equal),
    "minimum": _simple(_NUMBER, lambda value, said: not value < said),
    "maximum": _simple(_NUMBER, lambda value, said: not value > said),
    "exclusiveMinimum": _simple(_NUMBER, lambda value, said: not value <= said),
    "exclusiveMaximum": _simple(_NUMBER, lambda value, said: not value >= said),
    "multipleOf": _simple(_NUMBER, is_multiple),
    "minLength": _simple(str, lambda value, said: len(value) >= said),
    "maxLength": _simple(str, lambda value, said: len(value) <= said),
    "pattern": _simple(str, lambda value, said: re.search(said, value) is not None),
    "format": _simple(str, _in_format),
    "minItems": _simple(list, lambda value, said: len(value) >= said),
    "maxItems": _simple(list, lambda value, said: len(value) <= said),
    "uniqueItems": _simple(list, _all_differ),
    "minProperties": _simple(dict, lambda value, said: len(value) >= said),
    "maxProperties": _simple(dict, lambda value, said: len(value) <= said),
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional,
    "propertyNames": _names,
    "required": _required,
    "prefixItems": _first_items,
    "items": _items,
    "anyOf": _any,
    "oneOf": _one,
    "allOf": _all,
    "not": _not,
}
