"""Python's rules of scope, for the names that a cell reads, binds and changes.

Language reference, section 4.2: functions, lambdas and comprehensions have scopes of their own, a class body is not
seen from its methods, the first iterable of a comprehension belongs outside, ``global`` reaches out.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, ClassVar

from .bindings import every_argument, inner_nodes, own_names, parameters
from .effects import Change, Effects, FunctionEffects, Origins
from .origins import NOWHERE, elements, origins


@dataclass(slots=True)
class Scope:
    """A scope inside a cell.

    Attributes:
        names: its own names.
        is_class: whether it is a class body, which inner functions do not see.
        is_comprehension: whether it is a comprehension's, in which ``:=`` binds outside.
        deferred: whether its body runs later, when it is called.
        outer: names that it takes from the namespace by ``global``.
        title: the name of the class.
    """

    names: set[str]
    is_class: bool = False
    is_comprehension: bool = False
    deferred: bool = True
    outer: set[str] = field(default_factory=set)
    title: str = ""


class Scopes:
    """Walks one statement in the order in which Python runs it.

    Attributes:
        effects: what was found so far.
        bound: the names of the namespace that are bound by now, whatever happens.
        scopes: the scopes around the place that is being walked, the innermost last; none in the cell itself.
        called: the plain names that were called so far.
        function: the effects of the outermost function around it.
        local: where the values of local names are from, parameters and names of the namespace.
    """

    takes: ClassVar[dict[type[ast.AST], Callable[[Any, Any], None]]]

    def __init_subclass__(cls) -> None:
        cls.takes = {}  # found once for each kind of node: a session has hundreds of thousands

    def __init__(self) -> None:
        self.local: dict[str, Origins] = {}
        self.effects = Effects()
        self.bound: set[str] = set()
        self.scopes: list[Scope] = []
        self.called: list[str] = []
        self.function: FunctionEffects | None = None

    def walk(self, node: ast.AST) -> None:
        """Take in ``node`` and what is inside of it, in the order in which Python runs it."""
        kind = type(node)
        take = self.takes.get(kind)
        if take is None:
            take = self.takes[kind] = getattr(type(self), f"_on_{kind.__name__.lower()}", Scopes.walk_inside)
        take(self, node)

    def walk_inside(self, node: ast.AST) -> None:
        """Take in what is inside of ``node``."""
        for inner in inner_nodes(node):
            self.walk(inner)

    # The commonest kinds, without a search for what is inside

    def _on_constant(self, _node: ast.Constant) -> None:
        """Hold no name."""

    def _on_expr(self, node: ast.Expr) -> None:
        self.walk(node.value)

    def _on_binop(self, node: ast.BinOp) -> None:
        self.walk(node.left)
        self.walk(node.right)

    # Names

    def is_global(self, name: str) -> bool:
        """Return whether ``name`` means the namespace's name here."""
        if not self.scopes:
            return True
        for depth, scope in enumerate(reversed(self.scopes)):
            if name in scope.outer:
                return True
            if scope.is_class and depth:
                continue
            if name in scope.names:
                return False
        return True

    def read(self, name: str) -> None:
        """Note that ``name`` is read."""
        if self.scopes:
            if not self.is_global(name):
                return
            if any(scope.deferred for scope in self.scopes):
                self.effects.later.add(name)
                return
        if name not in self.bound:
            self.effects.reads.add(name)

    def bind(self, name: str) -> None:
        """Note that ``name`` is bound."""
        scope = next((scope for scope in reversed(self.scopes) if not scope.is_comprehension), None)
        if scope is not None and name not in scope.outer:
            scope.names.add(name)
            self.local.pop(name, None)
        elif scope is not None:
            self.change(Change(name))
        else:
            self.bound.add(name)

    def change(self, change: Change) -> None:
        """Note what may be changed."""
        (self.effects if self.function is None else self.function).changes.add(change)

    def origins(self, node: ast.AST | None) -> Origins:
        """Return where the value of ``node`` is from: names of the namespace, parameters of the function."""
        return origins(node, self._origins_of_name)

    def _origins_of_name(self, name: str) -> Origins:
        return _itself(name) if not self.scopes or self.is_global(name) else self.local.get(name, NOWHERE)

    def change_value(self, node: ast.AST, method: str = "") -> None:
        """Note that something is done to the value of ``node``."""
        self.change_origins(self.origins(node), method)

    def change_origins(self, found: Origins, method: str, *, in_place: bool = False) -> None:
        """Note that something is done to a value that is from what was ``found``."""
        for origin in found:
            change = Change("", method, in_place=in_place).on(origin)
            if change is not None:
                self.change(change)

    def _on_name(self, node: ast.Name) -> None:
        if type(node.ctx) is ast.Load:
            self.read(node.id)
        else:
            self.bind(node.id)

    def _on_attribute(self, node: ast.Attribute) -> None:
        self._store_into(node)
        self.walk(node.value)

    def _on_subscript(self, node: ast.Subscript) -> None:
        self._store_into(node)
        self.walk(node.value)
        self.walk(node.slice)

    def _store_into(self, node: ast.Attribute | ast.Subscript) -> None:
        if not isinstance(node.ctx, ast.Load) and not is_option(node):
            self.change_value(node.value)

    # Scopes of their own

    def within(self, scope: Scope, parts: Iterable[ast.AST]) -> None:
        """Walk ``parts`` inside of ``scope``."""
        self.scopes.append(scope)
        for part in parts:
            self.walk(part)
        self.scopes.pop()

    def _on_lambda(self, node: ast.Lambda) -> None:
        self.enter_lambda(node, deferred=False)

    def enter_lambda(self, node: ast.Lambda, *, deferred: bool) -> None:
        """Walk a lambda; ``deferred``: it runs later, when it is called."""
        self._defaults(node.args)
        self.within(Scope(set(parameters(node.args)), deferred=deferred), [node.body])

    def _on_functiondef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for decorator in node.decorator_list:
            self.walk(decorator)
        self._defaults(node.args)
        for argument in every_argument(node.args):
            if argument.annotation is not None:
                self.walk(argument.annotation)
        if node.returns is not None:
            self.walk(node.returns)
        self.bind(node.name)
        own = set(parameters(node.args)) | own_names(node.body)
        self.enter_function(node.name, node.args, lambda: self.within(Scope(own), node.body))

    def enter_function(self, name: str, arguments: ast.arguments, walk: Callable[[], None]) -> None:
        """Do ``walk``, which walks the body of a function; what it does belongs to the outermost function."""
        if self.function is not None:
            walk()
            return
        takes = parameters(arguments)
        rest = tuple(argument.arg if argument is not None else "" for argument in (arguments.vararg, arguments.kwarg))
        self.function = FunctionEffects(takes, len(arguments.posonlyargs) + len(arguments.args), (rest[0], rest[1]))
        outer, self.local = self.local, {one: frozenset({(one, "same")}) for one in takes}
        if not self.scopes:
            self.effects.functions[name] = self.function
        elif len(self.scopes) == 1 and self.scopes[0].is_class:
            self.effects.functions[f"{self.scopes[0].title}.{name}"] = self.function
        walk()
        self.function, self.local = None, outer

    _on_asyncfunctiondef = _on_functiondef

    def _defaults(self, arguments: ast.arguments) -> None:
        for default in [*arguments.defaults, *arguments.kw_defaults]:
            if default is not None:
                self.walk(default)

    def _on_classdef(self, node: ast.ClassDef) -> None:
        for part in [*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)]:
            self.walk(part)
        if not self.scopes:
            bases = (base.id if isinstance(base, ast.Name) else "" for base in node.bases)
            self.effects.bases[node.name] = tuple(bases)
        self.within(Scope(set(), is_class=True, deferred=False, title=node.name), node.body)
        self.bind(node.name)

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, *values: ast.expr
    ) -> None:
        self.walk(node.generators[0].iter)
        names = {name.id for part in node.generators for name in ast.walk(part.target) if isinstance(name, ast.Name)}
        for part in node.generators:
            self.local.update(elements(part.target, part.iter, self._origins_of_name))
        inner = [part.iter for part in node.generators[1:]]
        tests = [test for part in node.generators for test in part.ifs]
        self.within(Scope(names, is_comprehension=True, deferred=False), [*inner, *tests, *values])

    def _on_listcomp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> None:
        self._comprehension(node, node.elt)

    _on_setcomp = _on_generatorexp = _on_listcomp

    def _on_dictcomp(self, node: ast.DictComp) -> None:
        self._comprehension(node, node.key, node.value)


@lru_cache(maxsize=4_096)  # a session names the same ones again and again
def _itself(name: str) -> Origins:
    return frozenset({(name, "same")})


def is_option(node: ast.AST) -> bool:
    """Return whether ``node`` is an option of a library (``pd.options.display.width``), which changes no value."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        if isinstance(node, ast.Attribute) and node.attr == "options":
            return True
        node = node.value
    return False
