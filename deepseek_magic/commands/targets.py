"""Where the results of a map go: a variable, or a column (or several) of a DataFrame."""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from deepseek_magic.batch.results import Mapped, dtype_of
from deepseek_magic.errors import OptionError
from deepseek_magic.text import one_line, with_article

_NAME = r"[^\W\d]\w*"
_COLUMN = re.compile(rf"({_NAME})(?:\.({_NAME})|\[(['\"])(.+)\3\])\Z")


@dataclass(frozen=True, slots=True)
class MapTarget:
    """A variable's ``name``; or the ``column`` of a ``frame``, the very object that it named before anything ran."""

    name: str
    column: str = ""
    frame: Any = None

    def bind(self, mapped: Mapped, namespace: MutableMapping[str, Any]) -> None:
        """Put the results there; a value of several fields becomes several columns, ``column_field``."""
        if not self.column:
            namespace[self.name] = _labelled(mapped)
        elif mapped.fields:
            for field, values in mapped.columns().items():
                self._assign(f"{self.column}_{field}", values)
        else:
            self._assign(self.column, list(mapped))

    def _assign(self, column: str, values: list[Any]) -> None:
        pandas = sys.modules["pandas"]  # the frame is one of its own
        self.frame[column] = pandas.Series(values, index=self.frame.index, dtype=dtype_of(values))


def _labelled(mapped: Mapped) -> Any:
    """Return the results as what they are of: a Series or DataFrame with the labels of a Series, else a list."""
    if mapped.labels is None or "pandas" not in sys.modules:
        return mapped
    return mapped.to_frame() if mapped.fields else mapped.to_series()


def read(text: str, names: Mapping[str, Any], count: int) -> MapTarget:
    """Return the target that ``text`` names: ``name``, ``frame.column`` or ``frame["column"]``.

    Args:
        text: what stands after ``-o``.
        names: the names that it may use.
        count: how many results there will be.

    Raises:
        OptionError: the results could not be put there. Nothing has been paid for then.
    """
    shown = f"-o {one_line(text, 60)}"
    if text.isidentifier() and not keyword.iskeyword(text):
        return MapTarget(text)
    found = _COLUMN.match(text)
    if found is None:
        msg = f'{shown}: expected a variable\'s name, FRAME.column or FRAME["column"]'
        raise OptionError(msg)
    name, column = found[1], found[2] or found[4]
    if name not in names:
        msg = f"{shown}: there is no variable {name}: assign the frame first, or give only a new variable's name"
        raise OptionError(msg)
    frame = names[name]
    if not _is_frame(frame):
        kind = with_article(type(frame).__name__)
        msg = f"{shown}: {name} is not a pandas DataFrame but {kind}: give only a variable's name"
        raise OptionError(msg)
    if len(frame) != count:
        msg = (
            f"{shown}: the frame has {len(frame):,} rows, and there are {count:,} values: "
            "give a new variable's name, or a frame of that length"
        )
        raise OptionError(msg)
    return MapTarget(name, column, frame)


def _is_frame(value: Any) -> bool:
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, pandas.DataFrame)
