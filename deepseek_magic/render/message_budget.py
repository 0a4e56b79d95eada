"""What the messages of one live reply may weigh, and what they have weighed so far (CONTRIBUTING.md, Limits)."""

from __future__ import annotations

#: Bytes that all messages together may have for each byte of the final HTML, each widget of text, and each paint.
HTML = 4
WIDGET = 5000
PAINT = 1000
# What is sent, as measured: a message beside its content, how much escaping adds to HTML, a widget until it is closed,
# and half of what opens and closes a view, with something for the paints that are due in any case. That last belongs to
# the whole reply: it counts as far as the text has earned it.
_MESSAGE = 600
_ESCAPED = 1.1
_KEPT = 2800
_VIEW = 7_000


class Allowance:
    """Counts what a view sends, so that its repaints can be as many as its text pays for. Sizes are in characters."""

    def __init__(self) -> None:
        self._sent = -2.0 * _KEPT  # the first two, the status line and the first text, are part of what opens a view
        self._earned = -WIDGET  # the status line is not text of the reply

    def paint(self, size: int) -> None:
        """Note that a widget of text was repainted, with ``size`` characters of HTML."""
        self._sent += _MESSAGE + _ESCAPED * size
        self._earned += PAINT

    def widget(self, size: int) -> None:
        """Note that a widget of text was opened, with ``size`` characters of HTML in it."""
        self._sent += _KEPT + _ESCAPED * size
        self._earned += WIDGET

    def covers(self, size: float, rested: float, *, html: float, source: int) -> bool:
        """Return whether a paint of ``size`` characters can be paid for.

        A paint may take the more of what is left, the longer the reader has waited for it: all of it after a second.

        Args:
            size: of the HTML that is painted.
            rested: seconds since the paint before.
            html: of the HTML that the text so far comes to; the finished reply sends it once more.
            source: of the text so far, which stands beside the HTML.
        """
        view = min(_VIEW, HTML * html / 2)
        left = HTML * html + self._earned - self._sent - _ESCAPED * html - source - view
        return _ESCAPED * size + _MESSAGE - PAINT <= left * min(rested, 1.0)
