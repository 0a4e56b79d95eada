"""Parse and evaluate the ``{expression}`` in a question."""

from __future__ import annotations

import ast
import builtins
import datetime
import decimal
import re
import symtable
import warnings
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deepseek_magic.errors import QuestionError
from deepseek_magic.guard import Redactor
from deepseek_magic.notebook.namespace import nearest
from deepseek_magic.text import one_line

#: The built-in functions that an expression may call on the user's values.
FUNCTIONS = frozenset(
    function.__name__
    for function in (
        *(abs, all, any, bin, bool, chr, complex, dict, dir, divmod, enumerate, filter, float, format, frozenset),
        *(getattr, hasattr, hash, hex, int, isinstance, len, list, map, max, min, oct, ord, pow, range, repr),
        *(reversed, round, set, sorted, str, sum, tuple, type, zip),
    )
)

_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult)
_NUMBER_FORMAT = re.compile(r"(?:.?[<>=^])?[-+ ]?#?0?\d*[,_]?(?:\.\d+)?[bcdeEfFgGnosxX%]?")
_DATE_FORMAT = re.compile(r"[^{}]*%[-#]?[A-Za-z][^{}]*")
_SUFFIX = re.compile(r"(.*?)(?:!([rs]))?(?::(.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression in braces.

    Attributes:
        tree: its syntax tree.
        source: its source.
        names: the names that it uses and does not bind itself.
        conversion: ``r`` or ``s``, as in ``{x!r}``; "" for none.
        format: the format, as in ``{x:.2f}``; "" for none.
    """

    tree: ast.Expression
    source: str
    names: frozenset[str]
    conversion: str = ""
    format: str = ""

    def __str__(self) -> str:
        """The expression as typed, on one line."""
        conversion = f"!{self.conversion}" if self.conversion else ""
        return one_line(f"{self.source}{conversion}{f':{self.format}' if self.format else ''}", 80)

    def starts_from(self, names: Collection[str]) -> bool:
        """Return whether it begins with one of ``names``: the name itself, or an attribute, item or call of it."""
        node: ast.expr = self.tree.body
        while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
            node = node.func if isinstance(node, ast.Call) else node.value
        return isinstance(node, ast.Name) and node.id in names

    def value(self, namespace: Mapping[str, Any], redactor: Redactor) -> Any:
        """Return its value in the user's ``namespace``; ``redactor`` masks secrets in the message of an error.

        Raises:
            QuestionError: evaluating it raised.
        """
        known = {name: namespace[name] if name in namespace else getattr(builtins, name) for name in self.names}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SyntaxWarning)
                code = compile(self.tree, "<question>", "eval")
            return eval(code, {"__builtins__": {}, **known})  # the user typed it to have it evaluated
        except Exception as error:  # whatever the user's code raises
            said, meant = one_line(redactor.text(str(error)[:10_000]), 200), nearest(error, self.source, namespace)
            hint = f"Did you mean {redactor.text(meant)}? " if meant else ""
            msg = (
                f"{redactor.text(f'{{{self}}}')} raised {type(error).__name__}{f': {said}' if said else ''}. {hint}"
                "Nothing was sent: correct it, or send the braces as typed with --raw"
            )
            raise QuestionError(msg) from error

    def formatted(self, value: Any) -> str | None:
        """Return ``value``, converted and formatted; ``None`` if it does not support that."""
        # A numpy number becomes Python's, and the base type's own format is used, so that none of the user's code runs.
        if type(value).__module__ == "numpy" and getattr(value, "ndim", None) == 0:
            value = value.item()
        plain = (str, int, float, complex, decimal.Decimal, datetime.datetime, datetime.date, datetime.time)
        base = next((kind for kind in plain if issubclass(type(value), kind)), None)
        if base is None:
            return None
        if self.conversion:
            value, base = (base.__repr__(value) if self.conversion == "r" else base.__str__(value)), str
        try:
            return base.__format__(value, self.format)
        except (ValueError, TypeError, OverflowError):
            return None


def parse(source: str) -> Expression | None:
    """Return ``source`` as an expression if it is of a kind that `interpolate` replaces, else ``None``."""
    tree = _tree(source)
    if tree is not None:
        return Expression(tree, source, _names(source)) if _meant(tree.body) else None
    for place in [match.start() for match in re.finditer("[!:]", source)][:8]:
        suffix = _SUFFIX.fullmatch(source[place:])
        tree = _tree(source[:place]) if suffix and not suffix[1] else None
        if tree is None or suffix is None:
            continue
        form = suffix[3] or ""
        if not _meant(tree.body) or not (_is_format(form) if form else suffix[2] and suffix[3] is None):
            return None
        return Expression(tree, source[:place], _names(source[:place]), suffix[2] or "", form)
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
    """Return whether ``node`` in braces can only have been meant to be evaluated."""
    assigns = (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)
    if any(isinstance(inner, assigns) for inner in ast.walk(node)):
        return False
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, _ARITHMETIC)
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.USub)
    return isinstance(node, (ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.IfExp))


def _names(source: str) -> frozenset[str]:
    """Return the names that the expression uses and does not bind itself."""

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
    """Return whether ``form`` is a format, and not the value in ``{width:10}`` or ``{a:b}``."""
    if _DATE_FORMAT.fullmatch(form):
        return True
    try:
        float(form)
    except ValueError:
        return _NUMBER_FORMAT.fullmatch(form) is not None and re.search("[0-9.,_%<>=^#]", form) is not None
    return False
