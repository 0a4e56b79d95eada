"""What stands in square brackets: where a link or an image leads, and what is put into it (6.3 Links, 6.4 Images)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from .emphasis import Part, fill
from .links import Target, encoded, label_at, normalised, target_at


@dataclass(slots=True, eq=False)
class Bracket:
    """An opening bracket: its index in the parts, the index after it in the text, and whether ``!`` precedes it."""

    part: int
    start: int
    image: bool
    nested: bool = False  # another bracket was opened after it


def target_behind(
    text: str, bracket: Bracket, closing: int, definitions: Mapping[str, Target]
) -> tuple[Target, int] | None:
    """Return what the link text from ``bracket`` to ``closing`` points to, and where the whole link ends."""
    if text.startswith("(", closing + 1) and (found := target_at(text, closing + 2)):
        return found
    if not definitions:
        return None
    label = label_at(text, closing + 1)
    if label is None or not label[0].strip():
        if bracket.nested or closing - bracket.start > 999:
            return None
        label = text[bracket.start : closing], closing + (3 if text.startswith("[]", closing + 1) else 1)
    target = definitions.get(normalised(label[0]))
    return (target, label[1]) if target else None


def enclose(element: Element, parts: list[Part], *, image: bool, open_end: bool) -> None:
    """Put ``parts`` into ``element``: into an ``image`` only their text, and no link into a link."""
    fill(element, parts, open_end=open_end)
    if image:
        text = "".join(element.itertext())
        del element[:]
        element.text = text or None
    for inner in element.iter("a"):
        if inner is not element:
            inner.tag = "span"
            inner.attrib.clear()


def link(address: str, text: str | None = None) -> Element:
    """Return a link to ``address`` that shows ``text``."""
    element = Element("a", {"href": encoded(address)})
    element.text = text
    return element
