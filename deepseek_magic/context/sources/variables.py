"""``-v``: variables by their names."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from deepseek_magic.context.items import Item
from deepseek_magic.context.source import Kind, Source
from deepseek_magic.errors import QuestionError

if TYPE_CHECKING:
    from deepseek_magic.context.reader import Reader

#: The most estimated tokens of one value, however few are asked for, and the least.
MOST_FOR_ONE, LEAST_FOR_ONE = 1_500, 60
_AROUND = 30  # estimated tokens of the lines around a block, and of its title


def item_of(reader: Reader, name: str, value: object, tokens: int) -> Item:
    """Return an item that describes ``value`` under ``name``, in at most ``tokens`` estimated tokens."""
    from deepseek_magic.description import title_of  # slow to import, and most questions do not need it

    return Item("variable", title_of(value, name), reader.described(value, name, tokens))


def share(tokens: int, count: int) -> int:
    """Return the estimated tokens for each of ``count`` values in a budget of ``tokens``."""
    return max(LEAST_FOR_ONE, min(MOST_FOR_ONE, tokens // max(1, count) - _AROUND))


def read(reader: Reader, names: Sequence[str]) -> list[Item]:
    """Return the variables with these ``names``.

    Raises:
        QuestionError: there is no variable with one of the names.
    """
    for name in names:
        if name not in reader.names:
            near = difflib.get_close_matches(name, reader.names, 1, 0.6)
            hint = f"; did you mean {near[0]}?" if near else ": define it first"
            msg = f"-v {name}: there is no variable of that name{hint}"
            raise QuestionError(msg)
    tokens = share(reader.tokens, len(names))
    return [item_of(reader, name, reader.names[name], tokens) for name in dict.fromkeys(names)]


def _named(titles: Sequence[str]) -> list[str]:
    return [title.partition(" (")[0] for title in titles]


VARIABLE = Kind("variable", changes=50, worth=30, named=_named, noun="variables")
SOURCE = Source("variables", VARIABLE, {}, read)
