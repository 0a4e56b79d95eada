"""From a question as typed to the question with its expressions replaced, and the items that go along with it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .interpolate import Interpolated, interpolate
from .items import Item
from .pictures import picture_of
from .reader import Reader
from .selectors import Selector
from .sources import SOURCES
from .sources.variables import LEAST_FOR_ONE, MOST_FOR_ONE, item_of

# A value that is described in one line of this length stands in the sentence; a longer one beside it, as data.
_INLINE = 160
# The name that an expression ends in: of the variable, the attribute or the key.
_LAST_NAME = re.compile(r"""([^\W\d]\w*)['"\])]*\Z""")


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was gathered for a question.

    Attributes:
        text: the question, its expressions replaced.
        items: the context.
        replaced: the expressions that were replaced, each in its braces.
        notes: what the user should know, each one line.
        typed: what of the question looks like a slip, each one line: known before it is sent.
    """

    text: str
    items: tuple[Item, ...]
    replaced: tuple[str, ...]
    notes: tuple[str, ...]
    typed: tuple[str, ...]


def gather(
    text: str, reader: Reader, selectors: Sequence[Selector], variables: Sequence[str] = (), *, raw: bool = False
) -> Gathered:
    """Return the question ``text`` with its expressions replaced, and what it asks to go along.

    Args:
        text: the question as typed.
        reader: what the sources read from.
        selectors: what ``-c`` asks for.
        variables: the names that ``-v`` asks for.
        raw: whether every expression stays as typed.

    Raises:
        QuestionError: something that is asked for is not there, or an expression in the question raised.
        SecretFound: the guard refuses, and there is a secret in what would be cut.
    """
    reader.selected = selectors
    items: list[Item] = []
    notes: list[str] = []
    result = Interpolated(text) if raw else _interpolated(text, reader, items)
    for selector in (*selectors, *([Selector("variables", tuple(variables))] if variables else [])):
        found = SOURCES[selector.source].read(reader, selector.argument)
        if isinstance(found, str):
            notes.append(found)
            found = []
        items += reader.checked(found)
    return Gathered(
        result.text,
        tuple({(item.kind, item.title): item for item in items}.values()),
        tuple(f"{{{reader.redactor.text(one.expression)}}}" for one in result.replaced),
        (*notes, *dict.fromkeys(reader.notices)),
        tuple(map(reader.redactor.text, result.near)),
    )


def _interpolated(question: str, reader: Reader, beside: list[Item]) -> Interpolated:
    """Replace the expressions of ``question``; what takes more than a line goes ``beside`` it, as data."""

    def put(value: object, typed: str) -> str:
        expression = reader.redactor.text(typed)  # it is shown, and so saved
        picture = picture_of(value, expression)
        if picture is not None:
            beside.append(Item("figure", f"image {expression}", f"an image: {expression}", image=picture))
            return f"`{expression}` (an image)"
        said = _in_a_sentence(value, reader)
        if said is None:
            beside.append(item_of(reader, expression, value, MOST_FOR_ONE))
            return f"`{expression}`"
        return said

    def hidden(said: str, expression: str) -> str:
        """Return the text of a value, masked where its name says that it is a secret: the sentence does not."""
        name = _LAST_NAME.search(expression)
        return said if name is None else reader.redactor.text(said, name=name[1])

    return interpolate(question, reader.names, put, reader.redactor, hidden)


def _in_a_sentence(value: object, reader: Reader) -> str | None:
    """Return ``value`` as it stands in a sentence, or ``None`` if it is too long for one."""
    from deepseek_magic.description import text_of  # heavy, and most questions need none of it

    said = value if type(value) is str else text_of(value)
    if said is None:
        said = reader.described(value, "", LEAST_FOR_ONE)
    return said if len(said) <= _INLINE and said.isprintable() else None
