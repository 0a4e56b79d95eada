"""What stands beside an answer in the HTML of a reply: the heading of its thinking, and the notices."""

from __future__ import annotations

from html.parser import HTMLParser


class Beside(HTMLParser):
    """Reads the HTML of a reply, live or finished; a model's text cannot bring these classes into it.

    ``thinking`` is the heading of the thinking ("" if there is none), ``notices`` what the reader must know.
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
        """Take its text."""
        if self._inside == "div":
            self.notices[-1] += data
        elif self._inside:
            self.thinking += data
