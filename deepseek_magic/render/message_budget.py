"""The size that the messages of one live reply may have, and have had so far (CONTRIBUTING.md, Limits)."""

from __future__ import annotations

#: Bytes that all messages together may have for each byte of the final HTML, each widget of text, and each paint.
HTML = 4
WIDGET = 5000
PAINT = 1000
# What is sent, as measured: a message beside its content, how much escaping adds to HTML, a widget until it is closed,
# and a part of what opens and closes a view, which counts as far as the text has earned it.
_MESSAGE = 600
_ESCAPED = 1.1
_KEPT = 2800
_VIEW = 3000
# What is kept for a large open rest in text that comes too slowly to pay for each of its paints. Without it such a
# reply is shown evenly until all is spent, and then stands still for a second and a half.
_RESERVE = 2000


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

    def covers(self, size: float, rested: float, *, opens: bool = False, html: float, source: int) -> bool:
        """Return whether a paint of ``size`` characters can be paid for.

        A paint may take what is more than the reserve, and the more of all that is left, the longer the reader has
        waited for it: all of it after a second. So text that comes fast is painted each time from its beginning on.

        Args:
            size: of the HTML that is painted.
            rested: seconds since the paint before.
            opens: whether a widget is opened for it, which may weigh more than it does.
            html: of the HTML that the text so far comes to; the finished reply sends it once more.
            source: of the text so far, which stands beside the HTML.
        """
        view = min(_VIEW, HTML * html / 2)
        left = HTML * html + self._earned - self._sent - _ESCAPED * html - source - view
        cost = _ESCAPED * size + _MESSAGE - PAINT + (_KEPT - WIDGET if opens else 0)
        return cost <= max(left - _RESERVE, left * min(rested, 1.0))
