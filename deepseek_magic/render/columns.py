"""Several replies side by side: their static form, and the view that shows them one after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import TYPE_CHECKING, Any, Protocol

from deepseek_magic.api.events import Batch
from deepseek_magic.text import one_line, visible

from . import renderer
from .front_ends import Needs
from .renderer import Ending, Renderer

if TYPE_CHECKING:
    from .safe_html import Look, SafeHtml


@dataclass(frozen=True, slots=True)
class Columns:
    """Replies that were asked for at the same time and have ended.

    Attributes:
        labels: the label of each reply.
        endings: the ending of each reply.
        closing: the line below them.
        metadata: the metadata of the output that holds them all.
    """

    labels: Sequence[str]
    endings: Sequence[Ending]
    closing: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)


#: Where all of a reply is that is shown in part.
WHERE = "the .text of that reply: {result} is a dictionary of them"


class Beside(Protocol):
    """A view of replies side by side: each of its ``columns`` is a renderer, and `close` shows the final form."""

    @property
    def columns(self) -> Sequence[Renderer]:
        """The renderers, in order; all are used from one thread."""

    def close(self, final: Columns) -> None:
        """Show the replies in a static form that outlives the kernel."""


def title(number: int, label: str) -> str:
    """Return the heading of column ``number``."""
    return f"{number} · {one_line(label, 80)}"


def source(final: Columns) -> tuple[str, list[tuple[int, int]]]:
    """Return the source of all replies, each below its heading, and start and end of each in it."""
    text, places = "", []
    for number, (label, ending) in enumerate(zip(final.labels, final.endings, strict=True), 1):
        text += f"{chr(10) * 2 if text else ''}[{title(number, label)}]\n\n"
        places.append((len(text), len(text) + len(ending.text)))
        text += ending.text
        if not ending.text:
            text += "\n".join(f"({visible(notice)})" for notice in ending.notices)
    return text, places


def bundle(final: Columns, drawn: Sequence[SafeHtml | None] = ()) -> dict[str, str]:
    """Return the replies as one MIME bundle: safe ``text/html``, and `source` as ``text/plain``.

    ``drawn`` is the HTML of the replies for the front end, if it has been made already.
    """
    from . import safe_html  # a terminal needs no markup
    from .bundle import fits, is_overfull, shown

    needs = next((one.needs for one in final.endings if one.needs != Needs()), Needs())
    look = safe_html.look_of(needs)
    parts = [
        html or (None if is_overfull(one) else shown(one, look))
        for html, one in zip(drawn or [None] * len(final.endings), final.endings, strict=True)
    ]
    whole = [one for one in parts if one is not None]
    if len(whole) == len(parts):
        made = _put_together(final, whole)
        if fits(made.values(), needs):
            return made
    return _cut(final, parts, needs, look)


def _put_together(final: Columns, parts: Sequence[SafeHtml]) -> dict[str, str]:
    """Return ``final`` as a MIME bundle that shows ``parts`` in its columns."""
    from . import panels

    titles = [title(number, label) for number, label in enumerate(final.labels, 1)]
    html = panels.columns(list(zip(titles, parts, strict=True)), visible(final.closing))
    return {"text/html": str(html), "text/plain": source(final)[0]}


def _cut(final: Columns, parts: Sequence[SafeHtml | None], needs: Needs, look: Look) -> dict[str, str]:
    """Return ``final`` with as much of each reply as the front end shows; short replies stay complete.

    ``parts`` are the HTML of the replies; ``None`` for one that is certainly too long.
    """
    from . import safe_html
    from .bundle import beginning, room, size

    endings, html = list(final.endings), [one or safe_html.text("") for one in parts]
    empty = _put_together(
        replace(final, endings=[replace(one, text="") for one in endings]), [safe_html.text("")] * len(html)
    )
    left = room(needs) - sum(map(size, empty.values()))
    needed = [inf if one is None else size(one) + size(ending.text) for one, ending in zip(parts, endings, strict=True)]
    for waiting, place in enumerate(sorted(range(len(needed)), key=needed.__getitem__)):
        share = left / (len(needed) - waiting)
        if needed[place] > share:
            html[place], text = beginning(replace(endings[place], needs=needs), look, share, WHERE)
            html[place], endings[place] = look(html[place]), replace(endings[place], text=text)
        left -= min(needed[place], share)
    return _put_together(replace(final, endings=endings), html)


class Withheld:
    """Shows a reply in its column, but not its ending, to which the error that ended it may have to be added.

    Attributes:
        ending: the ending, once the reply has ended.
    """

    display_id = ""

    def __init__(self, column: Renderer) -> None:
        self.shows_source = column.shows_source
        self.ending: Ending | None = None
        self._column = column

    def open(self) -> None:
        """Open the column."""
        self._column.open()

    def show(self, batch: Batch) -> None:
        """Show ``batch``."""
        self._column.show(batch)

    def close(self, ending: Ending) -> None:
        """Keep ``ending``."""
        self.ending = ending


class GuardedColumns:
    """Wraps a view of replies side by side, so that a bug of ours never loses one of them."""

    def __init__(self, beside: Beside, write: Callable[[str], object]) -> None:
        def guarded(one: Renderer) -> renderer.Guarded:
            return renderer.Guarded(lambda: one, lambda _text: None)

        self.columns = tuple(map(guarded, beside.columns))
        self._beside = beside
        self._write = write

    def close(self, final: Columns) -> None:
        """Show the replies in their final form, or write their source if that fails."""
        try:
            self._beside.close(final)
        except Exception as error:  # noqa: BLE001  # the text must be shown in any case
            self._write(f"{source(final)[0]}\n\n(the view failed: {one_line(repr(error), 120)})\n")


class Stacked:
    """Replies one after the other, each below its label: a later one is held back until those before it have ended.

    Args:
        labels: the labels of the replies.
        make: makes the renderer of one reply.
        write: writes the labels and the line below the last reply; ``None`` if nothing is shown.
        below: writes that line instead, if it goes elsewhere.
    """

    def __init__(
        self,
        labels: Sequence[str],
        make: Callable[[], Renderer],
        write: Callable[[str], object] | None,
        below: Callable[[str], object] | None = None,
    ) -> None:
        self._write = write
        self._below = below or write
        self._make = make
        self._at = 0
        first = make()
        self.columns: tuple[_Held, ...] = tuple(
            _Held(self, number, label, first.shows_source) for number, label in enumerate(labels)
        )
        self._next: Renderer | None = first

    def close(self, final: Columns) -> None:
        """Write the line below the replies."""
        if self._below is not None and final.closing:
            self._below(f"-- {visible(final.closing)}\n")

    def begin(self, number: int, label: str) -> Renderer | None:
        """Write the label of reply ``number`` and return its renderer; ``None`` while it has to wait."""
        if number != self._at:
            return None
        made = self._next or self._make()
        self._next = None
        if self._write is not None:
            self._write(f"{chr(10) if number else ''}--- {visible(title(number + 1, label))} ---\n\n")
        return made

    def ended(self) -> None:
        """Let the next reply be shown."""
        self._at += 1
        if self._at < len(self.columns):
            self.columns[self._at].catch_up()


class _Held:
    """One reply of `Stacked`."""

    display_id = ""

    def __init__(self, stack: Stacked, number: int, label: str, shows_source: bool) -> None:
        self.shows_source = shows_source
        self._stack = stack
        self._place = number, label
        self._renderer: Renderer | None = None
        self._events: list[Any] = []
        self._opened = False
        self._ending: Ending | None = None

    def open(self) -> None:
        """Start to show the reply, if it is its turn."""
        self._opened = True
        self.catch_up()

    def show(self, batch: Batch) -> float | None:
        """Show ``batch``, or keep it."""
        if self._renderer is not None:
            return self._renderer.show(batch)
        self._events += batch
        return None

    def close(self, ending: Ending) -> None:
        """Show the final form of the reply, once it is its turn."""
        self._ending = ending
        self.catch_up()

    def catch_up(self) -> None:
        """Show what has come, if it is this reply's turn."""
        if self._renderer is None and (self._opened or self._ending is not None):
            self._renderer = self._stack.begin(*self._place)
            if self._renderer is not None:
                self._renderer.open()
                if self._events:
                    self._renderer.show(tuple(self._events))
                    self._events.clear()
        if self._renderer is not None and self._ending is not None:
            ending, self._ending = self._ending, None
            self._renderer.close(ending)
            self._stack.ended()
