"""Read JSON as a Python type with pydantic, and write the type's JSON Schema.

Classes of the standard library are strict and take no extra keys, but types that JSON lacks are read from their JSON
forms (dates, UUIDs, Decimals, bytes, enums, sets, tuples). A user's model keeps its own ``strict`` and ``extra``. That
is what pydantic's strict JSON mode does; its strict mode for Python objects refuses a date in a string. So a value that
was read leniently is written as JSON again, which pydantic reads. Imported on first use only: pydantic is slow to load.
"""

from __future__ import annotations

import functools
import inspect
import json
import typing
from collections.abc import Collection, Mapping
from enum import Enum
from typing import Any

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import is_pydantic_dataclass
from pydantic_core import CoreConfig, CoreSchema, SchemaValidator, ValidationError, core_schema
from typing_extensions import NotRequired, TypedDict

from deepseek_magic.errors import DeepSeekError, OptionError

from .checking import MAX_PROBLEMS, validate
from .problem import Misfit, Path, Problem, spec_name
from .pydantic_errors import Refusal, is_near, place_of, problem_of, refused, unreadable
from .schema import inlined
from .schema_writer import ACCEPTED, INTEGER_KEY, SchemaWriter, enum_value
from .typed_dicts import readable_typed_dicts

_CONFIG = ConfigDict(strict=True, extra="forbid", defer_build=True)
_renamed: Any = typing.NewType
# Keys of a pydantic schema whose values are not schemas.
_KEPT = frozenset(("metadata", "default", "expected", "members", "config", "cls", "serialization"))
# Keys whose values map names to schemas: those of a TypedDict, and of a union with a discriminator.
_NAMED = frozenset(("fields", "choices"))


class PythonType:
    """A type as which a reply, or the arguments of a tool, are read.

    Args:
        spec: the type.
        names: the namespace in which string annotations are resolved, besides the module of their class.

    Attributes:
        schema: its JSON Schema.

    Raises:
        OptionError: pydantic cannot read the type, or JSON cannot hold its values.
    """

    def __init__(self, spec: Any, names: Mapping[str, Any]) -> None:
        if isinstance(spec, (str, functools.partial)) or inspect.isroutine(spec):  # pydantic would read their arguments
            msg = f"{spec_name(spec)} cannot be used in a schema: expected {ACCEPTED}"
            raise OptionError(msg)
        writers: list[SchemaWriter] = []

        def writer(**how: Any) -> SchemaWriter:
            writers.append(SchemaWriter(names, **how))
            return writers[0]

        with readable_typed_dicts(names):
            try:
                adapter = TypeAdapter(_renamed("Value", spec), config=_CONFIG)  # a class itself cannot be configured
                adapter.rebuild(_types_namespace=dict(names))
                schema = adapter.json_schema(schema_generator=writer)  # type: ignore[arg-type]
                self._validator = SchemaValidator(
                    _adapted(adapter.core_schema), CoreConfig(strict=True, extra_fields_behavior="forbid")
                )
            except OptionError:
                raise
            except Exception as error:  # noqa: BLE001  # the user's classes may raise anything
                raise OptionError(unreadable(spec, error)) from None
        writers[0].annotate(schema, spec)
        self._has_keywords = writers[0].has_keywords
        self.schema = inlined(schema)

    @classmethod
    def of_arguments(cls, hints: Mapping[str, Any], optional: Collection[str], names: Mapping[str, Any]) -> PythonType:
        """Return the type of the arguments of a function: a dict that may lack the optional ones.

        Args:
            hints: the type of each argument.
            optional: the names of the arguments that have a default.
            names: the namespace in which string annotations are resolved.
        """
        keys = {name: NotRequired[hint] if name in optional else hint for name, hint in hints.items()}
        return cls(TypedDict("Arguments", keys), names)  # type: ignore[operator]

    def value(self, data: Any) -> Any:
        """Return ``data``, a JSON value whose numbers are `fitted` to the schema, as an instance of the type.

        Raises:
            Misfit: it does not fit, or a class refuses it; each problem has its place in ``data``.
        """
        try:
            made = self._validator.validate_json(json.dumps(data))
        except ValidationError as error:
            raise Misfit(self._problems(error, data)) from error
        except (DeepSeekError, KeyboardInterrupt):
            raise
        except BaseException as error:  # the user's classes may raise anything, even SystemExit
            raise Misfit([refused(error, data, self._raising_row(data))]) from error
        if self._has_keywords and (problems := validate(data, self.schema)):
            raise Misfit(problems)
        return made

    def _raising_row(self, data: Any) -> Path:
        """Return the path of the first item in a list that makes a class raise: pydantic does not report it."""
        for place, one in enumerate(data if isinstance(data, list) else ()):
            try:
                self._validator.validate_json(json.dumps([one]))
            except ValidationError:
                continue
            except KeyboardInterrupt:
                raise
            except BaseException:  # noqa: BLE001  # the same as before
                return (place,)
        return ()

    def _problems(self, error: ValidationError, data: Any) -> list[Problem]:
        """Return the problems by the schema that the model was given; if it finds none, by pydantic's errors."""
        found = [(place_of(one["loc"], data, one["type"]), one) for one in error.errors(include_url=False)]
        said = [one for one in validate(data, self.schema) if any(is_near(one.path, place) for place, _ in found)]
        return said or [problem_of(one, place) for place, one in found[:MAX_PROBLEMS]]


def _adapted(schema: Any, *, named: bool = False) -> Any:
    """Return a pydantic schema changed to accept just what its JSON Schema says; users' models are left as they are.

    Args:
        schema: a core schema of pydantic, or a part of one.
        named: whether its keys are the user's names, such as those of fields, and not keywords of pydantic.
    """
    if isinstance(schema, (list, tuple)):
        return type(schema)(map(_adapted, schema))
    if not isinstance(schema, dict):
        return schema
    kind = None if named else schema.get("type")
    if kind == "model" or (kind == "dataclass" and is_pydantic_dataclass(schema["cls"])):
        return schema
    made = {
        key: one if key in _KEPT and not named else _adapted(one, named=key in _NAMED and not named)
        for key, one in schema.items()
    }
    return _ADAPTED[kind](made) if kind in _ADAPTED else made


def _moment(schema: Any) -> CoreSchema:
    """Return ``schema`` for strings that begin with a year: pydantic reads a bare number as seconds since 1970."""
    return core_schema.chain_schema([core_schema.str_schema(pattern=r"^\d{4}-"), {**schema, "strict": False}])


def _choice(schema: Any) -> CoreSchema:
    """Return an Enum or a Literal that is read from the JSON values of its members, where ``true`` is not 1."""
    members = schema["members" if schema["type"] == "enum" else "expected"]
    values = [enum_value(one) if isinstance(one, Enum) else one for one in members]
    made = {(type(value), value): member for value, member in zip(values, members, strict=True)}
    alike: dict[Any, list[Any]] = {}
    for value in values:
        alike.setdefault(type(value) if type(value) in _CHECKED_FIRST else None, []).append(value)
    choices: list[Any] = [
        core_schema.chain_schema([*_CHECKED_FIRST.get(kind, []), core_schema.literal_schema(some)])
        for kind, some in alike.items()
    ]
    return core_schema.no_info_after_validator_function(
        lambda value: made[type(value), value], core_schema.union_schema(choices), ref=schema.get("ref")
    )


def _unique(schema: Any) -> CoreSchema:
    """Return a set that refuses duplicates in the reply, as its JSON Schema does."""
    kind: Any = set if schema["type"] == "set" else frozenset

    def made(items: list[Any]) -> Any:
        if len(unique := kind(items)) < len(items):
            msg = "an item appears twice"
            raise ValueError(msg)
        return unique

    return core_schema.no_info_after_validator_function(made, {**schema, "type": "list"})


def _refusing(schema: Any) -> Any:
    """Return a dataclass whose errors in ``__post_init__`` are all reported at their place: pydantic passes most on."""
    if not schema.get("post_init") or any(one.get("init_only") for one in schema["schema"].get("fields", ())):
        return schema

    def made(instance: Any) -> Any:
        try:
            instance.__post_init__()
        except (DeepSeekError, KeyboardInterrupt):
            raise
        except BaseException as error:
            raise Refusal(error) from error
        return instance

    ref = schema.pop("ref", None)
    return core_schema.no_info_after_validator_function(made, {**schema, "post_init": False}, ref=ref)


def _keyed(schema: Any) -> Any:
    """Return a dict with one spelling for each integer key: of two keys for one number, one value would be lost."""
    keys = schema.get("keys_schema", {})
    if keys.get("type") != "int":
        return schema
    plain = core_schema.str_schema(pattern=INTEGER_KEY)
    return {**schema, "keys_schema": core_schema.chain_schema([plain, {**keys, "strict": False}])}


def _named_tuple(schema: Any) -> CoreSchema:
    """Return a named tuple that is read from an object only, as its JSON Schema says: pydantic also takes a list."""
    newest = schema["type"] == "named-tuple"  # an older pydantic has a schema of a call of the class
    kind: Any = schema["cls" if newest else "function"]
    fields = {
        one["name"]: core_schema.typed_dict_field(
            one["schema"], required=one["schema"]["type"] != "default", validation_alias=one.get("alias")
        )
        for one in (schema["fields"] if newest else schema["arguments_schema"]["arguments_schema"])
    }
    return core_schema.no_info_after_validator_function(
        lambda given: kind(**given),
        core_schema.typed_dict_schema(fields, extra_behavior="forbid"),
        ref=schema.get("ref"),
    )


_CHECKED_FIRST: dict[Any, list[CoreSchema]] = {
    int: [core_schema.int_schema(strict=True)],
    bool: [core_schema.bool_schema(strict=True)],
}
_ADAPTED: dict[Any, Any] = {
    "datetime": _moment,
    "enum": _choice,
    "literal": _choice,
    "set": _unique,
    "frozenset": _unique,
    "dataclass": _refusing,
    "call": _named_tuple,
    "named-tuple": _named_tuple,
    "dict": _keyed,
    "generator": lambda schema: {
        **schema,
        "type": "list",
    },  # pydantic would check it lazily
}
