"""The options of the magics: read from a line, and listed as help, for the README and for completion."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

from deepseek_magic.errors import OptionError
from deepseek_magic.render.choose import BACK_ENDS
from deepseek_magic.settings.kinds import Choice, Flag, Kind, Number, Several, Whole
from deepseek_magic.settings.parameters import PARAMETERS
from deepseek_magic.settings.rows import Parameter, Place
from deepseek_magic.text import one_line

_WORD = re.compile(r"\s*(\S+)")
_OPTION_WORD = re.compile(r"--?[A-Za-z][\w-]*(?==|$)|--$")
# A word that an option was meant by: with other dashes, as word processors set them, or joined to its value.
_DASHES = "-\u2010-\u2015\u2212\ufe58\ufe63\uff0d"
_MEANT = re.compile(rf"(?P<dashes>[{_DASHES}]{{1,3}})(?P<name>[A-Za-z][A-Za-z-]*)(?P<rest>.*)", re.DOTALL)
# What ends a quoted value; and quotation marks that do not begin one.
_BLANK = re.compile(r"\s|$")
_CURLY = "\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb"


# What parameters take that is named by a room above the settings.
_NAMED: dict[str, Kind] = {"renderer": Choice(("auto", *BACK_ENDS))}
#: The whole table of parameters.
TABLE: tuple[Parameter, ...] = tuple(replace(row, kind=_NAMED.get(row.name, row.kind)) for row in PARAMETERS)


def options_at(place: Place) -> tuple[Parameter, ...]:
    """Return the rows of the table that are options at ``place``, in the order of the table."""
    return tuple(row for row in TABLE if row.spelled and place in row.at)


#: The options of a question.
OPTIONS = options_at("question")
#: The options of a map.
MAP_OPTIONS = options_at("map")


def spellings(table: tuple[Parameter, ...]) -> dict[str, Parameter]:
    """Return the options of ``table`` by their spellings, long and short."""
    return {row.flag: row for row in table} | {row.short: row for row in table if row.short}


_BY_SPELLING = spellings(OPTIONS)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A line that has been read: the values by field, and the rest, which is text and was never parsed."""

    values: Mapping[str, Any]
    text: str


def parse(line: str, table: tuple[Parameter, ...] = OPTIONS) -> Parsed:
    """Read the options at the start of ``line``, those of ``table``.

    The first word that is not an option ends them, or ``--`` does; what follows is returned byte for byte.

    Raises:
        OptionError: an option is not known, lacks its value, or has a wrong one.
    """
    values: dict[str, Any] = {}
    known = _BY_SPELLING if table is OPTIONS else spellings(table)
    place = 0
    while found := _WORD.match(line, place):
        word, start = found[1], found.start(1)
        spelled = _OPTION_WORD.match(word)
        if spelled is None:
            _refuse_near_option(word, known)
            return Parsed(values, line[start:])
        if word == "--":
            return Parsed(values, line[found.end() :].lstrip())
        option = known.get(spelled[0]) or _refuse_option(spelled[0], known)
        end = start + spelled.end()
        if not isinstance(option.kind, Flag):
            text, place = _value(line, end, option)
            value = converted(option, text)
            values[option.name] = (*values.get(option.name, ()), value) if isinstance(option.kind, Several) else value
        elif line[end : end + 1] == "=":
            msg = f"{option.flag} takes no value, found {one_line(word, 40)!r}"
            raise OptionError(msg)
        else:
            values[option.name] = True
            place = end
    return Parsed(values, "")


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
        msg = f"{command} takes {', '.join(row.flag for row in table)}{otherwise}"
        raise OptionError(msg)
    return parsed.values


def _refuse_option(spelling: str, known: Mapping[str, Parameter]) -> Parameter:
    asks_help = spelling in ("-h", "--help")
    near = [] if asks_help else difflib.get_close_matches(spelling, known, 1, 0.6)
    joined = known.get(spelling[:2]) if len(spelling) > 2 else None
    if joined is not None and not isinstance(joined.kind, Flag) and near in ([], [joined.short]):
        hint = f"did you mean {joined.short} {one_line(spelling[2:], 40)}?"
    elif near:
        hint = f"did you mean {near[0]}?"
    else:
        hint = "%deepseek? lists them"
    msg = f"unknown option {one_line(spelling, 40)}: {hint} (-- before the question ends the options)"
    raise OptionError(msg)


def _refuse_near_option(word: str, known: Mapping[str, Parameter]) -> None:
    """Raise `OptionError` where ``word``, which is not an option, plainly was meant to be one of ``known``."""
    if form := _right_form(word, known):
        msg = f"{one_line(word, 40)!r} is not read as an option: {form} (-- before the question ends the options)"
        raise OptionError(msg)


def _right_form(word: str, known: Mapping[str, Parameter]) -> str:
    """Return how the option is written that ``word`` was meant to be; "" where it was not meant to be one."""
    found = _MEANT.match(word)
    if found is None:
        return ""
    name, rest = found["name"], found["rest"]
    plain = found["dashes"] in ("-", "--")
    if f"--{name}" in known and (not plain or found["dashes"] == "--") and not rest[:1].isalpha():
        option, value = known[f"--{name}"], rest
    elif len(found["dashes"]) == 1 and f"-{name[0]}" in known and not isinstance(known[f"-{name[0]}"].kind, Flag):
        option, value = known[f"-{name[0]}"], name[1:] + rest
        # "-s*t" and "-very" are text, or an option that is not known
        if value and (not plain or not _is_joined(option, value)):
            return ""
    else:
        return ""
    spelling = option.flag if f"--{name}" == option.flag else option.short
    value = "" if isinstance(option.kind, Flag) else one_line(value.lstrip("=:,"), 40)
    return f"put a blank after {spelling}" if value[:1] in ("'", '"') else f"write {spelling} {value}".rstrip()


def _is_joined(option: Parameter, value: str) -> bool:
    """Return whether ``value``, which follows the short ``option`` without a blank, is one of its values."""
    if isinstance(option.kind, (Number, Whole)):
        return value.lstrip(".-")[:1].isdigit()
    return value[0] in "'\"" or (option.name == "context" and ":" in value)


def _value(line: str, place: int, option: Parameter) -> tuple[str, int]:
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
            msg = f"{option.flag}: the value begins with {quote} and has no {quote} at its end"
            raise OptionError(msg)
        if not _BLANK.match(line, end + 1):
            msg = (
                f"{option.flag}: the value {one_line(line[place : end + 1], 60)} is followed by "
                f"{one_line(line[end + 1 : end + 21], 20)!r} without a blank; a backslash does not keep a quotation "
                "mark: quote with the other one, ' or \""
            )
            raise OptionError(msg)
        return line[place + 1 : end], end + 1
    if quote and quote in _CURLY:
        msg = f"{option.flag}: the value begins with {quote}: quote it with straight marks, ' or \""
        raise OptionError(msg)
    word = re.compile(option.word).match(line, place)
    text = word[0] if word else ""
    if not text:
        msg = f"{option.flag} needs a value: expected {_expected(option)}"
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
        near = difflib.get_close_matches(text, option.kind.choices, 1, 0.5) if isinstance(option.kind, Choice) else []
        hint = f"; did you mean {near[0]}?" if near else ""
        msg = f"{option.flag}: expected {option.expected}, found {one_line(text, 60)!r}{hint}"
        raise OptionError(msg) from None


def _expected(option: Parameter) -> str:
    return str(_selectors().EXPECTED) if option.name == "context" else option.expected


def help_of(option: Parameter) -> str:
    """Return what help says of ``option``."""
    return option.help.format(context=", ".join(_selectors().FORMS)) if option.name == "context" else option.help


def _selectors() -> ModuleType:
    from deepseek_magic.context import selectors  # the sources of context, which loading needs none of

    return selectors


def help_text(table: tuple[Parameter, ...] = OPTIONS) -> str:
    """Return the options of ``table`` as plain text, one a line."""
    width = max(len(option.spelled) for option in table)
    return "\n".join(f"    {option.spelled:<{width}}  {help_of(option)}" for option in table)


def help_markdown() -> str:
    """Return the options as a markdown table; the README holds it."""
    rows = [f"| `{option.spelled}` | {help_of(option)} |" for option in OPTIONS]
    return "\n".join(["| option | what it does |", "|---|---|", *rows])
