"""Where the value of an expression is from: which names share an object with it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from .bindings import words
from .effects import Origin, Origins

_COPIES = words("list tuple set dict frozenset sorted reversed iter enumerate zip filter map deque chain")
#: Methods that return a part of their object, or an object that changes it.
_PARTS = words(
    """get setdefault pop popitem popleft items values keys flat flatten ravel reshape view squeeze parameters children
    modules named_parameters add_subplot add_axes subplots subplot_mosaic twinx twiny gca cursor"""
)
#: Methods that return their object.
_THEMSELVES = words("fit set_params to train eval cuda cpu partial_fit")
NOWHERE: Origins = frozenset()


def origins(node: ast.AST | None, of_name: Callable[[str], Origins]) -> Origins:
    """Return where the value of ``node`` is from; ``of_name`` says it of a name."""
    read = _READ.get(type(node))
    return read(node, of_name) if read is not None else NOWHERE


def parts(whole: Origins) -> Origins:
    """Return where an element of something is from that is from ``whole``."""
    return frozenset([(name, "same" if how == "holds" else "part") for name, how in whole]) if whole else NOWHERE


def _held(nodes: list[ast.expr], of_name: Callable[[str], Origins]) -> Origins:
    found: set[Origin] = set()
    for node in nodes:
        inner = origins(node, of_name)
        found |= {(name, "copy" if isinstance(node, ast.Starred) else "holds") for name, _ in inner}
    return frozenset(found)


def _of_call(node: ast.Call, of_name: Callable[[str], Origins]) -> Origins:
    function = node.func
    if isinstance(function, ast.Attribute):
        if function.attr in _PARTS or function.attr.startswith("get_"):
            return parts(origins(function.value, of_name))
        if function.attr in _THEMSELVES:
            return origins(function.value, of_name)
    elif isinstance(function, ast.Name) and function.id in _COPIES:
        inner = frozenset().union(*(origins(argument, of_name) for argument in node.args))
        return frozenset((source, how if how == "holds" else "copy") for source, how in inner)
    return NOWHERE


#: How each kind of expression is read; a look-up, because a session has hundreds of thousands of them.
_READ: dict[type, Callable[[Any, Callable[[str], Origins]], Origins]] = {
    ast.Name: lambda node, of_name: of_name(node.id),
    **dict.fromkeys((ast.Attribute, ast.Subscript), lambda node, of_name: parts(origins(node.value, of_name))),
    **dict.fromkeys((ast.Starred, ast.NamedExpr, ast.Await), lambda node, of_name: origins(node.value, of_name)),
    **dict.fromkeys((ast.Tuple, ast.List, ast.Set), lambda node, of_name: _held(node.elts, of_name)),
    ast.Dict: lambda node, of_name: _held(node.values, of_name),
    ast.IfExp: lambda node, of_name: origins(node.body, of_name) | origins(node.orelse, of_name),
    ast.BoolOp: lambda node, of_name: frozenset().union(*(origins(value, of_name) for value in node.values)),
    ast.Call: _of_call,
}


def elements(target: ast.AST, iterable: ast.AST, of_name: Callable[[str], Origins]) -> Iterator[tuple[str, Origins]]:
    """Yield the names that a loop over ``iterable`` binds, each with where its value is from."""
    match iterable:
        case ast.Call(func=ast.Name(id="zip"), args=args) if isinstance(target, ast.Tuple) and len(target.elts) == len(
            args
        ):
            for inner, argument in zip(target.elts, args, strict=True):
                yield from elements(inner, argument, of_name)
        case ast.Call(func=ast.Name(id="enumerate"), args=[argument, *_]) if isinstance(target, ast.Tuple):
            yield from elements(target.elts[-1], argument, of_name)
        case ast.Call(func=ast.Attribute(attr="items", value=value)) if isinstance(target, ast.Tuple):
            whole = parts(origins(value, of_name))
            for name in names_of(target.elts[-1]):
                yield name, whole
        case _:
            if isinstance(iterable, ast.Call) and isinstance(iterable.func, ast.Attribute):
                iterable = iterable.func.value if iterable.func.attr == "values" else iterable
            whole = parts(origins(iterable, of_name))
            for name in names_of(target):
                yield name, whole


def names_of(target: ast.AST) -> list[str]:
    """Return the plain names that ``target`` binds."""
    if isinstance(target, ast.Name):
        return [target.id]
    if isinstance(target, ast.Starred):
        return names_of(target.value)
    if isinstance(target, (ast.Tuple, ast.List)):
        return [name for inner in target.elts for name in names_of(inner)]
    return []
