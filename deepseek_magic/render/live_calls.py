"""The calls of functions in a live view: a growing list, and code that is proposed or ran."""

from __future__ import annotations

from typing import Any

from deepseek_magic.api.events import Called, Piece

from . import ran_pieces, safe_html
from .bundle import calls_html
from .sections import Maker

#: How many calls one list holds while the reply streams: the whole list is sent again with each call.
_CALLS = 16


class LiveCalls:
    """The widgets of the calls of one reply, which ``make`` makes."""

    def __init__(self, make: Maker) -> None:
        self._make = make
        self._calls: list[Called] = []
        self._lists: list[Any] = []  # the widgets of the lists
        self._pieces: dict[int, Any] = {}

    @property
    def parts(self) -> tuple[Any, ...]:
        """The widgets, in the order of the page."""
        return (*self._lists, *self._pieces.values())

    def proposed(self, piece: Piece) -> None:
        """Show code about which the user is asked."""
        self._show(piece, ran_pieces.proposed(piece))

    def called(self, call: Called) -> None:
        """Show a call that has ended, below earlier ones; code that ran replaces the code that was proposed."""
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
