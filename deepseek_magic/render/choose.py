"""Which back end shows a reply: one table of them, and what the front end can do, unless the user decides."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .renderer import Guarded, Renderer, Silent

if TYPE_CHECKING:
    from .back_ends.widget import Stage
    from .safe_html import Look


@dataclass(frozen=True, slots=True)
class FrontEnd:
    """What is known of the place in which a reply is shown.

    Attributes:
        in_kernel: whether a kernel runs the code; else it is a terminal, or no shell at all.
        watched: whether somebody can be asked for input. A front end that forbids it is a run that nobody watches,
            where a live view would only bloat the file.
        captured: whether what is displayed is kept to be shown later, as by ``%%capture``.
        message: the id of the message that the kernel works on; "" for none.
        colours_code: whether it has rules for Pygments' classes, as JupyterLab, Notebook 7 and nbconvert do.
    """

    in_kernel: bool = False
    watched: bool = True
    captured: bool = False
    message: str = ""
    colours_code: bool = True


@dataclass(frozen=True, slots=True)
class View:
    """What a renderer is made of.

    Attributes:
        front_end: where the reply is shown.
        display_id: the output that it is shown in, which is there already; "" for a new one.
        inside: whether what is displayed goes into an ``Output`` widget of the user's.
        write: writes plain text there.
    """

    front_end: FrontEnd
    display_id: str
    inside: bool
    write: Callable[[str], None]

    @property
    def look(self) -> Look:
        """What the front end needs done to the HTML."""
        from .safe_html import as_made, recoloured  # a terminal needs neither

        return as_made if self.front_end.colours_code else recoloured


@dataclass(frozen=True, slots=True)
class BackEnd:
    """One back end.

    Attributes:
        name: as ``%config DeepSeek.renderer`` takes it.
        suits: whether it is what a front end gets that is left to choose.
        make: makes its renderer. Each back end is imported there, when it is first needed: loading must stay light.
        in_terminal: whether it needs no kernel. A terminal shows no HTML.
    """

    name: str
    suits: Callable[[FrontEnd], bool]
    make: Callable[[Screen, View], Renderer]
    in_terminal: bool = False


class Screen:
    """Makes the renderer of each reply; holds what one reply leaves for the next to tidy away."""

    def __init__(self) -> None:
        self.stage: Stage | None = None

    def renderer(self, wanted: str, front_end: FrontEnd, display_id: str = "") -> Renderer:
        """Return a renderer of the kind ``wanted``, guarded so that a bug of ours costs no text.

        Args:
            wanted: the name of a back end, or ``auto``.
            front_end: where the reply is shown.
            display_id: the output that it is shown in, which is there already; "" for a new one.
        """
        back_end = _BY_NAME.get(wanted)
        if back_end is None or not (front_end.in_kernel or back_end.in_terminal):
            back_end = suitable(front_end)
        view = View(front_end, display_id, _in_output_widget(front_end.message), _writer(front_end))
        return Guarded(back_end.make(self, view), view.write)

    def close(self) -> None:
        """Tidy away what is left."""
        if self.stage is not None:
            self.stage.close()


def _widget(screen: Screen, view: View) -> Renderer:
    if view.front_end.captured or view.inside:
        return _display(screen, view)
    try:
        from .back_ends.widget import Stage, WidgetRenderer
    except ImportError:  # half an installation of ipywidgets
        return _display(screen, view)
    if screen.stage is None:
        screen.stage = Stage()
    return WidgetRenderer(screen.stage, view.display_id, view.look)


def _display(screen: Screen, view: View) -> Renderer:
    if view.front_end.captured:  # a live view has no sense there
        return _headless(screen, view)
    from .back_ends.display import DisplayRenderer, InCell, InOutput

    return DisplayRenderer(InOutput() if view.inside else InCell(view.display_id), look=view.look)


def _headless(_screen: Screen, view: View) -> Renderer:
    from .back_ends.display import HeadlessRenderer

    if view.front_end.captured or view.inside:
        return HeadlessRenderer(apart=True)
    return HeadlessRenderer(view.display_id)


def _terminal(screen: Screen, view: View) -> Renderer:
    if view.front_end.in_kernel:  # there `rich` draws its own widgets, and leaves one in the saved notebook
        return _plain(screen, view)
    try:
        from .back_ends.terminal import TerminalRenderer
    except ImportError:
        return _plain(screen, view)
    return TerminalRenderer()


def _plain(_screen: Screen, view: View) -> Renderer:
    from .back_ends.plain import PlainRenderer

    return PlainRenderer(view.write, view.write)


def _silent(_screen: Screen, _view: View) -> Renderer:
    return Silent()


def _is_installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


#: The back ends. Where none is wanted, the first that suits is taken: each was measured in its front ends.
BACK_ENDS: tuple[BackEnd, ...] = (
    BackEnd("widget", lambda front: front.in_kernel and front.watched and _is_installed("ipywidgets"), _widget),
    BackEnd("display", lambda front: front.in_kernel and front.watched, _display),
    BackEnd("headless", lambda front: front.in_kernel, _headless),
    BackEnd("terminal", lambda _front: sys.stdout.isatty() and _is_installed("rich"), _terminal, in_terminal=True),
    BackEnd("plain", lambda _front: True, _plain, in_terminal=True),
    BackEnd("none", lambda _front: False, _silent, in_terminal=True),
)
_BY_NAME = {back_end.name: back_end for back_end in BACK_ENDS}


def suitable(front_end: FrontEnd) -> BackEnd:
    """Return the back end that suits ``front_end``."""
    return next(back_end for back_end in BACK_ENDS if back_end.suits(front_end))


def _in_output_widget(message: str) -> bool:
    """Return whether what is displayed goes into an ``ipywidgets.Output`` of the user's, as in ``with Output():``.

    Such a widget names the ``message`` whose output the page is to put into it (``msg_id``). It ignores updates of a
    display, so that a view which ends by one would stay at its beginning.
    """
    module: Any = sys.modules.get("ipywidgets")
    if module is None or not message:
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


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
