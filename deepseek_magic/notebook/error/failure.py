"""The last error: an exception and the cell that it ended, or that the thread or task came from which it ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from deepseek_magic.errors import DeepSeekError, Interrupted


@dataclass(frozen=True, slots=True)
class Failure:
    """An exception that ended a cell, and that cell; or a thread or a task, and the cell whose code ran in it.

    Attributes:
        error: the exception itself; its traceback holds the frames.
        source: the failing cell exactly as typed; "" if it is not known.
        count: its execution count; 0 if it is not known.
        cell_id: the front end's name for it; "" if it gave none.
        ignored: whether its author marked it never to be sent.
        ended: what it ended, as in "a thread (loader)"; "" if that was a cell.
        at: when it ended that, in seconds since the epoch; 0 if that is not known.
    """

    error: BaseException
    source: str = ""
    count: int = 0
    cell_id: str = ""
    ignored: bool = False
    ended: str = ""
    at: float = 0.0

    @property
    def text(self) -> str:
        """The exception in words, without a traceback: ``ZeroDivisionError: division by zero``."""
        return exception_text(self.error)

    def names(self, transform: Callable[[str], str] | None = None) -> tuple[str, ...]:
        """Return the names that the failing cell reads, to find the cells they come from."""
        from deepseek_magic.notebook.slice.names import names_read  # loading the extension needs none of it

        return names_read(self.source, transform)


def is_ours(error: BaseException) -> bool:
    """Return whether ``error`` is our own: a refused or stopped question is not an error to repair."""
    return isinstance(error, (DeepSeekError, Interrupted))


def exception_text(error: BaseException) -> str:
    """Return type and message of ``error``, and its notes (PEP 678), each on a line of its own."""
    kind = type(error)
    module = "" if kind.__module__ in ("builtins", "__main__") else f"{kind.__module__}."
    message = error.msg if isinstance(error, SyntaxError) else _said(error)
    notes = getattr(error, "__notes__", None)
    lines = [f"{module}{kind.__qualname__}" + (f": {message}" if message else "")]
    return "\n".join([*lines, *(f"note: {note}" for note in (notes if isinstance(notes, list) else ())[:10])])


def _said(error: BaseException) -> str:
    """Return the message of ``error``; a message that cannot be made is said to be so."""
    try:
        return str(error)
    except Exception as other:  # noqa: BLE001  # the user's own __str__
        return f"(its message cannot be shown: {type(other).__name__})"
