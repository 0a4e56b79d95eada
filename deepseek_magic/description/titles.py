"""Make the short line that names a value in a receipt or heads its description."""

from __future__ import annotations

from typing import Any

from deepseek_magic.text import one_line

from .brief import sized
from .classes import class_name
from .registry import KnownType, find
from .task import Task

# A title is made while the user waits, so a size that takes longer is left out.
_SECONDS = 0.3


def title_of(value: object, name: str = "") -> str:
    """Return a short line for ``value``: ``df (DataFrame, 1,200 rows × 8 columns)``, ``scores (list of 40)``.

    Args:
        value: anything. None of the user's code is run, and nothing is raised.
        name: its name, such as ``df``. Without one, only the part in parentheses is returned.
    """
    try:
        kind = kind_of(value, Task(40, _SECONDS))
    except Exception:  # noqa: BLE001 - a title must come out whatever the value is
        kind = class_name(type(value))
    return f"{one_line(name, 80)} ({kind})" if name else kind


def kind_of(value: Any, task: Task) -> str:
    """Return the type of ``value`` and its size: ``list of 40``, ``DataFrame, 1,200 rows × 8 columns``, ``int``."""
    cls = type(value)
    if issubclass(cls, type):
        return "class"
    name = class_name(cls)
    found = find(cls)
    size = sized(found, value, task) if isinstance(found, KnownType) else ""
    if not size:
        return name
    return one_line(f"{name}{'' if size.startswith(('of ', ':')) else ','} {size}".replace(" :", ":"), 120)
