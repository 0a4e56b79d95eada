"""The way of any value: the user's own function or hook first, then what we know, then a bounded ``repr``."""

from __future__ import annotations

from typing import Any

from .brief import asked_repr
from .callables import tell_attributes
from .classes import class_name, exactly, lookup, overrides, plain, type_name
from .containers import tell_enum, tell_fields
from .deadline import Unanswered
from .fields import enum_member, fields_of, is_named_tuple
from .fitting import MARGIN, cut
from .registry import Known, UserTell, find
from .scalars import scalar
from .task import USERS_SHARE, Telling
from .titles import kind_of

# A repr of many pages says little more than its beginning.
_MOST_REPR = 20_000


def tell(value: Any, telling: Telling) -> str:
    """Return the description of ``value``, not yet cut to the budget."""
    if not exactly(value, str, bytes, bytearray):
        short = scalar(value, telling.room)
        if short is not None:
            return short
    cls = type(value)
    found = find(cls)
    if found is not None and not isinstance(found, Known):
        return _by_user(found, value, telling)
    if enum_member(value) is not None:
        return tell_enum(value, telling)
    fields = fields_of(value)
    if fields is not None and not is_named_tuple(cls):
        return tell_fields(f"{class_name(cls)} (data class) with fields", fields, telling)
    if found is None or (found.literal and overrides(cls, found.base, "__repr__") and fields is None):
        return _unknown(value, found, telling)
    return _foreign(found, value, telling) if found.foreign else found.tell(value, telling)


def _by_user(function: UserTell, value: Any, telling: Telling) -> str:
    def take() -> str:
        text = function(value, telling.tokens)
        if not issubclass(type(text), str):
            msg = f"returned {type_name(text)}, not str"
            raise Unanswered(msg)
        return plain(text, telling.room + MARGIN)

    try:
        return telling.ask(take, type(value), share=USERS_SHARE)
    except Unanswered as reason:
        telling.unanswered[id(value)] = f"its own description {reason}"
        return f"{type_name(value)} ({telling.unanswered[id(value)]})"


def _foreign(found: Known, value: Any, telling: Telling) -> str:
    def take() -> str:
        return found.tell(value, telling)

    try:
        return telling.ask(take, type(value), share=1)
    except Unanswered as reason:
        telling.unanswered[id(value)] = f"its description {reason}"
        return f"{kind_of(value, telling)} ({telling.unanswered[id(value)]})"


def _unknown(value: Any, found: Known | None, telling: Telling) -> str:
    if lookup(type(value), "__repr__") is object.__repr__:
        return tell_attributes(value, telling)
    title = kind_of(value, telling) if found is not None else type_name(value)
    text = asked_repr(value, min(telling.room - len(title) - 8, _MOST_REPR), telling, share=USERS_SHARE)
    # A repr that begins with the type's name needs no title.
    if text.lstrip("<").startswith(type_name(value)):
        return text
    return f"{title}: {cut(text, telling.room)}"
