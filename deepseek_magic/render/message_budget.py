"""The budget for the size of a live reply's messages (CONTRIBUTING.md, Limits), and what has been spent."""

from __future__ import annotations

#: The bytes of messages that are allowed for each byte of the final HTML, each text widget, and each paint.
HTML = 4
WIDGET = 5000
PAINT = 1000
# Measured sizes: of a message without its content; the factor of escaping in HTML; of a widget until it is closed; and
# of opening and closing a view, which counts as far as the text has earned it.
_MESSAGE = 600
_ESCAPED = 1.1
_KEPT = 2800
_VIEW = 3000
# A reserve for a large open block in text that arrives too slowly to pay for each of its paints. Without it, such a
# reply is shown evenly until the budget is spent, and then stands still for a second and a half.
_RESERVE = 2000


class Allowance:
    """Counts what a view sends, so that it repaints as often as its text pays for. Sizes are in characters."""

    def __init__(self) -> None:
        self._sent = -2.0 * _KEPT  # the status line and the first text are part of opening the view
        self._earned = -WIDGET  # the status line is a widget without text of the reply

    def paint(self, size: int) -> None:
        """Note that a widget of text was repainted, with ``size`` characters of HTML."""
        self._sent += _MESSAGE + _ESCAPED * size
        self._earned += PAINT

    def widget(self, size: int) -> None:
        """Note that a widget of text was opened, with ``size`` characters of HTML in it."""
        self._sent += _KEPT + _ESCAPED * size
        self._earned += WIDGET

    def covers(self, size: float, rested: float, *, opens: bool = False, html: float, source: int) -> bool:
        """Return whether a paint of ``size`` characters can be paid for.

        A paint may use everything above the reserve, and more of the rest the longer the reader has waited: all of it
        after a second. So fast text is painted every time from the start.

        Args:
            size: the size of the HTML that is painted.
            rested: the seconds since the last paint.
            opens: whether a widget is opened for it, which may cost more than the paint.
            html: the size of the HTML of the text so far, which the finished reply sends once more.
            source: the size of the text so far, which is sent beside the HTML.
        """
        view = min(_VIEW, HTML * html / 2)
        left = HTML * html + self._earned - self._sent - _ESCAPED * html - source - view
        cost = _ESCAPED * size + _MESSAGE - PAINT + (_KEPT - WIDGET if opens else 0)
        return cost <= max(left - _RESERVE, left * min(rested, 1.0))
