"""Reads the options of a question by the table of them, and tells them: as help, for the README, for completion."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deepseek_magic.errors import OptionError
from deepseek_magic.settings.parameters import MAP_OPTIONS, OPTIONS, Option
from deepseek_magic.settings.settings import THINKING
from deepseek_magic.text import one_line

__all__ = ["MAP_OPTIONS", "OPTIONS", "Option", "Parsed", "completions", "help_markdown", "help_text", "parse"]


def _spellings(table: Sequence[Option]) -> dict[str, Option]:
    named = {f"--{option.name}": option for option in table}
    return named | {f"-{option.short}": option for option in table if option.short}


_BY_SPELLING = _spellings(OPTIONS)
_WORD = re.compile(r"\s*(\S+)")
_OPTION_WORD = re.compile(r"--?[A-Za-z][\w-]*(?==|$)|--$")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A line that has been read: the values by field, and the rest, which is text and was never parsed."""

    values: Mapping[str, Any]
    text: str


def parse(line: str, table: Sequence[Option] = OPTIONS) -> Parsed:
    """Read the options at the start of ``line``, those of ``table``.

    The first word that is no option ends them, or ``--`` does; what follows is returned byte for byte.

    Raises:
        OptionError: an option is not known, lacks its value, or has a wrong one.
    """
    values: dict[str, Any] = {}
    known = _BY_SPELLING if table is OPTIONS else _spellings(table)
    place = 0
    while found := _WORD.match(line, place):
        word, start = found[1], found.start(1)
        spelled = _OPTION_WORD.match(word)
        if spelled is None:
            return Parsed(values, line[start:])
        if word == "--":
            return Parsed(values, line[found.end() :].lstrip())
        option = _known(spelled[0], known)
        end = start + spelled.end()
        if option.value:
            text, place = _value(line, end, option)
            _store(values, option, text)
        elif line[end : end + 1] == "=":
            msg = f"--{option.name} takes no value, found {one_line(word, 40)!r}"
            raise OptionError(msg)
        else:
            values[option.field] = True
            place = end
    return Parsed(values, "")


def _known(spelling: str, known: Mapping[str, Option]) -> Option:
    option = known.get(spelling)
    if option is not None:
        return option
    asks_help = spelling in ("-h", "--help")
    near = [] if asks_help else difflib.get_close_matches(spelling, known, 1, 0.6)
    hint = f"did you mean {near[0]}?" if near else "%deepseek? lists them"
    msg = f"unknown option {one_line(spelling, 40)}: {hint} (-- before the question ends the options)"
    raise OptionError(msg)


def _value(line: str, place: int, option: Option) -> tuple[str, int]:
    """Return the value of ``option`` that follows ``place`` in ``line``, and where it ends.

    A value may be quoted; a backslash is a character like any other.
    """
    if line[place : place + 1] == "=":
        place += 1
    else:
        while line[place : place + 1].isspace():
            place += 1
    quote = line[place : place + 1]
    if quote in ("'", '"') and quote:
        end = line.find(quote, place + 1)
        if end < 0:
            msg = f"--{option.name}: the value begins with {quote} and has no {quote} at its end"
            raise OptionError(msg)
        return line[place + 1 : end], end + 1
    word = re.compile(option.word).match(line, place)
    text = word[0] if word else ""
    if not text:
        msg = f"--{option.name} wants a value: expected {option.expected}"
        raise OptionError(msg)
    return text, place + len(text)


def _store(values: dict[str, Any], option: Option, text: str) -> None:
    try:
        value = option.convert(text)
    except ValueError:
        found = one_line(text, 60)
        near = difflib.get_close_matches(text, THINKING, 1, 0.5) if option.field == "thinking" else []
        hint = f"; did you mean {near[0]}?" if near else ""
        msg = f"--{option.name}: expected {option.expected}, found {found!r}{hint}"
        raise OptionError(msg) from None
    values[option.field] = (*values.get(option.field, ()), value) if option.adds else value


def help_text(table: Sequence[Option] = OPTIONS) -> str:
    """Return the options of ``table`` as plain text, one a line."""
    width = max(len(option.spelled) for option in table)
    return "\n".join(f"    {option.spelled:<{width}}  {option.help}" for option in table)


def help_markdown() -> str:
    """Return the options as a markdown table; the README holds it."""
    rows = [f"| `{option.spelled}` | {option.help} |" for option in OPTIONS]
    return "\n".join(["| option | what it does |", "|---|---|", *rows])


def completions(text: str) -> list[str]:
    """Return the spellings that begin with ``text``."""
    return [spelling for spelling in _BY_SPELLING if spelling.startswith(text)]
