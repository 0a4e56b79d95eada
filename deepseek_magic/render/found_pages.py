"""Safe HTML for what was found on the web: the sources of a reply, the results of a search, the text of a page.

All of it is words of strangers, so it is shown as plain text, with links only to web addresses.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from html import escape

from deepseek_magic.commonmark.links import encoded

from .panels import SENT
from .safe_html import REPLY, SMALL, SafeHtml, _safe, words


def sources(rows: Sequence[tuple[int, str, str, str]], cited: Collection[int], anchor: str) -> SafeHtml:
    """Return the list of sources (number, title, address, site and date), those that are not ``cited`` folded.

    ``anchor`` is as in `cited_text.citing`. Titles are plain text, and only web addresses become links.
    """
    shown = [_source(row, anchor) for row in rows if row[0] in cited]
    rest = [_source(row, anchor) for row in rows if row[0] not in cited]
    line = f'<summary style="cursor:pointer">{len(rest):,} more found, not cited</summary>'
    folded_rest = f"<details>{line}{''.join(rest)}</details>" if rest else ""
    return _safe(
        f'<div class="deepseek-sources" style="margin:.6em 0;{SMALL}">'
        f"<div><strong>Sources</strong></div>{''.join(shown)}{folded_rest}</div>"
    )


def found(caption: str, rows: Sequence[tuple[int, str, str, str, str]]) -> SafeHtml:
    """Return the results of a search (number, title, address, site and date, snippet) below a ``caption``."""
    shown = "".join(
        f'<div style="margin:.5em 0">[{number}] {_link(title, address)} <span style="{SMALL}">{words(about)}</span>'
        f'<div dir="auto" style="margin-left:1.6em">{words(snippet)}</div></div>'
        for number, title, address, about, snippet in rows
    )
    return _safe(f'{REPLY}<div style="{SMALL}">{words(caption)}</div>{shown}</div>')


def page_text(title: str, address: str, caption: str, text: str) -> SafeHtml:
    """Return the text of a web page as it is, without interpreting markup."""
    return _safe(
        f'{REPLY}<div><strong>{_link(title, address)}</strong> <span style="{SMALL}">{words(caption)}</span></div>'
        f'<div dir="auto" style="{SENT};max-height:24em;overflow-y:auto;margin:.4em 0">{words(text)}</div></div>'
    )


def _source(row: tuple[int, str, str, str], anchor: str) -> str:
    number, title, address, about = row
    return f'<div id="{anchor}-{number}" dir="auto">[{number}] {_link(title, address)} · {words(about)}</div>'


def _link(title: str, address: str) -> str:
    """Return ``title``, plain text, as a link if ``address`` is a web address."""
    shown = words(title)
    if address.lower().startswith(("http://", "https://")):
        style = "text-decoration:underline"
        shown = (
            f'<a href="{escape(encoded(address), quote=True)}" target="_blank" rel="noopener noreferrer" '
            f'style="{style}">{shown}</a>'
        )
    return shown
