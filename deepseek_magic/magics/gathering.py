"""From what the user asked for to items of context: each selector has its reader, and this is where they meet."""

from __future__ import annotations

import difflib
import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from deepseek_magic.chat.reply import Reply
from deepseek_magic.errors import QuestionError
from deepseek_magic.prompt import files
from deepseek_magic.prompt.describe import describe, title_of
from deepseek_magic.prompt.interpolate import Interpolated, interpolate
from deepseek_magic.prompt.items import Item
from deepseek_magic.prompt.selectors import Selector

from .session import Told

# Tokens for one value: so many at most, however few are asked for, and so many at least, however many are.
_MOST_FOR_ONE = 1_500
_LEAST_FOR_ONE = 60
# A value that is told in one line of this length stands in the sentence; a longer one stands beside it as data.
_INLINE = 160


class Gatherer:
    """Reads what one question asks for.

    Args:
        shell: the shell that runs.
        names: the user's own names and values.
        tokens: the budget of the whole context, estimated tokens.
    """

    def __init__(self, shell: Any, names: Mapping[str, Any], tokens: int) -> None:
        self._shell = shell
        self._names = names
        self._tokens = tokens

    def gather(
        self, question: str, selectors: Sequence[Selector], variables: Sequence[str], *, raw: bool
    ) -> tuple[str, Told]:
        """Return ``question`` as it is asked, and what goes with it.

        Raises:
            QuestionError: something that is asked for is not there, or an expression in the question raised.
        """
        items: list[Item] = []
        result = Interpolated(question) if raw else self._interpolated(question, items)
        for selector in selectors:
            items += self._selected(selector)
        items += self._variables(variables)
        once = {(item.kind, item.title): item for item in items}
        replaced = tuple(f"{{{one.expression}}}" for one in result.replaced)
        return result.text, Told(tuple(once.values()), replaced, result.near)

    def _interpolated(self, question: str, beside: list[Item]) -> Interpolated:
        """Replace the expressions of ``question``; what is told in more than a line goes ``beside`` it, as data."""

        def tell(value: object, expression: str) -> str:
            said = _in_a_sentence(value)
            if said is None:
                beside.append(self._item(expression, value, _MOST_FOR_ONE))
                return f"`{expression}`"
            return said

        return interpolate(question, self._names, tell)

    def _variables(self, names: Sequence[str]) -> Iterator[Item]:
        share = max(_LEAST_FOR_ONE, min(_MOST_FOR_ONE, self._tokens // max(1, len(names))))
        for name in dict.fromkeys(names):
            if name not in self._names:
                near = difflib.get_close_matches(name, self._names, 1, 0.6)
                hint = f"; did you mean {near[0]}?" if near else ": define it first"
                msg = f"-v {name}: there is no variable of that name{hint}"
                raise QuestionError(msg)
            yield self._item(name, self._names[name], share)

    def _item(self, name: str, value: object, tokens: int) -> Item:
        return Item("variable", title_of(value, name), describe(value, tokens=tokens, name=name))

    def _selected(self, selector: Selector) -> list[Item]:
        match selector.source:
            case "vars":
                told = [name for name, value in self._names.items() if not isinstance(value, (types.ModuleType, Reply))]
                return list(self._variables(told))
            case "file":
                return [files.read(selector.path, self._tokens)]
            case _:
                return []


def _in_a_sentence(value: object) -> str | None:
    """Return ``value`` as it stands in a sentence, or ``None`` where it is too long for one."""
    if type(value) in (int, float, complex, bool, type(None)):
        said = describe(value, tokens=_LEAST_FOR_ONE)
    elif type(value) is str:
        said = value if len(value) <= _INLINE else "\n"
    else:
        said = describe(value, tokens=_LEAST_FOR_ONE)
    return said if len(said) <= _INLINE and said.isprintable() else None
