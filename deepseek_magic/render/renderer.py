"""What a back end is: the `Renderer` protocol, how a reply ends, and the guard around a back end that fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, Protocol, TypeAlias, TypeVar

from deepseek_magic.api.events import Batch, Called, ReasoningDelta, TextDelta, WebSource
from deepseek_magic.text import one_line

from .front_ends import Needs

_T = TypeVar("_T")
#: Calls a function and returns what it returns; ``None`` if the user stops it.
Attempt: TypeAlias = Callable[[Callable[[], Any]], Any]


# Between the texts of two rounds of calls, which the reply's own text parts by a blank line only.
_RULE = "\n\n---\n\n"


def to_the_end(make: Callable[[], _T]) -> _T:
    """Return what ``make`` returns: an `Attempt` that nobody stops."""
    return make()


@dataclass(frozen=True, slots=True)
class Ending:
    """A reply that has ended, as every back end leaves it behind.

    ``text`` and ``reasoning`` are the markdown source, exact; ``thought`` is the thinking's heading; ``footer`` is one
    quiet line and ``details`` what stands behind it; ``notices`` say what the reader must know (plain text);
    ``receipt`` says in one line what was sent, ``receipt_rows`` name each piece, its tokens, and what is special about
    it. ``above_error`` is the notice that an error's own line stands below, if there is one; see `and_error`.
    ``calls`` are the functions that ran, ``sources`` the pages that the text may cite by number. ``shown`` is the
    markdown that the reader sees, if that is not the text itself; ``metadata`` goes into the saved output.
    ``needs`` are those of the front end, ``execution`` is the number in brackets of the cell that asked (0: none).
    ``attempt`` calls what draws a long text.
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
        """The markdown that the reader sees."""
        return self.shown or self.text

    def and_error(self, words: str, alone: str = "") -> Ending:
        """Return this ending where the error that ended the reply has no line of its own below it.

        One notice says both: that the reply is incomplete, and why. ``words`` are the error's, ``alone`` what stands
        where there is no such notice, if that is something else.
        """
        if self.above_error not in self.notices:
            return replace(self, notices=(*self.notices, alone or words))
        what, _, rest = self.above_error.partition(". ")
        both = f"{what}: {words.removesuffix('.')}. {rest}"
        notices = (both if one == self.above_error else one for one in self.notices)
        return replace(self, notices=tuple(notices), above_error="")


@dataclass(slots=True, eq=False)
class Rounds:
    """One text as it is drawn: what another round of calls begins with stands below a rule."""

    _round: list[str] = field(default_factory=list)

    def drawn(self, *events: TextDelta | ReasoningDelta) -> str:
        """Return the text of the next ``events`` as it is drawn."""
        drawn: list[str] = []
        for event in events:
            if event.apart:
                drawn.append(_rule("".join(self._round)))
                self._round.clear()
            self._round.append(event.text)
            drawn.append(event.text)
        return "".join(drawn)


def with_rules(text: str, cuts: Sequence[int]) -> str:
    """Return ``text`` as it is drawn, given the places in it at which another round of calls begins."""
    *rounds, last = (text[start:end] for start, end in pairwise((0, *cuts, len(text))))
    return "".join(f"{one}{_rule(one)}" for one in rounds) + last


def _rule(above: str) -> str:
    """Return the rule below the text ``above``, which ends what that left open."""
    from deepseek_magic.commonmark.left_open import ending  # few replies have rounds

    return ending(above) + _RULE


def undrawable(ending: Ending, error: Exception) -> str:
    """Return ``ending`` as plain text, and what kept it from being drawn."""
    lines = (ending.text, *ending.notices, f"(the view failed: {one_line(repr(error), 120)})")
    return "\n\n".join(line for line in lines if line)


def unseen(view: str, shown: str) -> str:
    """Return what of ``view`` the reader has not seen, given all that was ``shown``; it cannot be taken back."""
    if shown.endswith(view):
        return ""
    return view.removeprefix(shown)


class Renderer(Protocol):
    """Shows one reply. `open` comes first, `close` last and always; both are called once.

    ``display_id`` names the output that holds the reply, so that it can be gone on with there; "" if none can.
    ``shows_source`` is true where a reply that is a value is shown as the text that comes, not as a table or tree.
    """

    @property
    def display_id(self) -> str:
        """The display id, once the reply is shown."""

    @property
    def shows_source(self) -> bool:
        """Whether the source is shown."""

    def open(self) -> None:
        """Show that the question is under way."""

    def show(self, batch: Batch) -> float | None:
        """Take in the events that came at a time; their end is the time to show them.

        Returns:
            The seconds in which nothing more would be shown, if there are any.
        """

    def close(self, ending: Ending) -> None:
        """Leave the finished reply behind, in a form that outlives the kernel."""


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


@dataclass(eq=False)
class Guarded:
    """Wraps a back end so that a bug of ours never costs the reader the reply.

    ``make`` makes the back end at its first use, which is when the request has been sent: what it imports takes the
    endpoint's time. One that raises is asked no more until `close`; if that raises too, the text goes to ``write``.
    """

    make: Callable[[], Renderer]
    write: Callable[[str], object]
    _failed: bool = False

    @cached_property
    def _renderer(self) -> Renderer:
        return self.make()

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
        except Exception:  # noqa: BLE001  # the reply goes on; `close` shows it whole
            self._failed = True

    def show(self, batch: Batch) -> float | None:
        """Hand ``batch`` on, unless the back end failed before."""
        if self._failed:
            return None
        try:
            return self._renderer.show(batch)
        except Exception:  # noqa: BLE001  # as above
            self._failed = True
            return None

    def close(self, ending: Ending) -> None:
        """Close the back end, or write the text and what the reader must know."""
        try:
            self._renderer.close(ending)
        except Exception as error:  # noqa: BLE001  # whatever it is, the text must be seen
            self.write(undrawable(ending, error) + "\n")
