"""Choose the back end that shows a reply: one that suits the front end, unless the user sets one."""

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
    """The front end in which a reply is shown.

    Attributes:
        in_kernel: whether a kernel runs the code; if not, a terminal does, or a program without a shell.
        watched: whether the user can be asked for input. If the front end forbids it, the run is unattended, and a live
            view would only bloat the file.
        captured: whether output is captured to be shown later, as by ``%%capture``.
        message: the id of the message that the kernel is processing; "" for none.
        execution: the execution count of the running cell; 0 if there is none.
        known: the known kind of front end.
        is_named: whether the user set the kind.
        needs: what has to be done to HTML for it.
        subshells: whether the kernel receives clicks on widgets while a cell runs.
        names_cells: whether it says which cell runs, as pages with readers do, and programs that only run cells do not.
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
        """Whether somebody may use a screen reader. What looks like JupyterLab may also be a program."""
        return self.names_cells or (self.watched and self.known not in (LAB, NBCLIENT, TERMINAL))


@dataclass(frozen=True, slots=True)
class Apart:
    """How to show a reply that continues after its cell has ended: threads paint it.

    Attributes:
        name: its name in the status line.
        stop: stops it; may be called from any thread, and returns at once.
        how: how to stop it if there is no button, in words.
    """

    name: str
    stop: Callable[[], object]
    how: str


@dataclass(frozen=True, slots=True)
class View:
    """What a back end needs to make a renderer.

    Attributes:
        front_end: the front end.
        display_id: the existing output in which the reply is shown; "" for a new one.
        inside: whether output goes into the user's ``Output`` widget.
        write: writes plain text there.
        apart: how to show a reply that continues after its cell has ended; ``None`` if it does not.
        opening: the metadata of the output until the reply has ended.
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
    """Makes the renderer of each reply, and holds what the next reply has to tidy up.

    Attributes:
        colours: returns whether a terminal shows colours.
        hinted: whether a terminal has been told how to get formatted replies.
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
            front_end: returns the front end.
            display_id: the output of another cell in which it is shown, if updates arrive there; "" for a new one.
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
        made.prepare()
        return made

    def _back_end(self, wanted: str, view: View) -> Renderer:
        """Return the renderer of the back end ``wanted`` for ``view``, or of the first suitable one available."""
        from .renderer import Silent

        for name in _to_try(wanted, view.front_end):
            if (made := _made(name, self, view)) is not None:
                return made
        return Silent()

    def can_show_apart(self, wanted: str, front_end: FrontEnd) -> bool:
        """Return whether a reply of the kind ``wanted`` can be shown after its cell has ended.

        Text that was written to a stream cannot be replaced, nor output that ``%%capture`` or the user's widget took,
        and some front ends drop updates for a cell that has ended.
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
        """Return the view that shows replies side by side under ``labels``; other arguments as for `renderer`."""
        inside = _in_output_widget(front_end.message)
        view = View(front_end, "", inside, _writer(front_end), opening=opening)
        from .columns import GuardedColumns  # as above

        made = filter(None, (_beside(name, self, view, labels) for name in _to_try(wanted, front_end)))
        return GuardedColumns(next(made, None) or _stacked("none", self, view, labels), view.write)

    def close(self) -> None:
        """Tidy up what the last reply left."""
        if self.stage is not None:
            self.stage.close()


def _made(name: str, screen: Screen, view: View) -> Renderer | None:
    """Return the renderer of the back end ``name``; ``None`` if it is not available."""
    try:  # imported when it is first needed: loading must stay light
        made: Renderer | None = import_module(f"{back_ends.__name__}.{name}").make(screen, view)
    except ImportError:  # half an installation of ipywidgets or rich
        return None
    return made


def _beside(name: str, screen: Screen, view: View, labels: Sequence[str]) -> Beside | None:
    """Return the view of replies side by side with the back end ``name``; ``None`` if it is not available."""
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
    """Return the view of replies one after the other with the back end ``name``, which shows text."""
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
    """Return the back ends for ``front_end`` in order of preference; the first available one is used."""
    names = (wanted, suitable(front_end), "display" if front_end.in_kernel else "plain")
    return [name for name in names if name in BACK_ENDS]


def _in_output_widget(message: str) -> bool:
    """Return whether output goes into the user's ``ipywidgets.Output``, as in ``with Output():``.

    Such a widget names the ``message`` whose output the page puts into it (``msg_id``). It ignores updates of displays,
    so a view that ends with an update would stay at its beginning.
    """
    module: Any = sys.modules.get("ipywidgets")
    if not message or not hasattr(module, "Output"):  # another thread may be in the middle of importing it
        return False
    # ipywidgets has no public list of its widgets, and the private one has moved; the second is that of early 8.x
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
