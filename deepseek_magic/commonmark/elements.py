"""The elements and texts that inline parsing makes, as Python-Markdown's serializer needs them."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from .links import Target, destination_at, skip_gap, title_at

MONEY = "\x1a"
BACKSLASH = "\x1c"
AMPERSAND = "\x02amp\x03amp;"
"""Marks in the text of the tree: a dollar and a backslash that MathJax must not see, and an ampersand that the
serializer must not take for the start of a reference (Python-Markdown's own mark). `definitions.printable` keeps
model text free of control characters, so nobody else can write them."""

_TEX_START = re.compile(r"\\(?=[(\[]|begin\{|(?:eq)?ref\{)")


def marked(text: str) -> str:
    """Text in which MathJax shall find nothing: its dollars and the backslashes of TeX delimiters marked."""
    if "$" in text:
        text = text.replace("$", MONEY)
    return _TEX_START.sub(BACKSLASH, text) if "\\" in text else text


def for_serializer(text: str) -> str:
    """Text as the tree holds it."""
    return literal(marked(text))


def literal(text: str) -> str:
    """Text as the tree holds it where MathJax does not look, or is to look."""
    return text.replace("&", AMPERSAND) if "&" in text else text


def code_span(code: str) -> Element:
    """The element of a code span's raw content (6.1: line ends are spaces, one space each side may go)."""
    code = code.replace("\n", " ")
    if len(code) > 1 and code[0] == code[-1] == " " and code.strip(" "):
        code = code[1:-1]
    element = Element("code")
    element.text = literal(code)
    return element


def link(address: str, title: str, text: str = "") -> Element:
    """A link element as written; `commonmark` decides which addresses stay."""
    element = Element("a", {"href": address})
    if title:
        element.set("title", literal(title))
    if text:
        element.text = for_serializer(text)
    return element


def target_at(text: str, position: int) -> tuple[Target, int] | None:
    """The target in parentheses; ``position`` is after the opening one."""
    position = skip_gap(text, position)
    if text.startswith(")", position):
        return Target("", ""), position + 1
    address = destination_at(text, position)
    if address is None:
        return None
    end = skip_gap(text, address[1])
    title = title_at(text, end) if end > address[1] else None
    if title is not None:
        end = skip_gap(text, title[1])
    if not text.startswith(")", end):
        return None
    return Target(address[0], title[0] if title else ""), end + 1


def unlinked(element: Element, image: bool) -> None:
    """No link inside a link: inner ones become their text; of an image only the text is left."""
    if image:
        text = "".join(element.itertext())
        for child in list(element):
            element.remove(child)
        element.text = text or None
        return
    for inner in element.iter("a"):
        if inner is not element:
            inner.tag = "span"
            inner.attrib.clear()
