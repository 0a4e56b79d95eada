"""``-c vars``: the user's variables; if there are very many, the newest."""

from __future__ import annotations

import re
import types
from collections.abc import Sequence
from typing import TYPE_CHECKING

from deepseek_magic.context.budget import frame
from deepseek_magic.context.items import Item
from deepseek_magic.context.source import Source
from deepseek_magic.text import estimate_tokens, largest_that_fits

from .variables import VARIABLE, item_of, share

if TYPE_CHECKING:
    from deepseek_magic.context.reader import Reader

# How many variables that are not described are named, and how many tokens are reserved for that.
_MOST_NAMED = 100
_FOR_NAMES = 400


def read(reader: Reader, _argument: object) -> list[Item] | str:
    """Return every variable, oldest first; those that do not fit in the budget are listed by name in one item."""
    not_data = (types.ModuleType, *reader.replies)
    names = [name for name, value in reader.names.items() if not issubclass(type(value), not_data)]
    if not names:
        return "No variable was sent: none is defined."
    tokens, left, for_names = share(reader.tokens, len(names)), reader.tokens, min(_FOR_NAMES, reader.tokens // 4)
    items: list[Item] = []
    # describing a value takes time, even if it does not fit in the budget
    while names:
        item = item_of(reader, names[-1], reader.names[names[-1]], tokens)
        left -= estimate_tokens(item.text) + frame(item.title)
        if items and left < for_names and len(names) > 1:
            break
        names.pop()
        items.append(item)
    if names:
        title, note = f"{len(names):,} older variables", "only their names: ask for the values of some with -v"
        items.append(Item("variable", title, _listed(names, for_names - frame(title)), (note,)))
    return items[::-1]


def _listed(names: Sequence[str], tokens: int) -> str:
    """Return the newest of ``names``, as many as fit in ``tokens``."""

    def listed(count: int) -> str:
        more = ", …" if count < len(names) else ""
        return f"defined before, not shown: {', '.join(names[len(names) - count :])}{more}"

    return listed(
        largest_that_fits(lambda count: estimate_tokens(listed(count)) <= tokens, min(len(names), _MOST_NAMED))
    )


def _meant(word: str) -> str:
    """Return the selector for ``variables``, or the option for some by name (``vars:df``); "" for other words."""
    if named := re.fullmatch(r"vars?:(\w[\w,]*)", word):
        return f"-v {named[1]}"
    return "vars" if word.casefold() in ("variable", "variables", "names") else ""


SOURCE = Source("vars", VARIABLE, {"vars": "every variable that you defined"}, read, meant=_meant)
