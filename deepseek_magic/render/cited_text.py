"""Turn citations into links: to the web page while the reply streams, to the list of sources in the end."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape

from deepseek_magic.commonmark.blocks import read
from deepseek_magic.commonmark.links import encoded, printable
from deepseek_magic.text import unreordered

from .safe_html import SafeHtml, _safe, whole
from .style import escaped

#: The sources that a text may cite, by number: title as plain text, and URL.
Cites = Mapping[int, tuple[str, str]]
# What the marks of `citations` become after cleaning. Text of a reply cannot produce it.
_CITATION = re.compile(r'<span class="deepseek-cite">(\[?(\d+)\]?)</span>')


def to_the_web(html: SafeHtml, cites: Cites) -> SafeHtml:
    """Return ``html``, in which the citations of ``cites`` are marked, with each as a link to its page."""

    def leads(number: int) -> tuple[str, str]:
        title, address = cites[number]
        if not address.lower().startswith(("http://", "https://")):
            return "", title
        return f'href="{escape(encoded(address), quote=True)}" target="_blank"', title

    return _linked(html, leads) if cites else html


def citing(markdown: str, titles: Mapping[int, str], anchor: str) -> SafeHtml:
    """Return the HTML of a whole reply whose citations lead to the list below it.

    Args:
        markdown: the reply.
        titles: the title of each source as plain text, by its number.
        anchor: the prefix of the anchors in the list, of letters, digits and dashes.
    """
    parser = read(markdown)
    nodes = parser.finish()
    # a link definition with such a number as its label must not redirect the citation
    labels = {name: to for name, to in parser.definitions.items() if not (name.isdecimal() and int(name) in titles)}
    html = whole(nodes, labels, cites=titles)
    return _linked(html, lambda number: (f'href="#{anchor}-{number}"', titles[number]))


def _linked(html: SafeHtml, leads: Callable[[int], tuple[str, str]]) -> SafeHtml:
    """Return ``html`` with citations as links; ``leads`` returns safe attributes ("" for none) and a plain title."""

    def link(found: re.Match[str]) -> str:
        attributes, title = leads(int(found[2]))
        if not attributes:
            return found[1]
        said = escaped(printable(unreordered(title)))
        return f'<a {attributes} title="{said}" rel="noopener noreferrer" style="text-decoration:none">{found[1]}</a>'

    return _safe(_CITATION.sub(link, html))
