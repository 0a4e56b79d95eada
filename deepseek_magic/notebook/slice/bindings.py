"""Names as syntax has them: at the root of a place, bound by a body, given to a function."""

from __future__ import annotations

import ast

_SCOPED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def root_name(node: ast.AST) -> str | None:
    """Return the name at the root of attributes and subscripts (``a`` of ``a.b[0].c``), if there is one."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def own_names(body: list[ast.stmt]) -> set[str]:
    """Return the names that a function's ``body`` makes local by binding them."""
    own: set[str] = set()
    outer: set[str] = set()
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        match node:
            case ast.Global() | ast.Nonlocal():
                outer |= set(node.names)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                own.add(node.name)
            case ast.Name(ctx=ast.Store() | ast.Del()):
                own.add(node.id)
            case ast.Import() | ast.ImportFrom():
                own |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                own.add(name)
            case ast.MatchMapping(rest=str(name)):
                own.add(name)
            case _:
                pass
        if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            own |= {inner.target.id for inner in ast.walk(node) if isinstance(inner, ast.NamedExpr)}
        elif not isinstance(node, _SCOPED):
            waiting.extend(ast.iter_child_nodes(node))
    return own - outer


def parameters(arguments: ast.arguments) -> tuple[str, ...]:
    """Return the names of a function's parameters, those by position first."""
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [argument for argument in (arguments.vararg, arguments.kwarg) if argument is not None]
    return tuple(argument.arg for argument in every)


def words(text: str) -> frozenset[str]:
    """Return the words of ``text``."""
    return frozenset(text.split())
