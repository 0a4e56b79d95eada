"""Python-Markdown with CommonMark's and GFM's rules: `Commonmark` turns one block of markdown into raw HTML.

Python-Markdown gives the pipeline (block parser → element tree → tree processors → serializer → postprocessors); its
block parser is replaced by `structure.Structure`, and its inline patterns, which run one after the other over the
whole text and therefore cannot follow CommonMark's precedence, by `inline.Inline`. Nothing of the source is ever
passed through as HTML. The result still has to be cleaned: see `markup`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote
from xml.etree.ElementTree import Element, ElementTree, SubElement

import markdown
from markdown.postprocessors import AndSubstitutePostprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString, Registry

from deepseek_magic.commonmark import open_markup
from deepseek_magic.commonmark.blocks import Node, Structure
from deepseek_magic.commonmark.elements import for_serializer, literal
from deepseek_magic.commonmark.growing import GrowingInline
from deepseek_magic.commonmark.inline import Inline, plain
from deepseek_magic.commonmark.lines import split_lines
from deepseek_magic.commonmark.links import Target, printable, resolved
from deepseek_magic.commonmark.tables import cells

from .highlight import coloured

SCHEMES = frozenset({"http", "https", "mailto"})
MAX_PADDING = 10_000
"""How many empty cells short table rows are filled up with, all rows of a table together."""

_SCHEME = re.compile(r"[\x00-\x20]*([A-Za-z][A-Za-z0-9+.-]*):")
_ESCAPED = re.compile(r"%(?![0-9A-Fa-f]{2})")
_LANGUAGE = re.compile(r"[A-Za-z0-9_+#.-]{1,30}")
_TASK = re.compile(r"\[([ xX])\][ \t]+(?=\S)")
_INLINE_TAGS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "td", "th", None})


Colours = Callable[[str, str], Iterable[tuple[str, str]]]


class Commonmark(markdown.Markdown):
    """One conversion: ``definitions`` are the link targets known; ``open_end`` says that the text is still growing.

    ``resumed`` says that the first lines only give the context of a cut piece: the head of the table, or the list
    item before, is not shown. ``colours`` tells the styles of a fence of the top level, by its code and language.
    """

    def __init__(
        self,
        definitions: Mapping[str, Target],
        *,
        open_end: bool = False,
        resumed: bool = False,
        colours: Colours = coloured,
    ) -> None:
        self.targets = definitions
        self.open_end = open_end
        self.resumed = resumed
        self.colours = colours
        super().__init__(output_format="html")

    def build_parser(self) -> Commonmark:
        """Put the rules in place; the serializer is Python-Markdown's."""
        self.preprocessors = Registry()
        self.inlinePatterns = Registry()
        self.parser: Any = _BlockTree(self)
        self.treeprocessors = Registry()
        self.treeprocessors.register(_InlineTree(self), "inline", 20)
        self.treeprocessors.register(_Addresses(self), "addresses", 10)
        self.postprocessors = Registry()
        self.postprocessors.register(AndSubstitutePostprocessor(), "amp_substitute", 20)
        return self


def structure_of(source: str, open_end: bool = False) -> Structure:
    """The blocks of ``source``; with ``open_end`` its unfinished last line is read as what it will be."""
    structure = Structure()
    lines = split_lines(source)
    unfinished = lines.pop() if open_end and lines and lines[-1][-1] not in "\r\n" else None
    for line in lines:
        structure.read(line.rstrip("\r\n"))
    if open_end:
        open_markup.last_line(structure, unfinished)
    return structure


class _BlockTree:
    """Stands where Python-Markdown's block parser stood."""

    def __init__(self, md: Commonmark) -> None:
        self._md = md
        self._padding = MAX_PADDING
        self._open_leaf: Node | None = None

    def parseDocument(self, lines: list[str]) -> ElementTree:  # noqa: N802 (Python-Markdown's name)
        """The element tree of the block structure; texts are still markdown."""
        structure = structure_of(printable("\n".join(lines)), self._md.open_end)
        root = Element(self._md.doc_tag)
        self._open_leaf = _open_leaf(structure) if self._md.open_end else None
        structure.finish()
        for node in structure.document.children:
            self._add(root, node)
        if self._md.resumed and len(root):
            _drop_context(root[0])
        return ElementTree(root)

    def _add(self, parent: Element, node: Node, tight: bool = False) -> None:
        if node.kind == "paragraph":
            self._text(parent, None if tight else "p", node.lines[0], node)
        elif node.kind == "heading":
            self._text(parent, f"h{node.number}", "\n".join(node.lines), node)
        elif node.kind == "rule":
            SubElement(parent, "hr")
        elif node.kind in {"fence", "code"}:
            language, text = _code(node)
            top = node.kind == "fence" and parent.tag == self._md.doc_tag
            _add_code(parent, language, (self._md.colours if top else coloured)(text, language))
        elif node.kind == "quote":
            quote_element = SubElement(parent, "blockquote")
            for child in node.children:
                self._add(quote_element, child)
        elif node.kind == "list":
            self._add_list(parent, node)
        elif node.kind == "table":
            self._add_table(parent, node)

    def _text(self, parent: Element, tag: str | None, text: str, node: Node | None = None) -> Element:
        # A tight list item's paragraph has no tag of its own; the serializer writes such an element's content only.
        element = SubElement(parent, tag)  # type: ignore[arg-type]  # None is the serializer's own convention
        element.text = text
        if node is not None and node is self._open_leaf:
            element.set("open", "")
        if node is not None and node.info:
            element.set("task", node.info)
        return element

    def _add_list(self, parent: Element, node: Node) -> None:
        ordered = node.marker in ".)"
        element = SubElement(parent, "ol" if ordered else "ul")
        if ordered and node.number != 1:
            element.set("start", str(node.number))
        for item in node.children:
            item_element = SubElement(element, "li")
            first = item.children[0] if item.children else None
            task = _TASK.match(first.lines[0]) if first is not None and first.kind == "paragraph" else None
            if first is not None and task:
                item_element.set("class", "task")
                first.info = "open" if task[1] == " " else "done"
                first.lines[0] = first.lines[0][task.end() :]
            for child in item.children:
                self._add(item_element, child, tight=not node.loose)

    def _add_table(self, parent: Element, node: Node) -> None:
        table = SubElement(parent, "table")
        self._add_row(SubElement(table, "thead"), "th", node.lines[0], node.columns)
        if len(node.lines) > 1:
            body = SubElement(table, "tbody")
            for line in node.lines[1:]:
                self._add_row(body, "td", line, node.columns)
        if node is self._open_leaf:
            cell = next((cell for cell in reversed(list(table.iter())) if cell.text), None)
            if cell is not None:
                cell.set("open", "")

    def _add_row(self, parent: Element, tag: str, line: str, columns: list[str]) -> None:
        row = SubElement(parent, "tr")
        texts = cells(line)[: len(columns)]
        missing = min(len(columns) - len(texts), self._padding)
        self._padding -= missing
        for text, alignment in zip(texts + [""] * missing, columns, strict=False):
            element = self._text(row, tag, text)
            if alignment:
                element.set("align", alignment)


def _open_leaf(structure: Structure) -> Node | None:
    """The block whose text the reply stopped in; a heading is complete for the structure but may still grow."""
    if structure.leaf is not None:
        return structure.leaf
    node = structure.document
    while node.children:
        node = node.children[-1]
    return node if node.kind == "heading" and node.start == structure.count - 1 else None


def _drop_context(first: Element) -> None:
    """Take away what only gave a cut piece its meaning: the table's head, the list item before."""
    if first.tag == "table":
        first.remove(first[0])
    elif first.tag in {"ul", "ol"}:
        first.remove(first[0])
        if first.tag == "ol":
            first.set("start", str(int(first.get("start", "1")) + 1))


def _code(node: Node) -> tuple[str, str]:
    """The language, "" where none is named, and the text of a code block (4.4 Indented, 4.5 Fenced code blocks)."""
    lines = node.lines
    if node.kind == "code":
        while lines and not lines[-1].strip(" \t"):
            lines.pop()
    info = resolved(node.info).split(maxsplit=1)
    language = _LANGUAGE.match(info[0].strip("{}.") if info else "")
    return language[0] if language else "", "".join(f"{line}\n" for line in lines)


def _add_code(parent: Element, language: str, pieces: Iterable[tuple[str, str]]) -> None:
    """Add a code block of ``pieces``, pairs of style and text."""
    element = SubElement(parent, "pre")
    if language:
        element.set("class", f"language-{language}")
    code = SubElement(element, "code", {"class": "block"})
    for style, piece in pieces:
        if style:
            span = SubElement(code, "span", {"class": style})
            span.text = AtomicString(literal(piece))
        elif len(code):
            code[-1].tail = AtomicString(literal(piece))
        else:
            code.text = AtomicString(literal(piece))


class _InlineTree(Treeprocessor):
    """Stands where Python-Markdown's inline processor stood: parses the text of every element that holds text."""

    md: Commonmark

    def run(self, root: Element) -> None:
        """Replace the markdown in ``root`` by elements."""
        tight = False
        for element in list(root.iter()):
            text = element.text
            open_end = element.attrib.pop("open", None) is not None
            task = element.attrib.pop("task", "")
            if text and element.tag in _INLINE_TAGS and not isinstance(text, AtomicString):
                if plain(text):
                    element.text = for_serializer(text)
                else:
                    element.text = None
                    inline = (GrowingInline if open_end else Inline)(text, self.md.targets)
                    inline.into(element)
                    if inline.typeset and element.tag not in {"td", "th"}:
                        element.set("class", "maths")
                        tight = tight or element.tag is None
            if task:
                box = Element("span", {"class": task})
                box.tail = " " + (element.text or "")
                element.text = None
                element.insert(0, box)
        if tight:
            _note_tight_maths(root)


def _note_tight_maths(root: Element) -> None:
    """Note on each list that formulas stand in its items themselves, whose text has no element of its own."""
    for element in root.iter():
        if element.tag in {"ul", "ol"} and any(
            child.tag is None and child.get("class") for item in element for child in item
        ):
            element.set("class", "maths")


class _Addresses(Treeprocessor):
    """Lets only safe addresses be links: anything that is not plainly http, https or mailto becomes a span.

    A relative address would lead to the Jupyter server, with the reader's cookies.
    """

    def run(self, root: Element) -> None:
        """Encode, or take away, the address of every link in ``root``."""
        for element in root.iter("a"):
            address = element.get("href", "")
            scheme = _SCHEME.match(address)
            if scheme and scheme[1].lower() in SCHEMES:
                element.set("href", literal(encoded(address)))
            else:
                element.tag = "span"
                element.attrib.clear()
                element.set("title", literal(encoded(address)))


def encoded(address: str) -> str:
    """``address`` with everything but what a URL may hold percent-encoded; what is encoded already stays."""
    return quote(_ESCAPED.sub("%25", address), safe="%;/?:@&=+$,-_.!~*'()#")
