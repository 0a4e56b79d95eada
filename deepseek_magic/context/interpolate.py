"""``{expression}`` in a question: replaced by what its value is told as, where it can only have been meant so.

Braces mean many other things in what people ask, so the rule is narrow; all that it does not name stays byte for byte
as typed. ``{…}`` is replaced where it

- stands in prose: not in a code block, code span or formula, nor in an f-string literal or a command's argument
  (``\\frac{a}{b}``); not right after ``$``, ``^``, ``_``, ``)``, ``]`` or a backslash; not inside of other braces
  (``{{x}}``, JSON);
- is on one line, without blank space just inside the braces (``{ color }`` is code);
- is a name, or attributes, items, calls and arithmetic that start from names (``{df["x"].mean()}``, ``{len(df)}``);
  a tuple, set, dict, comparison or comprehension on its own stays, since sets and JSON are written like that;
- uses only names of the user, at least one, beside a few built-in functions that do nothing but compute.

So ``/users/{id}`` is replaced where the user has a variable ``id``, and nowhere else. A format (``{x:.2f}``,
``{day:%d %B}``) or ``!r`` is understood for numbers, texts and dates; a width alone (``{x:10}``) is not one.
"""

from __future__ import annotations

import ast
import builtins
import datetime
import decimal
import difflib
import re
import symtable
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deepseek_magic.commonmark.literal_spans import Span
from deepseek_magic.errors import QuestionError
from deepseek_magic.text import one_line

from .braces import MAX_LENGTH, in_prose

#: The built-in functions that an expression may call on the user's values.
FUNCTIONS = frozenset(
    function.__name__
    for function in (
        *(abs, all, any, bin, bool, chr, complex, dict, dir, divmod, enumerate, filter, float, format, frozenset),
        *(getattr, hasattr, hash, hex, int, isinstance, len, list, map, max, min, oct, ord, pow, range, repr),
        *(reversed, round, set, sorted, str, sum, tuple, type, zip),
    )
)

# Under whatever name, these are figures.
_NO_SECRETS = (int, float, complex, bool, type(None))
_MAX_NOTICES = 5
_MAX_SEARCHES = 30
_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult)
_NUMBER_FORMAT = re.compile(r"(?:.?[<>=^])?[-+ ]?#?0?\d*[,_]?(?:\.\d+)?[bcdeEfFgGnosxX%]?")
_DATE_FORMAT = re.compile(r"[^{}]*%[-#]?[A-Za-z][^{}]*")
_SUFFIX = re.compile(r"(.*?)(?:!([rs]))?(?::(.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Replacement:
    """One value that stands in the new text: its ``expression``, the name of its type, and from where to where."""

    expression: str
    type_name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Interpolated:
    """A question after interpolation.

    Attributes:
        text: the question to send.
        replaced: what was replaced, in the order of the text.
        near: what looks as if it was meant to be replaced and was not, each one line.
    """

    text: str
    replaced: tuple[Replacement, ...] = ()
    near: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Expression:
    tree: ast.Expression
    source: str
    names: frozenset[str]
    conversion: str = ""
    format: str = ""


def interpolate(
    text: str,
    namespace: Mapping[str, Any],
    tell: Callable[[object, str], str],
    mask: Callable[[str], str] = str,
    hidden: Callable[[str, str], str] = lambda said, expression: said,  # noqa: ARG005  # the expression is not needed
) -> Interpolated:
    """Replace every ``{expression}`` of ``text`` that the rule of this module names.

    Args:
        text: the question as typed.
        namespace: the user's own names and their values: no built-ins, no ``_``, ``In``, ``Out``.
        tell: what to put for a value, given the value and its expression; what it returns is not looked at again.
        mask: hides secrets in a text: in what an expression says when it raises.
        hidden: hides the text of a value whose expression names a secret, given that text and the expression.

    Each expression is evaluated once, from left to right, with no other names than those of the rule.

    Raises:
        QuestionError: an expression raised; nothing should be sent then.
    """
    if "{" not in text or not namespace:
        return Interpolated(text)
    pieces: list[str] = []
    replaced: list[Replacement] = []
    near: dict[str, None] = {}
    position = length = 0
    slips = _Slips(namespace)
    for start, end, nested in _candidates(text):
        if start < position:
            continue  # a part of the expression that was just replaced
        found = _read(text, Span(start, end), nested, namespace, slips)
        if isinstance(found, _Expression):
            value = _value(found, namespace, mask)
            said = _say(value, found, tell)
            if said is not None and type(value) not in _NO_SECRETS:
                said = hidden(said, found.source)
            if said is None:
                found = f"{{{_short(found)}}} was sent as typed: a format is for numbers, texts and dates"
            else:
                pieces += [text[position:start], said]
                length += start - position + len(said)
                position = end
                replaced.append(Replacement(found.source, type(value).__name__, length - len(said), length))
                continue
        if found and len(near) < _MAX_NOTICES:
            near[found] = None
    pieces.append(text[position:])
    return Interpolated("".join(pieces), tuple(replaced), tuple(near))


def _candidates(text: str) -> Iterator[tuple[int, int, bool]]:
    """Each pair of braces in prose, from ``{`` to after ``}``, and whether it stands inside of another."""
    outer = 0
    for start, closing in sorted(in_prose(text, lambda inside: _parse(inside) is not None).items()):
        nested = start < outer
        outer = max(outer, closing + 1)
        yield start, closing + 1, nested


def _read(text: str, braces: Span, nested: bool, namespace: Mapping[str, Any], slips: _Slips) -> _Expression | str:
    """The expression between these braces; else a notice, or "" where nothing need be said."""
    start, end = braces
    inside = text[start + 1 : end - 1]
    source = inside.strip(" ")
    if not source or len(source) > MAX_LENGTH or "\n" in source or "\r" in source:
        return ""
    if text[start - 1 : start] in tuple("$^_)]\\{") or (not nested and text[end : end + 1] == "}"):
        return ""
    if (nested or source != inside) and not source.isidentifier():
        return ""
    expression = _parse(source)
    if expression is None:
        return ""
    unknown = sorted(expression.names - namespace.keys() - FUNCTIONS)
    if unknown:
        matches = [(name, slips.of(name)) for name in unknown]
        if nested or source != inside or not all(match for _, match in matches):
            return ""
        meant = _renamed(source, dict(matches))
        return f"{{{one_line(source, 60)}}} was sent as typed: did you mean {{{one_line(meant, 60)}}}?"
    if not expression.names & namespace.keys():
        return ""
    if nested:
        return f"{{{source}}} was sent as typed: it stands inside of other braces"
    if source != inside:
        return f"{{{inside}}} was sent as typed: write {{{source}}} for its value"
    return expression


def _parse(source: str) -> _Expression | None:
    """The expression that ``source`` is, if it is one of the kinds of the rule."""
    tree = _tree(source)
    if tree is not None:
        return _Expression(tree, source, _names(source)) if _meant(tree.body) else None
    for place in [match.start() for match in re.finditer("[!:]", source)][:8]:
        suffix = _SUFFIX.fullmatch(source[place:])
        tree = _tree(source[:place]) if suffix and not suffix[1] else None
        if tree is None or suffix is None:
            continue
        form = suffix[3] or ""
        if not _meant(tree.body) or not (_is_format(form) if form else suffix[2] and suffix[3] is None):
            return None
        return _Expression(tree, source[:place], _names(source[:place]), suffix[2] or "", form)
    return None


def _tree(source: str) -> ast.Expression | None:
    if source[:1].isspace() or source[-1:].isspace() or "#" in source:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source, mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def _meant(node: ast.expr) -> bool:
    """Whether such an expression in braces can only have been meant for its value."""
    assigns = (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)
    if any(isinstance(inner, assigns) for inner in ast.walk(node)):
        return False
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, _ARITHMETIC)
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.USub)
    return isinstance(node, (ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.IfExp))


def _names(source: str) -> frozenset[str]:
    """The names that the expression takes from outside of itself."""

    def free(table: symtable.SymbolTable) -> Iterator[str]:
        for symbol in table.get_symbols():
            if symbol.is_global() and symbol.is_referenced():
                yield symbol.get_name()
        for child in table.get_children():
            yield from free(child)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return frozenset(free(symtable.symtable(source, "<question>", "eval")))


def _is_format(form: str) -> bool:
    """Whether ``form`` is a format and not the value in ``{width:10}`` or ``{a:b}``."""
    if _DATE_FORMAT.fullmatch(form):
        return True
    try:
        float(form)
    except ValueError:
        return _NUMBER_FORMAT.fullmatch(form) is not None and re.search("[0-9.,_%<>=^#]", form) is not None
    return False


def _value(expression: _Expression, namespace: Mapping[str, Any], mask: Callable[[str], str]) -> Any:
    known = {name: namespace[name] if name in namespace else getattr(builtins, name) for name in expression.names}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            code = compile(expression.tree, "<question>", "eval")
        return eval(code, {"__builtins__": {}, **known})  # the user typed it, to have it evaluated
    except Exception as error:  # whatever the user's code raises
        said = one_line(mask(str(error)[:10_000]), 200)
        msg = (
            f"{mask(f'{{{_short(expression)}}}')} raised {type(error).__name__}{f': {said}' if said else ''}. "
            "Nothing was sent: correct it, or send the braces as typed with --raw"
        )
        raise QuestionError(msg) from error


def _short(expression: _Expression) -> str:
    conversion = f"!{expression.conversion}" if expression.conversion else ""
    return one_line(f"{expression.source}{conversion}{f':{expression.format}' if expression.format else ''}", 80)


def _say(value: Any, expression: _Expression, tell: Callable[[object, str], str]) -> str | None:
    """The text for ``value``; ``None`` where it does not take the format that was asked for."""
    if not expression.conversion and not expression.format:
        return tell(value, expression.source)
    # A number of numpy becomes Python's; the format is the base type's own, so that no code of the user runs.
    if type(value).__module__ == "numpy" and getattr(value, "ndim", None) == 0:
        value = value.item()
    plain = (str, int, float, complex, decimal.Decimal, datetime.datetime, datetime.date, datetime.time)
    base = next((kind for kind in plain if issubclass(type(value), kind)), None)
    if base is None:
        return None
    if expression.conversion:
        value, base = (base.__repr__(value) if expression.conversion == "r" else base.__str__(value)), str
    try:
        return base.__format__(value, expression.format)
    except (ValueError, TypeError, OverflowError):
        return None


class _Slips:
    """Which of the user's names another may be a slip of; it looks for so many alone, since each costs a search."""

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self._known = list(namespace)[:2000]
        self._found: dict[str, str] = {}

    def of(self, name: str) -> str:
        """The user's name that ``name`` is close to; "" if there is none."""
        if name not in self._found and len(self._found) < _MAX_SEARCHES:
            folded = name.casefold()
            same = next((known for known in self._known if known.casefold() == folded), "")
            near = difflib.get_close_matches(name, self._known, n=1, cutoff=0.75)
            self._found[name] = same or next(iter(near), "")
        return self._found.get(name, "")


def _renamed(source: str, names: Mapping[str, str]) -> str:
    return re.sub(r"(?<![\w.])[^\W\d]\w*", lambda found: names.get(found[0], found[0]), source)
