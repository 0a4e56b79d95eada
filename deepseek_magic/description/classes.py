"""Inspect a class or an object without running any of its code.

A metaclass may override attribute access, hashing and comparison, and a class may lie about its name. So everything
here uses the slots of ``type`` and ``object``.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import GetSetDescriptorType, MemberDescriptorType, ModuleType
from typing import Any

from deepseek_magic.text import one_line

_MRO = type.__dict__["__mro__"].__get__
_NAMESPACE = type.__dict__["__dict__"].__get__
_BASES = type.__dict__["__bases__"].__get__
_MODULE = type.__dict__["__module__"].__get__
_QUALNAME = type.__dict__["__qualname__"].__get__


def mro(cls: type) -> tuple[type, ...]:
    """Return the classes in which attributes of ``cls`` are looked up, in order."""
    found: tuple[type, ...] = _MRO(cls)
    return found


def namespace(cls: type) -> Mapping[str, Any]:
    """Return what ``cls`` itself defines."""
    found: Mapping[str, Any] = _NAMESPACE(cls)
    return found


def bases_of(cls: type) -> tuple[type, ...]:
    """Return the direct base classes of ``cls``."""
    found: tuple[type, ...] = _BASES(cls)
    return found


def plain(text: Any, limit: int = 200) -> str:
    """Return the start of ``text`` as an exact `str`, whose methods are not overridden; "" if it is not a string."""
    return str.__getitem__(text, slice(limit)) if issubclass(type(text), str) else ""


def label(text: Any, limit: int = 80) -> str:
    """Return ``text`` on one line of at most ``limit`` characters, or "" if it is not a string."""
    return one_line(plain(text), limit)


def module_of(cls: type) -> str:
    """Return the module name of ``cls``; "" if it is not a sensible name."""
    try:
        return plain(_MODULE(cls))
    except Exception:  # noqa: BLE001 - a class may lack the attribute; what follows needs a name, not a reason
        return ""


def qualname(cls: type) -> str:
    """Return the qualified name of ``cls`` as it is."""
    return plain(_QUALNAME(cls))


def dotted(cls: type) -> str:
    """Return ``module.QualName``, as it is: for comparison, not for display."""
    return f"{module_of(cls)}.{qualname(cls)}"


def class_name(cls: type) -> str:
    """Return the name of ``cls`` for people: short, on one line, without control characters."""
    return one_line(qualname(cls).rpartition("<locals>.")[2], 60) or "unnamed class"


def type_name(value: object) -> str:
    """Return the name of the class of ``value`` for people."""
    return class_name(type(value))


def exactly(value: object, *kinds: type) -> bool:
    """Return whether the class of ``value`` is one of ``kinds``, not a subclass.

    By identity: ``type(value) in (…)`` compares classes, which a metaclass may take part in.
    """
    cls = type(value)
    for kind in kinds:  # noqa: SIM110  # a generator takes three times as long, and this runs for each item of a list
        if cls is kind:
            return True
    return False


def is_real(cls: type) -> bool:
    """Return whether ``cls`` is what its module holds under its name, and not another class of that name."""
    place: Any = sys.modules.get(module_of(cls))
    for part in qualname(cls).split("."):
        if issubclass(type(place), ModuleType):
            place = instance_dict(place).get(part)
        elif issubclass(type(place), type):
            place = namespace(place).get(part)
        else:
            return False
    return place is cls


def lookup(cls: type, name: str) -> Any:
    """Return the unbound attribute ``name`` of ``cls`` or of a base class; ``None`` if there is none."""
    for base in mro(cls):
        space = namespace(base)
        if name in space:
            return space[name]
    return None


def overrides(cls: type, base: type, *names: str) -> bool:
    """Return whether a class between ``cls`` and its base ``base`` defines one of ``names``."""
    for each in mro(cls):
        if each is base:
            return False
        if any(name in namespace(each) for name in names):
            return True
    return False


def instance_dict(value: object) -> dict[str, Any]:
    """Return the instance attributes of ``value``; an empty ``dict`` if it has none, or hides them."""
    for base in mro(type(value)):
        slot: Any = namespace(base).get("__dict__")
        # A property named __dict__ would run the user's code; the real slot has one of these two types.
        if exactly(slot, GetSetDescriptorType, MemberDescriptorType):
            try:
                found = slot.__get__(value)
            except Exception:  # noqa: BLE001 - the slot of a foreign C type may refuse
                return {}
            return found if issubclass(type(found), dict) else {}
    return {}


def attribute(value: object, name: str, default: Any = None) -> Any:
    """Return the attribute ``name`` of ``value``, from its dictionary or a slot, without running a property."""
    held = instance_dict(value)
    if dict.__contains__(held, name):
        return dict.__getitem__(held, name)
    slot: Any = lookup(type(value), name)
    if type(slot) is MemberDescriptorType:
        try:
            return slot.__get__(value)
        except AttributeError:
            return default
    return default
