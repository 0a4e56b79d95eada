"""From Python's type hints to JSON Schema; every class becomes a definition that its uses refer to."""

from __future__ import annotations

import collections.abc
import dataclasses
import datetime
import decimal
import enum
import inspect
import json
import pathlib
import re
import types
import typing
import uuid
from collections.abc import Mapping
from typing import Any

from deepseek_magic.errors import OptionError
from deepseek_magic.text import one_line

PLAIN: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    None: {"type": "null"},
    type(None): {"type": "null"},
    Any: {},
    object: {},
    decimal.Decimal: {"type": ["string", "number"], "format": "decimal"},
    datetime.datetime: {"type": "string", "format": "date-time"},
    datetime.date: {"type": "string", "format": "date"},
    datetime.time: {"type": "string", "format": "time"},
    uuid.UUID: {"type": "string", "format": "uuid"},
    pathlib.Path: {"type": "string"},
    dict: {"type": "object"},
    list: {"type": "array"},
    tuple: {"type": "array"},
    set: {"type": "array", "uniqueItems": True},
    frozenset: {"type": "array", "uniqueItems": True},
}
LISTS: tuple[Any, ...] = (
    list,
    collections.abc.Sequence,
    collections.abc.MutableSequence,
    collections.abc.Iterable,
    collections.abc.Collection,
)
SETS = (set, frozenset, collections.abc.Set, collections.abc.MutableSet)
MAPPINGS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)
_REFERENCE = re.compile(r'"#/\$defs/([^"]+)"')
_BOUNDS = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
    "multiple_of": "multipleOf",
}
_LENGTHS = {"min_length": ("minLength", "minItems"), "max_length": ("maxLength", "maxItems")}
_ACCEPTED = (
    "a JSON Schema, a dataclass, TypedDict, NamedTuple, Enum or pydantic model, str, int, float, bool, a date or time, "
    "or a list, dict, tuple, set, Literal or union of these"
)


def is_typed_dict(kind: Any) -> bool:
    """Whether ``kind`` is a TypedDict of the standard library or of typing_extensions."""
    return isinstance(kind, type) and issubclass(kind, dict) and hasattr(kind, "__total__")


def is_named_tuple(kind: Any) -> bool:
    """Whether ``kind`` is a NamedTuple."""
    return isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields")


def is_model(kind: Any) -> bool:
    """Whether ``kind`` is a model of pydantic 2, told by its methods."""
    return isinstance(kind, type) and callable(getattr(kind, "model_json_schema", None))


def is_union(origin: Any) -> bool:
    """Whether ``origin`` is that of ``Optional``, ``Union`` or ``X | Y``."""
    return origin is typing.Union or origin is types.UnionType


def unwrapped(hint: Any) -> tuple[Any, list[Any]]:
    """``hint`` without ``Annotated``, ``Required`` and the like, new types resolved, and what was annotated."""
    extras: list[Any] = []
    while True:
        origin = typing.get_origin(hint)
        if origin is typing.Annotated:
            extras = [*hint.__metadata__, *extras]
            hint = hint.__origin__
        elif getattr(origin, "_name", None) in ("Required", "NotRequired", "ReadOnly", "Final"):
            hint = typing.get_args(hint)[0]
        elif hasattr(hint, "__supertype__"):
            hint = hint.__supertype__
        elif type(hint).__name__ == "TypeAliasType":
            hint = hint.__value__
        elif isinstance(hint, typing.TypeVar):
            hint = hint.__bound__ or Any
        else:
            return hint, extras


def fields(kind: Any, names: Mapping[str, Any]) -> dict[str, tuple[Any, bool, str]]:
    """The fields of a dataclass, TypedDict or NamedTuple: type, whether it is required, description.

    Raises:
        OptionError: an annotation names something that is not known.
    """
    try:
        hints = typing.get_type_hints(kind, localns=dict(names) or None, include_extras=True)
    except (NameError, TypeError, AttributeError, SyntaxError) as error:
        msg = f"the annotations of {kind.__name__} cannot be read: {one_line(str(error), 200)}"
        raise OptionError(msg) from None
    if dataclasses.is_dataclass(kind):
        missing = dataclasses.MISSING
        return {
            field.name: (
                hints[field.name],
                field.default is missing and field.default_factory is missing,
                str(field.metadata.get("description", "")),
            )
            for field in dataclasses.fields(kind)
            if field.init
        }
    if is_named_tuple(kind):
        return {name: (hints.get(name, Any), name not in kind._field_defaults, "") for name in kind._fields}
    return {name: (hint, _required(hint, name in kind.__required_keys__), "") for name, hint in hints.items()}


def _required(hint: Any, default: bool) -> bool:
    """Whether a key of a TypedDict is required; annotations that are text hide that from the class itself."""
    while (name := getattr(typing.get_origin(hint), "_name", None)) or typing.get_origin(hint) is typing.Annotated:
        if name in ("Required", "NotRequired"):
            return bool(name == "Required")
        hint = typing.get_args(hint)[0]
    return default


class Hints:
    """Makes schemas; ``definitions`` are those of the classes it came across, by name."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self.definitions: dict[str, dict[str, Any]] = {}
        self._names = names
        self._known: dict[Any, str] = {}

    def schema(self, hint: Any) -> dict[str, Any]:
        """The schema of one type.

        Raises:
            OptionError: none can be made of it.
        """
        hint, extras = unwrapped(hint)
        made = self._schema(hint)
        for extra in extras:
            made.update(_annotated(extra, made))
        return made

    def _schema(self, hint: Any) -> dict[str, Any]:
        if isinstance(hint, Mapping):
            return dict(hint)
        origin, args = typing.get_origin(hint), typing.get_args(hint)
        if origin is None and isinstance(hint, collections.abc.Hashable) and hint in PLAIN:
            return dict(PLAIN[hint])
        if origin is None or not args:
            return self._class(hint)
        if origin is typing.Literal:
            return _choice([one.value if isinstance(one, enum.Enum) else one for one in args])
        if is_union(origin):
            return {"anyOf": [self.schema(one) for one in args]}
        if origin is tuple:
            return self._tuple(args)
        if origin in LISTS:
            return {"type": "array", "items": self.schema(args[0])}
        if origin in SETS:
            return {"type": "array", "items": self.schema(args[0]), "uniqueItems": True}
        if origin in MAPPINGS:
            return self._mapping(*args)
        return self._class(origin)

    def _tuple(self, args: tuple[Any, ...]) -> dict[str, Any]:
        if len(args) == 2 and args[1] is Ellipsis:
            return {"type": "array", "items": self.schema(args[0])}
        items = [self.schema(one) for one in args]
        return {"type": "array", "prefixItems": items, "items": False, "minItems": len(items), "maxItems": len(items)}

    def _mapping(self, key: Any, value: Any) -> dict[str, Any]:
        made: dict[str, Any] = {"type": "object", "additionalProperties": self.schema(value)}
        named = self.schema(key)
        if "$ref" in named:
            named = self.definitions[named["$ref"].removeprefix("#/$defs/")]
        if key is int:
            made["propertyNames"] = {"pattern": "^-?[0-9]+$"}
        elif named.get("enum") and all(isinstance(one, str) for one in named["enum"]):
            made["propertyNames"] = {"enum": named["enum"]}
        elif named.get("type") != "string":
            self._refuse(key, "as the keys of a dict (JSON has texts alone)")
        return made

    def _class(self, kind: Any) -> dict[str, Any]:
        if not isinstance(kind, type):
            self._refuse(kind)
        if kind in self._known:
            return {"$ref": f"#/$defs/{self._known[kind]}"}
        known = dataclasses.is_dataclass(kind) or is_typed_dict(kind) or is_named_tuple(kind)
        if not (known or is_model(kind) or issubclass(kind, enum.Enum)):
            self._refuse(kind)
        name, number = kind.__name__, 2
        while name in self.definitions:
            name, number = f"{kind.__name__}{number}", number + 1
        self._known[kind] = name
        self.definitions[name] = {}
        if is_model(kind):
            self._model(kind, name)
        elif issubclass(kind, enum.Enum):
            self.definitions[name].update({**_choice(enum_values(kind)), **_described(kind)})
        else:
            self.definitions[name].update(self._object(kind))
        return {"$ref": f"#/$defs/{name}"}

    def _object(self, kind: type) -> dict[str, Any]:
        properties: dict[str, Any] = {}
        required = []
        for name, (hint, needed, description) in fields(kind, self._names).items():
            properties[name] = self.schema(hint)
            if description:
                properties[name]["description"] = description
            if needed:
                required.append(name)
        made: dict[str, Any] = {"type": "object", **_described(kind), "properties": properties}
        return {**made, "required": required, "additionalProperties": False}

    def _model(self, kind: Any, name: str) -> None:
        """A pydantic model makes its own schema; its definitions move to ours, renamed where they would collide."""
        made = json.loads(json.dumps(kind.model_json_schema()))
        inner = made.pop("$defs", {})
        moved: dict[str, str] = {}
        if made.keys() == {"allOf"} and len(made["allOf"]) == 1:  # how pydantic before 2.9 wrote a reference
            (made,) = made["allOf"]
        if isinstance(made.get("$ref"), str):  # a model that holds itself is among its own definitions
            own = made["$ref"].removeprefix("#/$defs/")
            moved[own] = name
            made = inner.pop(own)
        for one in inner:
            moved[one] = one if one not in self.definitions else f"{name}.{one}"
        text = json.dumps({name: made, **{moved[one]: schema for one, schema in inner.items()}})
        self.definitions.update(
            json.loads(_REFERENCE.sub(lambda found: f'"#/$defs/{moved.get(found[1], found[1])}"', text))
        )

    def _refuse(self, hint: Any, how: str = "in a schema") -> typing.NoReturn:
        name = getattr(hint, "__name__", None) or repr(hint)
        msg = f"{one_line(str(name), 80)} cannot be used {how}: expected {_ACCEPTED}"
        raise OptionError(msg)


def enum_values(kind: type[enum.Enum]) -> list[Any]:
    """What stands for each member in JSON: its value, or its name where one of the values is no JSON."""
    values = [member.value for member in kind]
    plain = all(isinstance(value, (str, int, float, bool)) for value in values)
    return values if plain else [member.name for member in kind]


def _choice(values: list[Any]) -> dict[str, Any]:
    kinds = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
    for value in values:
        if type(value) not in kinds and not isinstance(value, (str, int, float)):
            msg = f"{one_line(repr(value), 80)} cannot be a choice in JSON: expected a text, number, bool or None"
            raise OptionError(msg)
    used = {kinds.get(type(value)) for value in values}
    alike = len(used) == 1 and None not in used
    return {**({"type": used.pop()} if alike else {}), "enum": json.loads(json.dumps(values))}


def _described(kind: type) -> dict[str, str]:
    """The docstring that somebody wrote for ``kind``; those that Python makes itself say nothing."""
    said = inspect.cleandoc(kind.__dict__.get("__doc__") or "")
    made = said.startswith(f"{kind.__name__}(") or said in ("An enumeration.", "") or said == dict.__doc__
    return {} if made else {"description": said}


def _annotated(extra: Any, made: dict[str, Any]) -> dict[str, Any]:
    """The keywords that one piece of ``Annotated`` stands for; those of annotated_types and pydantic are known."""
    if isinstance(extra, str):
        return {"description": extra}
    if isinstance(extra, Mapping):
        return dict(extra)
    said = getattr(extra, "documentation", None) or getattr(extra, "description", None)
    keywords: dict[str, Any] = {"description": said} if isinstance(said, str) else {}
    for name, keyword in _BOUNDS.items():
        if isinstance(getattr(extra, name, None), (int, float)):
            keywords[keyword] = getattr(extra, name)
    for name, (of_text, of_list) in _LENGTHS.items():
        if isinstance(getattr(extra, name, None), int):
            keywords[of_list if made.get("type") == "array" else of_text] = getattr(extra, name)
    return keywords
