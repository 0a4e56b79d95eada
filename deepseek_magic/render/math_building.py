r"""A formula built again, from the tree that ``latex2mathml`` makes of its TeX: see `mathml`.

On the way it gets what that library leaves to older browsers: spaces around operators and functions, limits below,
letters in bold, columns, boxes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from html import escape
from xml.etree.ElementTree import Element

from . import math_letters
from .math_core import (
    ATTRIBUTES,
    COUNTS,
    ENCLOSED,
    FACES,
    LETTERS,
    RULES,
    SIDES,
    attributes,
    is_operator,
    line,
    padding,
)
from .tex import DEEPEST, Unconvertible
from .tex_commands import Word

_REFERENCE = re.compile(r"&#x([0-9A-Fa-f]{1,6});")
_LIMITS = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
_SCRIPTS = frozenset({*_LIMITS, *_LIMITS.values()})
# With limits below in a displayed formula, and beside in text: sums, products, unions and the like.
_LARGE = frozenset("∑∏∐⋀⋁⋂⋃⨀⨁⨂⨃⨄⨅⨆")
_TIGHT = frozenset("|‖/.?!")
_COMMON = str.maketrans("⧵", "∖")  # which more fonts have
_SIGNS = frozenset("+-−±∓")
_OPENS, _CLOSES = frozenset({"Ps", "Pi"}), frozenset({"Pe", "Pf"})
_ACCENTS = frozenset("´¯˘ˇ˙¨⃛⃜`^˚~→←↔")
_WIDE = str.maketrans("^~", "ˆ˜")  # the signs that fonts can stretch
_THIN = "0.167em"


class Building:
    """Builds one formula again, which has ``words`` by their numbers."""

    def __init__(self, words: Sequence[Word]) -> None:
        self._words = words

    # -- what an element is

    def _text(self, element: Element) -> str:
        """Return what a token says, its references resolved."""
        text = _REFERENCE.sub(lambda found: chr(int(found[1], 16)), element.text or "").translate(_COMMON)
        return math_letters.named(text) if text.startswith("\\") and len(text) > 1 else text

    def _word(self, element: Element) -> Word | None:
        """Return the words whose number ``element`` holds."""
        text = element.text or ""
        return self._words[int(text)] if element.tag == "mtext" and text.isdigit() else None

    def _core(self, element: Element) -> Element:
        """Return what decides how ``element`` stands to its neighbours: the base of its scripts."""
        while len(element) and (element.tag in _SCRIPTS or (element.tag in {"mrow", "mstyle"} and len(element) == 1)):
            element = element[0]
        return element

    def _is_name(self, element: Element) -> bool:
        word = self._word(self._core(element))
        return word is not None and word.kind in {"function", "limits"}

    def _sign(self, element: Element) -> str:
        """Return the one character of an operator; "" for all else."""
        core = self._core(element)
        if core.tag not in {"mo", "mi"} or len(core):
            return ""
        text = self._text(core)
        if len(text) != 1 or text in LETTERS:
            return ""
        return text if core.tag == "mo" or is_operator(text) else ""

    # -- rows

    def row(self, children: Sequence[Element], depth: int) -> Iterator[str]:
        """Yield what stands side by side."""
        if depth > 3 * DEEPEST:
            raise Unconvertible("nested too deep")
        for place, child in enumerate(children):
            before = children[place - 1] if place else None
            after = children[place + 1] if place + 1 < len(children) else None
            yield self.one(child, depth, before, after)

    def one(self, element: Element, depth: int, before: Element | None = None, after: Element | None = None) -> str:
        """Return ``element`` between its neighbours."""
        tag = element.tag
        if tag == "menclose":
            style = ENCLOSED[element.get("notation", "")]
            return f'<mrow style="{style}">{"".join(self.row(list(element), depth + 1))}</mrow>'
        if tag not in ATTRIBUTES:
            raise Unconvertible(tag)
        if tag == "mtable":
            return self._table(element, depth)
        if tag in _SCRIPTS:
            return self._scripts(element, depth, before, after)
        if tag in {"mi", "mo", "mn", "mtext"}:
            if len(element):
                raise Unconvertible(tag)
            return self._token(element, before, after)
        if tag == "mpadded" and "+" in "".join(element.attrib.values()):  # MathML Core adds no lengths
            return self._grouped(element, depth)
        if tag in COUNTS and len(element) != COUNTS[tag]:
            raise Unconvertible(tag)
        if tag in COUNTS:
            inner = "".join(self._single(child, depth + 1) for child in element)
        elif tag == "mrow" and len(element) == 1:
            return self.one(element[0], depth + 1, before, after)
        else:
            inner = "".join(self.row(list(element), depth + 1))
        return f"<{tag}{attributes(tag, element)}>{inner}</{tag}>"

    def _single(self, child: Element, depth: int) -> str:
        """Return ``child`` as one of the parts of its parent, each of which is one element."""
        return self.one(child, depth) if child.tag != "mrow" or len(child) == 1 else self._grouped(child, depth)

    def _grouped(self, row: Element, depth: int) -> str:
        return f"<mrow>{''.join(self.row(list(row), depth + 1))}</mrow>"

    def _scripts(self, element: Element, depth: int, before: Element | None, after: Element | None) -> str:
        tag, parts = str(element.tag), list(element)
        if len(parts) != COUNTS[tag]:
            raise Unconvertible(tag)
        base, *scripts = parts
        mark = self._text(scripts[-1]) if scripts[-1].tag == "mo" else ""
        if mark in RULES:
            side = "top" if tag == "mover" else "bottom"
            style = RULES[mark].format(side, side)
            return f'<mrow style="{style}">{"".join(self.row([base], depth + 1))}</mrow>'
        if tag == "mover" and mark and mark in _ACCENTS:
            return self._accented(element, mark, depth)
        word = self._word(self._core(base))
        if tag in _LIMITS and ((word and word.kind == "limits") or self._text(self._core(base)) in _LARGE):
            tag = _LIMITS[tag]
        inner = self.one(base, depth + 1, before, after) if len(base) != 0 or base.tag != "mrow" else "<mrow></mrow>"
        inner += "".join(self._single(script, depth + 1) for script in scripts)
        return f"<{tag}>{inner}</{tag}>"

    def _accented(self, element: Element, mark: str, depth: int) -> str:
        """Return what has a ``mark`` above it: a hat or a tilde is as wide as that only where TeX says so."""
        sign = element[1]
        narrow = mark in "^~" and ("accent" in element.attrib or sign.get("stretchy") == "false")
        wide = ' stretchy="false"' if narrow else ' stretchy="true"' if mark in "^~¯→←↔" else ""
        shown = escape(mark if narrow else mark.translate(_WIDE), quote=True)
        return f'<mover accent="true">{self._single(element[0], depth + 1)}<mo{wide}>{shown}</mo></mover>'

    # -- tokens

    def _token(self, element: Element, before: Element | None, after: Element | None) -> str:
        word = self._word(element)
        if word is not None:
            return self._named(word, before, after)
        text = self._text(element)
        if text.startswith("\\") and text != "\\":
            raise Unconvertible(text)  # a command that nobody knows
        tag, variant = str(element.tag), element.get("mathvariant", "")
        style = ""
        if tag == "mi" and "Α" <= text <= "Ω" and not variant:
            variant = "normal"  # TeX sets Greek capitals upright
        if variant not in {"", "normal"} and tag in {"mi", "mn"}:
            text, style = math_letters.styled(text, variant)
        if tag == "mo" and text in LETTERS:
            tag = "mi"
        elif tag == "mi" and is_operator(text):
            tag = "mo"
            element = Element("mo", {**element.attrib, "stretchy": "false"})
        shown = escape(text, quote=True)
        if tag == "mo":
            return f"<mo{self._spacing(element, text, before, after)}>{shown}</mo>"
        normal = ' mathvariant="normal"' if tag == "mi" and (variant == "normal" or text in LETTERS) else ""
        return f"<{tag}{normal}{style}>{shown}</{tag}>"

    def _named(self, word: Word, before: Element | None, after: Element | None) -> str:
        """Return words: a function has a thin space on the side of what is neither an operator nor a bracket."""
        if word.kind not in {"function", "limits"}:
            face = f' style="{FACES[word.kind]}"' if word.kind in FACES else ""
            return f"<mtext{face}>{escape(word.text, quote=True).replace(' ', chr(0xA0))}</mtext>"
        left = before is not None and before.tag != "mspace" and not self._binds(before, _CLOSES)
        right = after is not None and after.tag != "mspace" and not self._binds(after, _OPENS)
        limits = ' movablelimits="true"' if word.kind == "limits" else ""
        space = f' lspace="{_THIN if left else 0}" rspace="{_THIN if right else 0}"'
        return f'<mo form="prefix" stretchy="false"{space}{limits}>{escape(word.text, quote=True)}</mo>'

    def _binds(self, element: Element, sides: frozenset[str]) -> bool:
        """Return whether ``element`` needs no space beside a function: an operator, but not one of these ``sides``."""
        if self._is_name(element):
            return sides is _CLOSES  # of two functions the first one has it
        sign = self._sign(element)
        if sides is _CLOSES:
            return bool(sign) and unicodedata.category(sign) not in _CLOSES
        return bool(sign) and unicodedata.category(sign) not in _CLOSES | {"Po"}

    def _spacing(self, element: Element, text: str, before: Element | None, after: Element | None) -> str:
        """Return the attributes of an operator, with the spaces that TeX has around it."""
        made = attributes("mo", element)
        if text in _TIGHT and "lspace" not in made and "minsize" not in made and "fence=" not in made:
            made += ' lspace="0" rspace="0"'
        elif text in _SIGNS and "form" not in made and (before is None or self._leads(before)):
            made += ' form="prefix"'
        elif text == "," and after is None:
            made += ' rspace="0"'
        return made

    def _leads(self, before: Element) -> bool:
        """Return whether a sign after ``before`` is one of what follows, and stands between nothing."""
        sign = self._sign(before)
        return bool(sign) and unicodedata.category(sign) not in _CLOSES and sign not in "!|‖"

    # -- tables

    def _table(self, element: Element, depth: int) -> str:
        lines = element.get("columnlines", "").split()
        rows = element.get("rowlines", "").split()
        tight = element.get("columnspacing", "").startswith("0em")
        wide = element.get("displaystyle") == "true"
        made = []
        for number, row in enumerate(element):
            if row.tag != "mtr":
                raise Unconvertible(str(row.tag))
            below = "border-bottom:1px solid" if rows[number : number + 1] == ["solid"] else ""
            cells = [
                self._cell(cell, depth, [padding(place, len(row), tight, wide), below, line(lines, place)])
                for place, cell in enumerate(row)
            ]
            made.append(f"<mtr>{''.join(cells)}</mtr>")
        return f"<mtable{attributes('mtable', element)}>{''.join(made)}</mtable>"

    def _cell(self, cell: Element, depth: int, styles: list[str]) -> str:
        if cell.tag != "mtd":
            raise Unconvertible(str(cell.tag))
        side = cell.get("columnalign", "")
        styles = [SIDES.get(side, ""), *styles]
        style = ";".join(filter(None, styles))
        children = [child for child in cell if child.tag != "mi" or len(child) or (child.text or "").strip()]
        inner = "".join(self.row(children, depth + 1))
        return f"<mtd{f' style={chr(34)}{style}{chr(34)}' if style else ''}>{inner}</mtd>"
