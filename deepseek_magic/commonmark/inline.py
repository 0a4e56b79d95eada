"""Parse the text of a block: code spans, links, emphasis, formulas and text (CommonMark 0.31.2, chapter 6).

One pass from left to right over each text, because precedence in CommonMark depends on position: code spans, formulas
and autolinks bind first, in order, then links, then emphasis. Additions: GFM strikethrough and bare addresses, formulas
(a ``span`` of class ``math``), and the harmless raw tags. An image is an ``img`` that holds its description as text; a
footnote stays text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import ClassVar
from xml.etree.ElementTree import Element

from .autolinks import MAIL, START, Autolink, bare, in_angles
from .brackets import Bracket, enclose, link, target_behind
from .emphasis import Delimiter, Part, delimiter_run, fill
from .links import Target, reference_at
from .maths import Formula, Formulas
from .spans import Ticks, code_span, formula_span

SPECIAL = rf"[\\`*_\[\]<&$\n~]|!\[|{START}"
_SCANS = re.compile(SPECIAL), re.compile(f"{SPECIAL}|{MAIL}")
_RUN = re.compile(r"(.)\1*", re.DOTALL)
_BLANKS = re.compile(r"[ \t]*")
_RAW_TAG = re.compile(r"<(/?)(sub|sup|kbd|b|i)>|<(br)[ ]*/?>", re.IGNORECASE)
_ESCAPABLE = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


def plain(text: str) -> bool:
    """Return whether ``text`` has no markup at all, like most table cells."""
    return _SCANS["@" in text].search(text) is None


class Inline:
    """Parses one text into an element; ``definitions`` are the link targets by normalised label.

    Unfinished markup is text (but see `growing`).
    """

    scans = _SCANS  # where to stop: in text without an "@", and in text with one
    handlers: ClassVar[dict[str, Callable[..., int]]]  # by first character

    def __init__(self, text: str, definitions: Mapping[str, Target]) -> None:
        self.text = text
        self._definitions = definitions
        self._parts: list[Part] = []
        self._brackets: list[Bracket] = []
        self._inactive = 0  # brackets below this index cannot open a link: a link was made after them
        self._ticks = Ticks(text)
        self._formulas = Formulas(text)
        self.literal: list[tuple[int, int]] = []  # start and end of each code span and formula

    def into(self, parent: Element) -> None:
        """Fill ``parent``."""
        text = self.text
        scan = self.scans["@" in text]
        parts = self._parts
        position = 0
        size = len(text)
        while position < size:
            match = scan.search(text, position)
            if not match:
                parts.append(text[position:])
                break
            start = match.start()
            if start > position:
                parts.append(text[position:start])
            handler = self.handlers.get(text[start])
            position = handler(self, start) if handler else self._address(match)
        self._finish(parent)

    def _finish(self, parent: Element) -> None:
        fill(parent, self._parts)

    # -- a handler for each special character: takes its index, returns the index after what it read

    def _plain(self, start: int) -> int:
        self._parts.append(self.text[start])
        return start + 1

    def _escape(self, start: int) -> int:
        """Read a hard line break by backslash (6.7), a backslash escape (2.4), or one of the two TeX brackets."""
        following = self.text[start + 1 : start + 2]
        if following in {"(", "[", "b"} and (end := self._formula(start)):
            return end
        if following == "\n":
            self._parts.append(Element("br"))
            return self._next_line(start + 1)
        if following in {"[", "]"} and self._alone(start):
            return self._plain(start)  # of a display formula that a blank line has torn apart
        if following and following in _ESCAPABLE:
            self._parts.append(self._escaped(following))
            return start + 2
        return self._plain(start)

    def _alone(self, start: int) -> bool:
        """Return whether the two characters at ``start`` are alone on their line."""
        text = self.text
        return text[start - 1 : start] in {"", "\n"} and text[start + 2 : start + 3] in {"", "\n"}

    def _escaped(self, character: str) -> str:
        """Return what a backslash and ``character`` show (`rich_text` shows some escapes as typed)."""
        return character

    def _line_end(self, start: int) -> int:
        """Read a hard line break (6.7) or a soft one (6.8)."""
        parts = self._parts
        last = parts[-1] if parts else None
        hard = False
        if isinstance(last, str):
            parts[-1] = stripped = last.rstrip(" ")
            hard = len(last) - len(stripped) >= 2
        parts.append(Element("br") if hard else "\n")
        return self._next_line(start)

    def _next_line(self, end: int) -> int:
        """Return the place after the line end at ``end`` and the blanks that follow."""
        match = _BLANKS.match(self.text, end + 1)
        return match.end() if match else end + 1

    def _code(self, start: int) -> int:
        """Read a code span (6.1)."""
        after = self._run(start)
        closing = self._ticks.closing(after - start, after)
        if closing < 0:
            return self._unclosed_code(start, after)
        self._parts.append(code_span(self.text[after:closing]))
        end = closing + after - start
        self.literal.append((start, end))
        return end

    def _unclosed_code(self, start: int, after: int) -> int:
        self._parts.append(self.text[start:after])
        return after

    def _run(self, start: int) -> int:
        """Return the end of the run of one character that starts at ``start``."""
        match = _RUN.match(self.text, start)
        return match.end() if match else start + 1

    def _delimiters(self, start: int) -> int:
        end = self._run(start)
        self._parts.append(delimiter_run(self.text, start, end))
        return end

    def _dollar(self, start: int) -> int:
        end = self._formula(start)
        if not end:  # the run opens nothing; trying each of its dollars again would be in vain
            end = self._run(start)
            self._parts.append(self.text[start:end])
        return end

    def _formula(self, start: int) -> int:
        """Read a formula and return its end, or 0."""
        formula = self._formulas.at(start)
        if formula is None:
            return self._unclosed_formula(start)
        self.literal.append((start, formula.end))
        self._parts.append(self._shown(formula, self.text[start : formula.end]))
        return formula.end

    def _shown(self, formula: Formula, source: str) -> Part:
        """Return the element of a formula (`rich_text` shows it as typed)."""
        element = formula_span(formula)
        return source if element is None else element

    def _unclosed_formula(self, start: int) -> int:  # noqa: ARG002
        return 0  # its start is text (`growing` overrides this)

    def _reference(self, start: int) -> int:
        """Read an entity or numeric character reference (2.5)."""
        found = reference_at(self.text, start)
        if found is None:
            return self._plain(start)
        self._parts.append(found[0])
        return found[1]

    def _angle(self, start: int) -> int:
        """Read an autolink (6.5) or a harmless raw tag."""
        if found := in_angles(self.text, start):
            return self._autolink(found)
        match = _RAW_TAG.match(self.text, start)
        if not match:
            return self._plain(start)
        if match[3]:
            self._parts.append(Element("br"))
        else:
            closing = bool(match[1])
            self._parts.append(Delimiter(match[2].lower(), 1, not closing, closing, source=match[0]))
        return match.end()

    def _address(self, start: re.Match[str]) -> int:
        if found := bare(self.text, start):
            return self._autolink(found)
        self._parts.append(start[0])
        return start.end()

    def _autolink(self, found: Autolink) -> int:
        self._parts.append(link(found.address, found.text))
        return found.end

    # -- 6.3 Links, 6.4 Images

    def _open_bracket(self, start: int) -> int:
        image = self.text[start] == "!"
        after = start + 1 + image
        if image and self.text[start + 1 : after] != "[":
            return self._plain(start)
        if self._brackets:
            self._brackets[-1].nested = True
        self._brackets.append(Bracket(len(self._parts), after, image))
        self._parts.append(self.text[start:after])
        return after

    def _close_bracket(self, start: int) -> int:
        if not self._brackets:
            return self._plain(start)
        bracket = self._brackets.pop()
        active = bracket.image or len(self._brackets) >= self._inactive
        self._inactive = min(self._inactive, len(self._brackets))
        found = self._target(bracket, start) if active else None
        if found is None:
            return self._unclosed_link(bracket, start) if active else self._plain(start)
        target, end = found
        element = link(target.address)
        if target.title:
            element.set("title", target.title)
        self._enclose(bracket, element)
        if bracket.image:
            element.tag = "img"
            element.set("src", element.attrib.pop("href"))
        else:
            self._inactive = len(self._brackets)
        return end

    def _enclose(self, bracket: Bracket, element: Element, *, open_end: bool = False) -> None:
        """Put all since ``bracket`` into ``element``."""
        enclose(element, self._parts[bracket.part + 1 :], image=bracket.image, open_end=open_end)
        self._parts[bracket.part :] = [element]

    def _target(self, bracket: Bracket, closing: int) -> tuple[Target, int] | None:
        """Return what the link text that ends at ``closing`` points to, and where the whole link ends."""
        return target_behind(self.text, bracket, closing, self._definitions)

    def _unclosed_link(self, bracket: Bracket, closing: int) -> int:  # noqa: ARG002 (`growing` needs it)
        """Read the bracket at ``closing``, which does not end a link."""
        return self._plain(closing)


Inline.handlers = {
    "\\": Inline._escape,
    "\n": Inline._line_end,
    "`": Inline._code,
    "*": Inline._delimiters,
    "_": Inline._delimiters,
    "~": Inline._delimiters,
    "$": Inline._dollar,
    "&": Inline._reference,
    "<": Inline._angle,
    "!": Inline._open_bracket,
    "[": Inline._open_bracket,
    "]": Inline._close_bracket,
}
