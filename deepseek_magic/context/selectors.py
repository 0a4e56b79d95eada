"""What ``-c`` asks for: selectors of context, read from text. No I/O."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from deepseek_magic.errors import OptionError
from deepseek_magic.text import one_line

Source = Literal["cells", "needs", "vars", "error", "notebook", "file", "fig", "none"]

#: Each form of a selector, as it is typed, and what it stands for.
FORMS: dict[str, str] = {
    "cells": "every executed cell with its output",
    "cells:N": "the last N of them",
    "cells:A-B": "those with the execution counts A to B",
    "needs": "just the cells that the names in the question come from",
    "vars": "every variable of yours",
    "error": "the last error, with its cell and the values around it",
    "notebook": "the saved notebook, Markdown cells included",
    "file:PATH": "a text file",
    "fig": "the last figure, for a model that sees images",
    "none": "nothing, also where a context is configured",
}
EXPECTED = "some of " + ", ".join(FORMS)
_PLAIN = ("cells", "needs", "vars", "error", "notebook", "fig", "none")


@dataclass(frozen=True, slots=True)
class Selector:
    """One source of context.

    ``last`` and ``between`` narrow ``cells``: the last so many, or those with these execution counts, both included.
    ``path`` is the file that ``file`` names.
    """

    source: Source
    last: int | None = None
    between: tuple[int, int] | None = None
    path: str = ""


def read(spec: str) -> tuple[Selector, ...]:
    """Return the selectors in ``spec``, which commas separate; ``file:`` takes the rest.

    Raises:
        ValueError: one of them is none; the message is that one.
    """
    found: list[Selector] = []
    rest = spec.strip()
    while rest:
        if rest.startswith("file:"):
            word, rest = rest, ""
        else:
            word, _, rest = (part.strip() for part in rest.partition(","))
        found.append(_one(word))
    if not found:
        raise ValueError(spec)
    return tuple(found)


def _one(word: str) -> Selector:
    for plain in _PLAIN:
        if word == plain:
            return Selector(plain)  # type: ignore[arg-type]  # _PLAIN holds sources only
    if word.startswith("file:") and word.removeprefix("file:").strip():
        return Selector("file", path=word.removeprefix("file:").strip())
    if (last := re.fullmatch(r"cells:(\d{1,6})", word)) and int(last[1]):
        return Selector("cells", last=int(last[1]))
    if (span := re.fullmatch(r"cells:(\d{1,9})-(\d{1,9})", word)) and int(span[1]) <= int(span[2]):
        return Selector("cells", between=(int(span[1]), int(span[2])))
    raise ValueError(word)


def chosen(specs: Iterable[str], setting: str) -> tuple[Selector, ...]:
    """Return the selectors of all ``specs``, each once, in the order in which they were asked for.

    Args:
        specs: texts that `read` takes.
        setting: what the user calls the place they come from, for the error.

    Raises:
        OptionError: one of them is no selector, or ``none`` stands beside another.
    """
    found: dict[Selector, None] = {}
    for spec in specs:
        try:
            found.update(dict.fromkeys(read(spec)))
        except ValueError as error:
            raise OptionError(refusal(setting, str(error))) from None
    if len(found) > 1 and any(selector.source == "none" for selector in found):
        msg = f"{setting}: none stands alone: leave it out, or leave the others out"
        raise OptionError(msg)
    return tuple(selector for selector in found if selector.source != "none")


def refusal(setting: str, word: str) -> str:
    """Return the sentence that says that ``word`` is no selector, with the nearest one."""
    near = difflib.get_close_matches(word.partition(":")[0], [*_PLAIN, "file"], 1, 0.6)
    hint = f"; did you mean {near[0]}?" if near and near[0] != word else ""
    return f"{setting}: expected {EXPECTED}, found {one_line(word, 60)!r}{hint}"
