"""The type of a tool's arguments: its schema is made at once, its reader when the tool is first called."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from deepseek_magic.errors import OptionError
from deepseek_magic.first_use import MadeOnce
from deepseek_magic.structured.plain_types import arguments_schema

if TYPE_CHECKING:
    from deepseek_magic.structured.python_types import PythonType


class Arguments:
    """The type of the arguments of a function.

    Args:
        schema: its JSON Schema, to which more may be added later.
        reader: returns the type that reads values.
    """

    def __init__(self, schema: dict[str, Any], reader: Callable[[], PythonType]) -> None:
        self.schema = schema
        self._make = reader

    @MadeOnce
    def _reader(self) -> PythonType:
        made = self._make()
        made.schema = self.schema
        return made

    def value(self, data: Any) -> dict[str, Any]:
        """Return the arguments in ``data``, a JSON object, as Python values.

        Raises:
            Misfit: it does not fit.
        """
        made: dict[str, Any] = self._reader.value(data)
        return made


def arguments(hints: Mapping[str, Any], taken: Sequence[inspect.Parameter], names: Mapping[str, Any]) -> Arguments:
    """Return the type of the arguments; a parameter whose annotation pydantic cannot read takes anything.

    Args:
        hints: the type of each.
        taken: the parameters.
        names: the namespace in which string annotations are resolved.

    Raises:
        OptionError: a type has no schema.
    """
    optional = {one.name for one in taken if one.default is not one.empty}
    if (plain := arguments_schema(hints, optional)) is not None:
        return Arguments(plain, lambda: _read(hints, optional, names))
    read = _read(hints, optional, names)
    return Arguments(read.schema, lambda: read)


def _read(hints: Mapping[str, Any], optional: set[str], names: Mapping[str, Any]) -> PythonType:
    from deepseek_magic.structured.python_types import PythonType  # pydantic is slow to load

    def readable(hint: Any) -> Any:
        try:
            PythonType(hint, names)
        except OptionError:
            return Any
        return hint

    try:
        return PythonType.of_arguments(hints, optional, names)
    except OptionError:
        return PythonType.of_arguments({name: readable(hint) for name, hint in hints.items()}, optional, names)
