"""Mask the secrets in the description of a value, by the names of its parts, and leave out code that is never sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from deepseek_magic.errors import SecretFound

from .cleaning import Guard


class Redactor:
    """Masks the secrets in the pieces of a description, before they are cut and laid out.

    Args:
        guard: finds and masks the secrets; without one, nothing is masked.
        where: what is described, for the error of a guard that refuses.
        hidden: returns whether the code with a file name is in a cell that is never sent.

    Attributes:
        where: as given; may be changed between descriptions.
        refused: the error of a guard that refuses. Describing does not raise it; `check` does.
    """

    def __init__(
        self, guard: Guard | None = None, where: str = "the text", hidden: Callable[[str], bool] | None = None
    ) -> None:
        self._guard = guard
        self._hidden = hidden
        self.where = where
        self.refused: SecretFound | None = None
        self._rows: dict[str, str] = {}

    def text(self, value: str, *, name: object = None, in_column: bool = False) -> str:
        """Return ``value`` with its secrets masked.

        Args:
            value: a piece of text. Mask before cutting it: half a secret is not recognised.
            name: the key, column, field or variable that holds ``value``, if any. Then only the name decides: if it is
                a secret name, all of ``value`` is masked unless it is plain; otherwise ``value`` is not searched.
            in_column: whether ``name`` is the name of a column.
        """
        if self._guard is None:
            return value
        if mask := self.in_row(value):
            return mask
        try:
            if name is None:
                return self._guard.clean(value, self.where).text
            return self._guard.clean_value(value, name, self.where, in_column=in_column)
        except SecretFound as error:
            self.refused = error
            return value

    def know_row(self, values: Iterable[object], name: object) -> None:
        """Remember the masks of the strings in ``values``, for `in_row`, if ``name``, their row's label, is secret."""
        for value in values:
            if type(value) is str and (masked := self.text(value, name=name)) != value:
                self._rows[value] = masked

    def in_row(self, value: object) -> str:
        """Return the mask of ``value`` if `know_row` remembered one for it; otherwise ""."""
        return self._rows.get(value, "") if self._rows and type(value) is str else ""

    def check(self) -> None:
        """Raise the error of the guard if it refused something.

        Raises:
            SecretFound: the guard refused a text.
        """
        if self.refused is not None:
            raise self.refused

    def hides(self, file: str) -> bool:
        """Return whether the code with the file name ``file`` is in a cell that is never sent."""
        return self._hidden is not None and self._hidden(file)


#: Masks nothing.
NOTHING_MASKED = Redactor()
