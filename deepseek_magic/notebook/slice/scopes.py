"""Python's rules of scope, for the names that a cell reads, binds and changes.

Language reference, section 4.2: functions, lambdas and comprehensions have scopes of their own, a class body is not
seen from its methods, the first iterable of a comprehension belongs outside, ``global`` reaches out.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from .bindings import own_names, parameters, root_name
from .effects import Effects, FunctionEffects

_TAKES: dict[tuple[type, type[ast.AST]], Callable[[Any, Any], None]] = {}
_HOLD_NO_NAMES = (ast.expr_context, ast.operator, ast.cmpop, ast.unaryop, ast.boolop, ast.Constant)


@dataclass(slots=True)
class Scope:
    """A scope inside a cell.

    Attributes:
        names: its own names.
        is_class: whether it is a class body, which inner functions do not see.
        is_comprehension: whether it is a comprehension's, in which ``:=`` binds outside.
        deferred: whether its body runs later, when it is called.
        outer: names that it takes from the namespace by ``global``.
    """

    names: set[str]
    is_class: bool = False
    is_comprehension: bool = False
    deferred: bool = True
    outer: set[str] = field(default_factory=set)


class Scopes:
    """Walks one statement in the order in which Python runs it.

    Attributes:
        effects: what was found so far.
        bound: the names of the namespace that are bound by now, whatever happens.
        scopes: the scopes around the place that is being walked, the innermost last; none in the cell itself.
        function: the effects of the outermost function around it.
    """

    def __init__(self) -> None:
        self.effects = Effects()
        self.bound: set[str] = set()
        self.scopes: list[Scope] = []
        self.function: FunctionEffects | None = None

    def walk(self, node: ast.AST) -> None:
        """Take in ``node`` and what is inside of it, in the order in which Python runs it."""
        kind = type(node)
        # found once for each kind: a session has hundreds of thousands of nodes
        place = (type(self), kind)
        if place not in _TAKES:
            _TAKES[place] = getattr(type(self), f"_on_{kind.__name__.lower()}", Scopes.walk_inside)
        _TAKES[place](self, node)

    def walk_inside(self, node: ast.AST) -> None:
        """Take in what is inside of ``node``."""
        for name in node._fields:
            value = getattr(node, name, None)
            for inner in value if isinstance(value, list) else (value,):
                if isinstance(inner, ast.AST) and not isinstance(inner, _HOLD_NO_NAMES):
                    self.walk(inner)

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
        if not self.is_global(name):
            return
        if any(scope.deferred for scope in self.scopes):
            self.effects.later.add(name)
        elif name not in self.bound:
            self.effects.reads.add(name)

    def bind(self, name: str) -> None:
        """Note that ``name`` is bound."""
        scope = next((scope for scope in reversed(self.scopes) if not scope.is_comprehension), None)
        if scope is not None and name not in scope.outer:
            scope.names.add(name)
        elif scope is not None:
            self.change(name)
        else:
            self.bound.add(name)

    def change(self, name: str) -> None:
        """Note that the value of ``name`` may be changed in place."""
        if self.function is not None:
            if self.is_global(name):
                self.function.changes.add(name)
            elif name in self.function.parameters:
                self.function.changed_parameters.add(name)
        elif self.is_global(name):
            self.effects.changes.add(name)

    def _on_name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
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
        root = root_name(node)
        if root is not None and not isinstance(node.ctx, ast.Load):
            self.change(root)

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
        for argument in ast.walk(node.args):
            if isinstance(argument, ast.arg) and argument.annotation is not None:
                self.walk(argument.annotation)
        if node.returns is not None:
            self.walk(node.returns)
        self.bind(node.name)
        outermost = self.function is None
        if outermost:
            self.function = FunctionEffects(parameters(node.args))
            if not self.scopes:
                self.effects.functions[node.name] = self.function
        own = set(parameters(node.args)) | own_names(node.body)
        self.within(Scope(own), node.body)
        if outermost:
            self.function = None

    _on_asyncfunctiondef = _on_functiondef

    def _defaults(self, arguments: ast.arguments) -> None:
        for default in [*arguments.defaults, *arguments.kw_defaults]:
            if default is not None:
                self.walk(default)

    def _on_classdef(self, node: ast.ClassDef) -> None:
        for part in [*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)]:
            self.walk(part)
        self.within(Scope(set(), is_class=True, deferred=False), node.body)
        self.bind(node.name)

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, *values: ast.expr
    ) -> None:
        self.walk(node.generators[0].iter)
        names = {name.id for part in node.generators for name in ast.walk(part.target) if isinstance(name, ast.Name)}
        inner = [part.iter for part in node.generators[1:]]
        tests = [test for part in node.generators for test in part.ifs]
        self.within(Scope(names, is_comprehension=True, deferred=False), [*inner, *tests, *values])

    def _on_listcomp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> None:
        self._comprehension(node, node.elt)

    _on_setcomp = _on_generatorexp = _on_listcomp

    def _on_dictcomp(self, node: ast.DictComp) -> None:
        self._comprehension(node, node.key, node.value)
