"""The options of a question as keyword arguments of Python functions: named in signature and help, and checked."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from textwrap import wrap
from typing import Any, TypeVar

from deepseek_magic.settings.asking import WEB_CALLS
from deepseek_magic.settings.kinds import Choice
from deepseek_magic.settings.parameters import PARAMETERS, Changes
from deepseek_magic.text import one_line

_ROWS = {row.name: row for row in reversed(PARAMETERS)}  # the first of a name is that of questions
_KEY = "the key is taken from the variable DEEPSEEK_API_KEY, or from %deepseek_login"
_TURNS = "each deepseek_magic.Conversation keeps its own turns"
_ALONE = "only the text is sent: write into it what the model needs to know"
# What is a function or class of its own, or comes from elsewhere.
_ELSEWHERE = {
    "compare": "deepseek_magic.compare does that",
    **dict.fromkeys(("bg", "background"), "deepseek_magic.submit does that"),
    "stream": "deepseek_magic.stream does that",
    **dict.fromkeys(("key", "api_key", "token"), _KEY),
    **dict.fromkeys(("chat", "conversation", "history", "messages", "no_memory"), _TURNS),
    **dict.fromkeys(("context", "vars"), _ALONE),
    "web": "it asks you about some addresses: use ask for this question",
    "new": "a deepseek_magic.Conversation starts afresh by .reset()",
    "quiet": "nothing is shown with show=False",
}
# Functions of their own, by none of which the rest of a reply comes.
_OF_QUESTIONS = ("background", "stream")
# What people write for an option of another name.
_OTHER_WORDS = {
    "think": "thinking",
    "reasoning": "thinking",
    "reasoning_effort": "thinking",
    "effort": "thinking",
    "instructions": "system",
    "max_completion_tokens": "max_tokens",
    "max_output_tokens": "max_tokens",
    "max_length": "max_tokens",
    "url": "base_url",
    "endpoint": "base_url",
    "temp": "temperature",
    "budget": "max_cost",
    "cache": "replay",
    "search": "web",
    "workers": "jobs",
    "threads": "jobs",
    "n_jobs": "jobs",
    "concurrency": "jobs",
}
_Function = TypeVar("_Function", bound=Callable[..., Any])


class _AsSet:
    """The default of an option: what is configured, else the table's."""

    def __repr__(self) -> str:
        return "..."


def takes(table: type) -> Callable[[_Function], _Function]:
    """Return a decorator that names the options of ``table`` in signature and docstring of one with ``**options``.

    Type checkers read them from the annotation; `help`, IPython and `inspect` read the signature.
    """

    def named(function: _Function) -> _Function:
        signature = inspect.signature(function)
        own = [one for one in signature.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD]
        options = [
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                default=_AsSet(),
                annotation=getattr(kind, "__forward_arg__", kind),  # the text of the annotation, as of the others
            )
            for name, kind in table.__annotations__.items()
        ]
        function.__signature__ = signature.replace(parameters=[*own, *options])  # type: ignore[attr-defined]
        said = inspect.cleandoc(function.__doc__ or "")
        function.__doc__ = "\n".join([said, "", "Options:", *_described(table)])
        return function

    return named


def _described(table: type) -> Iterator[str]:
    for name in table.__annotations__:
        row = _ROWS[name]
        does = (row.trait or row.help).partition("; empty: ")[0]
        if isinstance(row.kind, Choice) and row.kind.choices[-1] not in does:
            does += f": {', '.join(row.kind.choices)}"
        yield from wrap(f"{name}: {does}", 110, initial_indent=" " * 4, subsequent_indent=" " * 8)


def checked_options(options: Mapping[str, Any], table: type, *own: str) -> dict[str, Any]:
    """Return ``options``, keyword arguments whose names stand in ``table``.

    Args:
        options: as they were given.
        table: a `TypedDict` of those there are.
        *own: names of further arguments of the function, which one of ``options`` may have been meant to be.

    Raises:
        TypeError: one does not.
    """
    known = (*table.__annotations__, *own)
    for name in options:
        if name not in table.__annotations__:
            raise TypeError(_unknown(name, known, continues=table is Changes))
    given = dict(options)
    if isinstance(given.get("web"), bool):
        given["web"] = WEB_CALLS if given["web"] else 0
    return given


def _unknown(name: str, known: tuple[str, ...], *, continues: bool) -> str:
    """Return the sentence that says that ``name`` is none of the options ``known``, and what was meant.

    Args:
        name: as it was given.
        known: the options of the function that was called, and its further arguments.
        continues: whether that function asks for the rest of a reply.
    """
    meant, row = _OTHER_WORDS.get(name, ""), _ROWS.get(name)
    near = [meant] if meant in known else get_close_matches(name, known, 1, 0.75)
    if continues and (row is not None or name in _OF_QUESTIONS) and name != "quiet" and meant not in known:
        only = f"{', '.join(known[:-1])} and {known[-1]}"
        hint = f"the rest of a reply takes only {only}; all else stays as it was asked for"
    elif name in _ELSEWHERE:
        hint = _ELSEWHERE[name]
    elif row is not None and meant not in known:
        of_magics = "it is an option of the magics, not of this function"
        hint = of_magics if row.spelled else f"%config DeepSeek.{name} sets it"
    elif near:
        hint = f"did you mean {near[0]}?"
    else:
        hint = f"expected one of {', '.join(known)}"
    return f"unknown option {one_line(repr(name), 60)}: {hint}"
