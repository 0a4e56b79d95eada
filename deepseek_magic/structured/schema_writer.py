"""Write the JSON Schema that a model is given for a Python type: pydantic's schema, shortened and extended.

Imported on first use only, because pydantic is slow to load.
"""

from __future__ import annotations

import dataclasses
import inspect
import typing
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, NoDefault

from deepseek_magic.errors import OptionError
from deepseek_magic.text import one_line

ACCEPTED = (
    "a JSON Schema, a dataclass, TypedDict, NamedTuple, Enum or pydantic model, str, int, float, bool, a date or time, "
    "or a list, dict, tuple, set, Literal or union of these"
)
#: Keys of a dict that are whole numbers.
INTEGER_KEY = "^(0|-?[1-9][0-9]*)$"
_QUALIFIERS = ("Required", "NotRequired", "ReadOnly", "Final")


def enum_value(member: Enum) -> Any:
    """Return the JSON value for ``member``: its value, or its name if a value of its class is not JSON."""
    plain = all(isinstance(one.value, (str, int, float)) for one in type(member))
    return member.value if plain else member.name


class SchemaWriter(GenerateJsonSchema):
    """Writes the schema with pydantic's generator, and changes this:

    Titles that only repeat a name are left out. A single choice is an ``enum`` and a tagged union ``anyOf``: DeepSeek's
    strict tools accept those. A `Decimal` is a string, so that no digit is lost, and a NamedTuple is an object.

    Args:
        namespace: the namespace in which string annotations are resolved, besides the module of their class.
        how: options of pydantic's generator.

    Attributes:
        has_keywords: whether keywords were added that only a JSON Schema validator checks.
    """

    def __init__(self, namespace: Mapping[str, Any], **how: Any) -> None:
        super().__init__(**how)
        self._namespace = namespace
        self.ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}
        self.has_keywords = False
        self._names: set[str] = set()  # of classes: titles that would only repeat a name
        self._models = 0

    def generate(self, schema: Any, mode: Any = "validation") -> Any:
        """Return the JSON Schema of ``schema``, a core schema of pydantic."""
        made = super().generate(schema, mode)
        for one in (made, *made.get("$defs", {}).values()):
            if one.get("title") in self._names:
                del one["title"]
        return made

    def sort(self, value: Any, parent_key: str | None = None) -> Any:  # noqa: ARG002
        """Return ``value`` without sorting its keys."""
        return value

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        """Return ``False``: a field's title would only repeat its name."""
        return False

    def get_default_value(self, schema: Any) -> Any:
        """Return the default to show: only for a user's model, whose schema is left as it is."""
        return super().get_default_value(schema) if self._models else NoDefault

    def handle_invalid_for_json_schema(self, schema: Any, error_info: str) -> Any:  # noqa: ARG002
        """Refuse a type that JSON cannot hold."""
        kind = schema.get("cls") or schema.get("cls_repr") or schema["type"]
        msg = f"{one_line(getattr(kind, '__name__', str(kind)), 80)} cannot be used in a schema: expected {ACCEPTED}"
        raise OptionError(msg)

    def complex_schema(self, schema: Any) -> Any:
        """Refuse complex numbers: pydantic would allow any string."""
        return super().complex_schema(schema) if self._models else self.handle_invalid_for_json_schema(schema, "")

    def is_subclass_schema(self, schema: Any) -> Any:
        """Refuse types whose values are classes: JSON cannot hold them."""
        return self.handle_invalid_for_json_schema(schema, "")

    def model_schema(self, schema: Any) -> Any:
        """Return the schema of a user's model."""
        self._models += 1
        try:
            self._names.add(schema["cls"].__name__)
            return super().model_schema(schema)
        finally:
            self._models -= 1

    def dataclass_args_schema(self, schema: Any) -> Any:
        """Return the schema of what a dataclass takes: pydantic lists fields with ``init=False``, too."""
        taken: Any = {**schema, "fields": [one for one in schema["fields"] if one.get("init", True)]}
        return super().dataclass_args_schema(taken)

    def dataclass_schema(self, schema: Any) -> Any:
        """Return the schema of a dataclass."""
        made = super().dataclass_schema(schema)
        if schema.get("config", {}).get("extra_fields_behavior") == "forbid":
            made.setdefault("additionalProperties", False)
        return self._of_class(made, schema["cls"])

    def typed_dict_schema(self, schema: Any) -> Any:
        """Return the schema of a TypedDict."""
        made = super().typed_dict_schema(schema)
        if schema.get("config", {}).get("extra_fields_behavior") == "forbid":
            made.setdefault("additionalProperties", False)
        return self._of_class(made, schema["cls"]) if "cls" in schema else made

    def named_tuple_schema(self, schema: Any) -> Any:
        """Return the schema of a NamedTuple (pydantic 2.14 and later)."""
        return self._named_tuple(schema["cls"], schema["fields"])

    def call_schema(self, schema: Any) -> Any:
        """Return the schema of a NamedTuple (before pydantic 2.14)."""
        return self._named_tuple(schema["function"], schema["arguments_schema"]["arguments_schema"])

    def _named_tuple(self, cls: Any, fields: Iterable[Any]) -> Any:
        properties = {field["name"]: self.generate_inner(field["schema"]).copy() for field in fields}
        required = [name for name in properties if name not in cls._field_defaults]
        made = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
        return self._of_class(made, cls)

    def enum_schema(self, schema: Any) -> Any:
        """Return the schema of an Enum: the JSON values of its members."""
        self._names.add(schema["cls"].__name__)
        members: Any = {**schema, "members": []}
        made = super().enum_schema(members)
        return {**made, **_choices([enum_value(member) for member in schema["members"]])}

    def literal_schema(self, schema: Any) -> Any:
        """Return the schema of a Literal."""
        return _choices([enum_value(one) if isinstance(one, Enum) else one for one in schema["expected"]])

    def decimal_schema(self, schema: Any) -> Any:
        """Return the schema of a Decimal: a string, with the bounds of the number for the model to read."""
        made = {"type": "string", "format": "decimal"}
        self.update_with_validations(made, schema, self.ValidationsMapping.numeric)
        return made

    def tagged_union_schema(self, schema: Any) -> Any:
        """Return the schema of a union with a discriminator."""
        return {"anyOf": super().tagged_union_schema(schema)["oneOf"]}

    def dict_schema(self, schema: Any) -> Any:
        """Return the schema of a dict; its keys must be strings in JSON."""
        made = super().dict_schema(schema)
        keys = self.resolve_ref_schema(self.generate_inner(schema["keys_schema"])) if "keys_schema" in schema else {}
        if keys.get("type") == "integer":
            made["propertyNames"] = {"pattern": INTEGER_KEY}
        elif keys.get("type", "string") != "string" or "anyOf" in keys:
            name = keys.get("title") or schema["keys_schema"]["type"]
            msg = f"{name} cannot be used as the keys of a dict (JSON has only strings): expected str or int"
            raise OptionError(msg)
        return made

    def _of_class(self, made: Any, cls: Any) -> Any:
        """Return ``made`` with the docstring of ``cls``, if it has its own, and what its annotations add."""
        self._names.add(cls.__name__)
        made.pop("description", None)
        written = inspect.cleandoc(cls.__dict__.get("__doc__") or "")
        if written and not written.startswith(f"{cls.__name__}("):
            made = {"type": "object", "description": written, **made}
        try:
            hints = typing.get_type_hints(cls, localns=dict(self._namespace), include_extras=True)
        except Exception:  # noqa: BLE001  # an annotation that only pydantic can resolve adds nothing
            hints = {}
        for name, hint in hints.items():
            if name in made.get("properties", {}):
                self.annotate(made["properties"][name], hint)
        return made

    def annotate(self, schema: Any, hint: Any) -> None:
        """Add what pydantic ignores: a description (``Annotated[T, "…"]``) and keywords (``Annotated[T, {…}]``).

        Args:
            schema: the JSON Schema of ``hint``; it is changed.
            hint: the type.
        """
        if isinstance(hint, dataclasses.InitVar):
            hint = hint.type
        origin, args = typing.get_origin(hint), typing.get_args(hint)
        parts: list[Any] = []
        if origin is typing.Annotated or getattr(origin, "_name", None) in _QUALIFIERS:
            parts, args = [schema], args[:1]
        elif "prefixItems" in schema:
            parts = schema["prefixItems"]
        elif isinstance(schema.get("items"), dict):
            parts = [schema["items"]]
        elif isinstance(schema.get("additionalProperties"), dict):
            parts, args = [schema["additionalProperties"]], args[1:]
        elif args and len(schema.get("anyOf", ())) == len(args):
            parts = schema["anyOf"]
        for part, arg in zip(parts, args, strict=False):
            self.annotate(part, arg)
        for extra in getattr(hint, "__metadata__", ()):
            if isinstance(extra, Mapping):
                schema.update(extra)
                self.has_keywords = True
            elif isinstance(said := getattr(extra, "documentation", extra), str):
                schema["description"] = said


def _choices(values: list[Any]) -> dict[str, Any]:
    kinds = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
    for value in values:
        if not isinstance(value, (str, int, float, type(None))):
            msg = f"{one_line(repr(value), 80)} cannot be a choice in JSON: expected a string, number, bool or None"
            raise OptionError(msg)
    used = {next(said for kind, said in kinds.items() if isinstance(value, kind)) for value in values}
    return {**({"type": used.pop()} if len(used) == 1 else {}), "enum": values}
