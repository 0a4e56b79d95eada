"""Parse the selectors of ``-c`` by the table of sources. Nothing is read from the notebook or from files."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from deepseek_magic.errors import OptionError
from deepseek_magic.text import one_line

from .sources import SOURCES

NONE = "none"
#: Each form of a selector, as typed, and what it means.
FORMS: dict[str, str] = {form: what for source in SOURCES.values() for form, what in source.forms.items()} | {
    NONE: "nothing, even if a context is configured"
}
EXPECTED = "some of " + ", ".join(FORMS)


@dataclass(frozen=True, slots=True)
class Selector:
    """One selector: the name of the source, and its argument, whose type depends on the source."""

    source: str
    argument: object = None


def read(spec: str) -> tuple[Selector, ...]:
    """Return the selectors in ``spec``, which are separated by commas; ``file:`` takes the rest.

    Raises:
        ValueError: one of them is not a selector; the message is that word.
    """
    found: list[Selector] = []
    rest = spec.strip()
    while rest:
        source = SOURCES.get(rest.partition(":")[0])
        if source is not None and source.takes_rest:
            word, rest = rest, ""
        else:
            word, _, rest = (part.strip() for part in rest.partition(","))
        found.append(_one(word))
    if not found:
        raise ValueError(spec)
    return tuple(found)


def _one(word: str) -> Selector:
    if word == NONE:
        return Selector(NONE)
    name, colon, argument = word.partition(":")
    source = SOURCES.get(name)
    if source is None or not source.forms:
        raise ValueError(word)
    try:
        return Selector(name, source.parse(argument if colon else None))
    except ValueError:
        raise ValueError(word) from None


def chosen(specs: Iterable[str], setting: str) -> tuple[Selector, ...]:
    """Return the selectors of all ``specs`` in order, without duplicates.

    Args:
        specs: strings for `read`.
        setting: the option or setting that they come from, for the error.

    Raises:
        OptionError: one of them is not a selector, or ``none`` is combined with another.
    """
    found: dict[Selector, None] = {}
    for spec in specs:
        try:
            found.update(dict.fromkeys(read(spec)))
        except ValueError as error:
            raise OptionError(refusal(setting, str(error))) from None
    if Selector(NONE) in found and len(found) > 1:
        msg = f"{setting}: none cannot be combined: leave it out, or leave the others out"
        raise OptionError(msg)
    return tuple(selector for selector in found if selector.source != NONE)


def refusal(setting: str, word: str) -> str:
    """Return the message that ``word`` is not a selector, and which one was probably meant."""
    source = SOURCES.get(word.partition(":")[0])
    forms = source.forms if source is not None else {}
    expected = " or ".join(f"{form} ({what})" for form, what in forms.items()) or EXPECTED
    return f"{setting}: expected {expected}, found {one_line(word, 60)!r}{_hint(word)}"


def _hint(word: str) -> str:
    """Return the end of the message: the selector that ``word`` was clearly meant to be, if any."""
    name = word.partition(":")[0]
    if word.endswith(":"):
        return f"; write its value right after the colon, without a space: {one_line(word, 40)}VALUE"
    if meant := next(filter(None, (source.meant(word) for source in SOURCES.values())), ""):
        return f"; did you mean {one_line(meant, 80)}?"
    names = dict.fromkeys(form.partition(":")[0] for form in FORMS)
    near = difflib.get_close_matches(name.casefold(), names, 1, 0.6)
    if near and near[0] != name:
        return f"; did you mean {near[0]}?"
    return f"; -v {name} sends a variable" if not near and word.isidentifier() else ""
