"""The data files of the guard: words that names and placeholders are made of, and the forms of secrets."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any


@cache
def read(name: str) -> Any:
    """Return what the data file ``name`` holds; it is read on first use, so that loading stays light."""
    return json.loads(Path(__file__).with_name(f"{name}.json").read_text(encoding="utf-8"))


@cache
def words(kind: str) -> frozenset[str]:
    """Return the words of one ``kind``, in lower case."""
    return frozenset(read("words")[kind]["words"])


@cache
def endings(kind: str) -> tuple[str, ...]:
    """Return the words of one ``kind`` as `str.endswith` takes them."""
    return tuple(read("words")[kind]["words"])
