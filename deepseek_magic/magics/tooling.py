"""``--tools``: functions of the notebook, and read-only tools that look into it, as tools of the model."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from deepseek_magic.chat.tools.calls import ToolBox
from deepseek_magic.chat.tools.signatures import Function, function_of
from deepseek_magic.errors import OptionError
from deepseek_magic.prompt.describe import describe
from deepseek_magic.prompt.guard import Guard
from deepseek_magic.prompt.history import ExecutedCell, never_sent

from . import snapshot

#: The word that stands for the read-only tools.
NOTEBOOK = "notebook"
_VALUE_TOKENS = 1_500
_MOST_ROWS = 50
_MOST_CELLS = 20


def tool_box(shell: Any, wanted: Sequence[str], names: Mapping[str, Any], guard: Guard) -> ToolBox:
    """Return the tools that the user named.

    Args:
        shell: the shell that runs.
        wanted: names of functions of the user's, or `NOTEBOOK`.
        names: the user's own names and values.
        guard: masks secrets in results.

    Raises:
        OptionError: a name is none of the user's, or stands for nothing that can be called.
    """
    functions: list[Function] = []
    for name in dict.fromkeys(wanted):
        if name == NOTEBOOK and name not in names:
            functions += notebook_tools(shell, names)
        elif name not in names:
            msg = f"--tools {name}: there is no function of that name; define it first"
            raise OptionError(msg)
        else:
            functions.append(function_of(name, names[name], names))
    return ToolBox(functions, lambda value, tokens: describe(value, tokens=tokens), guard, _asked)


def _asked(call: str) -> bool:
    """Ask the user whether ``call`` may be made; where nobody can be asked it may not."""
    try:
        answer = input(f"The model wants to run {call}. Run it? [y/N] ")
    except (EOFError, RuntimeError, NotImplementedError):
        return False
    return answer.strip().lower() in ("y", "yes")


def notebook_tools(shell: Any, names: Mapping[str, Any]) -> list[Function]:
    """Return the read-only tools: they look at values, sources and cells, and change and run nothing."""

    def value(name: str) -> Any:
        if name not in names:
            known = ", ".join(list(names)[:40])
            msg = f"there is no variable {name!r}; there are {known}"
            raise LookupError(msg)
        return names[name]

    def list_variables() -> str:
        """List the user's variables with their types."""
        return "\n".join(f"{name}: {type(one).__name__}" for name, one in names.items()) or "there are none"

    def inspect_value(name: str) -> str:
        """Describe a variable of the user's: type, shape, columns, sample."""
        return describe(value(name), tokens=_VALUE_TOKENS, name=name)

    def head(name: str, rows: int = 10) -> str:
        """Return the first rows or items of a data frame, series, list or mapping."""
        most = max(1, min(rows, _MOST_ROWS))
        return describe(_first(value(name), most), tokens=_VALUE_TOKENS, name=f"the first {most} of {name}")

    def source_of(name: str) -> str:
        """Return the source of a function or class of the user's."""
        return inspect.getsource(value(name))

    def help_on(name: str) -> str:
        """Return signature and docstring of a function, class, module or value that the user has under this name."""
        one = value(name)
        try:
            signature = str(inspect.signature(one)) if callable(one) else ""
        except (TypeError, ValueError):
            signature = "(…)"
        return f"{name}{signature}\n{inspect.getdoc(one) or 'it has no docstring'}"

    def search_cells(text: str) -> str:
        """Return the executed cells that hold a text, with their outputs."""
        found = [cell for cell in _shown(shell) if text.lower() in cell.source.lower()]
        return "\n\n".join(f"{cell.title}\n{cell.source}\nOutput:\n{cell.output}" for cell in found[-_MOST_CELLS:]) or (
            "no executed cell holds it"
        )

    tools: tuple[Callable[..., str], ...] = (list_variables, inspect_value, head, source_of, help_on, search_cells)
    return [function_of(tool.__name__, tool) for tool in tools]


def _shown(shell: Any) -> list[ExecutedCell]:
    return [cell for cell in snapshot.executed(shell) if not cell.question and not never_sent(cell, None)]


def _first(value: Any, count: int) -> Any:
    """Return the first ``count`` rows or items of ``value``; what has no order as it is."""
    if isinstance(value, Mapping):
        return dict(list(value.items())[:count])
    if isinstance(value, (list, tuple, str)):
        return value[:count]
    rows = getattr(value, "head", None)
    return rows(count) if callable(rows) else value
