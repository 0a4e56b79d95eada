"""``--tools``: functions of the notebook, and read-only tools that look into it, as tools of the model."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from deepseek_magic.context.reader import Reader
from deepseek_magic.context.sources import cells
from deepseek_magic.description.callables import NOT_SHOWN, unwrapped
from deepseek_magic.description.classes import class_name, instance_dict, mro, namespace
from deepseek_magic.description.source_code import class_file, class_source, function_source
from deepseek_magic.errors import OptionError
from deepseek_magic.guard import Guard
from deepseek_magic.notebook.kernel import Kernel
from deepseek_magic.notebook.running import RunningNotebook
from deepseek_magic.reach.consent import Consent
from deepseek_magic.reach.run_tool import RUN, RunTool
from deepseek_magic.reach.web_offer import yes_no
from deepseek_magic.settings.keys import Environment
from deepseek_magic.text import one_line, with_article
from deepseek_magic.tools.calls import Strangers, ToolBox
from deepseek_magic.tools.offered import Offered
from deepseek_magic.tools.signatures import Function, function_of

#: The word that stands for the read-only tools.
NOTEBOOK = "notebook"
#: Tools of one request, by DeepSeek's create-chat-completion reference.
_MOST_TOOLS = 128
_VALUE_TOKENS = 1_500
_MOST_ROWS = 50
_MOST_CELLS = 20
_MOST_NAMES = 200
# Frames and series of these, which no code of the user's has a hand in.
_FRAMES = {("pandas", "DataFrame"), ("pandas", "Series"), ("polars", "DataFrame"), ("polars", "Series")}


@dataclass(frozen=True, slots=True)
class Offering:
    """For whom tools are offered: the ``kernel``, how the user allows what is asked for, and the ``strangers``.

    ``tools_of`` and ``told_apart`` are as `deepseek_magic.app.answer_format.FormatInput` has them.
    """

    kernel: Kernel
    consent: Consent
    strangers: Strangers = field(default_factory=Strangers)
    tools_of: Callable[[Sequence[str], Consent], Sequence[Offered]] | None = None
    told_apart: Callable[[Sequence[str]], str] | None = None


def tool_box(
    offering: Offering, wanted: Sequence[str], names: Mapping[str, Any], guard: Guard, more: Sequence[Offered] = ()
) -> ToolBox:
    """Return the tools that the user named.

    Args:
        offering: for whom.
        wanted: names of functions of the user's, `NOTEBOOK` or `RUN`.
        names: the user's own names and values.
        guard: masks secrets in results.
        more: tools beside those.

    Raises:
        OptionError: a name is none of the user's, or stands for nothing that can be called; or there are too many.
            `ToolBox.open` raises it where nobody can allow what would be asked for.
    """
    functions: list[Function] = []
    others: list[Offered] = [*more]
    running = RunningNotebook(offering.kernel.shell, Environment(os.environ))
    reader = Reader(running, names, guard, tokens=_VALUE_TOKENS * 4)
    of_servers = [name for name in dict.fromkeys(wanted) if ":" in name]
    for name in dict.fromkeys(name for name in wanted if name not in of_servers):
        if name == RUN:
            others.append(_run_tool(offering, reader, names, guard))
        elif name == NOTEBOOK and not callable(names.get(name)):
            functions += NotebookTools(reader).functions()
        elif name not in names:
            msg = f"--tools {one_line(name, 60)}: there is no function of that name; define it first"
            raise OptionError(msg)
        else:
            functions.append(function_of(name, names[name], names, documented=not _is_hidden(names[name], reader)))
    given = [*(function.tool.name for function in functions), *(other.tool.name for other in others)]
    _check(given, more)

    def opened() -> Sequence[Offered]:
        offering.consent.check(run=RUN in wanted)
        started = offering.tools_of(of_servers, offering.consent) if of_servers and offering.tools_of else ()
        _check([*given, *(other.tool.name for other in started)], more)
        return started

    def describe(value: object, tokens: int) -> str:
        return reader.described(value, "", tokens)

    box = ToolBox(functions, describe, guard, _asked, others, offering.strangers, opened, of_servers)
    if of_servers and offering.told_apart:
        box.told_apart = offering.told_apart(of_servers)
    return box


def _check(given: Sequence[str], of_web: Sequence[Offered]) -> None:
    """Refuse tools of these names where two have the same, or there are too many.

    Raises:
        OptionError: they are refused.
    """
    if len(set(given)) < len(given):
        twice = next(name for name in given if given.count(name) > 1)
        ours = "--web" if any(twice == one.tool.name for one in of_web) else NOTEBOOK
        msg = f"--tools {twice}: one of the tools of {ours} has this name, too; give the function another"
        raise OptionError(msg)
    if len(given) > _MOST_TOOLS:
        msg = f"--tools names {len(given)} functions: expected at most {_MOST_TOOLS}"
        raise OptionError(msg)


def _run_tool(offering: Offering, reader: Reader, names: Mapping[str, Any], guard: Guard) -> RunTool:
    if RUN in names:  # code that ran may have defined it: then it would run without a question
        msg = f"--tools {RUN}: it stands for code that the model proposes, and you have a variable of this name, too"
        raise OptionError(f"{msg}: give that another name")
    return RunTool(offering.kernel, reader, guard, offering.consent, offering.strangers)


def _asked(call: str) -> bool:
    """Ask the user whether ``call`` may be made; where nobody can be asked it may not."""
    return yes_no(f"The model wants to run {call}. Run it? [y/N] ")


class NotebookTools:
    """The read-only tools: they look at values, sources and cells; they change nothing and call nothing.

    Args:
        reader: reads cells, and masks secrets in what is described; only its names are looked at.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._names = reader.names

    def functions(self) -> list[Function]:
        """Return the tools, as functions that the model may call."""
        looks: list[Callable[..., str]] = [self.list_variables, self.inspect_value, self.head]
        looks += [self.source_of, self.help_on, self.search_cells]
        return [function_of(look.__name__, look) for look in looks]

    def _value(self, name: str) -> Any:
        if name not in self._names:
            known = ", ".join(list(self._names)[:40]) or "none"
            msg = f"there is no variable {one_line(name, 60)!r}; there are {known}"
            raise LookupError(msg)
        return self._names[name]

    def list_variables(self) -> str:
        """List the user's variables with their types."""
        lines = [f"{name}: {class_name(type(one))}" for name, one in self._names.items()]
        more = [f"and {len(lines) - _MOST_NAMES} more"] if len(lines) > _MOST_NAMES else []
        return "\n".join([*lines[-_MOST_NAMES:], *more]) or "there are none"

    def inspect_value(self, name: str) -> str:
        """Describe a variable of the user's: type, shape, columns, sample; a function by its source."""
        return self._reader.described(self._value(name), name, _VALUE_TOKENS)

    def head(self, name: str, rows: int) -> str:
        """Return the first rows or items of a data frame, series, list, dict or text.

        Args:
            name: the variable.
            rows: how many; at most 50.
        """
        most = max(1, min(rows, _MOST_ROWS))
        return f"the first {most} of {self._reader.described(_first(self._value(name), most), name, _VALUE_TOKENS)}"

    def source_of(self, name: str) -> str:
        """Return the source of a function or class of the user's."""
        one = self._value(name)
        if _is_hidden(one, self._reader):
            raise LookupError(NOT_SHOWN)
        inner = None if _is_class(one) else unwrapped(one)
        source = class_source(one) if _is_class(one) else function_source(inner) if inner is not None else ""
        if not source:
            msg = f"there is no source of {name!r}, {with_article(class_name(type(one)))}"
            raise LookupError(msg)
        return source

    def help_on(self, name: str) -> str:
        """Return signature and docstring of a function, class, module or value that the user has under this name."""
        one = self._value(name)
        doc = NOT_SHOWN if _is_hidden(one, self._reader) else _doc(one)
        return f"{self._reader.described(one, name, _VALUE_TOKENS // 2)}\n\n{doc}"

    def search_cells(self, text: str) -> str:
        """Return the executed cells that hold a text, with their outputs."""
        executed = cells.read(self._reader, None)
        items = self._reader.checked([] if isinstance(executed, str) else executed)
        found = [cell for cell in items if text.lower() in cell.text.lower()]
        return "\n\n".join(f"{cell.title}\n{cell.text}" for cell in found[-_MOST_CELLS:]) or "no executed cell holds it"


def _is_class(value: object) -> bool:
    return issubclass(type(value), type)  # what a value says of its own class may be code


def _is_hidden(value: Any, reader: Reader) -> bool:
    """Return whether ``value`` (a function, a class, or one of a class) was made in a cell that is never sent."""
    inner = None if _is_class(value) else unwrapped(value)
    if inner is not None:
        return reader.notebook.hidden(inner.__code__.co_filename)
    return any(reader.notebook.hidden(class_file(base)) for base in mro(value if _is_class(value) else type(value)))


def _doc(value: Any) -> str:
    """Return the docstring of a function, module or class, or that of the class of a value; nothing of it is run."""
    inner = None if _is_class(value) else unwrapped(value)
    if inner is not None:
        doc: object = inner.__doc__
    elif type(value) is ModuleType:
        doc = instance_dict(value).get("__doc__")
    else:
        doc = next(
            (
                each
                for base in mro(value if _is_class(value) else type(value))
                if (each := namespace(base).get("__doc__"))
            ),
            "",
        )
    return inspect.cleandoc(doc) if type(doc) is str and doc else "it has no docstring"


def _first(value: Any, count: int) -> Any:
    """Return the first ``count`` rows or items of ``value``, by no code of the user's; what has none as it is."""
    kind = type(value)
    if kind is dict:
        return dict(list(value.items())[:count])
    if kind in (list, tuple, str):
        return value[:count]
    if (str(kind.__module__).partition(".")[0], kind.__name__) in _FRAMES:
        return value.head(count)
    return value
