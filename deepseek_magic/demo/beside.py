"""Read the heading of the thinking and the notices from the HTML of a reply."""

from __future__ import annotations

from html.parser import HTMLParser


class NoticeReader(HTMLParser):
    """Reads the HTML of a reply, live or finished. It relies on our CSS classes, which a model's text cannot contain.

    Attributes:
        thinking: the heading of the thinking; "" if there is none.
        notices: the notices, such as that the reply is incomplete.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.thinking = ""
        self.notices: list[str] = []
        self._inside = ""
        self._thought = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Enter a notice, or the heading of the thinking."""
        classes = (dict(attrs).get("class") or "").split()
        if tag == "div" and "deepseek-notice" in classes:
            self._inside = tag
            self.notices.append("")
        elif tag == "details" and "deepseek-reasoning" in classes:
            self._thought = True
        elif tag == "summary" and self._thought:
            self._inside, self._thought = tag, False

    def handle_endtag(self, tag: str) -> None:
        """Leave it."""
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        """Add to its text."""
        if self._inside == "div":
            self.notices[-1] += data
        elif self._inside:
            self.thinking += data
