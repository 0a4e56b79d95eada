"""What may stand at the cursor in a call of a magic: an option, the value of one, or a word that the magic knows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from deepseek_magic.settings.kinds import Choice, Flag
from deepseek_magic.settings.rows import Parameter
from deepseek_magic.settings.servers import SERVERS

from .commands import MAGICS
from .options import spellings

#: The beginning of a line that calls one of the magics, on a line of its own or as an assigned value.
CALL = re.compile(rf"(?:[^#'\"]*=)?\s*%%?({'|'.join(sorted((one.name for one in MAGICS), reverse=True))})\s")


@dataclass(frozen=True, slots=True)
class Known:
    """What the kernel knows that may be completed.

    Attributes:
        names: the user's own names and values.
        conversations: the names of the conversations.
    """

    names: Mapping[str, Any]
    conversations: Iterable[str]


def completions(typed: str, symbol: str, known: Callable[[], Known]) -> list[str]:
    """Return what may stand in place of ``symbol``, the last part of ``typed``, the line up to the cursor.

    Nothing is offered within the text of a question. ``known`` is asked only where it is needed.
    """
    call = CALL.match(typed)
    if call is None:
        return []
    magic = next(one for one in MAGICS if one.name == call[1])
    options = spellings(magic.options)
    *before, word = re.split(r"\s+", typed[call.end() :].lstrip())
    if magic.name != "deepseek_map" and _in_text(before, options):
        return []
    if word.startswith("-"):
        spelling, equals, _ = word.partition("=")
        offered: Iterable[str] = _values(options.get(spelling), known) if equals else (*options, *magic.words)
    elif before and before[-1] in options and not isinstance(options[before[-1]].kind, Flag):
        offered = _values(options[before[-1]], known)
    elif before:
        offered = ()
    else:
        offered = (*magic.words, *(known().conversations if magic.name == "deepseek_chat" else ()))
    return [one for one in dict.fromkeys(offered) if one.startswith(symbol)]


def _in_text(words: list[str], options: Mapping[str, Parameter]) -> bool:
    """Return whether ``words`` hold more than options and their values."""
    place = 0
    while place < len(words):
        spelling, equals, _ = words[place].partition("=")
        if spelling not in options:
            return True
        place += 1 if equals or isinstance(options[spelling].kind, Flag) else 2
    return False


def _values(option: Parameter | None, known: Callable[[], Known]) -> Iterable[str]:
    """Return the values of ``option`` that are known by name."""
    if option is None:
        return ()
    if isinstance(option.kind, Choice):
        return option.kind.choices
    find = _BY_NAME.get(option.name)
    return () if find is None else find(known())


def _sources(_known: Known) -> Iterable[str]:
    from deepseek_magic.context.selectors import FORMS  # the sources, which loading needs none of

    bare = [form for form in FORMS if ":" not in form]
    return (*bare, *(f"{name}:" for form in FORMS if (name := form.partition(":")[0]) not in bare))


def _models(_known: Known) -> Iterable[str]:
    from deepseek_magic.api.catalogue import MODELS

    return MODELS


def _functions(known: Known) -> Iterable[str]:
    return (*(name for name, value in known.names.items() if callable(value)), "notebook")


# What an option takes where it is not a choice of a few words.
_BY_NAME: dict[str, Callable[[Known], Iterable[str]]] = {
    "context": _sources,
    "model": _models,
    "vars": lambda known: known.names,
    "schema": lambda known: known.names,
    "output": lambda known: known.names,
    "tools": _functions,
    "chat": lambda known: known.conversations,
    "base_url": lambda _known: SERVERS,
}
