"""The options of a question: one table, which the parser, the help, the README and completion all read."""

from __future__ import annotations

import difflib
import keyword
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deepseek_magic.errors import OptionError, one_line
from deepseek_magic.settings import THINKING

from . import selectors

#: What ``--as`` takes.
FORMS = ("text", "code", "json", "df")


@dataclass(frozen=True, slots=True)
class Option:
    """One option: its ``name`` without dashes, the ``field`` it sets, and what it takes.

    ``value`` is what help calls its value ("" for a flag), ``expected`` says what it must be, ``convert`` makes it
    from the text and raises `ValueError`; ``adds`` tells that repeated ones add up; ``word`` is the pattern of a value
    that is not quoted.
    """

    name: str
    field: str
    help: str
    short: str = ""
    value: str = ""
    expected: str = ""
    convert: Callable[[str], Any] = str
    adds: bool = False
    word: str = r"\S*"

    @property
    def spelled(self) -> str:
        """How help writes it, such as ``-m, --model NAME``."""
        names = f"-{self.short}, --{self.name}" if self.short else f"--{self.name}"
        return f"{names} {self.value}".rstrip()


def _number(low: float, high: float, *, above: bool = False) -> Callable[[str], float]:
    def convert(text: str) -> float:
        number = float(text)
        if not low <= number <= high or (above and number == low):
            raise ValueError(text)
        return number

    return convert


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def _choice(*choices: str) -> Callable[[str], str]:
    def convert(text: str) -> str:
        if text not in choices:
            raise ValueError(text)
        return text

    return convert


def _name(text: str) -> str:
    if not text.isidentifier() or keyword.iskeyword(text):
        raise ValueError(text)
    return text


def _names(text: str) -> str:
    for name in text.split(","):
        _name(name.strip())
    return text


def _context(text: str) -> str:
    try:
        selectors.read(text)
    except ValueError as error:
        raise OptionError(selectors.refusal("--context", str(error))) from None
    return text


def _filled(text: str) -> str:
    if not text.strip():
        raise ValueError(text)
    return text


def _nonempty(text: str) -> str:
    if not text:
        raise ValueError(text)
    return text


def _label(text: str) -> str:
    if not re.fullmatch(r"[^\s\x00-\x1f]{1,60}", text):
        raise ValueError(text)
    return text


#: Every option of a question, in the order in which help lists them.
OPTIONS: tuple[Option, ...] = (
    Option("model", "model", "the model that answers", "m", "NAME", "a model's name", _filled),
    Option(
        "system", "system", "instructions that stand before the conversation, for this question", "s", "TEXT", "a text"
    ),
    Option(
        "temperature",
        "temperature",
        "randomness; has no effect while the model thinks",
        "t",
        "NUMBER",
        "a number from 0 to 2",
        _number(0, 2),
    ),
    Option(
        "top-p",
        "top_p",
        "nucleus sampling",
        value="NUMBER",
        expected="a number above 0, at most 1",
        convert=_number(0, 1, above=True),
    ),
    Option(
        "max-tokens",
        "max_tokens",
        "most tokens of the reply, thinking included",
        value="N",
        expected="a whole number from 1",
        convert=_positive,
    ),
    Option(
        "stop",
        "stop",
        "text at which the reply ends; may be repeated",
        value="TEXT",
        expected="a text that is not empty",
        convert=_nonempty,
        adds=True,
    ),
    Option(
        "think",
        "thinking",
        "how much the model thinks before it answers: " + ", ".join(THINKING),
        value="LEVEL",
        expected="one of " + ", ".join(THINKING),
        convert=_choice(*THINKING),
    ),
    Option(
        "context",
        "context",
        "what of the notebook goes along: " + ", ".join(selectors.FORMS) + "; several joined by commas",
        "c",
        "SPEC",
        selectors.EXPECTED,
        _context,
        adds=True,
    ),
    Option(
        "vars",
        "vars",
        "variables that go along, joined by commas",
        "v",
        "NAMES",
        "names of variables, joined by commas",
        _names,
        adds=True,
    ),
    Option(
        "as",
        "form",
        "what the answer is: text; code alone, which becomes the next cell; json, a value; df, a DataFrame",
        value="FORM",
        expected="one of " + ", ".join(FORMS),
        convert=_choice(*FORMS),
    ),
    Option(
        "schema",
        "schema",
        "the form of the value: an expression for a JSON Schema, a dataclass, a TypedDict, a pydantic model, a type",
        value="EXPR",
        expected="an expression",
        convert=_filled,
    ),
    Option(
        "tools",
        "tools",
        "functions of yours that the model may call, joined by commas; notebook: tools that look into it",
        value="NAMES",
        expected="names of functions, joined by commas",
        convert=_names,
        adds=True,
    ),
    Option("raw", "raw", "send the question as it is typed: no {expression} in it is replaced"),
    Option("dry-run", "dry_run", "show what would be sent; nothing leaves the machine"),
    Option(
        "chat",
        "chat",
        "ask in the conversation of this name (for this question only)",
        value="NAME",
        expected="a name of at most 60 characters without spaces",
        convert=_label,
    ),
    Option("new", "new", "start the conversation afresh: earlier turns are not sent any more"),
    Option("no-memory", "no_memory", "ask outside of the conversation: nothing earlier is sent, nothing is remembered"),
    Option(
        "output",
        "output",
        "bind the reply to this variable; with --as json, --as df or --schema the value",
        "o",
        "NAME",
        "a variable's name",
        _name,
    ),
    Option(
        "timeout",
        "timeout",
        "seconds of silence after which to give up",
        value="SECONDS",
        expected="a number of seconds from 0.001 to 86400",
        convert=_number(0.001, 86_400),
    ),
    Option(
        "base-url",
        "base_url",
        "another endpoint; the key of the usual one is not sent there",
        value="URL",
        expected="a URL",
        convert=_filled,
    ),
    Option(
        "max-cost",
        "max_cost",
        "most US dollars that the reply may cost by our estimate; it is stopped there",
        value="DOLLARS",
        expected="US dollars, more than 0",
        convert=_number(0, 1e6, above=True),
    ),
    Option("quiet", "quiet", "show nothing; the reply is in `_` and in the variable of -o"),
)

_MAPPED = ("model", "system", "temperature", "top_p", "max_tokens", "stop", "thinking", "schema")
#: The options of ``%deepseek_map``.
MAP_OPTIONS: tuple[Option, ...] = (
    *(
        option
        for option in OPTIONS
        if option.field in (*_MAPPED, "timeout", "base_url", "max_cost", "quiet", "dry_run")
    ),
    Option(
        "output",
        "output",
        "put the results into this variable or column",
        "o",
        "TARGET",
        'NAME, FRAME.column or FRAME["column"]',
        _filled,
        word=r"""[^\s\['"]*(?:\[(?:"[^"]*"|'[^']*'|[^\]]*)\])?\S*""",
    ),
    Option("jobs", "jobs", "how many are asked at a time", "j", "N", "a whole number from 1", _positive),
    Option("new", "new", "ask all anew, also what was answered before"),
)


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
