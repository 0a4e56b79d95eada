"""Which back end shows a reply: what the front end can do, unless the user decides."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from typing import Any, Literal

from .renderer import Guarded, Renderer, Silent

BackEnd = Literal["auto", "widget", "display", "headless", "terminal", "plain", "none"]
BACK_ENDS: tuple[BackEnd, ...] = ("auto", "widget", "display", "headless", "terminal", "plain", "none")


def suitable(shell: Any) -> BackEnd:
    """Return the back end that suits the front end of ``shell`` (an IPython shell, or ``None`` for none).

    Measured in each front end: a shell without a kernel is a terminal; a front end that forbids asking for input is
    a run that nobody watches, where a live view would only bloat the file; every other one gets widgets.
    """
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        rich = sys.stdout.isatty() and importlib.util.find_spec("rich") is not None
        return "terminal" if rich else "plain"
    if not _parent(shell, kernel).get("content", {}).get("allow_stdin", True):
        return "headless"
    return "widget" if importlib.util.find_spec("ipywidgets") is not None else "display"


def _parent(shell: Any, kernel: Any) -> dict[str, Any]:
    """Return the message that the kernel is working on."""
    get = getattr(kernel, "get_parent", None) or getattr(shell, "get_parent", None)
    parent = get() if get is not None else None
    return parent if isinstance(parent, dict) else {}


def captured(shell: Any) -> bool:
    """Tell whether what is displayed is kept to be shown later, as by ``%%capture``: a live view has no sense there."""
    from IPython.core.displaypub import CapturingDisplayPublisher  # the command line never needs it

    return isinstance(getattr(shell, "display_pub", None), CapturingDisplayPublisher)


def in_output_widget(shell: Any) -> bool:
    """Tell whether what is displayed goes into an ``ipywidgets.Output`` of the user's, as in ``with Output():``.

    Such a widget names the message whose output the page is to put into it (``msg_id``). It ignores updates of a
    display, so that a view which ends by one would stay at its beginning.
    """
    module: Any = sys.modules.get("ipywidgets")
    kernel = getattr(shell, "kernel", None)
    message = _parent(shell, kernel).get("header", {}).get("msg_id") if kernel is not None else None
    if module is None or not message:
        return False
    return any(widget.msg_id == message for widget in _widgets(module) if isinstance(widget, module.Output))


def _widgets(module: Any) -> list[Any]:
    """Return every widget of this kernel; ipywidgets has no public list of them, and its own has moved."""
    known = getattr(sys.modules.get(module.Widget.__module__), "_instances", None)
    if known is None:  # the first releases of version 8
        known = getattr(module.Widget, "_active_widgets", {})
    return list(known.values())


class Screen:
    """Makes the renderer of each reply; holds what one reply leaves for the next to tidy away."""

    def __init__(self) -> None:
        self._stage: Any = None

    def renderer(self, wanted: str, shell: Any, display_id: str = "") -> Renderer:
        """Return a renderer of the kind ``wanted``, guarded so that a bug of ours costs no text.

        With a ``display_id`` it shows the reply in that output, which is there already.
        """
        in_kernel = getattr(shell, "kernel", None) is not None
        fits = wanted in ("terminal", "plain", "none") or in_kernel
        chosen: str = wanted if wanted != "auto" and fits else suitable(shell)  # a terminal shows no HTML
        if chosen == "terminal" and in_kernel:
            chosen = "plain"  # there `rich` draws widgets of its own, and leaves one in the saved notebook
        if chosen in ("widget", "display", "headless"):
            if captured(shell) or (chosen == "headless" and in_output_widget(shell)):
                chosen = "apart"
            elif in_output_widget(shell):
                chosen = "inside"
        write = _page_write() if in_kernel else _write
        return Guarded(_plain(write) if chosen == "plain" else self._made(chosen, display_id), write)

    def close(self) -> None:
        """Tidy away what is left."""
        if self._stage is not None:
            self._stage.sweep()

    def _made(self, chosen: str, display_id: str) -> Renderer:
        # Each back end is imported when it is first needed: loading the extension must stay light.
        makers: dict[str, Callable[[], Renderer]] = {
            "widget": lambda: self._widget(display_id),
            "display": lambda: _display(display_id),
            "inside": _inside,
            "apart": _apart,
            "headless": lambda: _headless(display_id),
            "terminal": _terminal,
        }
        return makers.get(chosen, Silent)()

    def _widget(self, display_id: str) -> Renderer:
        try:
            from .widget import Stage, WidgetRenderer
        except ImportError:  # half an installation of ipywidgets
            return _display(display_id)
        if self._stage is None:
            self._stage = Stage()
        return WidgetRenderer(self._stage, display_id)


def _display(display_id: str) -> Renderer:
    from .display import DisplayRenderer, InCell

    return DisplayRenderer(InCell(display_id))


def _inside() -> Renderer:
    from .display import DisplayRenderer, InOutput

    return DisplayRenderer(InOutput())


def _apart() -> Renderer:
    from .display import HeadlessRenderer

    return HeadlessRenderer(apart=True)


def _headless(display_id: str) -> Renderer:
    from .display import HeadlessRenderer

    return HeadlessRenderer(display_id)


def _terminal() -> Renderer:
    try:
        from .terminal import TerminalRenderer
    except ImportError:
        return _plain(_write)
    return TerminalRenderer()


def _plain(write: Callable[[str], None]) -> Renderer:
    from .plain import PlainRenderer

    return PlainRenderer(write, write)


def _page_write() -> Callable[[str], None]:
    from .plain import Unlinked

    return Unlinked(_write)


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
