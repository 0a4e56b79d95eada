"""Show lines of text, and the progress bar of a map, which is tqdm's."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from deepseek_magic.text import unlinked

if TYPE_CHECKING:
    from .choose import FrontEnd


class Progress(Protocol):
    """A progress bar."""

    def update(self, count: int) -> object:
        """Show that so many more values are done."""

    def close(self) -> object:
        """End it: no more will come."""


def bar_for(wanted: str, front_end: FrontEnd) -> Callable[[int], Progress]:
    """Return a function that makes a progress bar, given the number of values.

    A kernel with widgets gets tqdm's notebook bar; a terminal, or a kernel without widgets, text on standard error. An
    unattended run gets none, because the summary is enough.

    Args:
        wanted: the configured back end; ``auto`` for one that suits the front end.
        front_end: the front end.
    """
    from .choose import suitable  # loading needs none of it

    back_end = suitable(front_end) if wanted == "auto" else wanted
    if back_end in ("none", "headless"):
        return no_bar
    if back_end == "widget" and front_end.in_kernel:
        return _in_notebook
    return _in_text


def wait_bar(wanted: str, front_end: FrontEnd) -> Callable[[int], Progress]:
    """Return a function that makes a bar, given seconds of waiting; the arguments are those of `bar_for`."""
    made = bar_for(wanted, front_end)
    return partial(made, unit="s") if made in (_in_notebook, _in_text) else made


class _Still:
    """A progress bar that shows nothing."""

    def update(self, count: int) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


def no_bar(total: int) -> _Still:  # noqa: ARG001  # as a bar is made
    """Return a progress bar that shows nothing."""
    return _Still()


def say(text: str) -> None:
    """Show ``text``, without making links of URLs."""
    print(unlinked(text))


def say_nothing(text: str) -> None:
    """Do nothing."""


def _in_text(total: int, unit: str = "value") -> Any:
    from tqdm.std import tqdm  # most sessions never map

    return tqdm(total=total, unit=unit, miniters=1)  # without a fixed step, tqdm starts a thread to adjust it


def _in_notebook(total: int, unit: str = "value") -> Any:
    try:
        return _NotebookBar(total, unit)
    except ImportError:  # half an installation of ipywidgets
        return _in_text(total, unit)


class _NotebookBar:
    """tqdm's notebook bar. At its end, text replaces it, because a saved notebook cannot show a dead widget."""

    def __init__(self, total: int, unit: str) -> None:
        from IPython.display import display
        from tqdm.notebook import tqdm

        self._bar = tqdm(total=total, unit=unit, miniters=1, display=False)
        self._handle = display(self._bar.container, display_id=True)

    def update(self, count: int) -> None:
        """Show that so many more values are done."""
        self._bar.update(count)

    def close(self) -> None:
        """Replace the bar by its text."""
        text = str(self._bar)
        self._bar.close()
        self._bar.container.close()
        if self._handle is not None:
            self._handle.update({"text/plain": text}, raw=True)
