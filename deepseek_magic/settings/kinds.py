"""The kinds of parameters: how a value is read from the text of an option, and checked if it comes from Python.

Each kind has ``expected``, the end of the sentence that says what it takes; ``read``, which makes a value from text;
``checked``, which returns a value as a parameter holds it; and ``meant``, which returns what a text that is refused was
meant to be, "" if that is not plain. The first two raise `ValueError`.
"""

from __future__ import annotations

import builtins
import difflib
import keyword
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import Any

_ESCAPED = {"n": "\n", "t": "\t", "\\": "\\"}
_ESCAPE = re.compile(r"\\([nt\\])")
# A number as people write it: with a currency, a unit, a decimal comma, "k" for a thousand.
_WRITTEN = re.compile(r"[$€£]?(-?[\d.,_]*\d(?:e\d)?)(k?) ?(?:[$€£]|usd|s|sec|seconds|tokens?)?", re.IGNORECASE)


# The tools of a Model Context Protocol server: all of them, or one.
_OF_SERVER = re.compile(r"mcp:[A-Za-z0-9_-]{1,40}(?:\.[^\s,]{1,128})?")


@dataclass(frozen=True, slots=True)
class Flag:
    """On or off; an option of this kind takes no value."""

    expected: str = "True or False"

    def read(self, text: str) -> bool:
        """Raise `ValueError`: the option takes no value."""
        raise ValueError(text)

    def checked(self, value: Any) -> bool:
        """Return ``value``, a bool."""
        if value is True or value is False:
            return value
        raise ValueError(value)

    def meant(self, text: str) -> str:  # noqa: ARG002  # as the other kinds have it
        """Return "": an option of this kind takes no value."""
        return ""


def _as_written(text: str, kind: Number | Whole) -> str:
    """Return the number of ``kind`` that was probably meant by ``text``; "" if that is not clear."""
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        return ""
    thousands = re.fullmatch(r"\d{1,3}(?:,\d{3})+", found[1]) is not None
    try:
        number = float(found[1].replace(",", "" if thousands else ".")) * (1000 if found[2] else 1)
        kind.checked(int(number) if number.is_integer() else number)
    except (ValueError, OverflowError):
        return ""
    return f"{int(number)}" if number.is_integer() else f"{number:g}"


@dataclass(frozen=True, slots=True)
class Number:
    """A number from ``low`` to ``high``; with ``above``, ``low`` itself is excluded."""

    low: float
    high: float
    expected: str
    above: bool = False

    def read(self, text: str) -> float:
        """Return the number that ``text`` spells."""
        return self.checked(float(text))

    def checked(self, value: Any) -> float:
        """Return ``value`` as a float in the range."""
        number = float(value) if isinstance(value, Real) and not isinstance(value, bool) else math.nan
        if not self.low <= number <= self.high or (self.above and number == self.low):
            raise ValueError(value)
        return number

    def meant(self, text: str) -> str:
        """Return the number without what makes it unreadable."""
        return _as_written(text, self)


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from ``least``."""

    least: int

    @property
    def expected(self) -> str:
        """What is expected."""
        return f"a whole number from {self.least}"

    def read(self, text: str) -> int:
        """Return the number that ``text`` spells."""
        return self.checked(int(text))

    def checked(self, value: Any) -> int:
        """Return ``value`` as an int in the range."""
        number = int(value) if isinstance(value, Integral) and not isinstance(value, bool) else self.least - 1
        if number < self.least:
            raise ValueError(value)
        return number

    def meant(self, text: str) -> str:
        """Return the number without what makes it unreadable."""
        return _as_written(text, self)


@dataclass(frozen=True, slots=True)
class Text:
    """A string that ``accepts``, if given, returns true for; ``mend`` returns what a refused one probably meant."""

    expected: str = "a string"
    accepts: Callable[[str], bool] | None = None
    mend: Callable[[str], str] | None = None

    def checked(self, value: Any) -> str:
        """Return ``value``, a string that is accepted."""
        if not isinstance(value, str) or (self.accepts is not None and not self.accepts(value)):
            raise ValueError(value)
        return value

    read = checked

    def meant(self, text: str) -> str:
        """Return what ``text`` was meant to be."""
        return "" if self.mend is None else self.mend(text)


@dataclass(frozen=True, slots=True)
class Escaped(Text):
    """A string; in an option ``\\n`` is a line end, ``\\t`` a tab, and two backslashes are one."""

    def read(self, text: str) -> str:
        """Return what ``text`` spells, where it is accepted."""
        return self.checked(_ESCAPE.sub(lambda found: _ESCAPED[found[1]], text))


@dataclass(frozen=True, slots=True)
class Choice:
    """One of ``choices``; ``also`` maps other words that people type to them."""

    choices: tuple[str, ...]
    also: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def expected(self) -> str:
        """What is expected."""
        return "one of " + ", ".join(self.choices)

    def checked(self, value: Any) -> str:
        """Return ``value``, one of the choices."""
        if not isinstance(value, str) or value not in self.choices:
            raise ValueError(value)
        return value

    read = checked

    def meant(self, text: str) -> str:
        """Return the choice that is nearest to ``text``, in whatever case."""
        word = text.casefold()
        near = difflib.get_close_matches(word, (*self.choices, *self.also), 1, 0.6)
        return self.also.get(near[0], near[0]) if near else ""


@dataclass(frozen=True, slots=True)
class Several:
    """At most ``most`` strings, each of the kind ``one``. The option may be repeated, and its values are collected."""

    one: Text
    most: int
    expected: str

    def read(self, text: str) -> str:
        """Return one of the values."""
        return self.one.read(text)

    def checked(self, value: Any) -> tuple[str, ...]:
        """Return ``value``, one string or several, as a tuple."""
        values = (value,) if isinstance(value, str) else value
        if not isinstance(values, (tuple, list)) or len(values) > self.most:
            raise ValueError(value)
        return tuple(self.one.checked(one) for one in values)

    def meant(self, text: str) -> str:
        """Return what one of the values was meant to be."""
        return self.one.meant(text)


def is_filled(text: str) -> bool:
    """Return whether ``text`` holds more than white space."""
    return bool(text.strip())


def is_name(text: str) -> bool:
    """Return whether ``text`` can be the name of a variable."""
    return text.isidentifier() and not keyword.iskeyword(text)


def is_own_name(text: str) -> bool:
    """Return whether ``text`` can be the name of a variable without hiding a built-in name."""
    return is_name(text) and not hasattr(builtins, text)


def are_names(text: str) -> bool:
    """Return whether ``text`` consists of names of variables, joined by commas."""
    return all(is_name(name.strip()) for name in text.split(","))


def are_tools(text: str) -> bool:
    """Return whether ``text`` consists of names of functions, ``mcp:NAME`` or ``mcp:NAME.tool``, joined by commas."""
    return all(is_name(one) or _OF_SERVER.fullmatch(one) is not None for one in map(str.strip, text.split(",")))


def joined_names(text: str) -> str:
    """Return the names in ``text``, joined by commas instead of other separators; "" if it holds anything else."""
    names = [name.lstrip("$") for name in re.split(r"[\s,;+]+", text.strip(" ,;()[]{}"))]
    is_plain = text.rstrip().endswith(",")  # the next ones stand behind a blank, and are not known here
    return "" if is_plain or not all(map(is_name, names)) else ",".join(names)


def dashed(text: str) -> str:
    """Return ``text`` with dashes in place of blanks if that makes it the name of a conversation; else ""."""
    joined = "-".join(text.split())
    return joined if is_label(joined) else ""


def is_label(text: str) -> bool:
    """Return whether ``text`` can be the name of a conversation."""
    return re.fullmatch(r"[^\s\x00-\x1f]{1,60}", text) is not None


Kind = Flag | Number | Whole | Text | Choice | Several
