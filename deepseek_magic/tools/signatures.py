"""A Python function as a tool: name, description and parameters, from its signature, annotations and docstring.

Source: DeepSeek's tool-calls guide, for the names that are taken and for what strict mode supports.
"""

from __future__ import annotations

import functools
import inspect
import re
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from deepseek_magic.api.messages import Tool
from deepseek_magic.errors import OptionError
from deepseek_magic.structured.hints import Hints
from deepseek_magic.text import one_line

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SECTION = re.compile(r"^\s*(?:Args|Arguments|Parameters|Returns|Raises|Yields|Examples?|Notes?)\s*:?\s*$")
_DESCRIBED = (
    r"^\s*:param\s+(?:[\w\[\], .|]+\s+)?{name}\s*:\s*(.+)$",  # Sphinx
    r"^\s+\*{{0,2}}{name}\s*(?:\([^)\n]*\))?\s*:[ \t]+(\S.*)$",  # Google
    r"^\s*{name}\s*:[^\n]*\n\s+(\S.*)$",  # NumPy
)
_STRICT = frozenset(
    (
        *("type", "properties", "required", "additionalProperties", "items", "enum", "anyOf", "$ref", "$defs"),
        *("title", "description", "pattern", "format", "const", "default", "minimum", "maximum"),
        *("exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    )
)
_SAYS_WHAT = frozenset(("type", "enum", "anyOf", "$ref"))
_STRICT_OF_NUMBERS = frozenset(("const", "default"))
_STRICT_FORMATS = ("email", "hostname", "ipv4", "ipv6", "uuid")


@dataclass(frozen=True, eq=False)
class Function:
    """A function that the model may call.

    Attributes:
        tool: how it is told to the model.
        call: the function itself.
        schema: the JSON Schema of its arguments.
        hints: the type of each parameter.
        positional: the parameters that cannot be given by name, in order, with their defaults.
        asks: whether the user is asked before each call.
    """

    tool: Tool
    call: Callable[..., Any]
    schema: dict[str, Any]
    hints: Mapping[str, Any] = field(default_factory=dict)
    positional: tuple[tuple[str, Any], ...] = ()
    asks: bool = False

    def called(self, arguments: Mapping[str, Any]) -> Any:
        """Call the function with ``arguments``, all given by name, and return what it returns."""
        given = dict(arguments)
        by_place = [given.pop(name, default) for name, default in self.positional]
        return self.call(*by_place, **given)


def function_of(name: str, call: Any, names: Mapping[str, Any] | None = None, *, documented: bool = True) -> Function:
    """Return ``call`` as a tool of the name ``name``.

    Args:
        name: what the model calls it.
        call: any callable with a signature.
        names: where names in annotations that are text are looked up.
        documented: whether its docstring is told.

    Raises:
        OptionError: it cannot be called, its name is not taken by the endpoint, or a parameter's type has no schema.
    """
    if not callable(call):
        msg = f"--tools {one_line(name, 60)}: it is a {type(call).__name__}; expected the name of a function"
        raise OptionError(msg)
    if not _NAME.fullmatch(name):
        msg = f"--tools {one_line(name, 60)}: expected a name of at most 64 letters, digits and underscores"
        raise OptionError(msg)
    taken = _parameters(name, call)
    doc = (inspect.getdoc(call) or "") if documented else ""
    types = _types(call)
    hints = Hints(names or {})
    properties: dict[str, Any] = {}
    required = []
    for parameter in taken:
        hint = types.get(parameter.name, Any)
        try:
            schema = dict(hints.schema(hint))
        except OptionError as error:
            msg = f"--tools {name}, parameter {parameter.name}: {error}"
            raise OptionError(msg) from None
        if described := _described(doc, parameter.name):
            schema.setdefault("description", described)
        properties[parameter.name] = schema
        if parameter.default is parameter.empty:
            required.append(parameter.name)
    schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    if hints.definitions:
        schema["$defs"] = hints.definitions
    return Function(
        Tool.of(name, _summary(doc), schema),
        call,
        schema,
        {parameter.name: types[parameter.name] for parameter in taken if parameter.name in types},
        tuple((one.name, one.default) for one in taken if one.kind is one.POSITIONAL_ONLY),
        asks=_asks(call),
    )


#: The attribute that `confirm` sets.
CONFIRM = "__deepseek_confirm__"

Called = typing.TypeVar("Called", bound=Callable[..., Any])


def confirm(function: Called) -> Called:
    """Mark ``function``, a tool, so that the user is asked before each call of it; a decorator.

    What takes no mark, such as a built-in function or a bound method, is wrapped in a function that does.
    """
    try:
        setattr(function, CONFIRM, True)
    except (AttributeError, TypeError):

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            return function(*args, **kwargs)

        setattr(wrapper, CONFIRM, True)
        return typing.cast(Called, wrapper)
    return function


def _asks(call: Any) -> bool:
    """Tell whether ``call``, or what it only hands its arguments on to, was marked by `confirm`."""
    for _ in range(20):
        if getattr(call, CONFIRM, False) is True:
            return True
        inner = call.func if isinstance(call, functools.partial) else getattr(call, "__wrapped__", None)
        if inner is None:
            break
        call = inner
    return any(getattr(base.__dict__.get("__call__"), CONFIRM, False) is True for base in type(call).__mro__)


def is_strict(schema: Any) -> bool:
    """Tell whether ``schema`` is within what strict mode supports (DeepSeek's tool-calls guide)."""
    if not isinstance(schema, dict) or not set(schema) <= _STRICT or _SAYS_WHAT.isdisjoint(schema):
        return False
    if isinstance(schema.get("type"), list) or schema.get("type") == "null":
        return False
    if schema.get("format", "uuid") not in _STRICT_FORMATS:
        return False
    if not _STRICT_OF_NUMBERS.isdisjoint(schema) and schema.get("type") not in ("number", "integer"):
        return False
    properties = schema.get("properties")
    if schema.get("type") == "object" and (
        not isinstance(properties, dict)
        or set(schema.get("required", ())) != set(properties)
        or schema.get("additionalProperties") is not False
    ):
        return False
    parts = [*(properties or {}).values(), *schema.get("$defs", {}).values(), *schema.get("anyOf", ())]
    return all(map(is_strict, [*parts, schema["items"]] if "items" in schema else parts))


def _parameters(name: str, call: Callable[..., Any]) -> list[inspect.Parameter]:
    """Return the parameters of ``call`` that can be told, those that have names.

    Raises:
        OptionError: they are not known, or none of them has a name.
    """
    try:
        found = inspect.signature(call).parameters.values()
    except (TypeError, ValueError):
        msg = f"--tools {name}: its parameters are not known; wrap it in a function of your own"
        raise OptionError(msg) from None
    taken = [one for one in found if one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)]
    if found and not taken:
        msg = f"--tools {name}: it takes *args/**kwargs alone; give it named parameters"
        raise OptionError(msg)
    return taken


def _types(call: Any) -> dict[str, Any]:
    """Return the annotations of ``call``'s parameters; those that cannot be resolved are left out."""
    target = call
    while hasattr(target, "func"):  # a partial
        target = target.func
    if not inspect.isroutine(target) and not isinstance(target, type):
        target = type(target).__call__
    try:
        target = getattr(target, "__init__", target) if isinstance(target, type) else target
        found = typing.get_type_hints(target, include_extras=True)
    except Exception:  # noqa: BLE001  # an annotation may name what is not there, or run any code
        found = {}
    found.pop("return", None)
    return found


def _summary(doc: str) -> str:
    """Return the docstring up to its sections."""
    lines = []
    for line in doc.splitlines():
        if _SECTION.match(line) or line.lstrip().startswith(":param"):
            break
        lines.append(line)
    return "\n".join(lines).strip()[:1024]


def _described(doc: str, name: str) -> str:
    """Return what the docstring says about the parameter ``name``: in Google's, NumPy's or Sphinx's style."""
    for pattern in _DESCRIBED:
        found = re.search(pattern.format(name=re.escape(name)), doc, re.MULTILINE)
        if found:
            return found[1].strip()
    return ""
