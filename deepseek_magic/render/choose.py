"""Which back end shows a reply: what suits the front end, unless the user decides."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from . import back_ends
from .back_ends import BACK_ENDS
from .front_ends import EVERYWHERE, LAB, NBCLIENT, TERMINAL, KnownFrontEnd, Needs

if TYPE_CHECKING:
    from .columns import Beside
    from .readers import Readers
    from .renderer import Renderer
    from .safe_html import Look
    from .stage import Stage


# Those that show a reply in an output that can be replaced later; of a new one nothing is known but that it writes.
_IN_AN_OUTPUT = ("widget", "display", "headless", "none")


@dataclass(frozen=True, slots=True)
class FrontEnd:
    """What is known of the place in which a reply is shown.

    Attributes:
        in_kernel: whether a kernel runs the code; else it is a terminal, or no shell at all.
        watched: whether somebody can be asked for input. A front end that forbids it is an unattended run, where a live
            view would only bloat the file.
        captured: whether what is displayed is kept to be shown later, as by ``%%capture``.
        message: the id of the message that the kernel works on; "" for none.
        execution: the number that the cell that runs shows in brackets; 0 if there is none.
        known: what is known of it.
        is_named: whether the user says so.
        needs: what it needs done to HTML.
        subshells: whether the kernel hears of a click on a widget while a cell runs.
        names_cells: whether it says which cell runs, as a page does in which somebody reads, and no program that only
            waits for the kernel.
    """

    in_kernel: bool = False
    watched: bool = True
    captured: bool = False
    message: str = ""
    execution: int = 0
    known: KnownFrontEnd = LAB
    is_named: bool = False
    needs: Needs = field(default_factory=Needs)
    subshells: bool = False
    names_cells: bool = False

    @property
    def has_readers(self) -> bool:
        """Whether somebody may listen to the page. What cannot be told from JupyterLab may be a program."""
        return self.names_cells or (self.watched and self.known not in (LAB, NBCLIENT, TERMINAL))


@dataclass(frozen=True, slots=True)
class Apart:
    """How a reply is shown that comes after its cell has ended: it is painted by threads.

    Attributes:
        name: what it is called in the status line.
        stop: stops it; may be called from any thread, and returns at once.
        how: how it is stopped where there is no button.
    """

    name: str
    stop: Callable[[], object]
    how: str


@dataclass(frozen=True, slots=True)
class View:
    """What a renderer is made of.

    Attributes:
        front_end: where the reply is shown.
        display_id: the output that it is shown in, which is there already; "" for a new one.
        inside: whether what is displayed goes into an ``Output`` widget of the user's.
        write: writes plain text there.
        apart: how it is shown where it comes after its cell has ended; else ``None``.
        opening: what the output records until the reply has ended.
    """

    front_end: FrontEnd
    display_id: str
    inside: bool
    write: Callable[[str], None]
    apart: Apart | None = None
    opening: Mapping[str, Any] = field(default_factory=dict)

    @property
    def look(self) -> Look:
        """What the front end needs done to the HTML."""
        from .safe_html import look_of  # a terminal has none

        return look_of(self.front_end.needs)


@dataclass(slots=True, eq=False)
class Screen:
    """Makes the renderer of each reply; holds what one reply leaves for the next to tidy away.

    ``colours`` returns whether a terminal may be sent colours; ``hinted`` is whether one has said what formats its
    replies.
    """

    colours: Callable[[], bool] = lambda: False
    stage: Stage | None = None
    readers: Readers | None = None
    hinted: bool = False

    def renderer(
        self,
        wanted: str,
        front_end: Callable[[], FrontEnd],
        display_id: str = "",
        apart: Apart | None = None,
        opening: Mapping[str, Any] = MappingProxyType({}),
    ) -> Renderer:
        """Return a renderer of the kind ``wanted``, guarded so that a bug of ours costs no text.

        Args:
            wanted: the name of a back end, or ``auto``.
            front_end: returns where the reply is shown, and is asked when the back end is made: at its first use.
            display_id: the output of another cell that it is shown in, where its updates arrive; "" for a new one.
            apart: as for `View`.
            opening: as for `View`.
        """
        from .renderer import Guarded  # and with it the events, which loading needs none of

        @cache
        def view() -> View:
            found = front_end()
            where = display_id if found.known.updates in EVERYWHERE else ""
            return View(found, where, _in_output_widget(found.message), _writer(found), apart, opening)

        made = Guarded(lambda: self._back_end(wanted, view()), lambda text: view().write(text))
        if apart is not None:
            made.write = partial(_write_over, made)
        return made

    def _back_end(self, wanted: str, view: View) -> Renderer:
        """Return what the back end ``wanted`` makes for ``view``, or the first that can be had of those that suit."""
        from .renderer import Silent

        for name in _to_try(wanted, view.front_end):
            if (made := _made(name, self, view)) is not None:
                return made
        return Silent()

    def can_show_apart(self, wanted: str, front_end: FrontEnd) -> bool:
        """Return whether a reply of the kind ``wanted`` can be shown after its cell has ended.

        What was written to a stream cannot be replaced, nor what a ``%%capture`` or a widget of the user's has taken;
        and some front ends drop what comes for a cell that has ended.
        """
        if not front_end.in_kernel or front_end.captured or _in_output_widget(front_end.message):
            return False
        if front_end.known.updates not in EVERYWHERE:
            return False
        return (suitable(front_end) if wanted == "auto" else wanted) in _IN_AN_OUTPUT

    def beside(
        self,
        wanted: str,
        front_end: FrontEnd,
        labels: Sequence[str],
        opening: Mapping[str, Any] = MappingProxyType({}),
    ) -> Beside:
        """Return what shows replies side by side under ``labels``; the rest is as for `renderer`."""
        inside = _in_output_widget(front_end.message)
        view = View(front_end, "", inside, _writer(front_end), opening=opening)
        from .columns import GuardedColumns  # as above

        made = filter(None, (_beside(name, self, view, labels) for name in _to_try(wanted, front_end)))
        return GuardedColumns(next(made, None) or _stacked("none", self, view, labels), view.write)

    def close(self) -> None:
        """Tidy away what is left."""
        if self.stage is not None:
            self.stage.close()


def _made(name: str, screen: Screen, view: View) -> Renderer | None:
    """Return what the back end ``name`` makes; ``None`` if it cannot be had."""
    try:  # imported when it is first needed: loading must stay light
        made: Renderer | None = import_module(f"{back_ends.__name__}.{name}").make(screen, view)
    except ImportError:  # half an installation of ipywidgets or rich
        return None
    return made


def _beside(name: str, screen: Screen, view: View, labels: Sequence[str]) -> Beside | None:
    """Return what shows replies side by side by the back end ``name``; ``None`` if it cannot be had."""
    try:  # imported when it is first needed, as above
        if name == "widget":
            from . import live_columns

            return live_columns.make(screen, view, labels)
        if name in ("display", "headless"):
            from . import drawn_columns

            return drawn_columns.make(screen, view, labels, live=name == "display")
    except ImportError:
        return None
    return None if _made(name, screen, view) is None else _stacked(name, screen, view, labels)


def _stacked(name: str, screen: Screen, view: View, labels: Sequence[str]) -> Beside:
    """Return what shows replies one after the other by the back end ``name``, which shows text."""
    from .columns import Stacked
    from .renderer import Guarded, Silent

    def made() -> Renderer:
        return Guarded(lambda: _made(name, screen, view) or Silent(), view.write)

    return Stacked(labels, made, None if name == "none" else view.write)


def _is_installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def suitable(front_end: FrontEnd) -> str:
    """Return the back end that suits ``front_end``."""
    if not front_end.in_kernel:
        return "terminal" if sys.stdout.isatty() and _is_installed("rich") else "plain"
    if not front_end.watched and not front_end.is_named:
        return "headless"
    suits = front_end.known.back_end
    return suits if suits != "widget" or _is_installed("ipywidgets") else "display"


def _to_try(wanted: str, front_end: FrontEnd) -> list[str]:
    """Return the back ends of which the first that can be had shows a reply in ``front_end``."""
    names = (wanted, suitable(front_end), "display" if front_end.in_kernel else "plain")
    return [name for name in names if name in BACK_ENDS]


def _in_output_widget(message: str) -> bool:
    """Return whether what is displayed goes into an ``ipywidgets.Output`` of the user's, as in ``with Output():``.

    Such a widget names the ``message`` whose output the page is to put into it (``msg_id``). It ignores updates of a
    display, so that a view which ends by one would stay at its beginning.
    """
    module: Any = sys.modules.get("ipywidgets")
    if not message or not hasattr(module, "Output"):  # another thread may be in the middle of importing it
        return False
    # ipywidgets has no public list of its widgets, and its own has moved; the second is of the first releases of 8
    known = getattr(sys.modules.get(module.Widget.__module__), "_instances", None)
    widgets = getattr(module.Widget, "_active_widgets", {}) if known is None else known
    return any(one.msg_id == message for one in list(widgets.values()) if isinstance(one, module.Output))


def _writer(front_end: FrontEnd) -> Callable[[str], None]:
    if not front_end.in_kernel:
        return _write
    from .back_ends.plain import Unlinked

    return Unlinked(_write)


def _write_over(renderer: Renderer, text: str) -> None:
    """Write ``text`` in the place of what ``renderer`` shows: another cell may run by now, whose stream is not ours."""
    from .places import InCell

    InCell(renderer.display_id).show({"text/plain": text})


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
