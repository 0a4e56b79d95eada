"""How large the slow tests are: the variable TEST_SIZES is the part of their full sizes that is run (1 by default)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

SCALE = float(os.environ.get("TEST_SIZES", "1"))


def scaled(full: int, least: int = 1) -> int:
    """Return the size to run in place of the size ``full``: the scaled one, ``least`` at the least."""
    return max(least, round(full * SCALE))


def part_of(cases: Sequence[T]) -> Sequence[T]:
    """Return the scaled part of ``cases``, evenly spread over them, the first included."""
    return cases[:: max(1, round(1 / SCALE))]
