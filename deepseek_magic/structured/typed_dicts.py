"""Let pydantic read `typing.TypedDict` on Python 3.10 and 3.11, where it accepts only that of typing_extensions."""

from __future__ import annotations

import sys
import threading
import types
import typing
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any


class _Standard(typing.TypedDict):
    """A TypedDict that pydantic refuses; only its metaclass is used."""


_building = threading.RLock()
_HOOK = "__get_pydantic_core_schema__"


@contextmanager
def readable_typed_dicts(names: Mapping[str, Any]) -> Iterator[None]:
    """Let pydantic read every TypedDict inside the ``with`` block, however deep in a type it is.

    Args:
        names: the namespace in which string annotations are resolved, besides the module of their class.
    """
    if sys.version_info >= (3, 12):
        yield
        return
    rebuilt: dict[Any, Any] = {}

    def schema(cls: Any, source: Any, handler: Any) -> Any:
        if cls not in rebuilt:
            rebuilt[cls] = _rebuilt(cls, names)
        made = rebuilt[cls]
        return handler.generate_schema(made[typing.get_args(source)] if typing.get_args(source) else made)

    metaclass: Any = type(_Standard)
    with _building:  # another thread would remove the hook, or resolve names in this namespace
        setattr(metaclass, _HOOK, schema)
        try:
            yield
        finally:
            delattr(metaclass, _HOOK)


def _rebuilt(cls: Any, names: Mapping[str, Any]) -> Any:
    """Return ``cls`` as a TypedDict of typing_extensions, with the same required and optional keys."""
    import typing_extensions  # comes with pydantic

    hints = typing.get_type_hints(cls, localns=dict(names) or None, include_extras=True)
    keys = {
        key: hint if key in cls.__required_keys__ or _is_qualified(hint) else typing_extensions.NotRequired[hint]
        for key, hint in hints.items()
    }
    generic: Any = typing.Generic
    parameters = getattr(cls, "__parameters__", ())
    bases = (typing_extensions.TypedDict, *((generic[parameters],) if parameters else ()))
    body = {"__annotations__": keys, "__doc__": cls.__doc__, "__module__": cls.__module__}
    return types.new_class(cls.__name__, bases, {}, lambda namespace: namespace.update(body))


def _is_qualified(hint: Any) -> bool:
    """Return whether ``hint`` itself says that its key is required or not (``Required``, ``NotRequired``)."""
    while origin := typing.get_origin(hint):
        if getattr(origin, "_name", None) in ("Required", "NotRequired"):
            return True
        if origin is not typing.Annotated and getattr(origin, "_name", None) != "ReadOnly":
            return False
        hint = typing.get_args(hint)[0]
    return False
