"""Where IPython shows a reply: the cell's own output, or an ``Output`` widget of the user's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from IPython.display import DisplayHandle, display


class Place(Protocol):
    """Where a growing view is shown."""

    @property
    def display_id(self) -> str:
        """The output that is shown in; "" where it cannot be named."""

    def show(self, data: Mapping[str, str]) -> None:
        """Show the MIME bundle ``data`` in place of what is there."""

    def end(self, data: Mapping[str, str], metadata: Mapping[str, Any]) -> None:
        """Show ``data`` for good."""


class InCell:
    """The cell's own output, or one that was shown before: one display id, whose data are replaced."""

    def __init__(self, display_id: str = "") -> None:
        self._handle = DisplayHandle(display_id) if display_id else None

    @property
    def display_id(self) -> str:
        """The output that is shown in, once it is there."""
        return "" if self._handle is None else str(self._handle.display_id)

    def show(self, data: Mapping[str, str]) -> None:
        """Show ``data`` over the display id."""
        if self._handle is None:
            self._handle = display(data, raw=True, display_id=True)
        else:
            self._handle.update(data, raw=True)

    def end(self, data: Mapping[str, str], metadata: Mapping[str, Any]) -> None:
        """Show ``data`` for good, with what the saved output records."""
        if self._handle is None:
            self._handle = display(data, raw=True, metadata=dict(metadata), display_id=True)
        else:
            self._handle.update(data, raw=True, metadata=dict(metadata))


class InOutput:
    """An `Output` widget of the user's own, where updates of a display have no effect.

    The view grows in a widget of ours, whose content can be replaced; at the end the reply is displayed as any output
    is, and ours is emptied: so the user's widget holds the reply itself, wherever it is shown, read or saved. Ours
    stays open, empty and hidden: the user's one names it, and would show an error in its place.
    """

    display_id = ""

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
