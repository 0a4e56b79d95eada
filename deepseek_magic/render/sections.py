"""One growing text in widgets, and the widgets it is made of: what of the live view is sent to the page.

Measured: each widget costs three messages if it has a layout and a style of its own, and one if it shares them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ipywidgets import Button, HBox, HTMLMath, Layout, Output, VBox, Widget

from . import safe_html
from .message_budget import Allowance
from .page import Page
from .style import BAR, unquoted

#: Characters that one paint takes in at most. What comes faster than it can be drawn is drawn at the end, where a stop
#: is heard: no paint keeps a stop waiting for long.
AT_ONCE = 32_000
_LATER = "This came faster than it can be drawn; it is shown when the reply has ended."
#: Children of one box at most: a box resends the names of all of them with each change.
_CHILDREN = 16
_MODEL = ("_model_module", "_model_module_version", "_model_name")
_VIEW = "application/vnd.jupyter.widget-view+json"


class Section:
    """One growing text in widgets: full ones that never change again, and the last one, the tail.

    A section that is ``heard`` is read out by screen readers: each full widget once, the tail only in the end, because
    it is painted often.

    Attributes:
        parts: the widgets for the page, in order: the first text, and the box that holds all later ones, if any.
    """

    def __init__(self, make: Maker, *, heard: bool = False) -> None:
        self._make = make
        self._heard = heard
        self._page = Page()
        self._come: list[str] = []
        self._tail = make.text()
        self._box: Any = None
        self.parts: tuple[Widget, ...] = (self._tail,)

    def add(self, text: str) -> None:
        """Keep ``text`` until it is taken in: thousands of small pieces cost more one by one than together."""
        self._come.append(text)

    @property
    def empty(self) -> bool:
        """Whether there is no text yet."""
        return not self._come and self._page.empty

    @property
    def page(self) -> Page:
        """The page, with all that was taken in."""
        return self._page

    @property
    def waiting(self) -> int:
        """The number of characters that have come and are not taken in."""
        return sum(map(len, self._come))

    def take(self, most: int | None = AT_ONCE) -> None:
        """Take in at most ``most`` characters of what has come; from any thread."""
        if self._come:
            come = "".join(self._come)
            self._page.feed(come[:most])
            self._come = [come[most:]] if most is not None and len(come) > most else []

    def holds(self, text: str) -> bool:
        """Return whether all of ``text`` has come: a back end that failed on the way missed some of it."""
        return self._page.holds(text, waiting=self.waiting)

    def finish(self, *, painted: bool = False) -> safe_html.SafeHtml:
        """End the text and return the HTML of the whole; see `Page.finish`."""
        self.take(None)
        return self._page.finish(painted=painted)

    def finish_soon(self) -> safe_html.SafeHtml:
        """End the text and return the HTML of all of it, or only a line if that would take a while."""
        return safe_html.text(_LATER) if self.waiting > AT_ONCE else self.finish()

    def paint(self, *, last: bool = False) -> None:
        """Paint the tail; from any thread. The ``last`` time, it counts as full."""
        heard, follows = self._heard and last, self._box is not None
        self._make.paint(self._tail, safe_html.live(self._page.tail(), heard=heard, follows=follows))

    def commit(self) -> None:
        """Start a new tail if the old one is full; from any thread."""
        group = self._page.take_group()
        if group is None:
            return
        whole = safe_html.live(group, heard=self._heard, follows=self._box is not None, goes_on=True)
        full, self._tail = self._tail, self._make.text(safe_html.live(self._page.tail(), follows=True))
        if self._box is None:
            self._box = self._make.box(self._tail)
            self.parts = (full, self._box)
        elif len(self._box.children) == _CHILDREN - 1:
            inner = self._make.box(self._tail)
            self._box.children = (*self._box.children, inner)
            self._box = inner
        else:
            self._box.children = (*self._box.children, self._tail)
        self._make.paint(full, whole)  # last, so that no text ever is gone from the page

    def collapse(self, html: safe_html.SafeHtml) -> None:
        """Show ``html`` instead of everything else."""
        self._tail = self.parts[0]
        self._make.paint(self._tail, safe_html.live(html))
        self.parts = (self._tail,)


_BARRED = {"max_height": "16em", "margin": "0 0 .6em .2em", "padding": "0 0 0 .8em", "border_left": BAR}


class Scroller:
    """A box of some ten lines that shows the end of what is in it; it stays where a reader has scrolled up.

    Measured: only a reversed column of one child does both, while what is in it grows.

    Args:
        make: makes its widgets.
        steady: whether it is as high from the start as it can get, so that nothing below it moves.
    """

    def __init__(self, make: Maker, *, steady: bool = False) -> None:
        margin = "0 0 auto 0" if steady else "0"  # what is shorter than the box stands at its top
        self._inner = make.box(layout=make.layout(display="block", flex="0 0 auto", margin=margin, overflow="visible"))
        look = {"height": "18em"} if steady else _BARRED
        self.box: Any = make.box(self._inner, layout=make.layout(overflow="auto", flex_flow="column-reverse", **look))

    def fill(self, children: tuple[Widget, ...]) -> None:
        """Show ``children`` one below the other."""
        if children != self._inner.children:
            self._inner.children = children


class _Text(HTMLMath):  # type: ignore[misc]
    """Text that has no style of its own, which would be a second widget."""

    style = None


class Maker:
    """Makes widgets that share one layout, and tell the page only what differs from its own defaults.

    Each costs one message instead of three, of half the size.
    """

    def __init__(self, look: safe_html.Look = safe_html.as_made) -> None:
        self._look = look
        self.made: list[Widget] = []
        self.allowance = Allowance()
        # Blocks, as the finished reply is made of. A flexible box would grow as wide as the widest table in it.
        self._layout = self.layout(display="block", margin="0", overflow="visible")

    def _made(self, kind: type[Widget], **state: Any) -> Any:
        widget = kind(keys=[*_MODEL, *state], **state)
        self.made.append(widget)
        return widget

    def layout(self, **properties: str) -> Any:
        """Return a layout of the CSS ``properties``."""
        return self._made(Layout, **properties)

    def box(self, *children: Widget, layout: Any = None) -> Any:
        """Return a box that shows ``children`` one below the other."""
        return self._made(VBox, children=children, layout=layout or self._layout)

    def row(self, *children: Widget) -> Any:
        """Return a box that shows ``children`` side by side."""
        return self._made(HBox, children=children, layout=self.layout(align_items="baseline", margin="0"))

    def button(self, words: str, tooltip: str, act: Callable[[], object]) -> Any:
        """Return a small button that calls ``act`` once, in whatever thread the kernel hears of it."""
        layout = self.layout(width="auto", height="24px", margin="0 .8em", padding="0 .8em")
        button = Button(description=words, tooltip=tooltip, layout=layout)
        self.made.append(button)

        def clicked(_: object) -> None:
            button.disabled = True  # it is seen at once, also where the end takes a moment
            act()

        button.on_click(clicked)
        return button

    def scroller(self, *, steady: bool = False) -> Scroller:
        """Return a box that scrolls."""
        return Scroller(self, steady=steady)

    def text(self, part: safe_html.SafeHtml | None = None, layout: Any = None) -> Any:
        """Return a widget of text."""
        html = "" if part is None else self._sent(part)
        self.allowance.widget(len(html))
        return self._made(_Text, value=html, layout=layout or self._layout)

    def shown(self, text: Any, part: safe_html.SafeHtml) -> Any:
        """Return a widget of text that shows ``part``: ``text`` itself if there is one already."""
        if text is None:
            return self.text(part)
        self.paint(text, part)
        return text

    def paint(self, text: Any, part: safe_html.SafeHtml) -> None:
        """Show ``part`` in a widget of text."""
        html = self._sent(part)
        if text.value != html:
            self.allowance.paint(len(html))
            text.value = html

    def _sent(self, part: safe_html.SafeHtml) -> str:
        return unquoted(self._look(part))

    def output(self, shown: Widget) -> dict[str, Any]:
        """Return a MIME bundle that is an output which shows a widget. One that the output had to catch would be a
        message back from the page."""
        display = {"output_type": "display_data", "data": {**_view(shown), "text/plain": ""}, "metadata": {}}
        return _view(self._made(Output, outputs=(display,), layout=self._layout))


def _view(widget: Widget) -> dict[str, Any]:
    return {_VIEW: {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}}
