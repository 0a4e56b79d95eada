"""Which names of the user's namespace a cell reads, binds and may change, read from its syntax tree."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections.abc import Callable, Iterator

from .bindings import own_names, root_name
from .effects import Effects
from .scopes import Scope
from .statements import Statements

#: Methods that leave their object as it is: all of those of immutable types, and the everyday ones of others.
_EVERYDAY_READERS = """
abs agg aggregate all any apply applymap argmax argmin argsort assign astype at_time between clip collect columns
compare corr count cov cummax cummin cumprod cumsum dot describe diff drop drop_duplicates dropna dtypes duplicated
eval ewm exists expanding explode fillna filter first flatten get get_group groupby head hist idxmax idxmin info
interpolate isin isna isnull isoformat items iterdir iterrows itertuples join keys kurt last lazy loc map max mean
median melt memory_usage merge min mode mul nlargest notna notnull nsmallest numpy nunique pct_change pipe pivot
pivot_table plot predict predict_proba prod quantile query rank ravel read_bytes read_text reindex rename
replace resample reset_index reshape rolling round sample score select select_dtypes sem set_index shift show skew
sort_index sort_values squeeze stack std strftime sub sum summary swapaxes tail timestamp to_csv to_dict to_excel
to_frame to_json to_list to_markdown to_numpy to_parquet to_string tolist trace transform transpose unique unstack
value_counts values var where with_columns
"""
_READERS = frozenset(_EVERYDAY_READERS.split()) | frozenset(
    name for kind in (str, bytes, int, float, complex, tuple, frozenset, range) for name in dir(kind)
)
#: Functions that change what they are given first.
_CHANGERS = """
copyto delattr fill_diagonal heapify heappop heappush heappushpop heapreplace insort insort_left insort_right next place
put putmask setattr shuffle
"""
_CHANGE_THEIR_ARGUMENT = frozenset(_CHANGERS.split())
_BUILTINS = frozenset(dir(builtins)) | {"get_ipython", "display"}
#: Magics whose text is Python that runs in the user's namespace, and those whose names do not come out of it.
_RUNS_BODY = ("time", "capture", "prun")
_RUNS_APART = ("timeit",)
_BINDS_UNKNOWN = ("run", "pylab", "store")
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
    """Return what each statement of a cell does, or ``None`` where it cannot be read as Python.

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
    return tuple(sorted(read - _BUILTINS))


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
        self.walk_inside(node)
        if isinstance(node.func, ast.Attribute):
            self._method(node, node.func)
        elif isinstance(node.func, ast.Name) and self.is_global(node.func.id):
            self._function_call(node, node.func.id)
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in _CHANGE_THEIR_ARGUMENT and node.args and (root := root_name(node.args[0])):
            self.change(root)

    def _method(self, node: ast.Call, method: ast.Attribute) -> None:
        root = root_name(method.value)
        in_place = any(
            keyword.arg == "inplace" and not (isinstance(keyword.value, ast.Constant) and not keyword.value.value)
            for keyword in node.keywords
        )
        if root is None or (method.attr in _READERS and not in_place):
            return
        if self.function is not None:
            self.change(root)
        elif self.is_global(root):
            self.effects.methods.add(root)

    def _function_call(self, node: ast.Call, name: str) -> None:
        if self.function is not None:
            self.function.calls.add(name)
        else:
            given = tuple(argument.id if isinstance(argument, ast.Name) else None for argument in node.args)
            self.effects.calls.append((name, given))

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


def _is_magic(node: ast.Call) -> bool:
    return (
        isinstance(node.func, ast.Attribute)
        and node.func.attr in ("run_line_magic", "run_cell_magic", "system", "getoutput", "getoutput_split")
        and isinstance(node.func.value, ast.Call)
        and getattr(node.func.value.func, "id", "") == "get_ipython"
    )
