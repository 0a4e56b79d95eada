"""Names as syntax has them: at the root of a place, bound by a body, given to a function."""

from __future__ import annotations

import ast

_SCOPED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def words(text: str) -> frozenset[str]:
    """Return the words of ``text``."""
    return frozenset(text.split())


#: Fields of syntax trees that hold no expressions: operators, contexts, strings, numbers.
_NOT_INSIDE = words("ctx op ops id attr arg kind conversion level module is_async simple type_comment names kwd_attrs")
_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {ast.Constant: (), ast.MatchSingleton: ()}


def root_name(node: ast.AST) -> str | None:
    """Return the name at the root of attributes and subscripts (``a`` of ``a.b[0].c``), if there is one."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def inner_nodes(node: ast.AST) -> list[ast.AST]:
    """Return the nodes inside ``node`` that may hold names, in the order of the language's grammar."""
    kind = type(node)
    fields = _FIELDS.get(kind)
    if fields is None:  # found once for each kind: a session has hundreds of thousands of nodes
        fields = _FIELDS[kind] = tuple(name for name in kind._fields if name not in _NOT_INSIDE)
    found: list[ast.AST] = []
    for name in fields:
        value = getattr(node, name, None)
        if type(value) is list:
            found += [inner for inner in value if inner is not None]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


def own_names(body: list[ast.stmt]) -> set[str]:
    """Return the names that a function's ``body`` makes local by binding them."""
    own: set[str] = set()
    outer: set[str] = set()
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name):
            if not isinstance(node.ctx, ast.Load):
                own.add(node.id)
            continue
        if isinstance(node, ast.expr):
            if isinstance(node, _COMPREHENSIONS):
                own |= {inner.target.id for inner in ast.walk(node) if isinstance(inner, ast.NamedExpr)}
            elif not isinstance(node, ast.Lambda):
                waiting += inner_nodes(node)
            continue
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            outer |= set(node.names)
        own |= _bound_by(node)
        if not isinstance(node, _SCOPED):
            waiting += inner_nodes(node)
    return own - outer


def _bound_by(node: ast.AST) -> set[str]:
    """Return the names that ``node`` itself binds, which is not an expression."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return {node.name}
        case ast.Import() | ast.ImportFrom():
            return {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            return {name}
        case ast.MatchMapping(rest=str(name)):
            return {name}
        case _:
            return set()


def every_argument(arguments: ast.arguments) -> list[ast.arg]:
    """Return a function's parameters, those by position first."""
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return every + [argument for argument in (arguments.vararg, arguments.kwarg) if argument is not None]


def parameters(arguments: ast.arguments) -> tuple[str, ...]:
    """Return the names of a function's parameters, those by position first."""
    return tuple(argument.arg for argument in every_argument(arguments))
