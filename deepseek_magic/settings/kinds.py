"""What a parameter takes: read from the text of an option, and checked where Python code or a setting hands it over.

Each kind has ``expected``, the end of the sentence that says what it takes; ``read``, which makes a value from text;
and ``checked``, which returns a value as a parameter holds it. Both raise `ValueError`.
"""

from __future__ import annotations

import keyword
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

_ESCAPED = {"n": "\n", "t": "\t", "\\": "\\"}
_ESCAPE = re.compile(r"\\([nt\\])")


@dataclass(frozen=True, slots=True)
class Flag:
    """On or off; an option of this kind takes no value."""

    expected: str = "True or False"

    def read(self, text: str) -> bool:
        """Refuse ``text``: the option alone says it."""
        raise ValueError(text)

    def checked(self, value: Any) -> bool:
        """Return ``value``, a bool."""
        if value is True or value is False:
            return value
        raise ValueError(value)


@dataclass(frozen=True, slots=True)
class Number:
    """A number from ``low`` to ``high``; with ``above``, ``low`` itself is not in the range."""

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


@dataclass(frozen=True, slots=True)
class Text:
    """A string for which ``accepts`` holds, if it is given."""

    expected: str = "a string"
    accepts: Callable[[str], bool] | None = None

    def read(self, text: str) -> str:
        """Return ``text`` where it is accepted."""
        return self.checked(text)

    def checked(self, value: Any) -> str:
        """Return ``value``, a string that is accepted."""
        if not isinstance(value, str) or (self.accepts is not None and not self.accepts(value)):
            raise ValueError(value)
        return value


@dataclass(frozen=True, slots=True)
class Escaped(Text):
    """A string; in an option ``\\n`` is a line end, ``\\t`` a tab, and two backslashes are one."""

    def read(self, text: str) -> str:
        """Return what ``text`` spells, where it is accepted."""
        return self.checked(_ESCAPE.sub(lambda found: _ESCAPED[found[1]], text))


@dataclass(frozen=True, slots=True)
class Choice:
    """One of ``choices``."""

    choices: tuple[str, ...]

    @property
    def expected(self) -> str:
        """What is expected."""
        return "one of " + ", ".join(self.choices)

    def read(self, text: str) -> str:
        """Return ``text`` where it is one of the choices."""
        return self.checked(text)

    def checked(self, value: Any) -> str:
        """Return ``value``, one of the choices."""
        if not isinstance(value, str) or value not in self.choices:
            raise ValueError(value)
        return value


@dataclass(frozen=True, slots=True)
class Several:
    """Strings, at most ``most``, each of the kind ``one``. As an option it may be repeated, and its values add up."""

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


def is_filled(text: str) -> bool:
    """Return whether ``text`` holds more than white space."""
    return bool(text.strip())


def is_name(text: str) -> bool:
    """Return whether ``text`` can be the name of a variable."""
    return text.isidentifier() and not keyword.iskeyword(text)


def are_names(text: str) -> bool:
    """Return whether ``text`` is names of variables, joined by commas."""
    return all(is_name(name.strip()) for name in text.split(","))


def is_label(text: str) -> bool:
    """Return whether ``text`` can be the name of a conversation."""
    return re.fullmatch(r"[^\s\x00-\x1f]{1,60}", text) is not None


Kind = Flag | Number | Whole | Text | Choice | Several
