"""Parse ``--compare``: the columns of a comparison, and the options with which each is asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from deepseek_magic.errors import OptionError
from deepseek_magic.text import one_line

from .kinds import Flag, Several
from .parameters import IN_REQUEST, PARAMETERS, Options
from .rows import Parameter, Place

#: The most columns: each is a request at the same time, and is read beside the others.
MOST = 6
# Only parameters that change the request may differ. The other options say where the answer goes.
_VARIED = (*IN_REQUEST, "context", "vars", "form", "schema", "raw")
#: What may differ between columns.
ROWS = tuple(row for row in PARAMETERS if row.name in _VARIED and "question" in row.at)
_SETTINGS = tuple(Options.__annotations__.keys() & _VARIED)
_MODELS = ["deepseek-flash", "deepseek-v4-pro"]
_NAMED = re.compile(r"\s*-{0,2}([A-Za-z][\w-]*)\s*=")


@dataclass(frozen=True, slots=True)
class ComparedColumn:
    """One column: its ``label``, the ``name`` of its reply in the result, and the ``options`` that only it has."""

    label: str
    name: str
    options: Mapping[str, Any]


#: What is compared: the value of ``--compare``; models; or the settings of each column by its label.
Compared = str | Sequence[str] | Mapping[str, Mapping[str, Any]]


def columns_of(spec: str, place: Place = "question") -> list[ComparedColumn]:
    """Return the columns in ``spec``, the value of ``--compare`` at ``place``.

    Models are joined by commas, as the values behind ``PARAMETER=`` are; by ``|`` where a value has a comma in it.

    Raises:
        OptionError: it names fewer than two or more than `MOST`, one twice, no parameter that can differ, or a value
            that this one does not take.
    """
    found = _NAMED.match(spec)
    row = _row(found[1], place) if found else ROWS[0]
    rest = spec[found.end() :] if found else spec
    values = [value.strip() for value in rest.split("|" if "|" in rest else ",")]
    shown = one_line(spec, 60)
    if not all(values) or len(values) < 2:
        msg = (
            f"--compare {shown}: expected two values or more, joined by commas, such as deepseek-flash,deepseek-v4-pro"
        )
        raise OptionError(msg)
    _check_number(len(values), f"--compare {shown}")
    if twice := next((value for value in values if values.count(value) > 1), ""):
        msg = f"--compare {shown}: {one_line(twice, 40)} appears twice; name each value once"
        raise OptionError(msg)
    flag = row.flag.removeprefix("--")
    return [
        ComparedColumn(value if row.name == "model" else f"{flag}={value}", value, {row.name: _value(row, value)})
        for value in values
    ]


def columns_from(compared: Compared) -> list[ComparedColumn]:
    """Return the columns that ``compared`` names, as Python says it.

    Raises:
        OptionError: as `columns_of` says.
        TypeError: it is of another type, or a column has a setting that cannot differ.
    """
    if isinstance(compared, str):
        try:
            return columns_of(compared)
        except OptionError as error:
            raise OptionError(str(error).removeprefix("--")) from None
    given: Mapping[Any, Any]
    if isinstance(compared, Mapping):
        given = compared
    else:
        anything: Any = compared  # whatever the user gave
        models = list(anything) if isinstance(anything, Iterable) else [anything]
        if others := [model for model in models if not isinstance(model, str)]:
            msg = f"compare: expected models, such as {_MODELS}, or settings by a label; found {_shown(others[0])}"
            raise TypeError(msg)
        given = {model: {"model": model} for model in models}
        if len(given) < len(models):
            msg = "compare: a model is named twice; name each once"
            raise OptionError(msg)
    if len(given) < 2:
        msg = f"compare: expected two columns or more, such as {_MODELS}"
        raise OptionError(msg)
    _check_number(len(given), "compare")
    for label, settings in given.items():
        if not (isinstance(label, str) and label.strip()):
            msg = f"compare: expected a string as the label, like 'slow': {{'thinking': 'high'}}; found {_shown(label)}"
            raise TypeError(msg)
        if not isinstance(settings, Mapping):
            named, found = _shown(label), _shown(settings)
            msg = f"compare: expected settings for {named}, such as {{'thinking': 'high'}}; found {found}"
            raise TypeError(msg)
        if wrong := settings.keys() - set(_SETTINGS):
            name = min(map(str, wrong))
            near = get_close_matches(name, _SETTINGS, 1, 0.7)
            hint = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(sorted(_SETTINGS))}"
            msg = f"compare: {one_line(name, 40)!r} cannot differ: {hint}"
            raise TypeError(msg)
    return [ComparedColumn(label, label, dict(settings)) for label, settings in given.items()]


def _shown(value: object) -> str:
    return one_line(repr(value), 60)


def _check_number(count: int, where: str) -> None:
    if count > MOST:
        msg = f"{where}: {count} columns, and at most {MOST} are asked side by side: leave some out"
        raise OptionError(msg)


def _row(name: str, place: Place) -> Parameter:
    """Return the parameter that is called ``name`` at ``place``: by its option, or as a setting."""
    rows = {row.flag.removeprefix("--"): row for row in ROWS if place in row.at}
    also = {row.name: row for row in rows.values()} | {row.short.removeprefix("-"): row for row in rows.values()}
    row = rows.get(name) or also.get(name)
    if row is None:
        begun = [flag for flag in rows if len(name) > 1 and flag.startswith(name.casefold())]
        near = begun or get_close_matches(name.casefold(), [*rows, *also], 1, 0.6)
        hint = f"did you mean {near[0]}? " if near else ""
        msg = f"--compare {one_line(name, 40)}=: {hint}one of these can differ: {', '.join(rows)}"
        raise OptionError(msg)
    return row


def _value(row: Parameter, text: str) -> Any:
    if isinstance(row.kind, Flag):
        switches = {"on": True, "off": False}
        if text not in switches:
            msg = f"--compare {row.flag.removeprefix('--')}: expected on or off, found {one_line(text, 40)!r}"
            raise OptionError(msg)
        return switches[text]
    try:
        value = row.kind.read(text)
    except ValueError:
        msg = f"--compare {row.flag.removeprefix('--')}: expected {row.expected}, found {one_line(text, 40)!r}"
        raise OptionError(msg) from None
    return (value,) if isinstance(row.kind, Several) else value
