"""What a description leaves out: secrets, masked by the names of the values, and code that is never sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from deepseek_magic.errors import SecretFound

from .cleaning import Guard


class Redactor:
    """Masks the secrets in the pieces of a description, before they are cut and laid out.

    Args:
        guard: finds and masks the secrets; without one every piece stays as it is.
        where: what is described, for the error of a guard that refuses.
        hidden: returns by the file name of its code whether a function or class stands in a cell that is never sent.

    Attributes:
        where: as given; may be changed between descriptions.
        refused: the error of a guard that refuses. Describing does not raise it; the caller does, by `check`.
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
            value: a piece of text. What is to be cut is searched before, because half a secret is not known as one.
            name: the key, column, field or variable that holds ``value``, if there is one. Then only the name decides:
                if it says "secret", the whole of ``value`` is masked unless it is plain; otherwise nothing is searched.
            in_column: whether ``name`` is that of a column, and so covers every value in it.
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
        """Mask the strings of ``values`` from here on, if they are a whole piece: ``name`` is that of their row."""
        for value in values:
            if type(value) is str and (masked := self.text(value, name=name)) != value:
                self._rows[value] = masked

    def in_row(self, value: object) -> str:
        """Return the mask of what stands in a row that says "secret"; "" for anything else."""
        return self._rows.get(value, "") if self._rows and type(value) is str else ""

    def check(self) -> None:
        """Raise the error of a guard that refused something since the redactor was made.

        Raises:
            SecretFound: it did.
        """
        if self.refused is not None:
            raise self.refused

    def hides(self, file: str) -> bool:
        """Return whether the code of the file name ``file`` stands in a cell that is never sent."""
        return self._hidden is not None and self._hidden(file)


#: Leaves everything as it is.
NOTHING_MASKED = Redactor()
