"""Find where Markdown is literal (code blocks, code spans and formulas), with the parser of replies."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import accumulate, pairwise
from typing import NamedTuple
from xml.etree.ElementTree import Element

from .blocks import read
from .inline import Inline
from .links import printable
from .tables import cell_bounds


class Span(NamedTuple):
    """A part of a text: from ``start`` up to but not including ``end``."""

    start: int
    end: int


def prose(text: str, inline: Callable[[str], Inline]) -> Iterator[Span]:
    """Yield the parts of ``text`` that are neither code nor formula, in order.

    Args:
        text: markdown.
        inline: reads the text of one paragraph, heading or cell.
    """
    parser = read(text)
    parser.finish()
    for leaf in parser.document.leaves():
        if leaf.kind in {"paragraph", "heading", "summary"}:
            yield from _outside(inline(printable(leaf.info + leaf.text)), leaf.places)
        elif leaf.kind == "table":
            for line, place in zip(leaf.lines, leaf.places, strict=True):
                for start, end in cell_bounds(line, len(leaf.columns)):
                    yield from _outside(inline(printable(line[start:end])), [place + start])


def _outside(inline: Inline, places: list[int]) -> Iterator[Span]:
    """Yield the parts of one text that are not literal; ``places`` are the indices of its lines in the source."""
    inline.into(Element("p"))
    text = inline.text
    starts = list(accumulate((len(line) + 1 for line in text.split("\n")), initial=0))

    def place(offset: int) -> int:
        line = bisect_right(starts, offset) - 1
        return places[line] + offset - starts[line]

    for (_, start), (end, _) in pairwise([(0, 0), *inline.literal, (len(text), 0)]):
        if start < end:
            yield Span(place(start), place(end - 1) + 1)
