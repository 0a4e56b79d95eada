"""What code shares without naming it: random numbers, files, the environment, pyplot's figure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from .bindings import words

_FILE = re.compile(r"[\w./~ -]*\.[A-Za-z]\w{0,7}")
_DRAWS = words("choice choices sample shuffle random randint randrange uniform gauss")
_TORCH_DRAWS = words(
    """rand randn randint randperm normal bernoulli multinomial Linear Bilinear Conv1d Conv2d Conv3d Embedding LSTM GRU
    RNN Transformer MultiheadAttention Dropout"""
)
_WRITES = words(
    """dump save savez savez_compressed savetxt savefig write_text write_bytes write_csv write_parquet write_json
    write_ndjson write_image write_html tofile"""
)
#: Words that stand in every cell that has to do with a state.
WORDS = {
    "state:random": ("random", "seed", *_DRAWS),
    "state:numpy": ("random",),
    "state:torch": ("torch", "manual_seed", *_TORCH_DRAWS),
    "state:environ": ("environ", "env", "set_env"),
}
#: Words of which one stands in the dotted name of every call that has to do with a state that is not a file.
_TELLING = _DRAWS | words("seed manual_seed random getenv environ plt pyplot")
SEEDED = ("state:random", "state:numpy", "state:torch")


def is_state(name: str) -> bool:
    """Return whether ``name`` is a state and not a name of the namespace."""
    return ":" in name


def words_of(state: str) -> tuple[str, ...]:
    """Return words of which one stands in every cell that has to do with ``state``."""
    if state.startswith("file:"):
        return tuple(re.findall(r"[^\W\d]\w*", state.removeprefix("file:").rpartition("/")[2])[:1])
    return WORDS.get(state, ())


def states_of(node: ast.Call) -> list[tuple[str, str]]:
    """Return the states that a call has to do with, and how: "read", "write" (begin afresh) or "change"."""
    path = _path(node.func)
    name = path[-1] if path else ""
    found = [] if _TELLING.isdisjoint(path) and name not in _TORCH_DRAWS else list(_named(path, name))
    files = _files(node)
    return found + [(f"file:{file}", _how(node, name)) for file in files] if files else found


def _named(path: list[str], name: str) -> Iterator[tuple[str, str]]:
    if name in ("seed", "manual_seed"):
        kind = "torch" if "torch" in path or name == "manual_seed" else "numpy" if len(path) > 2 else "random"
        yield f"state:{kind}", "write"
    elif path[:1] == ["random"] or (len(path) == 1 and name in _DRAWS):
        yield "state:random", "change"
    elif "random" in path[1:-1] and name not in ("default_rng", "RandomState", "Generator"):
        yield "state:numpy", "change"
    elif name in _TORCH_DRAWS:
        yield "state:torch", "change"
    if name == "getenv" or "environ" in path:
        yield "state:environ", "read"
    if path[:1] in (["plt"], ["pyplot"]):
        yield "state:pyplot", "change"


def _path(node: ast.AST) -> list[str]:
    """Return the names of a dotted one: ``["np", "random", "seed"]``."""
    found: list[str] = []
    while isinstance(node, ast.Attribute):
        found.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        found.append(node.id)
    return found[::-1]


def _files(node: ast.Call) -> list[str]:
    """Return the names of files that are given to a call as they are, or to the path whose method it is."""
    given = node.args
    if node.keywords:
        given = [*given, *[keyword.value for keyword in node.keywords]]
    if type(node.func) is ast.Attribute and type(node.func.value) is ast.Call:
        given = [*given, *node.func.value.args]
    texts = [one.value for one in given if type(one) is ast.Constant and type(one.value) is str]
    return [text for text in texts if "." in text and _FILE.fullmatch(text)] if texts else texts


def _how(node: ast.Call, name: str) -> str:
    if name in _WRITES or name.startswith("to_"):
        return "write"
    if name == "open":
        modes = [one.value for one in [*node.args, *(k.value for k in node.keywords)] if isinstance(one, ast.Constant)]
        mode = next((one for one in modes if isinstance(one, str) and re.fullmatch(r"[rwaxbt+]{1,3}", one)), "r")
        return "write" if mode[0] in "wx" else "change" if "a" in mode or "+" in mode else "read"
    return "read"
