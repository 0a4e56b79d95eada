"""What pydantic says of a reply or of a type, in the words of the other problems."""

from __future__ import annotations

import re
from typing import Any

from pydantic import PydanticSchemaGenerationError, PydanticUndefinedAnnotation

from deepseek_magic.text import one_line, words_of

from .problem import Path, Problem, quoted, spec_name
from .schema_writer import ACCEPTED

_UNREADABLE = re.compile(r"schema for (?:<class '(?:.*\.)?([^']+)'>|(.+?))\. Set ", re.DOTALL)
_SHOULD_BE = "Input should be "
_NAME_IT = "name a type that refers to itself: Tree = typing_extensions.TypeAliasType('Tree', \"dict[str, Tree]\")"


class Refusal(ValueError):
    """A `ValueError`, which pydantic reports at its place, for the ``error`` that a class raised."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error


def place_of(steps: tuple[int | str, ...], data: Any, kind: str) -> Path:
    """Return the path in ``data`` for pydantic's ``steps``, some of which name a branch of a union."""
    path: list[int | str] = []
    for number, step in enumerate(steps):
        inside = isinstance(step, int) and isinstance(data, list) and step < len(data)
        if inside or (isinstance(data, dict) and step in data):
            data = data[step]
            path.append(step)
        elif kind.startswith("missing") and number == len(steps) - 1:
            path.append(step)
    return tuple(path)


def is_near(one: Path, other: Path) -> bool:
    """Return whether one of the two places is in the other."""
    return all(left == right for left, right in zip(one, other, strict=False))


def problem_of(error: Any, place: Path) -> Problem:
    """Return what an ``error`` in pydantic's list says of the value at ``place``."""
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, BaseException):
        return refused(cause.error if isinstance(cause, Refusal) else cause, error["input"], place)
    said = one_line(error["msg"], 200)
    expected = said.removeprefix(_SHOULD_BE) if said.startswith(_SHOULD_BE) else f"another value ({said})"
    return Problem("shape", expected, quoted(error["input"]), place)


def refused(error: BaseException, value: Any, place: Path) -> Problem:
    """Return that a class refused ``value``. The name of an error that is raised just for that says nothing more."""
    name, _, words = words_of(error, 150).partition(": ")
    why = words if words and type(error) in (ValueError, AssertionError) else f"{name}{words and ': '}{words}"
    return Problem("shape", f"another value ({why})", quoted(value), place)


def unreadable(spec: Any, error: Exception) -> str:
    """Return why ``spec`` cannot be used, given the ``error`` that it raised while it was read."""
    name = spec_name(spec)
    said = one_line(str(getattr(error, "message", error)), 200)  # pydantic's text, without its link
    if isinstance(error, RecursionError):
        return f"{name} cannot be used in a schema: it refers to itself, or is nested too deeply; {_NAME_IT}"
    if isinstance(error, PydanticUndefinedAnnotation):
        return f"the annotations of {name} cannot be read: {said}"
    is_unknown = isinstance(error, PydanticSchemaGenerationError)
    if hasattr(spec, "columns") and (is_unknown or not isinstance(spec, type)):  # pydantic 2.12 asks a table its truth
        return f"{name} cannot be used in a schema: --as df asks for a table; expected {ACCEPTED}"
    if is_unknown and (found := _UNREADABLE.search(str(error))):
        return f"{one_line(found[1] or found[2], 80)} cannot be used in a schema: expected {ACCEPTED}"
    return f"{name} cannot be used in a schema: {said}"
