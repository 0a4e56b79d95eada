"""From what the user asked for to items of context: each selector has its reader, and this is where they meet."""

from __future__ import annotations

import difflib
import json
import re
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from deepseek_magic.chat.question import Question
from deepseek_magic.chat.reply import Reply
from deepseek_magic.context.budget import frame
from deepseek_magic.context.interpolate import Interpolated, interpolate
from deepseek_magic.context.items import Item
from deepseek_magic.context.notebook_reader import NotebookReader
from deepseek_magic.context.pictures import picture_of
from deepseek_magic.context.selectors import Selector
from deepseek_magic.context.sources import file
from deepseek_magic.description import title_of
from deepseek_magic.errors import QuestionError
from deepseek_magic.text import estimate_tokens

# Tokens for one value: so many at most, however few are asked for, and so many at least, however many are.
_MOST_FOR_ONE = 1_500
_LEAST_FOR_ONE = 60
_AROUND = 30  # the lines around a block, and its title
# Of those that are not told, so many are named.
_MOST_NAMED = 100
_FOR_NAMES = 400
# A value that is told in one line of this length stands in the sentence; a longer one stands beside it as data.
_INLINE = 160

# The name that an expression ends in: of the variable, the attribute or the key.
_LAST_NAME = re.compile(r"""([^\W\d]\w*)['"\])]*\Z""")


class Gatherer:
    """Reads what one question asks for.

    Args:
        notebook: reads the cells, the page, the error and the figure.
        names: the user's own names and values.
        tokens: the budget of the whole context, estimated tokens.
    """

    def __init__(self, notebook: NotebookReader, names: Mapping[str, Any], tokens: int) -> None:
        self._notebook = notebook
        self._names = names
        self._tokens = tokens

    def gather(
        self, question: Question, selectors: Sequence[Selector], variables: Sequence[str], words: str, *, raw: bool
    ) -> Question:
        """Return ``question`` with its expressions replaced and with what ``selectors`` and ``variables`` ask for.

        ``words`` are the user's own of it, in which names are looked for.

        Raises:
            QuestionError: something that is asked for is not there, or an expression in the question raised.
        """
        items: list[Item] = []
        notes: list[str] = []
        result = Interpolated(question.text) if raw else self._interpolated(question.text, items)
        for_error = any(selector.source == "error" for selector in selectors)
        for selector in selectors:
            found = self._selected(selector, words, for_error)
            if not found and not (for_error and selector.source == "needs"):  # an error may build on no cell
                notes += [_NOTHING[selector.source]] if selector.source in _NOTHING else []
            items += found
        items += self._variables(variables)
        once = {(item.kind, item.title): item for item in items}
        return replace(
            question,
            text=result.text,
            context=tuple(once.values()),
            replaced=tuple(f"{{{self._notebook.mask(one.expression)}}}" for one in result.replaced),
            notes=(*question.notes, *map(self._notebook.mask, result.near), *notes),
        )

    def _interpolated(self, question: str, beside: list[Item]) -> Interpolated:
        """Replace the expressions of ``question``; what is told in more than a line goes ``beside`` it, as data."""

        def tell(value: object, typed: str) -> str:
            expression = self._notebook.mask(typed)  # it is shown, and so saved
            picture = picture_of(value, expression)
            if picture is not None:
                beside.append(Item("figure", f"image {expression}", f"an image: {expression}", image=picture))
                return f"`{expression}` (an image)"
            said = self._in_a_sentence(value)
            if said is None:
                beside.append(self._item(expression, value, _MOST_FOR_ONE))
                return f"`{expression}`"
            return said

        return interpolate(question, self._names, tell, self._notebook.mask, self._hidden)

    def _hidden(self, said: str, expression: str) -> str:
        """Return the text of a value, masked where its name says that it is a secret: the sentence does not."""
        name = _LAST_NAME.search(expression)
        if name is None:
            return said
        told = f"{name[1]} = "
        probe = told + json.dumps(said, ensure_ascii=False)
        masked = self._notebook.mask(probe)
        return said if masked == probe else masked.removeprefix(told).strip('"')

    def _in_a_sentence(self, value: object) -> str | None:
        """Return ``value`` as it stands in a sentence, or ``None`` where it is too long for one."""
        if type(value) is str:
            said = value if len(value) <= _INLINE else "\n"
        else:
            said = self._notebook.told(value, "", _LEAST_FOR_ONE)
        return said if len(said) <= _INLINE and said.isprintable() else None

    def _every_variable(self) -> Iterator[Item]:
        """Yield every variable, the newest of very many; of the others the model learns the names."""
        told = [name for name, value in self._names.items() if not issubclass(type(value), (types.ModuleType, Reply))]
        items: list[Item] = []
        share, left = self._share(len(told)), self._tokens
        # each value costs time, also one that the budget has no room for
        while told:
            item = self._item(told[-1], self._names[told[-1]], share)
            left -= estimate_tokens(item.text) + frame(item)
            if items and left < min(_FOR_NAMES, self._tokens // 4) and len(told) > 1:
                break
            told.pop()
            items.append(item)
        if told:
            names = ", ".join(told[-_MOST_NAMED:]) + (", …" if len(told) > _MOST_NAMED else "")
            note = "only their names: ask for the values of some with -v"
            yield Item("variable", f"{len(told):,} older variables", f"defined before, not shown: {names}", (note,))
        yield from reversed(items)

    def _share(self, count: int) -> int:
        return max(_LEAST_FOR_ONE, min(_MOST_FOR_ONE, self._tokens // max(1, count) - _AROUND))

    def _variables(self, names: Sequence[str]) -> Iterator[Item]:
        share = self._share(len(names))
        for name in dict.fromkeys(names):
            if name not in self._names:
                near = difflib.get_close_matches(name, self._names, 1, 0.6)
                hint = f"; did you mean {near[0]}?" if near else ": define it first"
                msg = f"-v {name}: there is no variable of that name{hint}"
                raise QuestionError(msg)
            yield self._item(name, self._names[name], share)

    def _item(self, name: str, value: object, tokens: int) -> Item:
        return Item("variable", title_of(value, name), self._notebook.told(value, name, tokens))

    def _selected(self, selector: Selector, words: str, for_error: bool) -> list[Item]:
        match selector.source:
            case "vars":
                return list(self._every_variable())
            case "file":
                return [file.read(selector.path, self._tokens)]
            case "cells":
                return self._notebook.cells(selector.last, selector.between)
            case "notebook":
                return self._notebook.page()
            case "needs":
                return self._notebook.needed(words, for_error=for_error)
            case "error":
                return [self._notebook.error()]
            case "fig":
                return [self._notebook.figure()]
            case _:
                return []


_NOTHING = {
    "cells": "No cell went along: none has been executed that may be sent.",
    "notebook": "No notebook went along: the saved file has nothing in it that may be sent.",
    "needs": "No cell went along: the question names nothing that a cell defined. Name variables in `backticks`.",
    "vars": "No variable went along: none is defined.",
}
