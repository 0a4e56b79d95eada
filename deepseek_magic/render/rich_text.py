"""Markdown as formatted text for a terminal with `rich`.

It uses the same parser as the HTML. But a terminal cannot hide or draw anything, so what HTML hides or draws stays as
it was typed: URLs, link definitions, formulas, tags, task boxes, and the whole first line of a fence. Only markup is
dropped. There are no terminal hyperlinks, whose targets would be invisible.
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

from deepseek_magic.commonmark.brackets import Bracket
from deepseek_magic.commonmark.emphasis import Part
from deepseek_magic.commonmark.inline import Inline
from deepseek_magic.commonmark.links import Target, printable, resolved
from deepseek_magic.commonmark.maths import Formula
from deepseek_magic.commonmark.tables import cells
from deepseek_magic.commonmark.tree import Node
from deepseek_magic.text import largest_that_fits

from .highlight import coloured
from .word_wrap import breaks, columns, narrowest

#: Columns between those of a table.
_APART = 2
#: Fewest columns beside a marker.
_NARROWEST = 8
_TAGS = {"em": "italic", "i": "italic", "strong": "bold", "b": "bold", "del": "strike", "kbd": "bold", "code": "cyan"}
#: Tags that would change the meaning if they went: x<sup>2</sup> is not x2.
_SHOWN = frozenset({"sub", "sup"})
# The colours of the reader's own terminal, so that they are legible on its background.
_COLOURS = {"c": "dim", "k": "blue", "s": "green", "n": "cyan", "d": "magenta", "b": "yellow"}
_TYPED = "typed"
_BAR = "│ "


def formatted(nodes: Iterable[Node]) -> RenderableType:
    """Return blocks as `rich` prints them; the control characters of their text must be escaped already.

    Every word of it is printed; code and what is wider than the terminal stay whole, and are to be printed without
    ``crop``.
    """
    return _stacked([_block(node) for node in nodes], apart=True)


def thinking(text: str, *, first: bool) -> RenderableType:
    """Return lines of thinking, set apart from the answer by a bar and by their style."""
    return _Prefixed(_Words(Text(f"Thinking: {text}" if first else text, style="dim italic")), _BAR, _BAR)


class LastLines:
    """The last ``count`` lines of ``inner``, as the terminal folds them."""

    def __init__(self, inner: RenderableType, count: int) -> None:
        self._inner, self._count = inner, count

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = options.max_width
        folded: list[list[Segment]] = []
        for line in _lines(self._inner, console, options):
            size = Segment.get_line_length(line)
            folded += Segment.divide(line, [*range(width, size, width), size]) if size > width else [line]
        for line in folded[-self._count :]:
            yield from line
            yield Segment.line()


def _lines(inner: RenderableType, console: Console, options: ConsoleOptions) -> Iterable[list[Segment]]:
    """Return the lines of ``inner``, none of them cropped."""
    return Segment.split_lines(console.render(inner, options.update(height=None)))


class _Words:
    """Prose, broken between words: one that is too wide for a line stays whole, and the terminal folds it."""

    def __init__(self, text: Text) -> None:
        self._text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self._text.split("\n", allow_blank=True):
            for part in line.divide(breaks(line.plain, options.max_width)):
                part.rstrip()
                part.no_wrap, part.overflow = True, "ignore"
                yield part


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
            yield _Words(Text(self._first.strip(), style="dim"))
            yield self._inner
            return
        prefix = self._first
        for line in _lines(self._inner, console, options.update(width=width)):
            yield Segment(prefix, Style(dim=True))
            yield from line
            yield Segment.line()
            prefix = self._rest


class _Rows:
    """A table; if it has no room, its rows as lines of text."""

    def __init__(self, node: Node) -> None:
        self._rows = [[_inline(cell) for cell in cells(line, len(node.columns))] for line in node.lines]
        self._columns = node.columns

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        count = max(len(row) for row in self._rows)  # a row that is too long loses nothing
        widths = self._widths(count, options.max_width - _APART * (count - 1))
        if not widths:
            yield from (_Words(Text(" | ").join(row)) for row in self._rows)
            return
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
        head, *body = self._rows
        for place, width in enumerate(widths):
            justify = {"right": "right", "center": "center"}.get("".join(self._columns[place : place + 1]), "left")
            title = head[place] if place < len(head) else ""
            table.add_column(title, justify=justify, overflow="fold", width=width)  # type: ignore[arg-type]
        for row in body:
            table.add_row(*row)
        yield table

    def _widths(self, count: int, room: int) -> list[int]:
        """Return a width for each column, as equal as they can be if there is little room; none if words break."""
        cells = [[row[place].plain for row in self._rows if place < len(row)] for place in range(count)]
        least = [max(1, *map(narrowest, column)) for column in cells]
        most = [max(1, *map(columns, column)) for column in cells]
        if sum(least) > room:
            return []

        def at(level: int) -> list[int]:
            return [max(low, min(high, level)) for low, high in zip(least, most, strict=True)]

        return at(largest_that_fits(lambda level: sum(at(level)) <= room, room))


def _block(node: Node) -> RenderableType:
    match node.kind:
        case "paragraph":
            return _Words(_definitions(node).append_text(_inline(node.text)))
        case "heading":
            title = _inline(node.text)
            title.stylize("bold underline" if node.number == 1 else "bold")
            lines = [_definitions(node), title] if node.info else [title]
            return _stacked([_Words(line) for line in lines], apart=False)
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
            return _Words(title)
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
    code = Text(no_wrap=True, overflow="ignore", tab_size=4)
    for style, piece in coloured(node.text, node.language.strip("{}.")):
        code.append(piece, _COLOURS.get(style, ""))
    parts: list[RenderableType] = [_Words(Text(info, style="dim"))] if info else []
    return _Prefixed(Group(*parts, code), "  ", "  ")


def _stacked(parts: list[RenderableType], *, apart: bool) -> RenderableType:
    if apart:
        parts = [part for one in parts for part in (Text(), one)][1:]
    return Group(*parts) if parts else Text()


def _inline(text: str) -> Text:
    """Return what stands in a block, without the signs that style it."""
    element = Element("span")
    _Typed(printable(text), {}).into(element)
    shown = Text()
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
