"""The values that the user gets from the web: results of a search and pages, which show themselves as safe HTML."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from deepseek_magic.text import one_line, visible

if TYPE_CHECKING:
    from deepseek_magic.api.web_search import WebResult

# The most characters of a page that are shown.
_SHOWN = 20_000


class _Shown:
    """A value that its own cell has already shown, and that is displayed in full anywhere else."""

    shown_here: Callable[[], bool] | None = None

    def _ipython_display_(self) -> None:
        """Show nothing in the execution that showed it; decline in any other."""
        if self.shown_here is None or not self.shown_here():
            raise NotImplementedError


class WebResults(list["WebResult"], _Shown):
    """The results of a search: a list with ``title``, ``url``, ``snippet``, ``summary``, ``site`` and ``date``."""

    caption = ""

    def in_lines(self) -> str:
        """Return the results as text for a terminal, with control characters made visible."""
        return "\n".join(
            f"[{number}] {title}\n    {visible(url)}\n    {about}\n    {snippet}"
            for number, title, url, about, snippet in self._rows()
        )

    def _rows(self) -> list[tuple[int, str, str, str, str]]:
        return [
            (number, visible(one.title or one.url), one.url, _about(one), one_line(one.snippet or one.summary, 400))
            for number, one in enumerate(self, 1)
        ]

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        from deepseek_magic.render import found_pages

        return {
            "text/html": str(found_pages.found(self.caption, self._rows())),
            "text/plain": "\n".join(filter(None, [self.caption, self.in_lines()])),
        }


def _about(one: WebResult) -> str:
    host = one_line(one.url.partition("://")[2].partition("/")[0], 80)  # a site may call itself anything
    return ", ".join(visible(word) for word in (one.site, host, one.date) if word)


@dataclass
class Fetched(_Shown):
    """A page that was read: its ``title``, its ``url``, and its ``content``, Markdown that is never rendered."""

    title: str
    url: str
    content: str = field(repr=False)
    caption: str = field(default="", repr=False)

    def __str__(self) -> str:
        return self.content

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        from deepseek_magic.render import found_pages

        text = visible(self.content[:_SHOWN])
        left = len(self.content) - _SHOWN
        text += f"…\n({left:,} characters are not shown; .content holds all)" if left > 0 else ""
        title = one_line(self.title, 200) or visible(self.url)
        html = found_pages.page_text(title, visible(self.url), self.caption, text)
        return {"text/html": str(html), "text/plain": "\n".join([title, visible(self.url), self.caption, "", text])}
