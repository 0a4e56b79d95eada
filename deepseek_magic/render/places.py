"""Where IPython shows a reply: the cell's own output, or an ``Output`` widget of the user's."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Protocol

from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from . import safe_html

#: What a file says of a reply that has not ended, where the view of it is not there any more.
UNFINISHED = "The reply had not ended when this was saved. Run the cell again."


def unfinished_words(execution: int) -> str:
    """Return that, and how the reply to the cell with this number in brackets is seen; 0 for none."""
    seen = f" While its kernel runs, %deepseek_chat show [{execution}] shows the reply." if execution else ""
    return UNFINISHED + seen


class Place(Protocol):
    """Where a growing view is shown."""

    #: What a file says of a reply that has not ended, where nothing of it is shown as text.
    words: str

    @property
    def display_id(self) -> str:
        """The output that is shown in; "" if it cannot be named."""

    def show(self, data: Mapping[str, str]) -> None:
        """Show the MIME bundle ``data`` in place of what is there."""

    def end(self, data: Mapping[str, str], metadata: Mapping[str, Any]) -> None:
        """Show ``data`` for good."""


class InCell:
    """The cell's own output, or one that was shown before: one display id, whose data are replaced from any thread.

    They go to the publisher that is the shell's when this is made. While a reply comes in the background, another cell
    may collect what is displayed (``%%capture``), and would swallow what belongs here.

    ``opening`` is what the output records until it ends. Each update has it again: one without it takes it away.
    ``execution`` is the number in brackets of the cell that asks.
    """

    def __init__(
        self, display_id: str = "", opening: Mapping[str, Any] = MappingProxyType({}), execution: int = 0
    ) -> None:
        self.display_id = display_id
        self.words = unfinished_words(execution)
        self._opening = opening
        self._publisher: Any = InteractiveShell.instance().display_pub if InteractiveShell.initialized() else None

    def show(self, data: Mapping[str, Any]) -> None:
        """Show ``data`` over the display id."""
        self._publish(data, self._opening)

    def unfinished(self) -> dict[str, str]:
        """Return what a file says that is saved now, and opened where the widgets are not, as a MIME bundle."""
        return {"text/html": str(safe_html.growing([safe_html.text(self.words)])), "text/plain": self.words}

    def end(self, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
        """Show ``data`` for good, with what the saved output records."""
        self._publish(data, metadata)

    def _publish(self, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
        noted = dict(metadata)
        if not self.display_id:
            handle = display(dict(data), raw=True, metadata=noted, display_id=True)
            self.display_id = "" if handle is None else str(handle.display_id)  # without a shell it only prints
        elif self._publisher is not None:
            shown = {"display_id": self.display_id}
            self._publisher.publish(data=dict(data), metadata=noted, transient=shown, update=True)


class InOutput:
    """An `Output` widget of the user's own, where updates of a display have no effect.

    The view grows in a widget of ours, whose content can be replaced; at the end the reply is displayed as any output
    is, and ours is emptied: so the user's widget holds the reply itself, wherever it is shown, read or saved. Ours
    stays open, empty and hidden: the user's one names it, and would show an error in its place.
    """

    display_id, words = "", UNFINISHED

    def __init__(self) -> None:
        self._output: Any = None

    def show(self, data: Mapping[str, str]) -> None:
        """Show ``data`` in place of what is there."""
        if self._output is not None:
            self._fill(data)
            return
        from ipywidgets import Output  # this module serves kernels without it, too

        self._output = Output()
        self._fill(data)
        display(self._output)

    def end(self, data: Mapping[str, str], metadata: Mapping[str, Any]) -> None:
        """Display ``data``, and nothing else any more."""
        display(data, raw=True, metadata=dict(metadata))
        if self._output is not None:
            self._output.outputs = ()
            self._output.layout.display = "none"

    def _fill(self, data: Mapping[str, str]) -> None:
        self._output.outputs = ({"output_type": "display_data", "data": dict(data), "metadata": {}},)
