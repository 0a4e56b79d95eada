"""Build what the user named (dataclasses, enums, dates, models) from a JSON value that fits its schema."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import pathlib
import typing
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from deepseek_magic.errors import DeepSeekError
from deepseek_magic.text import one_line, words_of

from . import formats
from .checking import validator
from .hints import (
    LISTS,
    MAPPINGS,
    PLAIN,
    SETS,
    enum_values,
    fields,
    is_model,
    is_named_tuple,
    is_typed_dict,
    is_union,
    unwrapped,
)
from .problem import Misfit, Path, Problem, quoted
from .schema import schema_of

_READERS: dict[Any, Callable[[Any], Any]] = {
    float: float,
    int: int,
    decimal.Decimal: formats.number,
    datetime.datetime: formats.moment,
    datetime.date: formats.day,
    datetime.time: formats.clock,
    uuid.UUID: uuid.UUID,
    pathlib.Path: pathlib.Path,
    set: set,
    frozenset: frozenset,
    tuple: tuple,
}


def to_value(value: Any, spec: Any, names: Mapping[str, Any] | None = None, path: Path = ()) -> Any:
    """What ``spec`` stands for, made of ``value``.

    Args:
        value: a JSON value in which `validate` found no problem.
        spec: what its schema was made of; for a JSON Schema the value stays as it is.
        names: as in `schema_of`.
        path: where ``value`` stands in the reply.

    A union gives the first of its types that the value fits.

    Raises:
        Misfit: a class refuses its values (``__post_init__``, a validator of pydantic), or a value cannot be read.
            Whatever such code raises, a stop by the user excepted, becomes one.
    """
    if isinstance(spec, Mapping):
        return value
    return _attempt(lambda given: _Builder(names or {}).build(given, spec, path), path, value)


class _Builder:
    def __init__(self, names: Mapping[str, Any]) -> None:
        self._names = names
        self._validators: dict[int, tuple[Any, Any]] = {}
        self._hints: dict[Any, dict[str, Any]] = {}

    def build(self, value: Any, hint: Any, path: Path) -> Any:
        hint, _ = unwrapped(hint)
        origin, args = typing.get_origin(hint), typing.get_args(hint)
        if is_union(origin):
            return self.build(value, self._branch(value, args), path)
        if origin is typing.Literal:
            return _literal(value, args)
        if isinstance(value, list):
            return self._list(value, hint, origin, args, path)
        if isinstance(value, dict) and origin in MAPPINGS:
            return self._mapping(value, args, path)
        kind = origin or hint
        if isinstance(kind, type) and (isinstance(value, dict) or issubclass(kind, enum.Enum)):
            return self._made(value, kind, path)
        reader = _READERS.get(kind) if isinstance(kind, type) else None
        return _read(reader, kind, value, path) if reader and value is not None else value

    def _mapping(self, value: dict[str, Any], args: tuple[Any, ...], path: Path) -> dict[Any, Any]:
        made: dict[Any, Any] = {}
        for name, one in value.items():
            place = (*path, name)
            try:
                key = self.build(name, args[0], place)
            except Misfit as error:
                raise Misfit(replace(each, expected=f"as a key {each.expected}") for each in error.problems) from error
            if key in made:
                raise Misfit([Problem("shape", "each key once", f"{quoted(name)}, which equals an earlier one", place)])
            made[key] = self.build(one, args[1], place)
        return made

    def _branch(self, value: Any, args: tuple[Any, ...]) -> Any:
        """The first of ``args`` that the value fits; with one beside ``None`` it can be no other."""
        rest = [hint for hint in args if hint is not type(None)]
        if value is None or len(rest) == 1:
            return rest[0] if value is not None else Any
        for hint in rest:
            if id(hint) not in self._validators:
                self._validators[id(hint)] = (hint, validator(schema_of(hint, self._names)))
            if self._validators[id(hint)][1].is_valid(value):
                return hint
        return Any

    def _list(self, value: list[Any], hint: Any, origin: Any, args: tuple[Any, ...], path: Path) -> Any:
        if origin is tuple and not (len(args) == 2 and args[1] is Ellipsis):
            pairs = zip(value, args, strict=False)
            return tuple(self.build(one, part, (*path, number)) for number, (one, part) in enumerate(pairs))
        if origin is tuple or origin in LISTS or origin in SETS:
            made = [self.build(one, args[0], (*path, number)) for number, one in enumerate(value)]
            return _attempt(_collection(origin), path, made)
        reader = _READERS.get(hint) if isinstance(hint, type) else None
        return _attempt(reader, path, value) if reader else value

    def _made(self, value: Any, kind: Any, path: Path) -> Any:
        if issubclass(kind, enum.Enum):
            members = dict(zip(map(_tagged, enum_values(kind)), kind, strict=True))
            return members.get(_tagged(value), value)
        if is_model(kind):
            return _attempt(kind.model_validate, path, value)
        if not (dataclasses.is_dataclass(kind) or is_typed_dict(kind) or is_named_tuple(kind)):
            return value
        if kind not in self._hints:
            self._hints[kind] = {key: hint for key, (hint, _, _) in fields(kind, self._names).items()}
        hints = self._hints[kind]
        made = {key: self.build(one, hints.get(key, Any), (*path, key)) for key, one in value.items()}
        return made if is_typed_dict(kind) else _attempt(lambda given: kind(**given), path, made)


def _collection(origin: Any) -> Callable[[list[Any]], Any]:
    if origin is tuple:
        return tuple
    if origin in SETS:
        return frozenset if origin is frozenset else set
    return list


def _tagged(value: Any) -> tuple[bool, Any]:
    """``value`` so that ``True`` and ``1`` differ."""
    return isinstance(value, bool), value


def _literal(value: Any, args: tuple[Any, ...]) -> Any:
    return next((one for one in args if isinstance(one, enum.Enum) and one.value == value), value)


def _read(reader: Callable[[Any], Any], kind: Any, value: Any, path: Path) -> Any:
    """What ``reader`` makes of a scalar for the type ``kind``."""
    try:
        return reader(value)
    except Exception as error:
        form = PLAIN.get(kind, {}).get("format", "")
        like = f", like {formats.EXAMPLES[form]}" if form in formats.EXAMPLES else ""
        expected = f"a text in the format {form}{like}" if form else f"what {kind.__name__} accepts"
        raise Misfit([Problem("shape", expected, quoted(value), path)]) from error


def _attempt(make: Callable[[Any], Any], path: Path, value: Any) -> Any:
    """What ``make`` makes of ``value``; whatever it raises is a problem of the reply at ``path``."""
    try:
        return make(value)
    except (DeepSeekError, KeyboardInterrupt):
        raise
    except BaseException as error:  # the code of the user's class, which may even exit, or pydantic's
        raise Misfit(_refusals(error, path, value)) from error


def _refusals(error: BaseException, path: Path, value: Any) -> list[Problem]:
    """The errors that pydantic lists, each at its place; any other as it is."""
    if type(error).__name__ == "ValidationError":
        with suppress(Exception):  # somebody else's error of this name lists nothing, or something else
            listed: Any = error
            found = [
                Problem("shape", one_line(str(one["msg"]), 150), quoted(one.get("input")), (*path, *one["loc"]))
                for one in listed.errors()[:20]
            ]
            if found:
                return found
    name, _, words = words_of(error, 200).partition(": ")
    return [Problem("shape", f"what {name} accepts{words and ': '}{words}", quoted(value), path)]
