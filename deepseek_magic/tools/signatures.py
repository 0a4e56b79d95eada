"""Make a tool of a Python function: name, description and parameters, from signature, annotations and docstring.

Source: DeepSeek's tool-calls guide, for valid names and for what strict mode supports.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import json
import re
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from deepseek_magic.api.messages import Tool
from deepseek_magic.errors import OptionError
from deepseek_magic.structured.digits import fitted
from deepseek_magic.text import one_line, with_article

from .arguments import Arguments, arguments

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SECTION = re.compile(r"^\s*(?:Args|Arguments|Parameters|Returns|Raises|Yields|Examples?|Notes?)\s*:?\s*$")
_DESCRIBED = (
    r"\s*:param\s+(?:[\w\[\], .|]+\s+)?{name}\s*:(.*)$",  # Sphinx
    r"\s+\*{{0,2}}{name}\s*(?:\(.*?\))?\s*:(?:\s+(\S.*)|\s*)$",  # Google
    r"(?:\w+,\s*)*{name}(?:,\s*\w+)*\s*(?::.*)?()$",  # NumPy
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
# The most characters of a description.
_LONGEST_DESCRIPTION = 1024
# A default with a longer repr is not described.
_LONGEST_DEFAULT = 200
_STRICT_FORMATS = ("email", "hostname", "ipv4", "ipv6", "uuid")


@dataclass(frozen=True, eq=False)
class Function:
    """A function that the model may call.

    Attributes:
        tool: the tool as it is sent to the model.
        call: the function itself.
        arguments: the type of its arguments.
        positional: the parameters that cannot be given by name, in order, with their defaults.
        asks: whether the user is asked before each call.
    """

    tool: Tool
    call: Callable[..., Any]
    arguments: Arguments
    positional: tuple[tuple[str, Any], ...] = ()
    asks: bool = False

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of its arguments."""
        return self.arguments.schema

    def values(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments in ``given``, a JSON object, as Python values.

        Raises:
            Misfit: it does not fit.
        """
        return self.arguments.value(fitted(given, self.schema))

    def called(self, arguments: Mapping[str, Any]) -> Any:
        """Call the function with ``arguments``, all given by name, and return what it returns."""
        given = dict(arguments)
        by_place = [given.pop(name, default) for name, default in self.positional]
        return self.call(*by_place, **given)


def function_of(name: str, call: Any, names: Mapping[str, Any] | None = None, *, documented: bool = True) -> Function:
    """Return ``call`` as a tool named ``name``.

    Args:
        name: its name for the model.
        call: any callable with a signature.
        names: the namespace in which string annotations are resolved.
        documented: whether its docstring is sent.

    Raises:
        OptionError: it cannot be called, the endpoint does not accept its name, or a parameter's type has no schema.
    """
    if not callable(call):
        kind = with_article(type(call).__name__)
        msg = f"--tools {one_line(name, 60)}: it is {kind}; expected the name of a function (-v sends a value)"
        raise OptionError(msg)
    if not _NAME.fullmatch(name):
        msg = f"--tools {one_line(name, 60)}: expected a name of at most 64 letters, digits and underscores"
        raise OptionError(msg)
    taken = _parameters(name, call)
    doc = _docstring(call) if documented else ""
    hints = {**dict.fromkeys((one.name for one in taken), Any), **_types(call, names or {})}
    of_call = arguments({one.name: hints[one.name] for one in taken}, taken, names or {})
    for parameter in taken:
        said = of_call.schema["properties"][parameter.name]
        described = _described(doc, parameter.name)
        if described and not any(isinstance(one, str) for one in getattr(hints[parameter.name], "__metadata__", ())):
            said["description"] = described
        said.update(_default(parameter.default))
    return Function(
        Tool.of(name, _summary(doc), of_call.schema),
        call,
        of_call,
        tuple((one.name, one.default) for one in taken if one.kind is one.POSITIONAL_ONLY),
        asks=_asks(call),
    )


def _default(value: object) -> dict[str, Any]:
    """Return the keyword ``default`` for a parameter's schema; nothing if the default is long, or not JSON."""
    try:
        said = json.dumps(value.value if isinstance(value, Enum) else value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return {}
    return {"default": json.loads(said)} if len(said) <= _LONGEST_DEFAULT else {}


#: The attribute that `confirm` sets.
CONFIRM = "__deepseek_confirm__"

Called = typing.TypeVar("Called", bound=Callable[..., Any])


def confirm(function: Called) -> Called:
    """Mark ``function``, a tool, so that the user is asked before each call of it; a decorator.

    A function that cannot be marked, such as a built-in or a bound method, is wrapped in one that can.

    Raises:
        OptionError: it is not a function.
    """
    if not callable(function):
        msg = f"confirm: expected a function, found {with_article(type(function).__name__)}"
        raise OptionError(msg)
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
    """Return whether ``call``, or the function that it wraps, was marked by `confirm`."""
    for _ in range(20):
        if getattr(call, CONFIRM, False) is True:
            return True
        inner = call.func if isinstance(call, functools.partial) else getattr(call, "__wrapped__", None)
        if inner is None:
            break
        call = inner
    return any(getattr(base.__dict__.get("__call__"), CONFIRM, False) is True for base in type(call).__mro__)


def is_strict(schema: Any) -> bool:
    """Return whether strict mode supports ``schema`` (DeepSeek's tool-calls guide)."""
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
    """Return the parameters of ``call`` that have names.

    Raises:
        OptionError: its signature is not known, or none of its parameters has a name.
    """
    try:
        found = inspect.signature(call).parameters.values()
    except (TypeError, ValueError):
        msg = f"--tools {name}: its parameters are not known; wrap it in a function of your own"
        raise OptionError(msg) from None
    taken = [one for one in found if one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)]
    if found and not taken:
        msg = f"--tools {name}: it takes only *args/**kwargs; give it named parameters"
        raise OptionError(msg)
    return taken


def _types(call: Any, names: Mapping[str, Any]) -> dict[str, Any]:
    """Return the annotations of ``call``'s parameters; those that cannot be resolved are left out."""
    target = _inner(call)
    if not inspect.isroutine(target) and not isinstance(target, type):
        target = type(target).__call__
    target = getattr(target, "__init__", target) if isinstance(target, type) else target
    with contextlib.suppress(Exception):  # an annotation may name something undefined, or run any code
        return typing.get_type_hints(target, include_extras=True)
    found: dict[str, Any] = {}
    for name, annotation in getattr(target, "__annotations__", {}).items():
        alone = types.SimpleNamespace(__annotations__={name: annotation})
        known = getattr(inspect.unwrap(target), "__globals__", {})
        with contextlib.suppress(Exception):
            found.update(typing.get_type_hints(alone, known, dict(names), include_extras=True))
    return found


def _inner(call: Any) -> Any:
    """Return the function of a partial, or of nested partials."""
    while isinstance(call, functools.partial):
        call = call.func
    return call


def _docstring(call: Any) -> str:
    """Return the docstring of ``call``; that of its function if it is a partial without one."""
    own = vars(call).get("__doc__") if isinstance(call, functools.partial) else None
    return inspect.cleandoc(own) if isinstance(own, str) else inspect.getdoc(_inner(call)) or ""


def _summary(doc: str) -> str:
    """Return the docstring up to its sections."""
    lines = []
    for line in doc.splitlines():
        if _SECTION.match(line) or line.lstrip().startswith(":param"):
            break
        lines.append(line)
    return "\n".join(lines).strip()[:_LONGEST_DESCRIPTION]


def _described(doc: str, name: str) -> str:
    """Return the description of the parameter ``name`` in a docstring of Google's, NumPy's or Sphinx's style.

    It includes the lines below that are indented further.
    """
    lines = doc.splitlines()
    for pattern in _DESCRIBED:
        entry = re.compile(pattern.format(name=re.escape(name)))
        for place, line in enumerate(lines):
            found = entry.match(line)
            if found and (said := " ".join([found[1] or "", *_below(lines, place)]).split()):
                return " ".join(said)[:_LONGEST_DESCRIPTION]
    return ""


def _below(lines: Sequence[str], place: int) -> Iterator[str]:
    """Yield the lines below the one at ``place`` that are indented further, with the blank ones between."""
    least = _indent(lines[place])
    for line in lines[place + 1 :]:
        if line.strip() and _indent(line) <= least:
            return
        yield line


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
