"""Describe a value of the user's session to a model, within a budget of tokens.

It keeps three promises. It imports no library that the user has not imported: types of libraries are recognised by
name. Describing a value of a known type runs none of the user's code. All other code (a ``__repr__``, a registered
function, the hook ``__llm__``, code of a library) runs in a daemon thread with a deadline; if it raises, hangs or
returns nonsense, a line says so. Code that never releases the interpreter's lock cannot be stopped from the same
process.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from deepseek_magic.errors import QuestionError
from deepseek_magic.guard import Redactor
from deepseek_magic.text import one_line

from . import (  # noqa: F401  # each registers its types
    arrays,
    callables,
    exceptions,
    figures,
    http_messages,
    iterators,
    models,
    pandas_frames,
    pandas_groups,
    polars_frames,
    stored_data,
    tensors,
    xarray_data,
)
from .classes import class_name, exactly
from .dispatch import describe_value
from .fitting import cost
from .registry import KnownType, UserDescriber, find, register, unregister
from .scalars import formatted, masked
from .task import Task
from .titles import title_of

_LITERAL = (type(None), bool, int, float, complex, bytes, list, tuple, dict, set)
_SHORT_TEXT = 200

__all__ = ["Describe", "describe", "text_of", "title_of"]


class Describe:
    """Describe a value to a model; ``describe.register`` teaches it a type.

    A class may also describe itself, by a method ``__llm__(self, tokens: int) -> str``.
    """

    def __call__(
        self,
        value: object,
        *,
        tokens: int = 400,
        name: str = "",
        deadline: float = 1.0,
        redactor: Redactor | None = None,
        needed: bool = False,
    ) -> str:
        """Return ``value`` as compact plain text; the same value gives the same text.

        Args:
            value: anything.
            tokens: the length limit in tokens of prose (`deepseek_magic.description.fitting.cost`). Rows and items are
                cut first, and the text says how many.
            name: the name of the value, which heads the text. Without one, the text of a short value is its literal
                (``3``), and that of a `str` the string itself.
            deadline: the seconds that code which is not ours may take in all; the value's own code (a ``__repr__``, a
                hook) gets 40 % of them, library code all of them.
            redactor: masks values with secret names, and secrets in strings that are cut, and knows which code is never
                sent. It does not search strings that are not cut: whoever sends the text must do that.
            needed: whether to raise an error if the value's own code gives no description.

        Returns:
            The description. No error is raised because of the value, unless it is ``needed``.

        Raises:
            QuestionError: a description is ``needed``, and there is none.
        """
        name = one_line(name, 80) if name else ""
        task = Task(tokens - (cost(name) + 1 if name else 0), deadline, redactor, name)
        try:
            text = describe_value(value, task)
        except Exception as error:  # noqa: BLE001 - the question must be sent whatever a value does
            task.unanswered[id(value)] = f"it cannot be described: {class_name(type(error))}"
            text = f"{class_name(type(value))} ({task.unanswered[id(value)]})"
        if needed and id(value) in task.unanswered:
            raise QuestionError(
                f"a {class_name(type(value))} cannot be asked about: {task.unanswered[id(value)]}; "
                "give a part of it, or its text"
            )
        secret = masked(value, task, name)
        return task.fit(f"{name} = {secret}" if secret else _headed(text, value, name), tokens)

    def register(self, kind: type | str, function: UserDescriber | None = None) -> Any:
        """Register ``function`` to describe values of ``kind`` and its subclasses; usable as a decorator.

        Args:
            kind: a class, or its dotted name (``"pandas.DataFrame"``), which avoids importing it.
            function: takes the value and the budget in tokens, and returns plain text, which is cut to the budget.

        Returns:
            The function, or a decorator if no function was given.

        Raises:
            TypeError: ``kind`` is neither a class nor a name, or ``function`` cannot be called.
        """
        if function is None:
            return partial(self.register, kind)
        register(kind, function)
        return function

    def unregister(self, kind: type | str) -> None:
        """Forget what was registered for ``kind``, if anything."""
        unregister(kind)


def text_of(value: object) -> str | None:
    """Return ``value`` as an f-string formats it, if it is a string, number, date, path or another known scalar.

    ``None`` for any other value, and for one with a description by the user's own function.
    """
    found = find(type(value))
    return formatted(value) if found is None or isinstance(found, KnownType) else None


def _headed(text: str, value: object, name: str) -> str:
    """Return ``text`` headed by ``name``, if there is one; as an assignment if the text is a short literal."""
    if not name:
        return text
    if type(value) is str:
        is_short = len(text) <= _SHORT_TEXT and "\n" not in text
        return f"{name} = {text!r}" if is_short else f"{title_of(value, name)}:\n{text}"
    is_summary = text.startswith((f"{class_name(type(value))} of ", "negative "))
    is_literal = "\n" not in text and exactly(value, *_LITERAL) and not is_summary
    return f"{name} = {text}" if is_literal else f"{name}: {text}"


describe = Describe()
