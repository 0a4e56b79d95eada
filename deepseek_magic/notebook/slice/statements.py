"""Python's statements, for the names that a cell reads, binds and changes: what binds, and what may not run."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

from .bindings import parameters, root_name
from .effects import Change, Link, Origins
from .origins import elements, names_of, parts
from .scopes import Scope, Scopes

#: Functions of pyplot that return a figure, axes or both.
_FIGURES = ("figure", "subplots", "subplot_mosaic", "subplot", "gcf", "gca", "axes")


class Statements(Scopes):
    """Adds to the scopes what statements do: assignments, imports, branches."""

    def _on_assign(self, node: ast.Assign) -> None:
        if isinstance(node.value, ast.Lambda):
            # a lambda under a name is a function: what it reads is read when it is called
            named, function = node.targets[0], node.value
            self._defaults(function.args)
            inside = Scope(set(parameters(function.args)))
            name = named.id if isinstance(named, ast.Name) else ""
            self.enter_function(name, function.args, lambda: self.within(inside, [function.body]))
            called: list[set[str]] = []
        else:
            called = self.calls_in(node.value)
        for target in node.targets:
            self.assign(target, node.value, called)

    def calls_in(self, value: ast.expr) -> list[set[str]]:
        """Walk ``value``; return the plain names that are called in it, those of each element of a tuple apart."""
        found = []
        for one in value.elts if isinstance(value, ast.Tuple) else [value]:
            before = len(self.called)
            self.walk(one)
            found.append(set(self.called[before:]))
        return found

    def assign(self, target: ast.AST, value: ast.AST, called: list[set[str]]) -> None:
        """Bind ``target`` to ``value``, which has been walked and where those names are ``called``."""
        pairs: list[tuple[ast.AST, Origins, ast.AST]]
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            pairs = [(inner, self.origins(one), one) for inner, one in zip(target.elts, value.elts, strict=True)]
        else:
            pairs = [(target, self.origins(value), value)]
        self.walk(target)
        for at, (inner, found, one) in enumerate(pairs):
            if isinstance(inner, (ast.Attribute, ast.Subscript)):
                self.hold(inner.value, found)
            else:
                names = names_of(inner)
                apart = not isinstance(inner, ast.Name)
                for name in names:
                    self.share(name, parts(found) if apart else found)
                if not self.scopes:
                    self._results(names, one, called[at] if at < len(called) else set())

    def share(self, name: str, found: Origins, place: int | str = 0) -> None:
        """Note that the value of ``name`` is from what was ``found``; in a loop from "each" of it."""
        if not self.is_global(name):
            self.local[name] = found
        elif not self.scopes:
            self.effects.links |= {Link(name, source, how, "", place) for source, how in found if source != name}

    def hold(self, holder: ast.AST, held: Origins) -> None:
        """Note that ``holder`` holds from here on what is from ``held``."""
        root = root_name(holder)
        if root is None or not held:
            return
        if self.function is not None:
            self.function.holds |= {(to, name) for to, _ in self.origins(holder) for name, _ in held}
        elif self.is_global(root):
            self.effects.links |= {Link(root, name, "holds") for name, _ in held if name != root}

    def _results(self, names: list[str], value: ast.AST, called: set[str]) -> None:
        """Note what the results of calls may share with what was given to them."""
        if not names or not isinstance(value, (ast.Call, ast.BinOp)):
            return
        self.effects.links |= {Link(name, source, "graph") for name in names for source in called if source != name}
        if not isinstance(value, ast.Call):
            return
        callee = value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
        given: list[tuple[int | str, ast.expr]] = list(enumerate(value.args))
        given += [(keyword.arg, keyword.value) for keyword in value.keywords if keyword.arg]
        if isinstance(value.func, ast.Attribute):
            given.append(("self", value.func.value))
        self.effects.links |= {
            Link(name, source, how, callee, place)
            for place, argument in given
            for source, how in self.origins(argument)
            for name in names
            if source != name
        }
        if callee in _FIGURES:
            if root_name(value.func) in ("plt", "pyplot"):
                self.effects.links.add(Link(names[0], "state:pyplot", "same"))
            if len(names) > 1 and callee.startswith("subplot"):
                self.effects.links |= {Link(name, names[0], "part") for name in names[1:]}

    def _on_annassign(self, node: ast.AnnAssign) -> None:
        self.walk(node.annotation)
        if node.value is not None:
            self.assign(node.target, node.value, self.calls_in(node.value))

    def _on_namedexpr(self, node: ast.NamedExpr) -> None:
        self.assign(node.target, node.value, self.calls_in(node.value))

    def _on_augassign(self, node: ast.AugAssign) -> None:
        self.walk(node.value)
        if isinstance(node.target, ast.Name):
            self.read(node.target.id)
            self.change_value(node.target, "+=")
            if self.function is None and self.is_global(node.target.id):
                self.effects.augmented.add(node.target.id)
            elif self.is_global(node.target.id):
                self.change(Change(node.target.id))
        else:
            self.walk(node.target)

    def _on_import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.read(f"file:{alias.name.partition('.')[0]}.py")
        self._import(alias.asname or alias.name.partition(".")[0] for alias in node.names)

    def _on_importfrom(self, node: ast.ImportFrom) -> None:
        names = [alias.asname or alias.name for alias in node.names]
        self.read(f"file:{(node.module or '').partition('.')[0]}.py")
        if "*" in names:
            self.effects.binds_unknown = True
        elif node.module != "__future__":
            self._import(names)

    def _import(self, names: Iterable[str]) -> None:
        for name in names:
            self.bind(name)
            if not self.scopes:
                self.effects.imports.add(name)

    def _on_return(self, node: ast.Return) -> None:
        if node.value is not None:
            self.walk(node.value)
            if self.function is not None:
                self.function.returns |= self.origins(node.value)

    def _on_global(self, node: ast.Global) -> None:
        if self.scopes:
            self.scopes[-1].outer |= set(node.names)

    # Branches

    def _branch(self, *parts: ast.AST | list[ast.stmt] | Callable[[], None] | None) -> set[str]:
        """Walk ``parts``, which may not run; return what they bind if they do."""
        before, local = set(self.bound), dict(self.local)
        for part in parts:
            for node in part if isinstance(part, list) else [part]:
                if callable(node):
                    node()
                elif node is not None:
                    self.walk(node)
        bound, self.bound = self.bound - before, before
        for name, found in local.items():
            self.local[name] = self.local.get(name, found) | found
        self.effects.may_bind |= bound
        return bound

    def _on_if(self, node: ast.If) -> None:
        self.walk(node.test)
        certain = self._branch(node.body) & self._branch(node.orelse)
        self.bound |= certain

    def _on_for(self, node: ast.For | ast.AsyncFor) -> None:
        self.walk(node.iter)
        found = dict(elements(node.target, node.iter, self._origins_of_name))
        self._branch(node.target, lambda: self._share_all(found), node.body)
        self._branch(node.orelse)

    _on_asyncfor = _on_for

    def _share_all(self, found: dict[str, Origins]) -> None:
        for name, one in found.items():
            self.share(name, one, "each")

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
