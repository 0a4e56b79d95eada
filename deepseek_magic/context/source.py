"""`Source`: one source of context, that is a selector of ``-c``, what it reads, and the kind of its items."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .items import Item
    from .reader import Reader


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of items.

    Attributes:
        name: the ``Item.kind`` of its items.
        changes: a rank for how much it changes from question to question. What changes least is sent first, so that the
            endpoint's cache serves the unchanged beginning.
        worth: its rank if the budget is short: the lowest is left out first.
        named: returns the names for the receipt's line, given the titles; by default the titles.
        noun: the plural of its items, if the receipt lists only the first few of very many.
        explained: whether the notes are sent to the model as well, because they affect what the text means.
    """

    name: str
    changes: int
    worth: int
    named: Callable[[Sequence[str]], Sequence[str]] = list
    noun: str = ""
    explained: bool = False


def no_argument(argument: str | None) -> None:
    """Refuse an argument for a selector that takes none."""
    if argument is not None:
        raise ValueError(argument)


def nothing_meant(word: str) -> str:  # noqa: ARG001  # as others have it
    """Return "": no other word is taken for the selector."""
    return ""


@dataclass(frozen=True, slots=True)
class Source:
    """One source of context.

    Attributes:
        name: the selector, as typed after ``-c``.
        kind: the kind of its items.
        forms: each form of the selector in help, and what it means; empty if ``-c`` does not offer it.
        read: returns the items, or a sentence that tells the user why there are none; given the reader and the
            argument.
        parse: returns the argument from the text after the colon (``None`` without a colon); may raise `ValueError`.
        takes_rest: whether the argument includes everything to the end, even commas.
        meant: returns the selector of this source that was probably meant by a word that is not a selector, or "".
    """

    name: str
    kind: Kind
    forms: Mapping[str, str]
    read: Callable[[Reader, Any], list[Item] | str]
    parse: Callable[[str | None], object] = no_argument
    takes_rest: bool = False
    meant: Callable[[str], str] = nothing_meant
