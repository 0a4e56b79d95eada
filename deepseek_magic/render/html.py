"""Convert blocks to HTML without harmful elements and URLs. It still has to be cleaned: see `safe_html`.

The source is never passed through as HTML. Images become links, links lead only to plain web addresses, and text that
MathJax would mistake for a formula is marked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from xml.etree.ElementTree import Element, SubElement

from deepseek_magic.commonmark.elements import build
from deepseek_magic.commonmark.emphasis import append_text
from deepseek_magic.commonmark.extension import literal, serialized
from deepseek_magic.commonmark.links import Target
from deepseek_magic.commonmark.tree import Node
from deepseek_magic.text import unreordered

from . import citations
from .highlight import coloured
from .style import BACKSLASH, MAY_HOLD_MATHS, MONEY

SCHEMES = frozenset({"http", "https", "mailto"})

_LANGUAGE = re.compile(r"[A-Za-z0-9_+#.-]{1,30}")
_TEX_START = re.compile(r"\\(?=[(\[]|begin\{|(?:eq)?ref\{)")

Colours = Callable[[str, str], Iterable[tuple[str, str]]]


def raw_html(
    nodes: Iterable[Node],
    definitions: Mapping[str, Target],
    *,
    resumed: bool = False,
    colours: Colours = coloured,
    cites: Collection[int] = (),
) -> str:
    """Return the HTML of ``nodes``, with classes as notes for `style`.

    Args:
        nodes: blocks.
        definitions: the link targets by normalised label.
        resumed: whether the first block continues an earlier piece of it.
        colours: returns the styled pieces of a top-level code block, given its code and language.
        cites: the numbers of sources that may be cited.
    """
    root = Element("div")
    build(root, nodes, definitions, resumed=resumed)
    if cites:
        citations.note(root, cites)
    tops = set(root)
    formulas: list[Element] = []
    for element in list(root.iter()):
        tag, note = element.tag, element.get("class")
        if tag == "pre":
            _colour(element, colours if element in tops else coloured)
        elif tag in {"a", "img"}:
            _restrict(element)
        elif tag == "input":
            element.tag, element.attrib = "span", {"class": "done" if "checked" in element.attrib else "open"}
        elif note == "math":
            formulas.append(element)
        if element.text and note != "block":
            code = tag == "code" or note == "math"
            shown = unreordered(element.text, code=code)
            element.text = literal(shown if code else marked(shown))
        if element.tail:
            element.tail = literal(marked(unreordered(element.tail)))
    if formulas:
        _note_maths(root)
        for formula in formulas:
            formula.attrib.clear()
    return serialized(root)


def marked(text: str) -> str:
    """Return ``text`` with dollars and backslashes of TeX delimiters marked, so that MathJax finds nothing in it."""
    if "$" in text:
        text = text.replace("$", MONEY)
    return _TEX_START.sub(BACKSLASH, text) if "\\" in text else text


def _restrict(element: Element) -> None:
    """Make a link or an image a link if its URL is plainly http, https or mailto; otherwise show the URL as text.

    A relative URL would lead to the Jupyter server, with the reader's cookies.
    """
    address = element.get("href") or element.get("src") or ""
    title = {"title": literal(unreordered(element.get("title", "")))} if "title" in element.attrib else {}
    scheme, colon, _ = address.partition(":")
    if colon and scheme.lower() in SCHEMES:
        element.tag, element.attrib = "a", {"href": literal(address), **title}
    else:
        element.tag, element.attrib = "span", {"title": literal(unreordered(address, code=True))}
    for image in element.iter("img"):
        image.tag = "span"  # links do not nest
        image.attrib.clear()


def _colour(pre: Element, colours: Colours) -> None:
    """Split the text of a code block by styles, and note its language."""
    code = pre[0]
    language = _LANGUAGE.match(code.get("class", "").removeprefix("language-").strip("{}."))
    if language:
        pre.set("class", f"language-{language[0]}")
    pieces = colours(unreordered(code.text or "", code=True), language[0] if language else "")
    code.text = None
    code.set("class", "block")
    for style, piece in pieces:
        if style:
            SubElement(code, "span", {"class": style}).text = literal(piece)
        else:
            append_text(code, literal(piece))


def _note_maths(element: Element) -> bool:
    """Note on each paragraph, heading and list what formulas it holds; return whether a formula is not noted yet."""
    found = element.get("class") == "math"
    for child in element:
        found |= _note_maths(child)
    if found and element.tag in MAY_HOLD_MATHS:
        element.set("class", "maths")
        found = False
    return found and element.tag != "table"  # a table has its own box
