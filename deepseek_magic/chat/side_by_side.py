"""`Answers`: what a comparison returns to Python; and the metadata of its saved output."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from deepseek_magic.render.columns import Columns, source
from deepseek_magic.text import visible

_OURS = "deepseek_magic"


class Answers(dict[str, Any]):
    """The answers of a comparison by the values that it compares, in the order of the columns.

    Each is a `deepseek_magic.Reply`, or the value that was asked for; ``None`` if there is none.

    Attributes:
        errors: why a column has no answer, or only a part of one, by the same keys.
    """

    def __init__(
        self,
        answers: Mapping[str, Any] | Iterable[tuple[str, Any]],
        errors: Mapping[str, str],
        columns: Columns,
        shown_here: Callable[[], bool] | None = None,
    ) -> None:
        super().__init__(answers)
        self.errors = dict(errors)
        self._columns = columns
        self._shown_here = shown_here

    def __reduce__(self) -> tuple[Any, ...]:
        """Return the parts for a copy without ``shown_here``: one that is unpickled elsewhere is shown there."""
        return type(self), (dict(self), self.errors, self._columns)

    def __str__(self) -> str:
        return source(self._columns)[0]

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002  # IPython's name for a value that contains itself
        printer.text(visible(str(self)))

    def _repr_html_(self) -> str:
        return str(self._bundle()["text/html"])

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return self._bundle()

    def _ipython_display_(self) -> None:
        """Show nothing in the execution that showed the answers; decline in any other, as `Reply` does."""
        if self._shown_here is None or not self._shown_here():
            raise NotImplementedError

    def _bundle(self) -> dict[str, str]:
        from deepseek_magic.render.columns import bundle

        shown = bundle(self._columns)
        return {**shown, "text/plain": visible(shown["text/plain"])}


def metadata(final: Columns, stands: int) -> dict[str, Any]:
    """Return the metadata of the saved output: for each column that of a single reply, and the place of its text.

    Only the column that ``stands``, that is the turn, names the conversation and its turn.
    """
    columns = []
    for number, (ending, place) in enumerate(zip(final.endings, source(final)[1], strict=True), 1):
        found = dict(ending.metadata.get(_OURS, {}))
        if found and number != stands:
            found |= {"conversation": "", "turn": 0}
        columns.append({**found, "label": final.labels[number - 1], "at": list(place)})
    return {_OURS: {"version": 1, "columns": columns}}
