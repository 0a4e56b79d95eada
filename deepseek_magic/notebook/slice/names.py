"""Which names of the user's namespace a cell reads, binds and may change, read from its syntax tree."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections.abc import Callable, Iterator

from .bindings import own_names, words
from .effects import CallEffect, Change, Effects
from .scopes import Scope
from .statements import Statements
from .states import is_state, states_of

#: Functions that change what they are given first.
_CHANGERS = """
copyto delattr fill_diagonal heapify heappop heappush heappushpop heapreplace insort insort_left insort_right next place
put putmask setattr shuffle
"""
_CHANGE_THEIR_ARGUMENT = frozenset(_CHANGERS.split())
#: Keyword arguments whose values a function changes.
_CHANGED_KEYWORDS = ("out", "ax", "axes", "file")
_KEEP = words("append add insert extend update setdefault put appendleft push register")
_BUILTINS = frozenset(dir(builtins)) | {"get_ipython", "display"}
#: Magics whose text is Python that runs in the user's namespace, and those whose names do not come out of it.
_RUNS_BODY = ("time", "capture", "prun")
_RUNS_APART = ("timeit",)
_BINDS_UNKNOWN = ("run", "pylab", "store")
_MAGIC_METHODS = frozenset(("run_line_magic", "run_cell_magic", "system", "getoutput", "getoutput_split"))
_SHELLS = ("bash", "sh", "script", "perl", "ruby", "cmd")
_KEPT_OUTPUT = re.compile(r"--(?:out|err|proc)[ =](\w+)")
_EXPANDED = re.compile(r"\{([^{}]+)\}|\$(\w+)")
_MAGIC_OPTIONS = re.compile(r"(?:\s*-\w+(?:\s+\d+)?)*\s*")
#: What code that does not parse is made of: strings, also those that nobody closed; what reads no name (comments,
#: commands of the shell, names of magics, what is assigned to, keyword arguments); names that are not attributes.
_LEXEME = re.compile(
    r"""
    (?:(?<!\w)(?P<prefix>[rbuf]{1,2}))?
    (?P<string>\"{3}(?:[^\\]|\\.?)*?(?:\"{3}|\Z) | '{3}(?:[^\\]|\\.?)*?(?:'{3}|\Z)
             | "(?:[^"\\\n]|\\.?)*"? | '(?:[^'\\\n]|\\.?)*'?)
    | \#[^\n]* | ^[ \t]*![^\n]* | ^[ \t]*%%?\w+ | (?:^|[(,;])[ \t]*[^\W\d]\w*[ \t]*=(?!=)
    | (?<![\w.])(?P<name>[^\W\d]\w*)
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL | re.IGNORECASE,
)
_FIELD = re.compile(r"(?<!\{)\{([^{}:!]+)")


def effects_of(source: str, transform: Callable[[str], str] | None = None) -> list[Effects] | None:
    """Return what each statement of a cell does, or ``None`` if it cannot be read as Python.

    ``transform`` turns IPython's own syntax into Python; without it lines of magics are passed over.
    """
    tree = _parsed(source, transform)
    if tree is None:
        return None
    return [_effects(statement, transform) for statement in tree.body]


def names_read(source: str, transform: Callable[[str], str] | None = None) -> tuple[str, ...]:
    """Return the names that a cell reads and does not bind itself before, in alphabetical order; no builtins.

    Of a cell that cannot be read as Python, they are the names that its code holds other than to assign to them.
    """
    statements = effects_of(source, transform)
    bound: set[str] = set()
    read: set[str] = set() if statements is not None else set(_names_in_code(source))
    for effects in statements or ():
        read |= effects.reads - bound
        bound |= effects.binds
        read |= effects.later - bound
    return tuple(sorted(name for name in read - _BUILTINS if not is_state(name)))


def _names_in_code(source: str) -> Iterator[str]:
    """Yield the names in code that does not parse; those that are only assigned to or attributes are not among them."""
    for found in _LEXEME.finditer(source):
        if (name := found["name"]) and not keyword.iskeyword(name):
            yield name
        if "f" in (found["prefix"] or "").lower():
            for field in _FIELD.finditer(found["string"]):
                yield from _names_in_code(field[1])


def is_builtin(name: str) -> bool:
    """Return whether ``name`` is there without anybody defining it."""
    return name in _BUILTINS


def _parsed(source: str, transform: Callable[[str], str] | None) -> ast.Module | None:
    for prepared in _readings(source, transform):
        try:
            return ast.parse(prepared)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None


def _readings(source: str, transform: Callable[[str], str] | None) -> Iterator[str]:
    yield source
    if transform is not None:
        try:
            yield transform(source)
        except Exception:  # noqa: BLE001  # transformers of other extensions take part in it
            return
    else:
        yield "\n".join("pass" if line.startswith(("%", "!")) else line for line in source.splitlines())


def _effects(statement: ast.stmt, transform: Callable[[str], str] | None) -> Effects:
    reader = _Reader(transform)
    reader.walk(statement)
    found = reader.effects
    found.binds = reader.bound
    found.may_bind -= found.binds
    found.is_expression = isinstance(statement, ast.Expr)
    found.settle()
    return found


class _Reader(Statements):
    """Adds to the statements what calls do: methods, functions, and IPython's magics."""

    def __init__(self, transform: Callable[[str], str] | None) -> None:
        super().__init__()
        self._transform = transform

    def _on_call(self, node: ast.Call) -> None:
        if _is_magic(node):
            self._magic(node)
            return
        self.walk(node.func)
        for argument in node.args:
            self.walk(argument)
        for named in node.keywords:
            self.walk(named.value)
        self._note_call(node)
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if isinstance(node.func, ast.Name):
            self.called.append(called)
        if node.args and _changes_its_argument(node.func, called):
            self.change_value(node.args[0])
        for named in node.keywords:
            if named.arg in _CHANGED_KEYWORDS:
                self.change_value(named.value)
        if called == "exec" and node.args:
            self._executed(node.args)
        elif called == "update" and _is_namespace(getattr(node.func, "value", None)):
            self.effects.binds_unknown |= bool(node.args)
            for named in node.keywords:
                self.bind(named.arg or "")
        for state, how in states_of(node):
            self._note_state(state, how)

    def _note_state(self, state: str, how: str) -> None:
        if how != "write":
            self.read(state)
        if how == "write" and self.function is None and self.is_global(state):
            self.bind(state)
        elif how != "read":
            self.change(Change(state))

    def _note_call(self, node: ast.Call) -> None:
        given = tuple([self.origins(argument) for argument in node.args])
        named = [(one.arg or "", self.origins(one.value)) for one in node.keywords]
        keywords = tuple(named)
        calls = (self.effects if self.function is None else self.function).calls
        if isinstance(node.func, ast.Attribute):
            in_place = bool(keywords) and any(_says_in_place(named) for named in node.keywords)
            receiver = self.origins(node.func.value)
            self.change_origins(receiver, node.func.attr, in_place=in_place)
            calls.append(CallEffect(node.func.attr, receiver, given, keywords))
            if node.func.attr in _KEEP:
                held = frozenset().union(*given, *(one for _, one in keywords))
                self.hold(node.func.value, frozenset((name, "holds") for name, how in held))
        else:
            for name, how in self.origins(node.func):
                calls.append(CallEffect(name, None if how == "same" else frozenset({(name, how)}), given, keywords))

    def _executed(self, given: list[ast.expr]) -> None:
        """Take in ``exec``: the code if it is there to be read."""
        if len(given) > 1:
            self.change_value(given[1])
        elif isinstance(given[0], ast.Constant) and isinstance(given[0].value, str):
            tree = _parsed(given[0].value, None)
            for statement in tree.body if tree is not None else ():
                self.walk(statement)
        else:
            self.effects.binds_unknown = True
            self.effects.runs |= {name for name, _ in self.origins(given[0])}

    def _on_subscript(self, node: ast.Subscript) -> None:
        super()._on_subscript(node)
        if _is_namespace(node.value) and isinstance(node.ctx, ast.Store):
            if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
                self.bind(node.slice.value)
            else:
                self.effects.binds_unknown = True
        elif isinstance(node.value, ast.Name) and node.value.id == "Out" and isinstance(node.slice, ast.Constant):
            self.read(f"_{node.slice.value!r}")
        self._environment(node)

    def _environment(self, node: ast.Subscript) -> None:
        if isinstance(node.value, ast.Attribute) and node.value.attr == "environ":
            self.read("state:environ")
            if not isinstance(node.ctx, ast.Load):
                self.change(Change("state:environ"))

    def _magic(self, node: ast.Call) -> None:
        words = [part.value for part in node.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if not method.startswith("run_"):
            self._expanded(" ".join(words))
            return
        name, line, *body = [*words, "", ""][: 3 if method == "run_cell_magic" else 2]
        if name in _RUNS_BODY + _RUNS_APART:
            self._body(name, line, body[0] if body else None)
        else:
            self.effects.binds_unknown |= name in _BINDS_UNKNOWN
            self._expanded(line)
            if name in _SHELLS:
                for found in _KEPT_OUTPUT.finditer(line):
                    self.bind(found[1])
            elif name in ("writefile", "file") and line.split():
                self.bind(f"file:{line.split()[-1]}")
            elif name in ("env", "set_env"):
                self.change(Change("state:environ"))

    def _body(self, name: str, line: str, body: str | None) -> None:
        """Walk the code that a magic runs."""
        code = line[_MAGIC_OPTIONS.match(line).end() :] if body is None else body  # type: ignore[union-attr]
        tree = _parsed(code, self._transform)
        if tree is None:
            for word in _names_in_code(code):
                self.read(word)
            return
        if name in _RUNS_APART:
            self.within(Scope(own_names(tree.body), deferred=False), tree.body)
            return
        for statement in tree.body:
            self.walk(statement)
        if name == "capture" and body is not None:
            taken = [word for word in line.split() if word.isidentifier()]
            for word in taken[:1]:
                self.bind(word)

    def _expanded(self, text: str) -> None:
        """Read what IPython puts in for ``{expression}`` and ``$name`` in a command."""
        for found in _EXPANDED.finditer(text):
            tree = _parsed(found[1] or found[2], None)
            for name in ast.walk(tree) if tree is not None else ():
                if isinstance(name, ast.Name):
                    self.read(name.id)


def _changes_its_argument(function: ast.expr, name: str) -> bool:
    if name in _CHANGE_THEIR_ARGUMENT:
        return True
    if name == "at":  # of a universal function: ``np.add.at``
        return isinstance(function, ast.Attribute) and isinstance(function.value, ast.Attribute)
    return name.endswith("_") and not name.startswith("_")  # PyTorch marks by an underscore what changes its argument


def _says_in_place(named: ast.keyword) -> bool:
    return named.arg in ("inplace", "in_place") and not (
        isinstance(named.value, ast.Constant) and not named.value.value
    )


def _is_magic(node: ast.Call) -> bool:
    return (
        isinstance(node.func, ast.Attribute)
        and node.func.attr in _MAGIC_METHODS
        and isinstance(node.func.value, ast.Call)
        and getattr(node.func.value.func, "id", "") == "get_ipython"
    )


def _is_namespace(node: ast.AST | None) -> bool:
    """Return whether ``node`` is the namespace as a dictionary: ``globals()``, or ``locals()`` of a cell."""
    return (
        isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("globals", "locals", "vars") and not node.args
    )
