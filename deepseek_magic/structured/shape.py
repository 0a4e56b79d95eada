"""`Shape`: what a structured reply must be, from the type or schema that the user named to the value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from . import instructions as asking
from . import reading
from .checking import validate
from .digits import fitted
from .problem import Misfit, Problem
from .reading import Parsed
from .schema import Schema, checked, is_object, resolve

if TYPE_CHECKING:
    from .python_types import PythonType


@dataclass(frozen=True, slots=True)
class FittingValue:
    """The value of a reply that fits.

    Attributes:
        value: what the user asked for: instances of the named classes, or plain JSON.
        data: the same as plain JSON, without the object that wraps it.
        notes: what was ignored or read leniently, one line each.
    """

    value: Any
    data: Any
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """What a reply must be. Pickled, it is only the JSON Schema: another process may lack the user's classes.

    Attributes:
        schema: its JSON Schema; ``None`` for any JSON.
        python: the Python type as which it is read, if any.
        table: whether rows in other forms than a list of objects are accepted.
    """

    schema: Schema | None = None
    python: PythonType | None = field(default=None, compare=False)
    table: bool = False

    @classmethod
    def of(cls, spec: Any, names: Mapping[str, Any] | None = None) -> Shape:
        """Return the shape of ``spec``.

        Args:
            spec: a JSON Schema as a ``dict``, a class or a type, or ``None``.
            names: the user's namespace, in which string annotations are resolved.

        Raises:
            OptionError: ``spec`` is not a schema, and none can be made of it.
        """
        if spec is None:
            return cls()
        if isinstance(spec, Mapping):
            return cls(checked(dict(spec)))
        from .python_types import PythonType  # pydantic is slow to load

        python = PythonType(spec, names or {})
        return cls(python.schema, python)

    def __reduce__(self) -> tuple[type[Shape], tuple[Schema | None]]:
        return Shape, (self.schema,)

    @property
    def instructions(self) -> str:
        """The instructions for the model (see `instructions.instructions`)."""
        return asking.instructions(self.schema)

    def read(self, text: str) -> FittingValue:
        """Return the value of a reply.

        Raises:
            Misfit: it is not JSON, or does not fit; `instructions.correction` takes its ``problems``.
        """
        parsed = reading.parse(text, exact=self.schema is not None)
        try:
            return self._result(parsed)
        except Misfit:
            rows = _rows(text, parsed, self.schema) if self.table and self.schema is not None else None
            if rows is None:
                raise
            with suppress(Misfit):
                return self._result(rows)
            raise

    def _result(self, parsed: Parsed | Problem) -> FittingValue:
        if isinstance(parsed, Problem):
            raise Misfit([parsed])
        if self.schema is None:
            return FittingValue(parsed.value, parsed.value, parsed.notes)
        data = fitted(asking.unwrapped(parsed.value, self.schema), self.schema)
        try:
            return FittingValue(self.build(data), data, parsed.notes)
        except Misfit as misfit:
            problems: Sequence[Problem] = misfit.problems
            if key := asking.wrapping_key(self.schema):
                unwrapped = isinstance(parsed.value, dict) and parsed.value.keys() != {key}
                inside = [replace(one, path=(key, *one.path)) for one in problems]
                problems = validate(parsed.value, asking.wrapped(self.schema)) if unwrapped else []
            problems = problems or inside
            raise Misfit(problems) from misfit.__cause__

    def build(self, data: Any) -> Any:
        """Return the user's value for ``data``, a JSON value without the object that wraps it (`FittingValue.data`).

        Raises:
            Misfit: it does not fit.
        """
        if self.python is not None:
            return self.python.value(data)
        if self.schema is not None and (problems := validate(data, self.schema)):
            raise Misfit(problems)
        return data


def _rows(text: str, parsed: Parsed | Problem, schema: Schema) -> Parsed | None:
    from .table_forms import rows_of  # it reads Markdown: only for a reply that does not fit

    found = rows_of(text, parsed, schema)
    if found is None or not is_object(schema):
        return found
    top = resolve(schema, schema)
    lists = [key for key, one in top.get("properties", {}).items() if "items" in (resolve(one, schema) or ())]
    return Parsed({lists[0]: found.value}, found.notes) if len(lists) == 1 else None
