"""Which back end shows a reply: what the front end can do, unless the user decides."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from typing import Any, Literal

from .base import Guarded, Renderer, Silent

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


class Screen:
    """Makes the renderer of each reply; holds what one reply leaves for the next to tidy away."""

    def __init__(self) -> None:
        self._stage: Any = None

    def renderer(self, wanted: BackEnd, shell: Any) -> Renderer:
        """Return a renderer of the kind ``wanted``, guarded so that a bug of ours costs no text."""
        fits = wanted in ("terminal", "plain", "none") or getattr(shell, "kernel", None) is not None
        chosen = wanted if wanted != "auto" and fits else suitable(shell)  # a terminal shows no HTML
        return Guarded(self._made(chosen), _write)

    def close(self) -> None:
        """Tidy away what is left."""
        if self._stage is not None:
            self._stage.sweep()

    def _made(self, chosen: BackEnd) -> Renderer:
        # Each back end is imported when it is first needed: loading the extension must stay light.
        makers: dict[str, Callable[[], Renderer]] = {
            "widget": self._widget,
            "display": _display,
            "headless": _headless,
            "terminal": _terminal,
            "plain": _plain,
        }
        return makers.get(chosen, Silent)()

    def _widget(self) -> Renderer:
        try:
            from .widget import Stage, WidgetRenderer
        except ImportError:  # half an installation of ipywidgets
            return _display()
        if self._stage is None:
            self._stage = Stage()
        return WidgetRenderer(self._stage)


def _display() -> Renderer:
    from .display import DisplayRenderer

    return DisplayRenderer()


def _headless() -> Renderer:
    from .display import HeadlessRenderer

    return HeadlessRenderer()


def _terminal() -> Renderer:
    try:
        from .terminal import TerminalRenderer
    except ImportError:
        return _plain()
    return TerminalRenderer()


def _plain() -> Renderer:
    from .plain import PlainRenderer

    return PlainRenderer(_write, _write)


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
