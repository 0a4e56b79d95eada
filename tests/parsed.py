"""The syntax trees of the package, each file parsed once in a process."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path


@cache
def tree(file: Path) -> ast.Module:
    """Return the syntax tree of ``file``, which nobody changes."""
    return ast.parse(file.read_text(encoding="utf-8"))
