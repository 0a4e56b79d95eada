"""`Parameter`: a row of the table of parameters, which is a field of a dataclass."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from .kinds import Flag, Kind, Several

#: Where an option is available: a question, a repair, a continuation, fill-in-the-middle, a map, the shell.
Place = Literal["question", "fix", "continue", "fim", "map", "shell"]
#: What an option is about: what is sent, how it is answered, where the answer goes.
Subject = Literal["sent", "answered", "goes"]

_SPELLED = re.compile(r"(?:(?P<short>-\w), )?(?P<flag>--[\w-]+)(?:(?: |\[=)(?P<metavar>[^\s\]]+)\]?)?")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One row of the table.

    Attributes:
        name: the field that holds its value, which is its name in Python.
        default: the field's default.
        kind: the kind of its values.
        spelled: how help writes its option, such as ``-m, --model NAME``; "" for none.
        help: what the option does.
        at: where the option is available.
        trait: its help as a trait of ``%config``; "" if it is not one.
        configured: the kind of the trait's values, if it differs from the option's.
        word: the pattern of a value without quotes.
        bare: the value of the option when it is given without one; another is then taken only after ``=``. ``None``: a
            value is required.
        about: its group in help.
        flag: the long option, such as ``--model``; "" for none.
        short: the short option, such as ``-m``; "" for none.
        metavar: what help calls the option's value; "" for a flag.
    """

    name: str
    default: Any
    kind: Kind
    spelled: str = ""
    help: str = ""
    at: tuple[Place, ...] = ("question",)
    trait: str = ""
    configured: Kind | None = None
    word: str = r"\S*"
    bare: Any = None
    about: Subject = "answered"
    flag: str = field(init=False)
    short: str = field(init=False)
    metavar: str = field(init=False)

    def __post_init__(self) -> None:
        found = _SPELLED.fullmatch(self.spelled)
        for part in ("flag", "short", "metavar"):
            object.__setattr__(self, part, (found and found[part]) or "")

    @property
    def alone(self) -> bool:
        """Whether the option may be given without a value, so that the word after it is not its value."""
        return isinstance(self.kind, Flag) or self.bare is not None

    @property
    def expected(self) -> str:
        """What the value of the option must be; "" for a flag."""
        kind = self.kind.one if isinstance(self.kind, Several) else self.kind
        return "" if isinstance(kind, Flag) else kind.expected


def parameter(default: Any, kind: Kind, spelled: str = "", help: str = "", **row: Any) -> Any:  # noqa: A002  # the row's
    """Return a field of the table with ``default``; the rest is as in `Parameter`."""
    return field(default=default, metadata={"kind": kind, "spelled": spelled, "help": help, **row})


def rows(table: type) -> tuple[Parameter, ...]:
    """Return the rows of ``table``, in order; a field that is not a row has no metadata."""
    return tuple(Parameter(one.name, one.default, **one.metadata) for one in fields(table) if one.metadata)
