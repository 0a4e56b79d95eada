"""`Shape`: all of one structured question, from what the user named to the value that the reply is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from . import instructions as asking
from . import reading
from .checking import validate
from .problem import Misfit, Problem
from .schema import Schema, schema_of
from .values import to_value


@dataclass(frozen=True, slots=True)
class Result:
    """A reply that fits.

    Attributes:
        value: what the user asked for: instances of the classes named, or plain JSON.
        data: the same as plain JSON, taken out of the object around it.
        notes: what was passed over or read generously, each one line.
    """

    value: Any
    data: Any
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """What a reply must be.

    Attributes:
        spec: what the user named; ``None`` for any JSON.
        schema: its JSON Schema; ``None`` for any JSON.
    """

    spec: Any = None
    schema: Schema | None = None
    _names: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, spec: Any, names: Mapping[str, Any] | None = None) -> Shape:
        """The shape of ``spec``: a schema, class or type, or ``None``. ``names`` is the user's namespace.

        Raises:
            OptionError: no schema can be made of ``spec``.
        """
        return cls(spec, None if spec is None else schema_of(spec, names), names or {})

    @property
    def instructions(self) -> str:
        """What to tell the model beside the question."""
        return asking.instructions(self.schema)

    def read(self, text: str) -> Result:
        """The value of a reply.

        Raises:
            Misfit: it is no JSON, or does not fit; ``problems`` go to `asking.correction`.
        """
        parsed = reading.parse(text)
        if isinstance(parsed, Problem):
            raise Misfit([parsed])
        if self.schema is None:
            return Result(parsed.value, parsed.value, parsed.notes)
        data = asking.unwrapped(parsed.value, self.schema)
        key = asking.wrapping_key(self.schema)
        problems = validate({key: data} if key else data, asking.wrapped(self.schema))
        if problems and key and data is parsed.value and isinstance(data, dict):
            problems = validate(data, asking.wrapped(self.schema))
        if problems:
            raise Misfit(problems)
        value = to_value(data, self.spec, self._names, (key,) if key else ())
        return Result(value, data, parsed.notes)
