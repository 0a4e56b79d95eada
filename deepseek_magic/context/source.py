"""What a source of context is: a selector of ``-c``, what it reads, and the kind of its items."""

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
        name: ``Item.kind`` of its items.
        changes: how much it changes from question to question, as a rank. What changes least is sent first, so that
            the endpoint's cache serves the part that stayed the same.
        worth: its rank where the budget is short: what is worth least is left out first.
        named: returns how the receipt lists some titles in its line; else as they are.
        noun: what the items are, in the plural, where the receipt lists only the first few of very many.
        explained: whether the model is shown the notes, too, because they bear on what the text means.
    """

    name: str
    changes: int
    worth: int
    named: Callable[[Sequence[str]], Sequence[str]] = list
    noun: str = ""
    explained: bool = False


def no_argument(argument: str | None) -> None:
    """Refuse what stands after the colon of a selector that takes nothing there."""
    if argument is not None:
        raise ValueError(argument)


def nothing_meant(word: str) -> str:  # noqa: ARG001  # as others have it
    """Return "": no word was meant to be the selector."""
    return ""


@dataclass(frozen=True, slots=True)
class Source:
    """One source of context.

    Attributes:
        name: the selector, as typed after ``-c``.
        kind: the kind of its items.
        forms: each form of the selector as help spells it, and what it stands for; none: ``-c`` does not offer it.
        read: returns the items, or a sentence for the user that says why there are none; given what all sources read
            from, and the argument.
        parse: returns the argument from the text after the colon (``None``: there is no colon); raises `ValueError`.
        takes_rest: whether the argument goes on to the end, commas included.
        meant: returns the selector of this source that a word, which is none, was meant to be; "" if it was not.
    """

    name: str
    kind: Kind
    forms: Mapping[str, str]
    read: Callable[[Reader, Any], list[Item] | str]
    parse: Callable[[str | None], object] = no_argument
    takes_rest: bool = False
    meant: Callable[[str], str] = nothing_meant
