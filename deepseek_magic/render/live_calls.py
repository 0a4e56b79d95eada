"""The calls of functions in a live view: a list that grows, and code that is asked for or ran."""

from __future__ import annotations

from typing import Any

from deepseek_magic.api.events import Called, Piece

from . import ran_pieces, safe_html
from .bundle import calls_html
from .sections import Maker

#: Calls that one list holds while the reply comes: it is sent whole with each of them.
_CALLS = 16


class LiveCalls:
    """The widgets of the calls of one reply, which ``make`` makes."""

    def __init__(self, make: Maker) -> None:
        self._make = make
        self._calls: list[Called] = []
        self._lists: list[Any] = []  # so many calls in each
        self._pieces: dict[int, Any] = {}

    @property
    def parts(self) -> tuple[Any, ...]:
        """The widgets, in the order in which they stand on the page."""
        return (*self._lists, *self._pieces.values())

    def proposed(self, piece: Piece) -> None:
        """Show code that is asked for."""
        self._show(piece, ran_pieces.proposed(piece))

    def called(self, call: Called) -> None:
        """Show a call that has ended below those before it; code that ran in place of what was asked for."""
        if call.piece is not None:
            self._show(call.piece, ran_pieces.ran(call))
            return
        begun = len(self._calls) // _CALLS * _CALLS
        self._calls.append(call)
        if begun == len(self._calls) - 1:
            self._lists.append(None)
        html = safe_html.live(calls_html(self._calls[begun:], live=True))
        self._lists[-1] = self._make.shown(self._lists[-1], html)

    def _show(self, piece: Piece, html: safe_html.SafeHtml) -> None:
        self._pieces[piece.number] = self._make.shown(self._pieces.get(piece.number), safe_html.live(html))
