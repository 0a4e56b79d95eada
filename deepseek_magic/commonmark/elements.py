"""Turn blocks into HTML elements, as CommonMark and GFM describe.

A table's columns are aligned by the attribute ``align``; a task is an ``input``; a formula is a ``span`` of class
``math``; an ``img`` still holds its description as text. `growing` decides what an unfinished end looks like.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from xml.etree.ElementTree import Element, SubElement

from .emphasis import append_text
from .growing import GrowingInline
from .inline import Inline, plain
from .links import Target, printable
from .tables import cells
from .tree import Node

MAX_PADDING = 10_000
"""How many empty cells are added in all to the short rows of the tables that are built at once."""

UNTITLED = "Details"
"""The heading of a section that has none."""

_TASK = re.compile(r"\[([ xX])\][ \t]+(?=\S)")
# Tags with which models style the heading of a section; it is styled anyway.
_STYLED = re.compile(r"</?(?:h[1-6]|strong|em|code|p|span|u|font)>", re.IGNORECASE)


def build(root: Element, nodes: Iterable[Node], definitions: Mapping[str, Target], *, resumed: bool = False) -> None:
    """Add the elements of ``nodes`` to ``root``.

    Args:
        root: the parent of the elements.
        nodes: blocks.
        definitions: the link targets by normalised label.
        resumed: whether the first block continues an earlier piece of it, so that a table has no header.
    """
    builder = _Builder(definitions)
    for node in nodes:
        builder.add(root, node, resumed=resumed)
        resumed = False


class _Builder:
    def __init__(self, definitions: Mapping[str, Target]) -> None:
        self._definitions = definitions
        self._padding = MAX_PADDING

    def add(
        self, parent: Element, node: Node, *, tight: bool = False, item: Element | None = None, resumed: bool = False
    ) -> None:
        """Add one block. Paragraphs in a ``tight`` list get no element; ``item`` is the list item that it begins."""
        match node.kind:
            case "paragraph" if node.lines:
                self._paragraph(parent if tight else SubElement(parent, "p"), node, item)
            case "heading":
                self._text(SubElement(parent, f"h{node.number}"), printable(node.text), node.growing)
            case "rule":
                SubElement(parent, "hr")
            case "fence" | "code":
                attributes = {"class": f"language-{printable(node.language)}"} if node.language else {}
                code = SubElement(SubElement(parent, "pre"), "code", attributes)
                code.text = printable(f"{node.text}\n") if node.lines else ""
            case "quote":
                quote = SubElement(parent, "blockquote")
                for child in node.children:
                    self.add(quote, child)
            case "list":
                self._list(parent, node)
            case "details" if node.children:
                self._section(parent, node)
            case "summary":
                self._text(SubElement(parent, "summary"), _STYLED.sub("", printable(node.text)), node.growing)
            case "table":
                self._table(SubElement(parent, "table"), node, resumed)

    def _text(self, parent: Element, text: str, growing: bool = False) -> None:
        if not growing and plain(text):
            append_text(parent, text)
        else:
            (GrowingInline if growing else Inline)(text, self._definitions).into(parent)

    def _paragraph(self, parent: Element, node: Node, item: Element | None) -> None:
        text = printable(node.text)
        if item is not None and (task := _TASK.match(text)):
            item.set("class", "task-list-item")
            box = SubElement(parent, "input", {"type": "checkbox", "disabled": "disabled"})
            if task[1] != " ":
                box.set("checked", "checked")
            box.tail = " "
            text = text[task.end() :]
        self._text(parent, text, node.growing)

    def _list(self, parent: Element, node: Node) -> None:
        ordered = node.marker in ".)"
        element = SubElement(parent, "ol" if ordered else "ul")
        if ordered and node.number != 1:
            element.set("start", str(node.number))
        for one in node.children:
            item = SubElement(element, "li")
            for child in one.children:
                self.add(item, child, tight=not node.loose, item=item if child is one.children[0] else None)

    def _section(self, parent: Element, node: Node) -> None:
        section = SubElement(parent, "details", {"open": "open"} if node.marker else {})
        if node.children[0].kind != "summary":
            SubElement(section, "summary").text = UNTITLED
        for child in node.children:
            self.add(section, child)

    def _table(self, table: Element, node: Node, resumed: bool) -> None:
        head, *body = node.lines
        if not resumed:
            self._row(SubElement(table, "thead"), "th", head, node.columns, node.growing and not body)
        if body:
            rows = SubElement(table, "tbody")
            for place, line in enumerate(body, 1):
                self._row(rows, "td", line, node.columns, node.growing and place == len(body))

    def _row(self, parent: Element, tag: str, line: str, columns: tuple[str, ...], growing: bool) -> None:
        row = SubElement(parent, "tr")
        texts = cells(printable(line), len(columns))
        missing = min(len(columns) - len(texts), self._padding)
        self._padding -= missing
        last = max((place for place, text in enumerate(texts) if text), default=-1) if growing else -1
        for place, (text, alignment) in enumerate(zip([*texts, *[""] * missing], columns, strict=False)):
            cell = SubElement(row, tag)
            if alignment:
                cell.set("align", alignment)
            if text:
                self._text(cell, text, place == last)
