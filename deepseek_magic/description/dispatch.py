"""Choose how a value is described: by the user's function or hook, else by ours, else by a bounded ``repr``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from .brief import as_text, own_repr
from .callables import describe_attributes
from .classes import class_name, exactly, lookup, overrides, plain, type_name
from .containers import describe_enum, describe_fields
from .deadline import Unanswered
from .fields import enum_member, fields_of
from .fitting import cut
from .registry import KnownType, find
from .scalars import numpy_type, scalar
from .task import MARGIN, USERS_SHARE, Task
from .titles import kind_of

# The longest repr, in characters, that is shown: the rest of a longer one adds little.
_MOST_REPR = 20_000


def describe_value(value: Any, task: Task) -> str:
    """Return the description of ``value``, before it is cut to the budget."""
    if not exactly(value, str, bytes, bytearray):
        short = scalar(value, task.room)
        if short is not None:
            return f"{short}{numpy_type(value)}"
    cls = type(value)
    found = find(cls)
    if found is not None and not isinstance(found, KnownType):
        function = found

        def own() -> str:
            return plain(as_text(function(value, task.tokens)), task.room + MARGIN)

        return _in_time(own, value, task, "its own description", USERS_SHARE)
    if enum_member(value) is not None:
        return describe_enum(value, task)
    fields = fields_of(value)
    if fields is not None and not issubclass(cls, tuple):
        kind = "data class" if lookup(cls, "__dataclass_fields__") is not None else "pydantic model"
        return describe_fields(f"{class_name(cls)} ({kind}) with fields", fields, task)
    if found is None or (found.literal and overrides(cls, found.base, "__repr__") and fields is None):
        return _unknown(value, found, task)
    describe = partial(found.describe, value, task)
    return _in_time(describe, value, task, "its description", 1) if found.foreign else describe()


def _in_time(function: Callable[[], str], value: Any, task: Task, what: str, share: float) -> str:
    try:
        return task.ask(function, type(value), share=share)
    except Unanswered as reason:
        task.unanswered[id(value)] = f"{what} {reason}"
        return f"{kind_of(value, task)} ({task.unanswered[id(value)]})"


def _unknown(value: Any, found: KnownType | None, task: Task) -> str:
    title = kind_of(value, task) if found is not None else type_name(value)
    text = own_repr(value, min(task.room - len(title) - 8, _MOST_REPR), task, share=USERS_SHARE)
    if not text:
        return describe_attributes(value, task)
    # A repr that begins with the type's name needs no title.
    if text.lstrip("<").startswith(type_name(value)):
        return text
    return f"{title}: {cut(text, task.room)}"
