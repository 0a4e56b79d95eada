"""Describe a value of the user's session to a model, within a budget of tokens.

Three promises. No library is imported that the user has not imported: foreign types are known by name. Values of known
types run no code of the user. Any other code (a ``__repr__``, a registered function, a hook ``__llm__``, what a library
does) runs in a daemon thread with a deadline; when it raises, hangs or returns nonsense, a line says so. Code that
holds the interpreter's lock without letting go cannot be bounded by anything in the same process.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from deepseek_magic.errors import QuestionError
from deepseek_magic.guard import Redactor
from deepseek_magic.text import one_line

from . import (  # noqa: F401  # each makes its types known
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
from .registry import Known, UserDescriber, find, register, unregister
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
            tokens: how long the text may be, in tokens of prose (`deepseek_magic.description.fitting.cost`). What does
                not fit is cut, rows and items first, and the text says how much.
            name: what the value is called; it then heads the text. Without one the text of a short value is the value
                itself (``3``), and that of a `str` is the string itself.
            deadline: the seconds that all code which is not ours may take together; the value's own code (a
                ``__repr__``, a hook) gets four tenths of them, library code all of them.
            redactor: masks values whose name says that they are secret, and secrets in strings that are cut, and says
                which code is never sent. It does not search what is not cut: the sender of the text must do that.
            needed: whether to raise an error if the value's own code gives no description.

        Returns:
            The text; nothing is ever raised because of the value, unless it is ``needed``.

        Raises:
            QuestionError: a description is ``needed``, and there is none.
        """
        name = one_line(name, 80) if name else ""
        task = Task(tokens - (cost(name) + 1 if name else 0), deadline, redactor, name)
        try:
            text = describe_value(value, task)
        except Exception as error:  # noqa: BLE001 - whatever a value does to us, the question must go out
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
            kind: a class, or its dotted name (``"pandas.DataFrame"``), so that it need not be imported.
            function: takes the value and the budget in tokens; returns plain text, which is cut to the budget.

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
    """Return ``value`` as an f-string gives it, if it is a string, number, date, path or another scalar we know.

    Everything else, and what the user's own function describes, is ``None``.
    """
    found = find(type(value))
    return formatted(value) if found is None or isinstance(found, Known) else None


def _headed(text: str, value: object, name: str) -> str:
    """Return ``text`` below ``name``, if there is one: an assignment where the text is a short literal."""
    if not name:
        return text
    if type(value) is str:
        is_short = len(text) <= _SHORT_TEXT and "\n" not in text
        return f"{name} = {text!r}" if is_short else f"{title_of(value, name)}:\n{text}"
    is_summary = text.startswith((f"{class_name(type(value))} of ", "negative "))
    is_literal = "\n" not in text and exactly(value, *_LITERAL) and not is_summary
    return f"{name} = {text}" if is_literal else f"{name}: {text}"


describe = Describe()
