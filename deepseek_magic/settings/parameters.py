"""The options of a question and of a map: one table for each, which parser, help, README and completion all read."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from deepseek_magic.context import selectors
from deepseek_magic.errors import OptionError

from .settings import THINKING

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
