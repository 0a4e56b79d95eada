"""`Call` and `Result`: one call of a magic, and its result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from deepseek_magic.errors import OptionError
from deepseek_magic.text import one_line

if TYPE_CHECKING:
    from deepseek_magic.app.session import Session
    from deepseek_magic.notebook.kernel import Kernel
    from deepseek_magic.render.choose import FrontEnd

    from .cards import Card


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a magic: what was typed, and where.

    Attributes:
        session: the session of this kernel.
        config: the configured values, by field name.
        kernel: the shell.
        line: the text after the magic's name.
        cell: the lines below it; ``None`` for a line magic.
        local_names: the local names of the function in which it is called, if any.
    """

    session: Session
    config: Mapping[str, Any]
    kernel: Kernel
    line: str = ""
    cell: str | None = None
    local_names: Mapping[str, Any] | None = None

    @property
    def front_end(self) -> FrontEnd:
        """The front end in which output is shown."""
        return self.kernel.front_end()

    def takes_nothing(self, name: str) -> None:
        """Raise `OptionError` if any text follows the ``name`` of the magic."""
        if self.line.strip():
            msg = f"{name} takes no arguments, found {one_line(self.line, 40)!r}: leave it out"
            raise OptionError(msg)


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a magic: its ``value``, and what is shown, each a line of text or a card."""

    value: Any = None
    show: tuple[str | Card, ...] = field(default=())
