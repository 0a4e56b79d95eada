"""CommonMark and GFM as an extension of Python-Markdown, whose serializer writes all our HTML.

Python-Markdown gives the pipeline (block parser → element tree → tree processors → serializer → postprocessors). Its
block parser, and its inline patterns, which run one after the other over the whole text and therefore cannot follow
CommonMark's precedence, are replaced by the parsers of this package. Raw HTML is text, apart from a few harmless tags.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, ElementTree

from markdown import Markdown
from markdown.blockparser import BlockParser
from markdown.extensions import Extension
from markdown.serializers import to_html_string

from .blocks import read
from .elements import build

_REPLACED = ("normalize_whitespace", "html_block", "inline", "prettify", "unescape", "raw_html", "amp_substitute")


def literal(text: str) -> str:
    """Return ``text`` escaped for the serializer, which reads ``&amp;`` as an entity that is already escaped."""
    return text.replace("&", "&amp;")


def serialized(root: Element) -> str:
    """Return the HTML of the content of ``root``."""
    html = to_html_string(root)
    return html[len(root.tag) + 2 : -len(root.tag) - 3]


class CommonMark(Extension):
    """Reads the text as CommonMark with GFM's tables, tasks, strikethrough and bare addresses, and with formulas."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (Python-Markdown's name)
        """Replace everything that reads Markdown; what other extensions do to the element tree stays."""
        for registry in (md.preprocessors, md.treeprocessors, md.postprocessors):
            for name in _REPLACED:
                registry.deregister(name, strict=False)
        md.parser = _Document(md)


class _Document(BlockParser):
    def parseDocument(self, lines: Iterable[str]) -> ElementTree:  # noqa: N802 (Python-Markdown's name)
        """Return the element tree."""
        parser = read("\n".join(lines))
        root = Element(self.md.doc_tag)
        build(root, parser.finish(), parser.definitions)
        for element in root.iter():
            if element.tag == "img":
                element.set("alt", element.text or "")
                element.text = None
            for name, value in element.items():
                element.set(name, literal(value))
            element.text = literal(element.text or "")
            element.tail = ("\n" if self.md.is_block_level(element.tag) else "") + literal(element.tail or "")
        return ElementTree(root)


def makeExtension(**settings: object) -> CommonMark:  # noqa: N802 (Python-Markdown's name)
    """Return the extension; Python-Markdown calls this."""
    return CommonMark(**settings)
