"""The messages of the package's errors, read from its source: each is to say what to do next.

A message counts where at least a part of it is written out at the place that makes the error, or in an assignment
above it. What a function elsewhere makes is read where that makes it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import deepseek_magic
from deepseek_magic import errors
from tests.parsed import tree

#: What a user can do. They stand after a colon, a semicolon, a comma, a bracket, "or", "and" or "first".
_DO = (
    *("add", "ask", "assign", "begin", "call", "check", "choose", "clear", "close", "correct", "define", "delete"),
    *("drop", "export", "fix", "give", "hand", "import", "install", "keep", "leave", "lower", "make", "move", "name"),
    *("open", "paste", "pick", "plot", "put", "quote", "raise", "read", "remove", "rename", "repeat", "report"),
    *("restart", "run", "save", "say", "see", "send", "set", "shorten", "show", "split", "start", "stop", "take"),
    *("try", "type", "uninstall", "unset", "update", "upgrade", "use", "wait", "wrap", "write"),
)
#: A command, an option, a setting or a call of ours, what was expected, or something to do.
STEP = re.compile(
    r"%deepseek|%config|(?<=[\s(])--?[a-z]|DeepSeek\.\w|\.\w+\(\)|pip install|"
    r"\bexpected\b|\bdid you mean\b|\bmay have\b|"
    rf"(?:\(|(?:[:;,]|\bor|\band|\bfirst|^)\s+)(?:then |it |again,? )?(?:{'|'.join(_DO)})\b"
)
_KINDS = {name: kind for name, kind in vars(errors).items() if isinstance(kind, type)}
_HOME = Path(deepseek_magic.__file__).parent


def messages() -> Iterator[tuple[str, str, str]]:
    """Yield of each error that is made: the place, its class, and its message as far as it is written there."""
    for path in sorted(_HOME.rglob("*.py")):
        module = tree(path)
        shared = dict(_assigned(module.body))
        for function in ast.walk(module):
            if not isinstance(function, ast.FunctionDef):
                continue
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and node.args and (kind := _kind(node.func)):
                    known = shared | dict(_assigned(ast.walk(function), node.lineno))
                    yield f"{path.relative_to(_HOME)}:{node.lineno}", kind, _text(node.args[0], known)


def _kind(called: ast.expr) -> str:
    name = called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""
    return name if name in _KINDS else ""


def _assigned(nodes: object, before: int = 10**9) -> Iterator[tuple[str, ast.expr]]:
    """Yield the names that get a value in ``nodes`` above the line ``before``, in the order of the lines."""
    found = [
        node
        for node in nodes  # type: ignore[attr-defined]
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.lineno < before
    ]
    for node in sorted(found, key=lambda one: one.lineno):
        yield node.targets[0].id, node.value  # type: ignore[attr-defined]


def _text(node: ast.expr, known: dict[str, ast.expr], depth: int = 0) -> str:
    """Return what is written in ``node``; "…" stands for what is not."""
    match node:
        case ast.Constant(value=str() as value):
            return value
        case ast.JoinedStr(values=values):
            return "".join(_text(one, known, depth) for one in values)
        case ast.FormattedValue(value=value):
            return _text(value, known, depth)
        case ast.BinOp(left=left, right=right):
            return _text(left, known, depth) + _text(right, known, depth)
        case ast.IfExp(body=one, orelse=other):
            return f"{_text(one, known, depth)}{_text(other, known, depth)}"
        case ast.Call(args=[first, *_]):
            return _text(first, known, depth)
        case ast.Name(id=name) if name in known and depth < 4:
            return _text(known[name], known, depth + 1)
        case _:
            return "…"
