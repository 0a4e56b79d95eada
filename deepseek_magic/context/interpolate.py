"""Replace each ``{expression}`` in a question by a description of its value, if it can only have been meant so.

Braces have many other meanings in questions, so the rule is narrow, and everything else stays exactly as typed.
``{…}`` is replaced if it

- is in prose: not in a code block, code span or formula, not in an f-string literal or the argument of a command
  (``\\frac{a}{b}``); not right after ``$``, ``^``, ``_``, ``)``, ``]`` or a backslash, except to continue a name
  (``data_{year}.csv``); not inside other braces (``{{x}}``, JSON);
- is on one line, without blank space just inside the braces (``{ color }`` is code);
- is a name, or attributes, items, calls and arithmetic that start from names (``{df["x"].mean()}``, ``{len(df)}``);
  a tuple, set, dict, comparison or comprehension on its own is not replaced, because sets and JSON look like that;
- uses at least one of the user's names, and besides those only a few built-in functions that just compute.

So ``/users/{id}`` is replaced if the user has a variable ``id``, and not otherwise. A format (``{x:.2f}``,
``{day:%d %B}``) or ``!r`` is applied to numbers, strings and dates; a mere width (``{x:10}``) does not count as one.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deepseek_magic.commonmark.literal_spans import Span
from deepseek_magic.guard import NOTHING_MASKED, Redactor
from deepseek_magic.text import one_line

from .braces import MAX_LENGTH, in_prose
from .expressions import FUNCTIONS, Expression, parse

# Values of these types are not secrets, whatever their name.
_NO_SECRETS = (int, float, complex, bool, type(None))
_MAX_NOTICES = 5
_MAX_SEARCHES = 30
_READS_AS = {"$": "a shell variable", "^": "an exponent", "_": "a subscript", ")": "code", "]": "code"}
_WORD_BEFORE = re.compile(r"(?<![\\\w])((?:[^\W_]|[_.-])+)_\Z")
_AFTER_A_WORD = re.compile(r"[.,;:!?)]*(?:\s|\Z)")
_EXTENSION = re.compile(r"\.[a-z][a-z0-9]{1,5}\b")
_WITH_SUBSCRIPT = {*("log", "max", "min", "sum", "prod", "lim", "sup", "inf", "int", "arg", "argmax", "argmin")}


@dataclass(frozen=True, slots=True)
class Replacement:
    """One replacement: its ``expression``, the name of the value's type, and start and end in the new text."""

    expression: str
    type_name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Interpolated:
    """A question after interpolation.

    Attributes:
        text: the question to send.
        replaced: the replacements, in the order of the text.
        near: notices of braces that were probably meant to be replaced and were not, one line each.
    """

    text: str
    replaced: tuple[Replacement, ...] = ()
    near: tuple[str, ...] = ()


def interpolate(
    text: str,
    namespace: Mapping[str, Any],
    describe: Callable[[object, str], str],
    redactor: Redactor = NOTHING_MASKED,
    hidden: Callable[[str, str], str] = lambda said, expression: said,  # noqa: ARG005  # the expression is not needed
) -> Interpolated:
    """Replace every ``{expression}`` in ``text`` by the rule of this module.

    Each expression is evaluated once, from left to right, with only the names that the rule allows.

    Args:
        text: the question as typed.
        namespace: the user's own names and their values, without built-ins, ``_``, ``In`` and ``Out``.
        describe: returns the replacement for a value, given the value and its expression; braces in it stay.
        redactor: masks secrets in the message of an expression that raises.
        hidden: masks the text of a value if its expression is a secret name, given the text and the expression.

    Raises:
        QuestionError: an expression raised. Then nothing should be sent.
    """
    if "{" not in text:
        return Interpolated(text)
    pieces: list[str] = []
    replaced: list[Replacement] = []
    near: dict[str, None] = {}
    position = length = 0
    slips = _Slips(namespace)
    for start, end, nested in _candidates(text):
        if start < position:
            continue  # a part of the expression that was just replaced
        found = _read(text, Span(start, end), namespace, slips, nested=nested, joined=0 < position == start - 1)
        if isinstance(found, Expression):
            value = found.value(namespace, redactor)
            formatted = found.conversion or found.format
            said = found.formatted(value) if formatted else describe(value, found.source)
            if said is not None and type(value) not in _NO_SECRETS:
                said = hidden(said, found.source)
            if said is None:
                found = f"{{{found}}} is sent as typed: a format is for numbers, texts and dates"
            else:
                pieces += [text[position:start], said]
                length += start - position + len(said)
                position = end
                replaced.append(Replacement(found.source, type(value).__name__, length - len(said), length))
                continue
        if found and len(near) < _MAX_NOTICES:
            near[found] = None
    pieces.append(text[position:])
    return Interpolated("".join(pieces), tuple(replaced), (*near, *slips.of_no_variable()))


def _candidates(text: str) -> Iterator[tuple[int, int, bool]]:
    """Yield start and end of each pair of braces in prose, and whether it is inside another pair."""
    outer = 0
    for start, closing in sorted(in_prose(text, lambda inside: parse(inside) is not None).items()):
        nested = start < outer
        outer = max(outer, closing + 1)
        yield start, closing + 1, nested


def _read(
    text: str, braces: Span, namespace: Mapping[str, Any], slips: _Slips, *, nested: bool, joined: bool
) -> Expression | str:
    """Return the expression between these braces, or else a notice for the user ("" for none).

    ``nested``: the braces are inside others. ``joined``: one character separates them from a replacement.
    """
    start, end = braces
    inside = text[start + 1 : end - 1]
    source = inside.strip(" ")
    if not source or len(source) > MAX_LENGTH or "\n" in source or "\r" in source:
        return ""
    before = text[start - 1 : start]
    is_other = before in ("\\", "{") or (not nested and text[end : end + 1] == "}")
    is_other = is_other or ((nested or source != inside) and not source.isidentifier())
    expression = None if is_other else parse(source)
    if expression is None:
        return ""
    literal = before in _READS_AS and not (before == "_" and (joined or _in_a_name(text, start, end)))
    unknown = sorted(expression.names - namespace.keys() - FUNCTIONS)
    if unknown:
        matches = [(name, slips.of(name)) for name in unknown]
        if literal or nested or source != inside:
            return ""
        if all(match for _, match in matches):
            meant = _renamed(source, dict(matches))
            return f"{{{one_line(source, 60)}}} is sent as typed: did you mean {{{one_line(meant, 60)}}}?"
        if len(source) > 1 and _stands_alone(text, start, end) and expression.starts_from(unknown):
            slips.unheard[f"{{{one_line(expression.source, 60)}}}"] = None
        return ""
    if not expression.names & namespace.keys() or (literal and len(source) == 1):
        return ""
    if literal:
        return f"{{{source}}} is sent as typed: after {before} it reads as {_READS_AS[before]}"
    if nested:
        return f"{{{source}}} is sent as typed: it stands inside of other braces"
    if source != inside:
        return f"{{{inside}}} is sent as typed: write {{{source}}} for its value"
    return expression


def _in_a_name(text: str, start: int, end: int) -> bool:
    """Return whether braces continue a name like ``data_`` or ``x_….csv``; ``x_`` alone begins a subscript."""
    word = _WORD_BEFORE.search(text, max(0, start - 80), start)
    if word is None or word[1].casefold() in _WITH_SUBSCRIPT:
        return False
    return len(word[1]) > 1 or _EXTENSION.match(text, end) is not None


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Return whether braces are a word in a sentence, and not part of a quotation, a path, a name or code."""
    return (start == 0 or text[start - 1] in " \n(") and _AFTER_A_WORD.match(text, end) is not None


class _Slips:
    """Finds the user's name that an unknown name is a likely misspelling of, for a limited number of names.

    Attributes:
        unheard: the expressions with names that are neither the user's nor similar to one of them.
    """

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self.unheard: dict[str, None] = {}
        self._known = list(namespace)[:2000]
        self._found: dict[str, str] = {}

    def of(self, name: str) -> str:
        """Return the user's name that is most similar to ``name``; "" if none is."""
        if not self._known:
            return ""
        if name not in self._found and len(self._found) < _MAX_SEARCHES:
            folded = name.casefold()
            same = next((known for known in self._known if known.casefold() == folded), "")
            near = difflib.get_close_matches(name, self._known, n=1, cutoff=0.75)
            self._found[name] = same or next(iter(near), "")
        return self._found.get(name, "")

    def of_no_variable(self) -> Iterator[str]:
        """Yield the notice that expressions with unknown names are sent as typed."""
        found = list(self.unheard)
        if len(found) == 1:
            yield f"{found[0]} is sent as typed: there is no variable of that name"
        elif found:
            more = f" and {len(found) - _MAX_NOTICES} more" if len(found) > _MAX_NOTICES else ""
            yield f"{', '.join(found[:_MAX_NOTICES])}{more} are sent as typed: there are no variables of these names"


def _renamed(source: str, names: Mapping[str, str]) -> str:
    return re.sub(r"(?<![\w.])[^\W\d]\w*", lambda found: names.get(found[0], found[0]), source)
