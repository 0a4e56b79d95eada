"""Markdown as formatted text for a terminal with `rich`.

It reads markdown with the same parser as the HTML does. But a terminal has no place behind the text, so what HTML hides
or draws stays as it was typed: addresses, link definitions, formulas, tags, task boxes, all words of a fence's first
line. Only signs of markup go. Nothing in it is a terminal hyperlink: its target would be unseen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.rule import Rule
from rich.segment import Segment
from rich.style import Style
from rich.table import Table
from rich.text import Text

from deepseek_magic.commonmark.emphasis import Part
from deepseek_magic.commonmark.inline import Bracket, Inline
from deepseek_magic.commonmark.links import Target, printable, resolved
from deepseek_magic.commonmark.maths import Formula
from deepseek_magic.commonmark.tables import cells
from deepseek_magic.commonmark.tree import Node

from .highlight import coloured

#: Fewest columns that a table's cell needs; in less room rows are lines of text, or `rich` would leave cells out.
_CELL = 6
#: Fewest columns beside a marker.
_NARROWEST = 8
_TAGS = {"em": "italic", "i": "italic", "strong": "bold", "b": "bold", "del": "strike", "kbd": "bold", "code": "cyan"}
#: Tags that would change the meaning if they went: x<sup>2</sup> is not x2.
_SHOWN = frozenset({"sub", "sup"})
# The colours of the reader's own terminal, so that they are legible on its background.
_COLOURS = {"c": "dim", "k": "blue", "s": "green", "n": "cyan", "d": "magenta", "b": "yellow"}
_TYPED = "typed"


def formatted(nodes: Iterable[Node]) -> RenderableType:
    """Return blocks as `rich` prints them; the control characters of their text must be escaped already.

    Every word of it is printed.
    """
    return _stacked([_block(node) for node in nodes], apart=True)


class LastLines:
    """The last ``count`` lines of ``inner``, as they come out in the width there is."""

    def __init__(self, inner: RenderableType, count: int) -> None:
        self._inner, self._count = inner, count

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in console.render_lines(self._inner, options.update(height=None), pad=False)[-self._count :]:
            yield from line
            yield Segment.line()


class _Typed(Inline):
    """Leaves links, images and formulas as typed; the text of a link is read for its emphasis."""

    def _escaped(self, character: str) -> str:
        # In a formula that is in several paragraphs these are not escapes, and nobody can know.
        return f"\\{character}" if character in "\\()[]" else character

    def _shown(self, formula: Formula, source: str) -> Part:  # noqa: ARG002
        return Element("span", {_TYPED: source})

    def _target(self, bracket: Bracket, closing: int) -> tuple[Target, int] | None:  # noqa: ARG002 (see below)
        return None

    def _unclosed_link(self, bracket: Bracket, closing: int) -> int:
        found = super()._target(bracket, closing)
        if found is None:
            return self._plain(closing)
        self._parts.append(Element("span", {_TYPED: self.text[closing : found[1]]}))
        return found[1]


class _Prefixed:
    """Puts ``first`` before the first line of ``inner``, and ``rest`` before the others."""

    def __init__(self, inner: RenderableType, first: str, rest: str) -> None:
        self._inner, self._first, self._rest = inner, first, rest

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = options.max_width - len(self._first)
        if width < _NARROWEST:  # nested deeper than there is room for
            yield Text(self._first.strip(), style="dim", overflow="fold")
            yield self._inner
            return
        prefix = self._first
        for line in console.render_lines(self._inner, options.update(width=width, height=None), pad=False):
            yield Segment(prefix, Style(dim=True))
            yield from line
            yield Segment.line()
            prefix = self._rest


class _Rows:
    """A table; where it has no room, its rows as lines of text."""

    def __init__(self, node: Node) -> None:
        self._rows = [[_inline(cell) for cell in cells(line, len(node.columns))] for line in node.lines]
        self._columns = node.columns

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = max(len(row) for row in self._rows)  # a row that is too long loses nothing
        if width * _CELL > options.max_width:
            yield from (Text(" | ").join(row) for row in self._rows)
            return
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        head, *body = self._rows
        for place in range(width):
            justify = {"right": "right", "center": "center"}.get("".join(self._columns[place : place + 1]), "left")
            title = head[place] if place < len(head) else ""
            table.add_column(title, justify=justify, overflow="fold")  # type: ignore[arg-type]
        for row in body:
            table.add_row(*row)
        yield table


def _block(node: Node) -> RenderableType:
    match node.kind:
        case "paragraph":
            return _definitions(node).append_text(_inline(node.text))
        case "heading":
            title = _inline(node.text)
            title.stylize("bold underline" if node.number == 1 else "bold")
            return _stacked([_definitions(node), title] if node.info else [title], apart=False)
        case "rule":
            return Rule(style="dim")
        case "fence" | "code":
            return _code(node)
        case "quote":
            return _Prefixed(_stacked([_block(child) for child in node.children], apart=True), "▌ ", "▌ ")
        case "list":
            return _stacked(list(_items(node)), apart=node.loose)
        case "table":
            return _Rows(node)
        case "details":  # a terminal cannot fold: what is in it stands below its heading
            return _Prefixed(_stacked([_block(child) for child in node.children], apart=True), "▾ ", "  ")
        case "summary":
            title = _inline(node.text)
            title.stylize("bold")
            return title
    return Text()


def _definitions(node: Node) -> Text:
    """Return the link definitions that stand before a paragraph or heading, with their lines."""
    shown = Text()  # a style of its own would be that of all that is appended
    shown.append(node.info if node.lines else node.info.rstrip(), style="dim")
    return shown


def _items(node: Node) -> Iterator[RenderableType]:
    for number, item in enumerate(node.children, node.number):
        marker = f"{number}{node.marker} " if node.marker in ".)" else "• "
        inner = _stacked([_block(child) for child in item.children], apart=node.loose)
        yield _Prefixed(inner, marker, " " * len(marker))


def _code(node: Node) -> RenderableType:
    info = resolved(node.info)
    code = Text(overflow="fold", tab_size=4)
    for style, piece in coloured(node.text, node.language.strip("{}.")):
        code.append(piece, _COLOURS.get(style, ""))
    parts: list[RenderableType] = [Text(info, style="dim")] if info else []
    return _Prefixed(Group(*parts, code), "  ", "  ")


def _stacked(parts: list[RenderableType], *, apart: bool) -> RenderableType:
    if apart:
        parts = [part for one in parts for part in (Text(), one)][1:]
    return Group(*parts) if parts else Text()


def _inline(text: str) -> Text:
    """Return what stands in a block, without the signs that style it."""
    element = Element("span")
    _Typed(printable(text), {}).into(element)
    shown = Text(overflow="fold")
    for style, piece in _pieces(element, ""):
        shown.append(piece, style)
    return shown


def _pieces(element: Element, style: str) -> Iterable[tuple[str, str]]:
    """Yield pairs of style and text, in order."""
    tag = element.tag
    style = f"{style} {_TAGS.get(tag, '')}".strip()
    if tag == "br":
        yield style, "\n"
    if _TYPED in element.attrib:
        yield f"{style} cyan", element.attrib[_TYPED]
    if tag in _SHOWN:
        yield style, f"<{tag}>"
    yield style, _one_line(element.text)
    for child in element:
        yield from _pieces(child, style)
        yield style, _one_line(child.tail)
    if tag in _SHOWN:
        yield style, f"</{tag}>"


def _one_line(text: str | None) -> str:
    """Return the text of the tree: the terminal breaks the lines."""
    return (text or "").replace("\n", " ")
