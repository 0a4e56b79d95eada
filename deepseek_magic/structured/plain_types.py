"""Write the JSON Schema of plain Python types without pydantic, which is slow to load.

It is equal, to the letter, to the one that `deepseek_magic.structured.python_types` writes: the digest of a request
must not depend on which of the two wrote its schemas.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Collection, Mapping
from typing import Any

from .schema import Schema

_SCALARS: dict[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
}
_DEEP = 20


def arguments_schema(hints: Mapping[str, Any], optional: Collection[str]) -> Schema | None:
    """Return the JSON Schema of the arguments of a function; ``None`` if the type of one is not a plain type.

    Args:
        hints: the type of each argument.
        optional: the names of the arguments that have a default.
    """
    properties: dict[str, Schema] = {}
    for name, hint in hints.items():
        schema = None if name.startswith("_") else _schema(hint, _DEEP)
        if schema is None:
            return None
        properties[name] = schema
    required = [name for name in hints if name not in optional]
    named = {"type": "object", "properties": properties}
    return {**named, **({"required": required} if required else {}), "additionalProperties": False}


def _schema(hint: Any, depth: int) -> Schema | None:
    """Return the JSON Schema of ``hint``; ``None`` if it is not a plain type."""
    if hint is Any:
        return {}
    if hint is None or (isinstance(hint, type) and hint in _SCALARS):
        return dict(_SCALARS[type(None) if hint is None else hint])
    if hint is list or hint is dict:
        return {"type": "array", "items": {}} if hint is list else {"type": "object", "additionalProperties": True}
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if not depth or origin is None:
        return None
    if origin is list and len(args) == 1:
        items = _schema(args[0], depth - 1)
        return None if items is None else {"type": "array", "items": items}
    if origin is dict and len(args) == 2 and args[0] is str:
        values = _schema(args[1], depth - 1)
        return None if values is None else {"type": "object", "additionalProperties": values or True}
    if origin is typing.Literal and all(type(one) is str for one in args):
        return {"type": "string", "enum": list(args)}
    return _union(args, depth - 1) if origin in (typing.Union, types.UnionType) else None


def _union(args: tuple[Any, ...], depth: int) -> Schema | None:
    last = sorted(args, key=lambda one: one is type(None))  # pydantic names null last
    parts = [part for part in (_schema(one, depth) for one in last) if part]
    alike = any(one == other for place, one in enumerate(parts) for other in parts[:place])
    return {"anyOf": parts} if len(parts) == len(args) and not alike else None
