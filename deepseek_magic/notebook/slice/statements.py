"""Python's statements, for the names that a cell reads, binds and changes: what binds, and what may not run."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from .scopes import Scopes


class Statements(Scopes):
    """Adds to the scopes what statements do: assignments, imports, branches."""

    def _on_assign(self, node: ast.Assign) -> None:
        # a lambda under a name is a function: what it reads is read when it is called
        if isinstance(node.value, ast.Lambda):
            self.enter_lambda(node.value, deferred=True)
        else:
            self.walk(node.value)
        for target in node.targets:
            self.walk(target)

    def _on_annassign(self, node: ast.AnnAssign) -> None:
        self.walk(node.annotation)
        if node.value is not None:
            self.walk(node.value)
            self.walk(node.target)

    def _on_namedexpr(self, node: ast.NamedExpr) -> None:
        self.walk(node.value)
        self.walk(node.target)

    def _on_augassign(self, node: ast.AugAssign) -> None:
        self.walk(node.value)
        if isinstance(node.target, ast.Name):
            self.read(node.target.id)
            self.change(node.target.id)
        else:
            self.walk(node.target)

    def _on_import(self, node: ast.Import) -> None:
        self._import(alias.asname or alias.name.partition(".")[0] for alias in node.names)

    def _on_importfrom(self, node: ast.ImportFrom) -> None:
        names = [alias.asname or alias.name for alias in node.names]
        if "*" in names:
            self.effects.binds_unknown = True
        elif node.module != "__future__":
            self._import(names)

    def _import(self, names: Iterable[str]) -> None:
        for name in names:
            self.bind(name)
            if not self.scopes:
                self.effects.imports.add(name)

    def _on_global(self, node: ast.Global) -> None:
        if self.scopes:
            self.scopes[-1].outer |= set(node.names)

    # Branches

    def _branch(self, *parts: ast.AST | list[ast.stmt] | None) -> set[str]:
        """Walk ``parts``, which may not run; return what they bind if they do."""
        before = set(self.bound)
        for part in parts:
            for node in part if isinstance(part, list) else [part]:
                if node is not None:
                    self.walk(node)
        bound, self.bound = self.bound - before, before
        self.effects.may_bind |= bound
        return bound

    def _on_if(self, node: ast.If) -> None:
        self.walk(node.test)
        certain = self._branch(node.body) & self._branch(node.orelse)
        self.bound |= certain

    def _on_for(self, node: ast.For | ast.AsyncFor) -> None:
        self.walk(node.iter)
        self._branch(node.target, node.body)
        self._branch(node.orelse)

    _on_asyncfor = _on_for

    def _on_while(self, node: ast.While) -> None:
        self.walk(node.test)
        self._branch(node.body)
        self._branch(node.orelse)

    def _on_try(self, node: ast.Try) -> None:
        certain = self._branch(node.body, node.orelse)
        for handler in node.handlers:
            handled = self._branch(handler)
            if not any(isinstance(statement, ast.Raise) for statement in handler.body):
                certain &= handled
        self.bound |= certain
        for statement in node.finalbody:
            self.walk(statement)

    _on_trystar = _on_try

    def _on_excepthandler(self, node: ast.ExceptHandler) -> None:
        if node.type is not None:
            self.walk(node.type)
        if node.name:
            self.bind(node.name)
        for statement in node.body:
            self.walk(statement)

    def _on_match(self, node: ast.Match) -> None:
        self.walk(node.subject)
        for case in node.cases:
            self._branch(case.pattern, case.guard, case.body)

    def _on_matchas(self, node: ast.MatchAs) -> None:
        if node.pattern is not None:
            self.walk(node.pattern)
        if node.name:
            self.bind(node.name)

    def _on_matchstar(self, node: ast.MatchStar) -> None:
        if node.name:
            self.bind(node.name)

    def _on_matchmapping(self, node: ast.MatchMapping) -> None:
        self.walk_inside(node)
        if node.rest:
            self.bind(node.rest)
