"""The options of the magics: read from a line, and listed as help, for the README and for completion."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

from deepseek_magic.errors import OptionError
from deepseek_magic.render.back_ends import BACK_ENDS
from deepseek_magic.render.front_ends import NAMES as FRONT_ENDS
from deepseek_magic.settings import grouped
from deepseek_magic.settings.kinds import Choice, Flag, Kind, Several
from deepseek_magic.settings.parameters import PARAMETERS
from deepseek_magic.settings.rows import Parameter, Place
from deepseek_magic.text import one_line

_WORD = re.compile(r"\s*(\S+)")
_OPTION_WORD = re.compile(r"--?[A-Za-z][\w-]*(?==|$)|--$")
# What ends a quoted value; and quotation marks that do not begin one.
_BLANK = re.compile(r"\s|$")
_CURLY = "\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb"


# What parameters take that is named by a room above the settings.
_NAMED: dict[str, Kind] = {
    "renderer": Choice(("auto", *BACK_ENDS)),
    "front_end": Choice(("auto", *sorted(FRONT_ENDS))),
}
#: The whole table of parameters.
TABLE: tuple[Parameter, ...] = tuple(replace(row, kind=_NAMED.get(row.name, row.kind)) for row in PARAMETERS)


def options_at(place: Place) -> tuple[Parameter, ...]:
    """Return the rows of the table that are options at ``place``, in the order of the table."""
    return tuple(row for row in TABLE if row.spelled and place in row.at)


#: The options of a question.
OPTIONS = options_at("question")
#: The options of ``%deepseek_fix``.
FIX_OPTIONS = options_at("fix")
#: The options of a map.
MAP_OPTIONS = options_at("map")


def spellings(table: tuple[Parameter, ...]) -> dict[str, Parameter]:
    """Return the options of ``table`` by their spellings, long and short."""
    return {row.flag: row for row in table} | {row.short: row for row in table if row.short}


_BY_SPELLING = spellings(OPTIONS)
# Whose options those are that another magic does not take.
_MAGICS = dict.fromkeys(spellings(MAP_OPTIONS), "%deepseek_map") | dict.fromkeys(_BY_SPELLING, "%deepseek")
#: What asks for the help of a magic, in the place of any option.
HELP = ("-h", "--help")


class HelpAsked(Exception):  # no error: whoever runs the magic shows its help
    """The line asks for help."""


@dataclass(frozen=True, slots=True)
class ParsedLine:
    """A line that has been read.

    Attributes:
        values: those of the options, by field.
        text: the rest, which was never parsed.
        ended: whether ``--`` ended the options.
        twice: the options that were given again, where only the last value counts.
    """

    values: Mapping[str, Any]
    text: str
    ended: bool = False
    twice: tuple[str, ...] = ()


def parse(line: str, table: tuple[Parameter, ...] = OPTIONS) -> ParsedLine:
    """Read the options at the start of ``line``, those of ``table``.

    The first word that is not an option ends them, or ``--`` does; what follows is returned byte for byte.

    Raises:
        OptionError: an option is not known, lacks its value, or has a wrong one.
        HelpAsked: one of them asks for help.
    """
    from deepseek_magic.settings.misspelt import form_hint, spelling_hint  # loading needs none of it

    values: dict[str, Any] = {}
    twice: dict[str, None] = {}
    known = _BY_SPELLING if table is OPTIONS else spellings(table)
    place = 0
    while found := _WORD.match(line, place):
        word, start = found[1], found.start(1)
        spelled = _OPTION_WORD.match(word)
        if spelled is None:
            if refusal := form_hint(word, known):
                raise OptionError(refusal)
            return ParsedLine(values, line[start:], twice=tuple(twice))
        if word == "--":
            return ParsedLine(values, line[found.end() :].lstrip(), True, tuple(twice))
        if spelled[0] in HELP:
            raise HelpAsked
        option = known.get(spelled[0])
        if option is None:
            raise OptionError(spelling_hint(spelled[0], known, _MAGICS))
        end = start + spelled.end()
        if option.bare is not None and line[end : end + 1] != "=":
            values[option.name], place = option.bare, end
        elif not isinstance(option.kind, Flag):
            text, place = value_at(line, end, option)
            value = converted(option, text)
            if values.get(option.name, value) != value and not isinstance(option.kind, Several):
                twice[option.flag] = None
            values[option.name] = (*values.get(option.name, ()), value) if isinstance(option.kind, Several) else value
        elif line[end : end + 1] == "=":
            msg = f"{option.flag} takes no value, found {one_line(word, 40)!r}: leave the value out"
            raise OptionError(msg)
        else:
            values[option.name] = True
            place = end
    return ParsedLine(values, "", twice=tuple(twice))


def parse_alone(line: str, place: Place, command: str, otherwise: str) -> Mapping[str, Any]:
    """Return the values of ``line``, which holds options of ``place`` and no text.

    Args:
        line: what was typed after the name of the magic.
        place: where it was typed.
        command: the magic, for the error.
        otherwise: the end of the error: what to do for anything else.

    Raises:
        OptionError: it holds something else.
    """
    parsed, table = parse(line), options_at(place)
    if parsed.text or not parsed.values.keys() <= {row.name for row in table}:
        msg = f"{command}: expected {', '.join(row.flag for row in table)}{otherwise}"
        raise OptionError(msg)
    return parsed.values


def value_at(line: str, place: int, option: Parameter) -> tuple[str, int]:
    """Return the value of ``option`` that follows ``place`` in ``line``, and where it ends.

    A value may be quoted; a backslash is a character like any other.

    Raises:
        OptionError: there is none, or its quotation marks are not right.
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
            msg = f"{option.flag}: the value begins with {quote} and has no {quote} at its end: add it"
            raise OptionError(msg)
        if not _BLANK.match(line, end + 1):
            msg = (
                f"{option.flag}: the value {one_line(line[place : end + 1], 60)} is followed by "
                f"{one_line(line[end + 1 : end + 21], 20)!r} without a space; a backslash does not escape a quotation "
                "mark: use the other kind, ' or \""
            )
            raise OptionError(msg)
        return line[place + 1 : end], end + 1
    if quote and quote in _CURLY:
        msg = f"{option.flag}: the value begins with {quote}: quote it with straight marks, ' or \""
        raise OptionError(msg)
    word = re.compile(option.word).match(line, place)
    text = word[0] if word else ""
    if not text:
        msg = f"{option.flag} needs a value: expected {expected_of(option)}"
        raise OptionError(msg)
    return text, place + len(text)


def converted(option: Parameter, text: str) -> Any:
    """Return the value of ``option`` that ``text`` spells.

    Raises:
        OptionError: it spells none.
    """
    if option.name == "context":
        _selectors().chosen([text], option.flag)
    try:
        return option.kind.read(text)
    except ValueError:
        from deepseek_magic.settings.misspelt import value_hint  # as above

        hint = value_hint(option, text)
        msg = f"{option.flag}: expected {option.expected}, found {one_line(text, 60)!r}{hint}"
        raise OptionError(msg) from None


def expected_of(option: Parameter) -> str:
    """Return what the value of ``option`` must be."""
    return str(_selectors().EXPECTED) if option.name == "context" else option.expected


def no_question(values: Mapping[str, Any]) -> str:
    """Return the sentence that says that a line of options ``values`` has no question, and what was meant instead."""
    last = next((row for row in OPTIONS if row.name == next(reversed([*values]), "")), None)
    msg = "there is no question: write it after the options, or below them in the cell"
    if last is None or last.alone:
        return msg
    value = values[last.name]
    shown = one_line(",".join(value) if isinstance(value, tuple) else str(value), 40)
    msg = f"there is no question: {shown!r} is the value of {last.flag}; write the question after it"
    if last.name == "chat":
        return f"{msg} (%deepseek_chat {shown} switches to it)"
    return f"{msg} (%config DeepSeek.{last.name} = {_literal(value)} sets it for every question)" if last.trait else msg


def _literal(value: Any) -> str:
    return one_line(repr(",".join(value) if isinstance(value, tuple) else value), 60)


def help_of(option: Parameter) -> str:
    """Return what help says of ``option``."""
    return option.help.format(context=", ".join(_selectors().FORMS)) if option.name == "context" else option.help


def _selectors() -> ModuleType:
    from deepseek_magic.context import selectors  # the sources of context, which loading needs none of

    return selectors


def help_text(table: tuple[Parameter, ...] = OPTIONS) -> str:
    """Return the options of ``table`` as plain text, one a line; if they are many, in groups.

    The groups of a question's options have an example each.
    """
    width = max(len(option.spelled) for option in table)
    parts = []
    for heading, group, example in grouped.options(table, examples=table is OPTIONS):
        lines = [f"    {option.spelled:<{width}}  {help_of(option)}" for option in group]
        parts.append("\n".join([*filter(None, [heading]), *lines, *([f"    Example: {example}"] if example else [])]))
    return "\n\n".join(parts)


def help_markdown() -> str:
    """Return the options as a markdown table; the README holds it."""
    rows = [f"| `{option.spelled}` | {help_of(option)} |" for option in OPTIONS]
    return "\n".join(["| option | what it does |", "|---|---|", *rows])
