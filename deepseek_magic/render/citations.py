"""Mark citations of sources in a reply, like [1] or [2, 5], in the tree before it becomes HTML."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from xml.etree.ElementTree import Element

#: The class that marks a citation.
CITED = "cite"
_CITATION = re.compile(r"\[(\d{1,4}(?:, ?\d{1,4})*)\]")
_NUMBER = re.compile(r"\d+")
# Elements without citations: links do not nest, and code and formulas are not prose.
_APART = ("a", "code", "pre", "img")


def numbers_in(text: str) -> set[int]:
    """Return the numbers that ``text`` may cite."""
    return {int(number) for found in _CITATION.finditer(text) for number in found[1].split(",")}


def note(element: Element, known: Collection[int]) -> None:
    """Mark each citation of a ``known`` number in ``element``, which is prose, by a ``span`` of the class `CITED`."""
    children = list(element)
    element[:] = []
    element.text = _fill(element, element.text or "", known)
    for child in children:
        if child.tag not in _APART and child.get("class") != "math":
            note(child, known)
        element.append(child)
        child.tail = _fill(element, child.tail or "", known)


def _fill(parent: Element, text: str, known: Collection[int]) -> str:
    """Append the citations in ``text`` to ``parent``, each with the text after it; return the text before them."""
    begun, last = "", None
    for piece, is_cited in _pieces(text, known) if "[" in text else [(text, False)]:
        if is_cited:
            last = Element("span", {"class": CITED})
            last.text = piece
            parent.append(last)
        elif last is None:
            begun = piece
        else:
            last.tail = piece
    return begun


def _pieces(text: str, known: Collection[int]) -> Iterator[tuple[str, bool]]:
    """Yield the pieces of ``text`` in order, each with whether it is a citation."""
    done = 0
    for found in _CITATION.finditer(text):
        if all(int(number) in known for number in found[1].split(",")):
            for piece in _NUMBER.finditer(text, *found.span()) if "," in found[0] else [found]:
                yield text[done : piece.start()], False
                yield piece[0], True
                done = piece.end()
    yield text[done:], False
