"""A view that is opened before its question is asked."""

from __future__ import annotations

import time
from dataclasses import replace

from deepseek_magic.api.events import Batch

from .renderer import Attempt, Ending, Renderer
from .status import Status


class Early:
    """Shows a reply through ``renderer``, which `start` opens and `end` closes, if it is still open.

    So a question can be seen while it waits, and can be asked by a thread, which must not open a view itself.

    Args:
        renderer: shows the reply.
        waits: whether only `end` closes it, when all notices are known.
        attempt: calls the function that draws the end, if `end` closes it; ``None`` for the reply's own.
    """

    def __init__(self, renderer: Renderer, *, waits: bool = False, attempt: Attempt | None = None) -> None:
        self._renderer = renderer
        self._waits = waits
        self._attempt = attempt
        self._closed = False
        self._status = Status(time.monotonic())
        self._ending: Ending | None = None

    @property
    def display_id(self) -> str:
        """The output that holds the reply."""
        return self._renderer.display_id

    @property
    def shows_source(self) -> bool:
        """Whether the source is shown."""
        return self._renderer.shows_source

    @property
    def line(self) -> str:
        """How far the reply has come, in a line."""
        return self._status.line(time.monotonic())

    def start(self) -> None:
        """Open the view."""
        self._renderer.open()

    def open(self) -> None:
        """Do nothing: it is open."""

    def show(self, batch: Batch) -> float | None:
        """Show ``batch``; return what the renderer does."""
        self._status.fold(batch, time.monotonic())
        return self._renderer.show(batch)

    def close(self, ending: Ending) -> None:
        """Close the view, or keep ``ending`` for `end`."""
        self._ending = ending
        if not self._waits:
            self._closed = True
            self._renderer.close(ending)

    def end(self, *notices: str, error: BaseException | None = None) -> None:
        """Close the view, with ``notices`` beside those of the reply, and ``error``; nothing if it is closed."""
        if not self._closed:
            self._closed = True
            ending = self._ending or Ending("")
            ending = replace(ending, notices=(*ending.notices, *notices), attempt=self._attempt or ending.attempt)
            if error is not None:
                ending = ending.and_error(str(error), f"{type(error).__name__}: {error}")
            self._renderer.close(ending)
