"""What comes of asking one prompt of many values: results in order, and those that failed told apart."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from deepseek_magic.api.catalogue import Cost
from deepseek_magic.api.events import Usage


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one value.

    Attributes:
        text: the reply; "" where it failed.
        json: its JSON value, where one was asked for.
        usage: its tokens, all tries of it together.
        model: the model that served.
        error: why it failed, on one line; "" where it did not.
        fatal: whether every other value would fail in the same way.
    """

    text: str = ""
    json: Any = None
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    error: str = ""
    fatal: bool = False


@dataclass(slots=True)
class Mapped(Sequence[Any]):
    """The results of a map, in the order of the values; ``None`` where a value failed or was not asked.

    Attributes:
        results: a text for each value, or what the schema stands for.
        errors: why a value failed, by its position.
        usage: the tokens of all replies that this run asked for.
        cost: what they cost, estimated; ``None`` where the price is not known.
        asked: how many values this run asked for; the others were equal to one of these, or known from a run before.
        index: the labels of the values, where they have some.
    """

    results: list[Any]
    errors: dict[int, str] = field(default_factory=dict)
    usage: Usage = field(default_factory=Usage)
    cost: Cost | None = None
    asked: int = 0
    index: Any = None

    def __getitem__(self, place: Any) -> Any:
        return self.results[place]

    def __len__(self) -> int:
        return len(self.results)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.results)

    @property
    def missing(self) -> int:
        """How many values have no result."""
        return sum(result is None for result in self.results)

    def to_series(self) -> Any:
        """Return the results as a pandas Series with the labels of the values."""
        pandas: Any = _pandas()
        return pandas.Series(self.results, index=self.index, dtype=object)

    def to_frame(self) -> Any:
        """Return the results as a pandas DataFrame, a column for each field, with the labels of the values."""
        pandas: Any = _pandas()
        rows = [fields_of(result) for result in self.results]
        columns = list(dict.fromkeys(name for row in rows for name in row))
        index = range(len(rows)) if self.index is None else self.index
        return pandas.DataFrame(rows, columns=columns or None, index=index)

    def summary(self) -> str:
        """Return what happened, on one line."""
        parts = [f"{len(self.results):,} values", f"{self.asked:,} asked"]
        if self.errors:
            first = next(iter(self.errors))
            parts.append(f"{len(self.errors):,} failed (the first at position {first}: {self.errors[first]})")
        if waiting := self.missing - len(self.errors):
            parts.append(f"{waiting:,} not asked yet: run it again to go on")
        if self.usage.prompt is not None or self.usage.completion is not None:
            parts.append(f"{self.usage.prompt or 0:,} + {self.usage.completion or 0:,} tokens")
        if self.cost is not None:
            parts.append(f"about {self.cost}")
        return " · ".join(parts)


def fields_of(result: Any) -> dict[str, Any]:
    """Return the fields of one result: of a mapping, a dataclass, a named tuple or a model; else ``value`` alone."""
    if result is None:
        return {}
    if isinstance(result, Mapping):
        return {str(name): value for name, value in result.items()}
    for names in ("__dataclass_fields__", "model_fields", "_fields"):
        found = getattr(type(result), names, None)
        if found:
            return {name: getattr(result, name) for name in found}
    return {"value": result}


def _pandas() -> Any:
    if "pandas" not in sys.modules:
        import pandas  # noqa: F401  # only where the user asks for what is pandas' own
    return sys.modules["pandas"]
