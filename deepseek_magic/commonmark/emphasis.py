"""Match delimiters and build the tree of emphasis (CommonMark 0.31.2, section 6.2; GFM strikethrough).

Inline parsing leaves a flat list of parts: text, finished elements and delimiters. `fill` pairs the delimiters in one
pass from left to right with one stack, and turns the parts into child elements. The harmless raw tags (``<sub>`` and so
on) are delimiters as well, so that they nest with emphasis and an unbalanced one stays text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from unicodedata import category, east_asian_width
from xml.etree.ElementTree import Element, SubElement

MAX_DEPTH = 32
"""How deep emphasis may nest; deeper delimiters are text."""


@dataclass(slots=True, eq=False)
class Delimiter:
    """A delimiter run, or a raw tag (then ``character`` is its name and ``source`` its source)."""

    character: str
    count: int
    opens: bool
    closes: bool
    source: str = ""
    left: int = 0  # delimiters that are not used yet
    ended: list[str] = field(default_factory=list)  # elements that end here, inner first
    began: list[str] = field(default_factory=list)  # elements that begin here, inner first

    def __post_init__(self) -> None:
        self.left = self.count

    def text(self) -> str:
        """Return the part of it that stays text."""
        return (self.source or self.character * self.left) if self.left else ""

    def written(self, tag: str) -> str:
        """Return the source of the delimiter that made a ``tag``."""
        width = 0 if self.character == "end" else 1 if tag == "em" else 2
        return self.source or self.character * width


Part = str | Element | Delimiter


@lru_cache(maxsize=4096)
def _kind(character: str) -> str:
    """Return "space", "punctuation", "cjk" or "" (2.1; since 0.31 symbols count as punctuation)."""
    if character in " \t\n\x0b\x0c\r" or category(character) == "Zs":
        return "space"
    if category(character)[0] in "PS":
        return "punctuation"
    code = ord(character)
    east_asian = 0x3040 <= code <= 0x9FFF or 0xAC00 <= code <= 0xD7AF or 0x3400 <= code <= 0x4DBF
    return "cjk" if east_asian or 0x20000 <= code <= 0x323AF or 0xF900 <= code <= 0xFAFF else ""


@lru_cache(maxsize=4096)
def _wide(character: str) -> str:
    """Return "opening" or "other" for Chinese, Japanese and Korean punctuation, "" for everything else."""
    kind = category(character)
    if kind[0] != "P" or (east_asian_width(character) not in "WF" and character not in "“”‘’…—"):
        return ""
    return "opening" if kind in {"Ps", "Pi"} else "other"


def _east_asian(text: str, place: int, neighbour: int) -> str:
    """Return what `_wide` says of the character at ``place``; for a quote or dash, which all scripts use, only if the
    ``neighbour`` is of these scripts."""
    if not 0 <= place < len(text) or not (wide := _wide(text[place])):
        return ""
    shared = text[place] in "“”‘’…—"
    return wide if not shared or (0 <= neighbour < len(text) and _kind(text[neighbour]) == "cjk") else ""


def delimiter_run(text: str, start: int, end: int) -> Delimiter:
    """Return the run ``text[start:end]`` of ``*``, ``_`` or ``~``, with whether it can open and close (6.2).

    Chinese, Japanese and Korean text has no spaces around emphasis: ``**注意：**请`` must be bold. So a letter of those
    scripts counts as a space on the far side of a delimiter that has punctuation on its near side. After one of their
    full stops or colons, or before an opening bracket, any character counts: ``**价格：**100``.
    """
    character = text[start]
    before = _kind(text[start - 1]) if start else "space"
    after = _kind(text[end]) if end < len(text) else "space"
    left = after != "space" and (after != "punctuation" or before != "")
    right = before != "space" and (before != "punctuation" or after != "")
    if not left and after == "punctuation":
        left = _east_asian(text, end, end + 1) == "opening"
    if not right and before == "punctuation":
        right = _east_asian(text, start - 1, start - 2) == "other"
    if character == "_":
        left, right = left and (not right or before == "punctuation"), right and (not left or after == "punctuation")
    usable = character != "~" or end - start == 2
    return Delimiter(character, end - start, left and usable, right and usable)


def fill(root: Element, parts: list[Part], *, open_end: bool = False) -> None:
    """Add ``parts`` to ``root``. With an ``open_end``, emphasis that is still open is closed at the end."""
    end = Delimiter("end", 0, False, True) if open_end else None
    _pair([part for part in parts if isinstance(part, Delimiter)], end)
    _build(root, parts if end is None else [*parts, end])


def _pair(marks: list[Delimiter], end: Delimiter | None) -> None:
    """Pair openers and closers. ``end`` is the mark at the end of open text, which closes all open emphasis."""
    stack: list[tuple[int, Delimiter]] = []
    floors: dict[tuple[str, bool, int], int] = {}
    for order, mark in enumerate(marks):
        while mark.closes and mark.left:
            key = (mark.character, mark.opens, mark.count % 3)
            found = _opener(stack, mark, floors.get(key, -1))
            if found < 0:
                floors[key] = order - 1
                break
            opener = stack[found][1]
            if end is not None and mark is marks[-1] and not mark.opens and mark.left < min(opener.left, 2):
                mark.left = 0  # the first half of a closing run
                break
            del stack[found + 1 :]
            _join(opener, mark)
            if not opener.left:
                stack.pop()
        if mark.opens and mark.left:
            stack.append((order, mark))
    if end is not None:
        for _, mark in reversed(stack):
            while mark.left:
                _join(mark, end)


def _opener(stack: list[tuple[int, Delimiter]], closer: Delimiter, floor: int) -> int:
    """Return the index of the nearest opener in ``stack`` that ``closer`` can close, or -1."""
    for index in range(len(stack) - 1, -1, -1):
        order, mark = stack[index]
        if order <= floor:
            return -1
        if mark.character == closer.character and _fit(mark, closer):
            return index
    return -1


def _fit(opener: Delimiter, closer: Delimiter) -> bool:
    """Return whether rules 9 and 10 of 6.2 hold: the sum of the lengths may be a multiple of three only if both are."""
    if opener.character not in {"*", "_"} or not (opener.closes or closer.opens):
        return True
    return (opener.count + closer.count) % 3 != 0 or (opener.count % 3 == 0 and closer.count % 3 == 0)


def _join(opener: Delimiter, closer: Delimiter) -> None:
    """Make one element from the inner delimiters of both runs."""
    if opener.character in {"*", "_"}:
        both = opener.left >= 2 and (closer.left >= 2 or closer.character == "end")
        used, tag = (2, "strong") if both else (1, "em")
    else:
        used, tag = opener.left, "del" if opener.character == "~" else opener.character
    opener.left -= used
    closer.left -= used
    opener.began.append(tag)
    closer.ended.append(tag)


def append_text(element: Element, text: str) -> None:
    """Append ``text`` to the content of ``element``."""
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text


def _build(root: Element, parts: list[Part]) -> None:
    """Add ``parts`` to ``root``. Text is collected and joined once."""
    nest = [root]
    too_deep = 0
    words: list[str] = []

    def innermost() -> Element:
        if text := "".join(words):
            append_text(nest[-1], text)
        words.clear()
        return nest[-1]

    for part in parts:
        if isinstance(part, str):
            words.append(part)
        elif isinstance(part, Element):
            innermost().append(part)
        else:
            for tag in part.ended:
                if too_deep:
                    too_deep -= 1
                    words.append(part.written(tag))
                else:
                    innermost()
                    nest.pop()
            words.append(part.text())
            for tag in reversed(part.began):
                if len(nest) > MAX_DEPTH:
                    too_deep += 1
                    words.append(part.written(tag))
                else:
                    nest.append(SubElement(innermost(), tag))
    innermost()
