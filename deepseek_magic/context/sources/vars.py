"""``-c vars``: every variable of the user, the newest of very many."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING

from deepseek_magic.context.budget import frame
from deepseek_magic.context.items import Item
from deepseek_magic.context.source import Source
from deepseek_magic.text import estimate_tokens

from .variables import VARIABLE, item_of, share

if TYPE_CHECKING:
    from deepseek_magic.context.reader import Reader

# Of those that are not described, so many are named, and so many tokens are kept for that.
_MOST_NAMED = 100
_FOR_NAMES = 400


def read(reader: Reader, _argument: object) -> list[Item] | str:
    """Return every variable, oldest first; of those that the budget has no room for, one item with their names."""
    not_data = (types.ModuleType, *reader.replies)
    names = [name for name, value in reader.names.items() if not issubclass(type(value), not_data)]
    if not names:
        return "No variable went along: none is defined."
    tokens, left = share(reader.tokens, len(names)), reader.tokens
    items: list[Item] = []
    # each value costs time, also one that the budget has no room for
    while names:
        item = item_of(reader, names[-1], reader.names[names[-1]], tokens)
        left -= estimate_tokens(item.text) + frame(item.title)
        if items and left < min(_FOR_NAMES, reader.tokens // 4) and len(names) > 1:
            break
        names.pop()
        items.append(item)
    if names:
        listed = ", ".join(names[-_MOST_NAMED:]) + (", …" if len(names) > _MOST_NAMED else "")
        title, note = f"{len(names):,} older variables", "only their names: ask for the values of some with -v"
        items.append(Item("variable", title, f"defined before, not shown: {listed}", (note,)))
    return items[::-1]


SOURCE = Source("vars", VARIABLE, {"vars": "every variable that you defined"}, read)
