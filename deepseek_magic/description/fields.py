"""Read the fields of objects: dataclasses, named tuples, enumerations, plain objects. No property is run."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from itertools import islice
from types import FunctionType
from typing import Any

from .classes import attribute, exactly, instance_dict, lookup, module_of, mro, namespace, plain

Fields = list[tuple[str, Any]]
_MOST_FIELDS = 200
_MISSING = object()
# Attributes that a client sends with every request: they may hold a key under any name.
_CREDENTIALS = {"auth", "authorization", "cookies", "headers", "default_headers", "custom_headers"}


def fields_of(value: Any) -> Fields | None:
    """Return names and values of the fields of a dataclass, a pydantic model or a named tuple, else ``None``.

    Also ``None`` for a class with a ``__repr__`` of its own. Fields that the repr hides are left out, because the
    author may have meant to hide a password.
    """
    cls = type(value)
    declared = lookup(cls, "__dataclass_fields__")
    if type(declared) is dict:
        return _data_class(value, declared) if _has_generated_repr(cls) else None
    declared = lookup(cls, "__pydantic_fields__")
    if type(declared) is dict:
        return _data_class(value, declared) if module_of(_definer(cls, "__repr__")).startswith("pydantic.") else None
    names = lookup(cls, "_fields")
    if issubclass(cls, tuple) and type(names) is tuple and lookup(cls, "_field_defaults") is not None:
        held = tuple.__getitem__(value, slice(_MOST_FIELDS))
        return [(plain(name), item) for name, item in zip(names, held, strict=False) if type(name) is str]
    return None


def _data_class(value: object, declared: dict[str, Any]) -> Fields:
    found: Fields = []
    for name, field in islice(dict.items(declared), _MOST_FIELDS):
        if attribute(field, "repr", default=True) is not True:
            continue
        # ClassVar and InitVar are declared as well, but the object does not hold them.
        held = attribute(value, name, _MISSING)
        if held is not _MISSING:
            found.append((plain(name), held))
    return found


def _definer(cls: type, name: str) -> type:
    return next((base for base in mro(cls) if name in namespace(base)), object)


def _has_generated_repr(cls: type) -> bool:
    function = lookup(cls, "__repr__")
    inner = instance_dict(function).get("__wrapped__", function)
    code = getattr(inner, "__code__", None) if type(inner) is FunctionType else None
    return code is not None and code.co_filename == "<string>"


def enum_member(value: object) -> tuple[str, Any] | None:
    """Return name and value of a member of an enumeration, else ``None``."""
    if not any(base is enum.Enum for base in mro(type(value))):
        return None
    name = attribute(value, "_name_")
    return (plain(name) or "(unnamed)", attribute(value, "_value_"))


def attributes_of(value: object) -> Fields:
    """Return names and values of the attributes that ``value`` itself holds, including those in slots.

    They are the public ones, and those with an underscore that a property without it returns; if there are none, all
    with one underscore. Headers and logins are left out.
    """
    held = instance_dict(value)
    found = [(plain(name), item) for name, item in islice(dict.items(held), _MOST_FIELDS) if type(name) is str]
    for base in mro(type(value)):
        slots = namespace(base).get("__slots__", ())
        names = (slots,) if type(slots) is str else slots if exactly(slots, tuple, list) else ()
        for name in names[:_MOST_FIELDS]:
            item = attribute(value, name, _MISSING) if type(name) is str else _MISSING
            if item is not _MISSING:
                found.append((name, item))
    shown = [(name, item) for name, item in found if "__" not in name and name.strip("_") not in _CREDENTIALS]
    if all(name.startswith("_") for name, _ in shown):
        return shown
    cls = type(value)
    return [each for each in shown if not each[0].startswith("_") or type(lookup(cls, each[0][1:])) is property]


def public_methods(space: Mapping[str, Any]) -> list[str]:
    """Return the names of the public functions that a class with the namespace ``space`` defines."""
    kinds = (FunctionType, staticmethod, classmethod, property)
    return [plain(name) for name, item in space.items() if not plain(name).startswith("_") and exactly(item, *kinds)]
