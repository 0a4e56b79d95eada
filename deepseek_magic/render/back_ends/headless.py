"""The back end for unattended runs: it shows the final bundle, and nothing before."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from deepseek_magic.api.events import Batch
from deepseek_magic.render.bundle import bundle
from deepseek_magic.render.places import InCell
from deepseek_magic.render.renderer import Ending, Renderer

if TYPE_CHECKING:
    from deepseek_magic.render.choose import Screen, View


class HeadlessRenderer:
    """Shows the final bundle and nothing before: for unattended runs.

    Args:
        display_id: the output to show it in; a new one where it is "".
        kept: whether what is displayed is kept apart from the page.
        early: whether its place among the outputs is taken when it is opened.
        opening: what the output records until then.
        execution: the number in brackets of the cell that asks.
    """

    shows_source = False

    def __init__(
        self,
        display_id: str = "",
        *,
        kept: bool = False,
        early: bool = False,
        opening: Mapping[str, Any] = MappingProxyType({}),
        execution: int = 0,
    ) -> None:
        self._place = InCell(display_id, opening, execution)
        self._kept = kept
        self._early = early

    @property
    def display_id(self) -> str:
        """The output that holds the reply; "" if it is kept apart from the page, and no update would reach it."""
        return "" if self._kept else self._place.display_id

    def open(self) -> None:
        """Do nothing: nobody is there to see it. A reply that comes later takes its place among the outputs."""
        if self._early:
            self._place.show(self._place.unfinished())

    def show(self, batch: Batch) -> None:
        """Do nothing."""

    def close(self, ending: Ending) -> None:
        """Display the bundle."""
        self._place.end(bundle(ending), ending.metadata)


def make(_screen: Screen, view: View) -> Renderer | None:
    """Return the renderer for ``view``; ``None`` in a terminal, which shows no HTML."""
    if not view.front_end.in_kernel:
        return None
    if view.front_end.captured or view.inside:
        return HeadlessRenderer(kept=True)
    execution = view.front_end.execution
    return HeadlessRenderer(view.display_id, early=view.apart is not None, opening=view.opening, execution=execution)
