"""Replace the expressions in a question, and gather the context that it asks for."""

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

# A value whose description fits on a line of this length is put into the sentence; a longer one is sent as context.
_INLINE = 160
# The name at the end of an expression: of the variable, the attribute or the key.
_LAST_NAME = re.compile(r"""([^\W\d]\w*)['"\])]*\Z""")


@dataclass(frozen=True, slots=True)
class Gathered:
    """A question with its context.

    Attributes:
        text: the question, with its expressions replaced.
        items: the context.
        replaced: the expressions that were replaced, each in its braces.
        notes: notices for the user, one line each.
        typed: notices of likely typing errors in the question, one line each; shown before it is sent.
    """

    text: str
    items: tuple[Item, ...]
    replaced: tuple[str, ...]
    notes: tuple[str, ...]
    typed: tuple[str, ...]


def gather(
    text: str, reader: Reader, selectors: Sequence[Selector], variables: Sequence[str] = (), *, raw: bool = False
) -> Gathered:
    """Return the question ``text`` with its expressions replaced, and its context.

    Args:
        text: the question as typed.
        reader: reads the notebook and the values for the sources.
        selectors: the selectors of ``-c``.
        variables: the names of ``-v``.
        raw: whether expressions are left as typed.

    Raises:
        QuestionError: something that was asked for does not exist, or an expression in the question raised.
        SecretFound: the guard refuses, and there is a secret in text that would be cut.
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
    """Replace the expressions of ``question``; values of more than a line are added to ``beside`` as context."""

    def put(value: object, typed: str) -> str:
        expression = reader.redactor.text(typed)  # it is shown, and so it is saved
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
        """Return the text of a value, masked if its name is a secret name: the sentence does not show the name."""
        name = _LAST_NAME.search(expression)
        return said if name is None else reader.redactor.text(said, name=name[1])

    return interpolate(question, reader.names, put, reader.redactor, hidden)


def _in_a_sentence(value: object, reader: Reader) -> str | None:
    """Return the text of ``value`` for a sentence; ``None`` if it is too long for one."""
    from deepseek_magic.description import text_of  # slow to import, and most questions do not need it

    said = value if type(value) is str else text_of(value)
    if said is None:
        said = reader.described(value, "", LEAST_FOR_ONE)
    return said if len(said) <= _INLINE and said.isprintable() else None
