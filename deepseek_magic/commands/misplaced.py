"""Notice options and calls of our magics in the text of a question, which were probably meant for us.

The text is still sent as typed. Questions can be about commands and options, so only clear cases count: a line of only
options, options at the end of the question, and options that no other command has.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from deepseek_magic.app.options import HelpAsked, ParsedLine, converted, parse, spellings, value_at
from deepseek_magic.errors import OptionError
from deepseek_magic.settings.rows import Parameter
from deepseek_magic.text import one_line

_WORD = re.compile(r"(?<!\S)--?[A-Za-z][\w-]*(?=[=\s]|$)")
_SETTING = re.compile(r"\s*([a-z_]{3,})=(\S+)\s")
# Words and signs of a command line: the options after them belong to it, even those at its end.
_COMMANDS = re.compile(
    r"(?<![\w.-])(?:apt|bash|cargo|conda|cp|curl|docker|gcc|git|grep|kubectl|ls|mv|npm|npx|perl|pip|pytest|rm|ruff|sed|ssh"
    r"|sudo|tar|uv|wget)(?![\w.-])|\.(?:c|js|py|sh)\b|[|<>$\\]"
)
_OPTION = re.compile(r"(?<!\S)-{1,2}[A-Za-z]")
# A question begins with one of these only if it was meant for us: ``temperature=0.5``.
_SETTINGS = ("temperature", "top_p", "max_tokens", "max_cost", "thinking")
# Questions that nobody would ask a model.
_HELP = ("help", "?", "-?", "/?", "/help", "usage", "options")
# Words that instructions begin with, and that are none alone.
_OPENERS = (
    " act always answer as avoid be do don't explain give keep never only please reply respond say speak talk use "
    "write you "
)
# What only an option takes, and no question begins with.
_SOURCE = re.compile(r"(?:cells:\d|file:\S)")
_MOST_LINES = 200
_LONGEST = 2_000
_MOST_SHOWN = 3


def notices(
    typed: ParsedLine, body: str, table: tuple[Parameter, ...], names: Container[str], magics: Container[str]
) -> Iterator[str]:
    """Yield a sentence for the options, and one for the calls of magics, that are sent as part of a question.

    Args:
        typed: the line after the magic's name, as it was read.
        body: the lines below it.
        table: the options that the magic takes.
        names: the user's own variables.
        magics: the names of our magics.
    """
    if not typed.ended:
        may_hold_options = any(sign in text for sign in "-=" for text in (typed.text, body))
        if may_hold_options and (found := list(dict.fromkeys(_Strays(typed.text, body, table, names)))):
            verb = "is" if len(found) == 1 else "are"
            yield (
                f"{_listed(found)} {verb} sent as part of the question: options come before it, on the first line "
                "(start the question with -- if this is intended)"
            )
        yield from _meant_for_us(typed, body, table)
        yield from _torn_values(typed, names)
    if calls := [call for call in _calls(body) if call.lstrip("%") in magics]:
        verb, needs = ("is", "it needs") if len(calls) == 1 else ("are", "each needs")
        yield f"{_listed(calls)} {verb} sent as part of the question: {needs} a cell of its own"


def _meant_for_us(typed: ParsedLine, body: str, table: tuple[Parameter, ...]) -> Iterator[str]:
    """Yield a sentence for a question that asks for help, and one for a number that an option takes after ``=``."""
    if body.strip():
        return
    first = (typed.text.split(maxsplit=1) or [""])[0]
    if typed.text.strip().casefold() in _HELP:
        yield f"{typed.text.strip()} is sent as a question: -h, in place of it, shows the help"
    for row in table if first.isdecimal() else ():
        if row.bare is not None and typed.values.get(row.name) == row.bare:
            yield f"{first} is sent as part of the question: {row.flag}={first} gives it to the option"


def _torn_values(typed: ParsedLine, names: Container[str]) -> Iterator[str]:
    """Yield a sentence for the rest of a value that a blank cut off: an instruction, a source, a variable."""
    if not typed.text:
        return
    first = (re.findall(r"[^\s,;]+", typed.text[:_LONGEST]) or [""])[0]
    system = str(typed.values.get("system", ""))
    if system and f" {system.casefold()} " in _OPENERS:
        yield f"the system text is only {system!r}: quote several words, like -s '{system} {one_line(first, 20)}'"
    if flag := _torn_list(typed, first, names):
        yield f"{one_line(first, 40)} is sent as part of the question: several values of {flag} are joined by commas"


def _torn_list(typed: ParsedLine, first: str, names: Container[str]) -> str:
    """Return the option whose list of values continues with ``first``, the beginning of the question; "" for none.

    A question may begin with a word that is a value, too (``data``, ``a``, ``fig``): then a comma beside it must show
    that a list goes on, or nothing else may stand on the line.
    """
    given = [str(one) for name in ("vars", "context") for one in typed.values.get(name, ())]
    known = {name for one in given for name in one.split(",")}
    goes_on = re.match(r"\s*[,;]|\S+[,;](?=\s|$)|\S+\s*$", typed.text) or any(one.endswith(",") for one in given)
    if first in known:
        return ""
    if "context" in typed.values and (_SOURCE.match(first) or (goes_on and first in ("vars", "fig"))):
        return "-c"
    return "-v" if "vars" in typed.values and goes_on and len(first) > 1 and first in names else ""


def at_end(line: str, table: tuple[Parameter, ...]) -> str:
    """Return the options of ``table`` at the end of ``line``; "" if there are none."""
    return next(_Strays("", "", table, ()).in_line(line, ends=True), "")


def _listed(found: list[str]) -> str:
    more = [f"{len(found) - _MOST_SHOWN} more"] if len(found) > _MOST_SHOWN else []
    parts = [one_line(one, 80) for one in found[:_MOST_SHOWN]] + more
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _calls(body: str) -> Iterator[str]:
    if "%deepseek" not in body:
        return
    for line in _outside_fences(body):
        if found := re.match(r"%{1,2}deepseek\w*(?=\s|$)", line):
            yield found[0]


def _outside_fences(text: str) -> Iterator[str]:
    """Yield the lines of ``text`` that are not in a fenced code block."""
    fence = ""
    for line in text.splitlines():
        mark = re.match(r" {0,3}(```+|~~~+)", line)
        if fence:
            if mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        elif mark:
            fence = mark[1]
        else:
            yield line


class _Strays:
    """The options in a question, each as it was typed."""

    def __init__(self, first: str, body: str, table: tuple[Parameter, ...], names: Container[str]) -> None:
        self._first = first
        self._body = body
        self._table = table
        self._known = spellings(table)
        self._names = names

    def __iter__(self) -> Iterator[str]:
        yield from self._setting()
        yield from self.in_line(self._first, ends=True)
        if "-" not in self._body:
            return
        lines = [line for line in list(_outside_fences(self._body))[:_MOST_LINES] if line.strip()]
        for place, line in enumerate(lines):
            if line.startswith(("    ", "\t")) or len(line) > _LONGEST or not _WORD.search(line):
                continue
            options = self._begun(line)
            if options and (options == line.strip() or (place == 0 and not self._first)):
                yield options
            else:
                yield from self.in_line(line, ends=place == len(lines) - 1)

    def _setting(self) -> Iterator[str]:
        """Yield a parameter that the question begins with, as in Python: ``temperature=0.5``."""
        found = _SETTING.match(f"{self._first or self._body.partition(chr(10))[0]} ")
        option = next((row for row in self._table if found and row.name == found[1] and row.name in _SETTINGS), None)
        if found and option and _is_value(option, found[2]):
            yield f"{found[0].strip()} (the option is {option.flag} {found[2]})"

    def _begun(self, line: str) -> str:
        """Return the options at the beginning of ``line``."""
        try:
            parsed = parse(line, self._table)
        except (OptionError, HelpAsked):
            return ""
        return line[: len(line) - len(parsed.text)].strip() if parsed.values else ""

    def in_line(self, line: str, *, ends: bool) -> Iterator[str]:
        """Yield the options in ``line`` that can only be ours, and where it ``ends`` the question those at its end."""
        seen = 0
        if len(line) > _LONGEST:  # nobody reads its end; each option costs a look at the rest
            return
        for found in _WORD.finditer(line):
            start = found.start()
            option = self._known.get(found[0])
            if option is None or start < seen or line[:start].count("`") % 2 or _COMMANDS.search(line[:start]):
                continue
            rest = line[start:].strip()
            if ends and self._begun(rest) == rest and not _OPTION.search(line[seen:start]):
                yield rest
                return
            seen = self._end_of_ours(line, found.end(), option)
            if seen:
                yield line[start:seen].rstrip(",.;:!?")

    def _end_of_ours(self, line: str, place: int, option: Parameter) -> int:
        """Return where the value of ``option`` ends, if it can only be ours; else 0."""
        if option.alone:
            return 0
        try:
            value, end = value_at(line, place, option)
        except OptionError:
            return 0
        return end if _is_value(option, value) and self._is_ours(option, value) else 0

    def _is_ours(self, option: Parameter, value: str) -> bool:
        match option.name:
            case "context" | "thinking" | "form" | "max_cost":
                return True
            case "model":
                return value.startswith("deepseek")
            case "vars" | "tools":
                return all(name.strip() in self._names for name in value.split(","))
        return False


def _is_value(option: Parameter, text: str) -> bool:
    try:
        converted(option, text)
    except OptionError:
        return False
    return True
