"""Describe exceptions: type, message, notes, causes, and the members of a group."""

from __future__ import annotations

import builtins
from typing import Any

from .brief import brief
from .classes import exactly, instance_dict, lookup, plain, type_name
from .deadline import Unanswered
from .registry import describes
from .task import MARGIN, Task

_DEEPEST = 8
_MOST_TOLD = 40
# Python 3.10 has no exception groups.
_GROUP: type | None = getattr(builtins, "BaseExceptionGroup", None)


@describes(BaseException)
def describe_exception(value: BaseException, task: Task) -> str:
    """Describe an exception with its notes, its causes and the members of a group, one on each line."""
    lines: list[str] = []
    _add(value, "", 0, lines, [], task)
    return task.lines(lines[0], lines[1:])


def _add(error: BaseException, prefix: str, depth: int, lines: list[str], seen: list[int], task: Task) -> None:
    indent = "  " * depth
    if id(error) in seen or depth > _DEEPEST or len(lines) >= _MOST_TOLD:
        lines.append(f"{indent}{prefix}… (more of the chain)")
        return
    seen.append(id(error))
    message = message_of(error, task)
    lines.append(f"{indent}{prefix}{type_name(error)}{': ' + message if message else ''}")
    notes = [task.start(plain(note, 500 + MARGIN), 500) for note in _notes(error)[:10]]
    lines += [f"{indent}  note: {note}" for note in notes if note]
    for member in _members(error)[:10]:
        _add(member, "- ", depth + 1, lines, seen, task)
    cause = BaseException.__dict__["__cause__"].__get__(error)
    context = BaseException.__dict__["__context__"].__get__(error)
    hidden = BaseException.__dict__["__suppress_context__"].__get__(error)
    if cause is not None:
        _add(cause, "caused by ", depth + 1, lines, seen, task)
    elif context is not None and not hidden:
        _add(context, "raised while handling ", depth + 1, lines, seen, task)


def message_of(error: BaseException, task: Task) -> str:
    """Return the message of an exception: its arguments if they are plain, else its ``__str__`` if that is in time."""
    cls = type(error)
    arguments = BaseException.__dict__["args"].__get__(error)
    method = lookup(cls, "__str__")
    if method is BaseException.__str__ and all(exactly(each, str, int, float, bool, type(None)) for each in arguments):
        if len(arguments) == 1:
            only = arguments[0]
            return task.start(only, 2_000) if type(only) is str else brief(only, 200, task)
        return brief(arguments, 2_000, task) if arguments else ""

    def take() -> str:
        return task.start(plain(method.__get__(error, cls)(), 2_000 + MARGIN), 2_000)

    try:
        return task.ask(take, cls)
    except Unanswered as reason:
        return f"(its message: __str__ {reason})"


def _notes(error: BaseException) -> list[Any]:
    notes = instance_dict(error).get("__notes__")
    return notes if type(notes) is list else []


def _members(error: BaseException) -> tuple[BaseException, ...]:
    if _GROUP is None or not issubclass(type(error), _GROUP):
        return ()
    members: tuple[BaseException, ...] = _GROUP.__dict__["exceptions"].__get__(error)
    return members
