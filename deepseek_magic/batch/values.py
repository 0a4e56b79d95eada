"""What a map is asked about: the values in order, their labels, and which of them are missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from deepseek_magic.errors import QuestionError
from deepseek_magic.text import with_article


@dataclass(frozen=True, slots=True)
class Values:
    """The values in order, and their labels (the index of a pandas Series), if they have some."""

    items: list[Any]
    labels: Any = None


def read(given: Any, what: str) -> Values:
    """Return the values of ``given``: a column, a list, or anything else that yields one after the other.

    Args:
        given: a pandas Series keeps its labels; a generator is read to its end.
        what: how the user named it, for the error.

    Raises:
        QuestionError: it is one value, or its elements are not what a user would mean by its values.
    """
    kind = with_article(type(given).__name__)
    if hasattr(given, "columns") or isinstance(given, Mapping):
        hint = "name one column of it" if hasattr(given, "columns") else "use .values() or .keys()"
        msg = f"{what}: expected a column or a list, found {kind}: {hint}"
        raise QuestionError(msg)
    if isinstance(given, (str, bytes, type)) or not isinstance(given, Iterable):
        msg = f"{what}: expected a column or a list, found {kind}"
        raise QuestionError(msg)
    items = list(given)
    labels = getattr(given, "index", None)
    # A list, a range and many more have a method of this name.
    labelled = labels is not None and not callable(labels) and len(labels) == len(items)
    return Values(items, labels if labelled else None)


def is_missing(value: Any) -> bool:
    """Return whether ``value`` is missing: ``None``, NaN, ``pandas.NA`` or NaT. An empty string is a value."""
    if value is None or type(value).__name__ == "NAType":
        return True
    if isinstance(value, str) or hasattr(value, "__len__") or (hasattr(value, "shape") and value.shape):
        return False
    try:
        return bool(value != value)  # noqa: PLR0124  # only NaN and its like differ from themselves
    except Exception:  # noqa: BLE001  # an object that cannot be compared is not missing
        return False
