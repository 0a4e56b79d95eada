"""Complete calls of our magics: options, their values, words, and names in braces."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from deepseek_magic.app.options import HELP, spellings, value_at
from deepseek_magic.errors import OptionError
from deepseek_magic.settings.kinds import Choice, Flag, Several
from deepseek_magic.settings.rows import Parameter
from deepseek_magic.settings.servers import SERVERS

from .map_command import first_expression
from .table import CELL_NAMES, MAGICS, Magic

_NAMES = "|".join(sorted((one.name for one in MAGICS), reverse=True))
#: The beginning of a line that calls one of the magics, on a line of its own or as an assigned value.
CALL = re.compile(rf"(?:[^#'\"]*=)?\s*%%?({_NAMES})\s")
# The beginning of a cell of one of our magics; and of another magic that does not run its cell as code.
_OURS = re.compile(rf"(?:\s|#[^\n]*\n)*%%({'|'.join(sorted(CELL_NAMES, reverse=True))})(?!\w)[^\n]*\n")
_OTHERS = re.compile(r"\s*%%(?!(?:time|timeit|capture|prun|debug)\b)")
_SPELLED = re.compile(r"--?[A-Za-z][\w-]*(?==|\Z)")
_IN_BRACES = re.compile(r"\{([^\W\d]\w*)?\Z")
_WORD = re.compile(r"(\S+)\s+(\S*)\Z")
_MOST_PATHS = 200


@dataclass(frozen=True, slots=True)
class KnownNames:
    """The names in the kernel that may be completed.

    Attributes:
        names: the user's own names and values.
        conversations: the names of the conversations.
        jobs: the numbers of the background jobs.
        cells: the numbers of the cells whose replies are kept.
        servers: returns the names of the configured MCP servers.
        profiles: returns the names of the user's profiles.
    """

    names: Mapping[str, Any]
    conversations: Iterable[str]
    jobs: Iterable[str] = ()
    cells: Iterable[int] = ()
    servers: Callable[[], Iterable[str]] = tuple
    profiles: Callable[[], Iterable[str]] = tuple


@dataclass(frozen=True, slots=True)
class Completions:
    """The completions that may replace ``typed``."""

    typed: str = ""
    matches: tuple[str, ...] = ()


_NOTHING = Completions()


def offered(before: str, known: Callable[[], KnownNames]) -> Completions:
    """Return the completions at the end of ``before``, a cell up to the cursor; none outside calls of our magics.

    ``known`` is called only if it is needed.
    """
    cell = _OURS.match(before)
    if cell is not None:
        return _in_text(cell[1], before[cell.end() :], known)
    if _OTHERS.match(before) and not re.match(rf"\s*%%(?:{_NAMES})\s", before):
        return _NOTHING
    line = before.rpartition("\n")[2]
    call = CALL.match(line)
    if call is None:
        return _NOTHING
    magic = next(one for one in MAGICS if one.name == call[1])
    return _in_line(magic, line[call.end() :], known)


def _in_text(name: str, before: str, known: Callable[[], KnownNames]) -> Completions:
    """Return the names for the open braces at the end of ``before``, a question."""
    found = _IN_BRACES.search(before)
    if found is None or name not in ("deepseek", "deepseek_map"):
        return _NOTHING
    names = ("value}",) if name == "deepseek_map" else _variables(known())
    return _beginning(found[1] or "", names)


def _in_line(magic: Magic, line: str, known: Callable[[], KnownNames]) -> Completions:
    """Return the completions at the end of ``line``, which follows the name of ``magic``."""
    options = spellings(magic.options)
    given, place, option = _read(line, options)
    if option is None and magic.name == "deepseek_map" and not _is_option(line[place:]):
        source, rest = first_expression(line[place:])
        if not rest:
            return _beginning(source, _variables(known())) if "." not in source else _NOTHING
        line = rest
        more, place, option = _read(line, options)
        given |= more
    typed = line[place:]
    if option is not None:
        return _value(option, typed.lstrip("'\""), known)
    after = _WORD.match(typed)
    if after is not None and (find := _AFTER.get((magic.name, after[1]))):
        return _beginning(after[2], find(known(), after[2]))
    if any(character.isspace() for character in typed) or (place and not line[place - 1].isspace()):
        return _in_text(magic.name, typed, known)
    spare = [spelling for spelling, one in options.items() if one.name not in given or isinstance(one.kind, Several)]
    if _is_option(typed):
        found = _beginning(typed, (*spare, *magic.words))
        return found if found.matches else _beginning(typed, HELP)
    if not typed and options:
        return Completions("", tuple(one for one in spare if one.startswith("--")))
    if typed.startswith("{") or given:
        return _in_text(magic.name, typed, known)
    return _beginning(typed, (*magic.words, *(known().conversations if magic.name == "deepseek_chat" else ())))


def _is_option(text: str) -> bool:
    return text.startswith("-") and len(text.split()) == 1


def _read(line: str, options: Mapping[str, Parameter]) -> tuple[set[str], int, Parameter | None]:
    """Return the fields that ``line`` gives, where its last part begins, and the option whose value that is, if any."""
    given: set[str] = set()
    place = 0
    while True:
        start = place + len(line[place:]) - len(line[place:].lstrip())
        word = line[start:].split(maxsplit=1)[:1]
        spelled = _SPELLED.match(word[0]) if word else None
        option = options.get(spelled[0]) if spelled else None
        if spelled is None or option is None:
            return given, start, None
        place = start + spelled.end()
        if place == len(line):
            return given, start, None
        given.add(option.name)
        if isinstance(option.kind, Flag) or (option.bare is not None and line[place] != "="):
            continue
        value = place + 1 if line[place] == "=" else place + len(line[place:]) - len(line[place:].lstrip())
        try:
            _, place = value_at(line, value, option)
        except OptionError:  # it has no value yet, or an open quotation mark
            return given, value, option
        if place == len(line):
            return given, value, option


def _value(option: Parameter, typed: str, known: Callable[[], KnownNames]) -> Completions:
    """Return the values of ``option`` that are known by name and begin with ``typed``."""
    if isinstance(option.kind, Choice):
        return _beginning(typed, option.kind.choices)
    find = _BY_NAME.get(option.name)
    if find is None:
        return _NOTHING
    if option.name == "compare":
        return _compared(typed, known)
    if isinstance(option.kind, Several):
        before, colon, path = typed.partition("file:")
        if colon and (not before or before.endswith(",")):
            return _beginning(f"file:{path}", (f"file:{one}" for one in _paths(path)))
        typed = typed.rpartition(",")[2]
    return _beginning(typed, find(known()))


def _compared(typed: str, known: Callable[[], KnownNames]) -> Completions:
    """Return the values that may be compared: models, or those of the parameter that ``typed`` begins with."""
    from deepseek_magic.settings.compare import ROWS  # few questions are compared

    names = {row.flag.removeprefix("--"): row for row in ROWS}
    name, named, values = typed.partition("=")
    if not named:
        _, comma, last = typed.rpartition(",")
        return _beginning(last, (*_models(known()), *(() if comma else (f"{one}=" for one in names))))
    row = names.get(name)
    if row is None:
        return _NOTHING
    values = values.rpartition(",")[2]
    return _beginning(values, ("on", "off")) if isinstance(row.kind, Flag) else _value(row, values, known)


def _beginning(typed: str, words: Iterable[str]) -> Completions:
    return Completions(typed, tuple(word for word in dict.fromkeys(words) if word.startswith(typed)))


def _sources(_known: KnownNames) -> Iterable[str]:
    from deepseek_magic.context.selectors import FORMS  # the sources, which loading needs none of

    bare = [form for form in FORMS if ":" not in form]
    return (*bare, *(f"{name}:" for form in FORMS if (name := form.partition(":")[0]) not in bare))


def _models(_known: KnownNames) -> Iterable[str]:
    from deepseek_magic.api.catalogue import MODELS

    return MODELS


def _variables(known: KnownNames) -> Iterable[str]:
    return (name for name, value in known.names.items() if not isinstance(value, ModuleType))


def _functions(known: KnownNames) -> Iterable[str]:
    servers = (f"mcp:{name}" for name in known.servers())
    return (*(name for name, value in known.names.items() if callable(value)), "notebook", "run", *servers)


def _schemas(known: KnownNames) -> Iterable[str]:
    """Return the names of types and of dicts, which may be a JSON Schema."""
    return (name for name, value in known.names.items() if isinstance(value, (type, dict)))


def _paths(typed: str) -> Iterable[str]:
    """Return the files and folders that begin with ``typed``, without those with a blank, which need quotes."""
    folder = typed[: typed.rfind("/") + 1]
    try:
        entries = sorted(Path(folder or ".").expanduser().iterdir())
        return [
            f"{folder}{entry.name}{'/' if entry.is_dir() else ''}"
            for entry in entries[:5_000]
            if " " not in entry.name and entry.name.startswith(typed[len(folder) :]) and entry.name[0] != "."
        ][:_MOST_PATHS]
    except (OSError, ValueError, RuntimeError):  # there is no such folder, or no home
        return ()


# The values of options that are not a choice of a few words.
_BY_NAME: dict[str, Callable[[KnownNames], Iterable[str]]] = {
    "context": _sources,
    "model": _models,
    "compare": _models,
    "vars": _variables,
    "schema": _schemas,
    "output": _variables,
    "tools": _functions,
    "chat": lambda known: known.conversations,
    "base_url": lambda _known: SERVERS,
    "profile": lambda known: known.profiles(),
}
# The values after a word, by the magic and the word.
_AFTER: dict[tuple[str, str], Callable[[KnownNames, str], Iterable[str]]] = {
    **{("deepseek_jobs", word): lambda known, _typed: known.jobs for word in ("stop", "wait")},
    ("deepseek_chat", "show"): lambda known, _typed: map("[{}]".format, known.cells),
    **{("deepseek_record", word): lambda _known, typed: _paths(typed) for word in ("export", "import")},
    **{("deepseek_chat", word): lambda _known, typed: _paths(typed) for word in ("export", "import")},
}
