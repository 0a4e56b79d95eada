"""`Mapped`: the results of a map in order, and the reasons of those that failed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from deepseek_magic.api.catalogue import Cost
from deepseek_magic.api.events import Usage
from deepseek_magic.text import counted

# How many results of a list are shown.
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class ValueOutcome:
    """The outcome of one value.

    Attributes:
        text: the reply; "" if it failed.
        json: its JSON value, if one was asked for.
        usage: its tokens in all tries; estimated if the endpoint does not report them.
        model: the model that answered.
        error: why it failed, on one line; "" if it did not.
        fatal: whether every other value would fail in the same way.
        fault: whether the endpoint was at fault or could not be reached.
        cut: where the reply was cut, in words; "" if it is complete.
        stopped: whether it was given up, or not started, because the run was stopped.
    """

    text: str = ""
    json: Any = None
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    error: str = ""
    fatal: bool = False
    fault: bool = False
    cut: str = ""
    stopped: bool = False

    @property
    def failed(self) -> bool:
        """Whether there is no result."""
        return self.stopped or bool(self.error)


#: The outcome of a value that is not asked because the run was stopped.
STOPPED = ValueOutcome(stopped=True)


class Mapped(list[Any]):
    """The results of a map: a list in the order of the values, with ``None`` for each that failed or was not asked.

    Attributes:
        errors: why a value failed, by its position.
        cut: the positions of replies that were cut, usually at their token limit.
        usage: the tokens of all replies that this run asked for.
        cost: their estimated cost; ``None`` if the price is not known.
        asked: how many values this run asked about; the others were equal to one of these, or known before.
        waiting: how many values have not been asked about, because the run was stopped.
        missing: how many values are missing (``None``, NaN): they are not asked about.
        labels: the labels of the values, if they have any.
        fields: the columns of the results, by their schema; () if the results are single values.
        secrets: how many different secrets were masked.
        masked: how many values had something masked.
    """

    def __init__(  # noqa: PLR0913  # each is one fact of a run
        self,
        results: Iterable[Any] = (),
        *,
        errors: Mapping[int, str] | None = None,
        cut: Mapping[int, str] | None = None,
        usage: Usage | None = None,
        cost: Cost | None = None,
        asked: int = 0,
        waiting: int = 0,
        missing: int = 0,
        labels: Any = None,
        fields: Iterable[str] = (),
        secrets: int = 0,
        masked: int = 0,
    ) -> None:
        super().__init__(results)
        self.errors = dict(errors or {})
        self.cut = tuple(cut or ())
        self._where_cut = next(iter((cut or {}).values()), "")
        self.usage = usage or Usage()
        self.cost = cost
        self.asked = asked
        self.waiting = waiting
        self.missing = missing
        self.labels = labels
        self.fields = tuple(fields)
        self.secrets = secrets
        self.masked = masked
        self._shown_here: Callable[[], bool] | None = None

    def __repr__(self) -> str:
        shown = ", ".join(map(_shown, self[:_SHOWN]))
        more = f", … ({len(self):,} in all)" if len(self) > _SHOWN else ""
        return f"[{shown}{more}]"

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_shown_here": None}

    def shown(self, here: Callable[[], bool]) -> None:
        """Display nothing while ``here`` returns true, that is in the execution that has shown the summary."""
        self._shown_here = here

    def _ipython_display_(self) -> None:
        """Decline, so that the value is shown, unless the execution has shown it already."""
        if self._shown_here is None or not self._shown_here():
            raise NotImplementedError

    def to_series(self) -> Any:
        """Return the results as a pandas Series with the labels of the values."""
        return _pandas().Series(list(self), index=self.labels, dtype=object)

    def to_frame(self) -> Any:
        """Return the results as a pandas DataFrame, a column for each field, with the labels of the values."""
        index = range(len(self)) if self.labels is None else self.labels
        columns = self.columns()
        pandas = _pandas()
        made = [
            pandas.Series(values, index=index, name=name, dtype=dtype_of(values)) for name, values in columns.items()
        ]
        return pandas.concat(made, axis=1) if made else pandas.DataFrame(index=index)

    def columns(self) -> dict[str, list[Any]]:
        """Return the results by field, those of the schema first; only ``value`` if they are single values."""
        rows = [fields_of(result) for result in self]
        names = list(dict.fromkeys([*self.fields, *(name for row in rows for name in row)])) or ["value"]
        return {name: [row.get(name) for row in rows] for name in names}

    def summary(self) -> str:
        """Return what happened, on one line."""
        parts = [counted(len(self), "value"), f"{self.asked:,} asked"]
        if self.missing:
            parts.append(f"{self.missing:,} missing")
        if self.errors:
            first = next(iter(self.errors))
            parts.append(f"{len(self.errors):,} failed (the first at position {first}: {self.errors[first]})")
        if self.cut:
            parts.append(f"{len(self.cut):,} cut {self._where_cut} (the first at position {self.cut[0]})")
        if self.secrets:
            secrets = "1 secret" if self.secrets == 1 else f"{self.secrets:,} secrets"
            parts.append(f"{secrets} masked in {self.masked:,} value{'' if self.masked == 1 else 's'}")
        if self.waiting:
            parts.append(f"{self.waiting:,} not asked yet: run it again to go on")
        if self.usage.prompt is not None or self.usage.completion is not None:
            parts.append(f"{self.usage.prompt or 0:,} + {self.usage.completion or 0:,} tokens")
        if self.cost is not None:
            parts.append(f"about {self.cost}")
        return " · ".join(parts)


def _shown(result: Any) -> str:
    try:
        return repr(result)
    except Exception:  # noqa: BLE001  # code of the user's must not hide the other results
        return f"<{type(result).__name__}>"


def dtype_of(values: list[Any]) -> Any:
    """Return the dtype for a column of ``values``: pandas' choice, unless that turns ``None`` into NaN."""
    return object if any(value is None for value in values) else None


def fields_of(result: Any) -> dict[str, Any]:
    """Return the fields of one result: of a mapping, a dataclass, a named tuple or a model; else only ``value``."""
    if result is None:
        return {}
    if isinstance(result, Mapping):
        return {str(name): value for name, value in result.items()}
    for names in ("__dataclass_fields__", "model_fields", "_fields"):
        found = getattr(type(result), names, None)
        if found:
            return {name: _attribute(result, name) for name in found}
    return {"value": result}


def _attribute(result: Any, name: str) -> Any:
    try:
        return getattr(result, name)
    except Exception:  # noqa: BLE001  # a field that was never set, or code of the user's
        return None


def _pandas() -> Any:
    if "pandas" not in sys.modules:
        import pandas  # noqa: F401  # only if the user asks for what is pandas' own
    return sys.modules["pandas"]
