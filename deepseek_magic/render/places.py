"""The places where IPython shows a reply: the cell's own output, or the user's ``Output`` widget."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Protocol

from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from . import safe_html

#: What a saved file says in place of the live view of a reply that had not ended.
UNFINISHED = "The reply had not ended when this was saved. Run the cell again."


def unfinished_words(execution: int) -> str:
    """Return that, and how to see the reply to the cell with this execution count (0 for none)."""
    seen = f" While its kernel runs, %deepseek_chat show [{execution}] shows the reply." if execution else ""
    return UNFINISHED + seen


class Place(Protocol):
    """The place of a growing view."""

    #: What a saved file says of a reply that had not ended, if no text of it is shown.
    words: str

    @property
    def display_id(self) -> str:
        """The display id of the output; "" if it has none."""

    def show(self, data: Mapping[str, str]) -> None:
        """Show the MIME bundle ``data`` instead of the current content."""

    def end(self, data: Mapping[str, str], metadata: Mapping[str, Any]) -> None:
        """Show ``data`` as the final content."""


class InCell:
    """The cell's own output, or an earlier one: one display id, whose data can be replaced from any thread.

    Updates go to the shell's publisher at the time when this is made: while a reply arrives in the background, another
    cell may capture output (``%%capture``), and would otherwise swallow them.

    Args:
        display_id: the display id of an earlier output; "" for the cell's own.
        opening: the metadata of the output until the reply has ended; every update must repeat it.
        execution: the execution count of the cell that asks.
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
        """Return the MIME bundle for a file that is saved now, and opened without the widgets."""
        return {"text/html": str(safe_html.growing([safe_html.text(self.words)])), "text/plain": self.words}

    def end(self, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
        """Show ``data`` as the final content, with the metadata of the saved output."""
        self._publish(data, metadata)

    def _publish(self, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
        noted = dict(metadata)
        if not self.display_id:
            handle = display(dict(data), raw=True, metadata=noted, display_id=True)
            self.display_id = "" if handle is None else str(handle.display_id)  # without a shell, IPython only prints
        elif self._publisher is not None:
            shown = {"display_id": self.display_id}
            self._publisher.publish(data=dict(data), metadata=noted, transient=shown, update=True)


class InOutput:
    """The user's `Output` widget, in which updates of a display have no effect.

    The view grows in our own widget, whose content can be replaced. In the end the reply is displayed like any output,
    and our widget is emptied, so that the user's widget holds the reply itself. Ours stays open, empty and hidden,
    because the user's widget refers to it and would show an error otherwise.
    """

    display_id, words = "", UNFINISHED

    def __init__(self) -> None:
        self._output: Any = None

    def show(self, data: Mapping[str, str]) -> None:
        """Show ``data`` instead of the current content."""
        if self._output is not None:
            self._fill(data)
            return
        from ipywidgets import Output  # this module serves kernels without it, too

        self._output = Output()
        self._fill(data)
        display(self._output)

    def end(self, data: Mapping[str, str], metadata: Mapping[str, Any]) -> None:
        """Display ``data`` as the final content."""
        display(data, raw=True, metadata=dict(metadata))
        if self._output is not None:
            self._output.outputs = ()
            self._output.layout.display = "none"

    def _fill(self, data: Mapping[str, str]) -> None:
        self._output.outputs = ({"output_type": "display_data", "data": dict(data), "metadata": {}},)
