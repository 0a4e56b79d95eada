"""`Renderer`, the protocol of back ends; `Ending`, how a reply ends; and the guard around a back end that fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Protocol, TypeAlias, TypeVar

from deepseek_magic.api.events import Batch, Called, ReasoningDelta, TextDelta, WebSource
from deepseek_magic.first_use import MadeOnce
from deepseek_magic.text import one_line

from .front_ends import Needs

_T = TypeVar("_T")
#: Calls a function and returns its result; ``None`` if the user stops it.
Attempt: TypeAlias = Callable[[Callable[[], Any]], Any]


# Separates the texts of two rounds of calls; in the reply's own text it is only a blank line.
_RULE = "\n\n---\n\n"


def to_the_end(make: Callable[[], _T]) -> _T:
    """Return the result of ``make``: an `Attempt` that cannot be stopped."""
    return make()


@dataclass(frozen=True, slots=True)
class Ending:
    """A reply that has ended, as every back end shows it.

    Attributes:
        text: the exact Markdown source of the answer.
        reasoning: that of the thinking.
        thought: the heading of the thinking.
        footer: the line with model, time, tokens and cost.
        details: the details that unfold from the footer.
        notices: what the reader must know, as plain text.
        above_error: the notice above an error's own line, if there is one; see `and_error`.
        metadata: the metadata of the saved output.
        receipt: what was sent, in one line.
        receipt_rows: its parts: title, tokens, remarks.
        calls: the functions that ran.
        sources: the pages that the text may cite by number.
        shown: the Markdown that is shown, if it is not the text.
        needs: what the front end needs.
        execution: the execution count of the cell that asked; 0 for none.
        attempt: calls the function that draws a long text, so that it can be stopped.
    """

    text: str
    reasoning: str = ""
    thought: str = ""
    footer: str = ""
    details: str = ""
    notices: tuple[str, ...] = ()
    above_error: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    receipt: str = ""
    receipt_rows: tuple[tuple[str, str, str], ...] = ()
    calls: tuple[Called, ...] = ()
    sources: tuple[WebSource, ...] = ()
    shown: str = ""
    needs: Needs = field(default_factory=Needs)
    execution: int = field(default=0, compare=False)
    attempt: Attempt = field(default=to_the_end, repr=False, compare=False)

    @property
    def view(self) -> str:
        """The Markdown that is shown."""
        return self.shown or self.text

    def and_error(self, words: str, alone: str = "") -> Ending:
        """Return this ending for a place in which the error that ended the reply is not shown below it.

        One notice then says that the reply is incomplete, and why. ``words`` is the error's message; ``alone`` replaces
        it if there is no notice to add it to.
        """
        if self.above_error not in self.notices:
            return replace(self, notices=(*self.notices, alone or words))
        what, _, rest = self.above_error.partition(". ")
        both = f"{what}: {words.removesuffix('.')}. {rest}"
        notices = (both if one == self.above_error else one for one in self.notices)
        return replace(self, notices=tuple(notices), above_error="")


@dataclass(slots=True, eq=False)
class Rounds:
    """A text as it is drawn, with a rule between two rounds of calls."""

    _round: list[str] = field(default_factory=list)

    def drawn(self, *events: TextDelta | ReasoningDelta) -> str:
        """Return the drawn text of the next ``events``."""
        drawn: list[str] = []
        for event in events:
            if event.apart:
                drawn.append(_rule("".join(self._round)))
                self._round.clear()
            self._round.append(event.text)
            drawn.append(event.text)
        return "".join(drawn)


def with_rules(text: str, cuts: Sequence[int]) -> str:
    """Return ``text`` as it is drawn, given the indices at which another round of calls begins."""
    *rounds, last = (text[start:end] for start, end in pairwise((0, *cuts, len(text))))
    return "".join(f"{one}{_rule(one)}" for one in rounds) + last


def _rule(above: str) -> str:
    """Return the rule below the text ``above``, after closing the markup that it left open."""
    from deepseek_magic.commonmark.left_open import ending  # few replies have rounds

    return ending(above) + _RULE


def undrawable(ending: Ending, error: Exception) -> str:
    """Return ``ending`` as plain text, with the error that prevented drawing it."""
    lines = (ending.text, *ending.notices, f"(the view failed: {one_line(repr(error), 120)})")
    return "\n\n".join(line for line in lines if line)


def unseen(view: str, shown: str) -> str:
    """Return the part of ``view`` that has not been ``shown``. Shown text cannot be taken back."""
    if shown.endswith(view):
        return ""
    return view.removeprefix(shown)


class Renderer(Protocol):
    """Shows one reply. `open` is called first, and `close` always last; each once.

    ``display_id`` names the output that holds the reply, so that it can be continued there; "" if that is impossible.
    ``shows_source`` says whether a reply that is a value is shown as its source, and not as a table or tree.
    """

    @property
    def display_id(self) -> str:
        """The display id, once the reply is shown."""

    @property
    def shows_source(self) -> bool:
        """Whether the source is shown."""

    def open(self) -> None:
        """Show that the question is being asked."""

    def show(self, batch: Batch) -> float | None:
        """Show a batch of events.

        Returns:
            The seconds during which nothing more would be painted, if any.
        """

    def close(self, ending: Ending) -> None:
        """Show the finished reply in a static form that outlives the kernel."""


class Silent:
    """Shows nothing: for replies that only a program reads."""

    display_id = ""
    shows_source = False

    def open(self) -> None:
        """Do nothing."""

    def show(self, batch: Batch) -> None:
        """Do nothing."""

    def close(self, ending: Ending) -> None:
        """Do nothing."""


@dataclass(slots=True, eq=False)
class Unmade(Silent):
    """Stands for a back end that could not be made: it shows nothing, and `close` raises the ``error`` of that."""

    error: Exception

    def close(self, ending: Ending) -> None:  # noqa: ARG002
        """Raise the error."""
        raise self.error


@dataclass(eq=False)
class Guarded:
    """Wraps a back end so that a bug of ours never loses the reply.

    A back end that raises is not used again until `close`; if that raises as well, the text is written with ``write``.

    Attributes:
        make: makes the back end, at the latest at its first use.
        write: writes plain text.
    """

    make: Callable[[], Renderer]
    write: Callable[[str], object]
    _failed: bool = False

    @MadeOnce
    def _renderer(self) -> Renderer:
        try:
            return self.make()
        except Exception as error:  # noqa: BLE001  # the request is on its way: its reply is paid for
            return Unmade(error)

    def prepare(self) -> None:
        """Make the back end now: what it imports would hold back the first text, and a stop, after the request."""
        _ = self._renderer

    @property
    def display_id(self) -> str:
        """The back end's."""
        return self._renderer.display_id

    @property
    def shows_source(self) -> bool:
        """The back end's."""
        return self._renderer.shows_source

    def open(self) -> None:
        """Open the back end."""
        try:
            self._renderer.open()
        except Exception:  # noqa: BLE001  # the reply goes on, and `close` shows all of it
            self._failed = True

    def show(self, batch: Batch) -> float | None:
        """Pass on ``batch``, unless the back end has failed."""
        if self._failed:
            return None
        try:
            return self._renderer.show(batch)
        except Exception:  # noqa: BLE001  # as above
            self._failed = True
            return None

    def close(self, ending: Ending) -> None:
        """Close the back end, or write the text and the notices if that fails."""
        try:
            self._renderer.close(ending)
        except Exception as error:  # noqa: BLE001  # the text must be shown in any case
            self.write(undrawable(ending, error) + "\n")
