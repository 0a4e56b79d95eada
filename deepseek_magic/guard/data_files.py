"""Read the data files of the guard: the words of secret names and placeholders, and the forms of secrets."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any


@cache
def read(name: str) -> Any:
    """Return the content of the data file ``name``, which is read on first use to keep loading fast."""
    return json.loads(Path(__file__).with_name(f"{name}.json").read_text(encoding="utf-8"))


@cache
def words(kind: str) -> frozenset[str]:
    """Return the words of one ``kind``, in lower case."""
    return frozenset(read("words")[kind]["words"])


@cache
def endings(kind: str) -> tuple[str, ...]:
    """Return the words of one ``kind`` as `str.endswith` takes them."""
    return tuple(read("words")[kind]["words"])
