"""The back end that shows nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deepseek_magic.render.renderer import Renderer, Silent

if TYPE_CHECKING:
    from deepseek_magic.render.choose import Screen, View


def make(_screen: Screen, _view: View) -> Renderer:
    """Return the renderer."""
    return Silent()
