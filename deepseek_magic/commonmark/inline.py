"""What stands inside a block: code spans, links, emphasis, formulas and text (CommonMark 0.31.2, chapter 6).

One pass from left to right over each text, because CommonMark's rules bind by position: code spans, formulas and
autolinks first come first served, then links, then emphasis. Additions: GFM strikethrough and bare addresses,
formulas, and the harmless raw tags. Changes: an image becomes a link, a footnote stays text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from .autolinks import MAIL, START, address_at
from .elements import code_span, for_serializer, link, literal, target_at, unlinked
from .emphasis import Mark, Part, build, delimiter_run, pair
from .links import Target, label_at, normalised, reference_at, resolved
from .maths import Formulas, typeset

RAW_TAGS = frozenset({"sub", "sup", "kbd", "b", "i"})
_SPECIAL = r"[\\`*_\[\]<&$\n~]|!\["
_PLAIN_SCAN = re.compile(f"{_SPECIAL}|{START}")
_MAIL_SCAN = re.compile(f"{_SPECIAL}|{START}|{MAIL}")
_TICKS = re.compile("`+")
_AUTOLINK = re.compile(r"<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>\x00-\x20]*)>")
_AUTOMAIL = re.compile(r"<([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*)>")
_RAW_TAG = re.compile(r"<(/?)(sub|sup|kbd|b|i)>|<(br)[ ]*/?>", re.IGNORECASE)
_ESCAPABLE = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


@dataclass(slots=True, eq=False)
class Bracket:
    """An opening bracket: its index among the parts, the place after it in the text, and whether ``!`` is before."""

    part: int
    start: int
    image: bool
    nested: bool = False  # another bracket was opened after it


def plain(text: str) -> bool:
    """Whether ``text`` is nothing but text, as most table cells are."""
    return (_MAIL_SCAN if "@" in text else _PLAIN_SCAN).search(text) is None


class Inline:
    """Parses one text into an element.

    ``definitions`` are the link targets by normalised label. What is begun and never ended is text; `growing`
    has another view of that.
    """

    def __init__(self, text: str, definitions: Mapping[str, Target]) -> None:
        self._text = text
        self._definitions = definitions
        self._parts: list[Part] = []
        self._brackets: list[Bracket] = []
        self._inactive = 0  # brackets below this index open no link: a link was made after them
        self._ticks: dict[int, list[int]] | None = None
        self._formulas = Formulas(text)
        self.typeset = False  # whether a formula was found

    def into(self, parent: Element) -> None:
        """Fill ``parent``."""
        text = self._text
        scan = _MAIL_SCAN if "@" in text else _PLAIN_SCAN
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
            handler = _HANDLERS.get(text[start])
            position = handler(self, start) if handler else self._address(start, match)
        self._finish(parent)

    def _finish(self, parent: Element) -> None:
        pair([part for part in self._parts if isinstance(part, Mark)])
        build(self._parts, parent, for_serializer)

    # -- one handler for each special character: takes its place, returns where to go on

    def _plain(self, start: int) -> int:
        self._parts.append(self._text[start])
        return start + 1

    def _escape(self, start: int) -> int:
        """6.1 Hard line breaks by backslash, 2.4 Backslash escapes, and the two TeX brackets."""
        following = self._text[start + 1 : start + 2]
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
        """Whether the two characters at ``start`` are all there is on their line."""
        text = self._text
        return text[start - 1 : start] in {"", "\n"} and text[start + 2 : start + 3] in {"", "\n"}

    def _escaped(self, character: str) -> str:
        """What is shown of a backslash and the ``character`` after it (`formatted` shows some as typed)."""
        return character

    def _line_end(self, start: int) -> int:
        """6.7 Hard line breaks, 6.8 Soft line breaks."""
        parts = self._parts
        last = parts[-1] if parts else None
        hard = False
        if isinstance(last, str):
            parts[-1] = stripped = last.rstrip(" ")
            hard = len(last) - len(stripped) >= 2
        parts.append(Element("br") if hard else "\n")
        return self._next_line(start)

    def _next_line(self, end: int) -> int:
        """After the line end at ``end`` and the blanks that follow."""
        text = self._text
        position = end + 1
        while position < len(text) and text[position] in " \t":
            position += 1
        return position

    def _code(self, start: int) -> int:
        """6.1 Code spans."""
        text = self._text
        ticks = _TICKS.match(text, start)
        after = ticks.end() if ticks else start + 1
        closing = self._closing_ticks(after - start, after)
        if closing < 0:
            return self._unclosed_code(start, after)
        self._parts.append(code_span(text[after:closing]))
        return closing + after - start

    def _unclosed_code(self, start: int, after: int) -> int:
        self._parts.append(self._text[start:after])
        return after

    def _closing_ticks(self, count: int, after: int) -> int:
        """The next run of exactly ``count`` backticks, or -1. All runs are listed once, so that this stays linear."""
        if self._ticks is None:
            self._ticks = {}
            for match in _TICKS.finditer(self._text):
                self._ticks.setdefault(match.end() - match.start(), []).append(match.start())
        places = self._ticks.get(count, [])
        index = bisect_right(places, after - 1)
        return places[index] if index < len(places) else -1

    def _delimiters(self, start: int) -> int:
        text = self._text
        end = start + 1
        while end < len(text) and text[end] == text[start]:
            end += 1
        self._parts.append(delimiter_run(text, start, end))
        return end

    def _dollar(self, start: int) -> int:
        return self._formula(start) or self._plain_run(start)

    def _plain_run(self, start: int) -> int:
        """A run of dollars that opens nothing: each would only be tried again in vain."""
        end = start + 1
        while self._text.startswith("$$", start) and end < len(self._text) and self._text[end] == "$":
            end += 1
        self._parts.append(self._text[start:end])
        return end

    def _formula(self, start: int) -> int:
        """The end of the formula at ``start``, or 0."""
        formula = self._formulas.at(start)
        if formula is None:
            return self._unclosed_formula(start)
        tex = typeset(formula)
        if tex is None:
            self._parts.append(self._text[start : formula.end])
        else:
            # An element of its own, so that MathJax cannot join it with what stands beside it.
            element = Element("span")
            element.text = literal(tex)
            self._parts.append(element)
            self.typeset = True
        return formula.end

    def _unclosed_formula(self, start: int) -> int:  # noqa: ARG002 (`growing` needs it)
        """Where to go on after a formula that starts at ``start`` and never ends; 0 where its start is text."""
        return 0

    def _reference(self, start: int) -> int:
        """2.5 Entity and numeric character references."""
        found = reference_at(self._text, start)
        if found is None:
            return self._plain(start)
        self._parts.append(found[0])
        return found[1]

    def _angle(self, start: int) -> int:
        """6.5 Autolinks and the raw tags that are let through."""
        text = self._text
        if match := _AUTOLINK.match(text, start):
            self._parts.append(link(match[1], "", match[1]))
            return match.end()
        if match := _AUTOMAIL.match(text, start):
            self._parts.append(link("mailto:" + match[1], "", match[1]))
            return match.end()
        match = _RAW_TAG.match(text, start)
        if not match:
            return self._plain(start)
        if match[3]:
            self._parts.append(Element("br"))
        else:
            closing = bool(match[1])
            self._parts.append(Mark(match[2].lower(), 1, not closing, closing, source=match[0]))
        return match.end()

    def _address(self, start: int, match: re.Match[str]) -> int:
        text = self._text
        if "@" in match[0]:
            address = match[0].rstrip(".-")
            element = link("mailto:" + address, "", address)
            end = start + len(address)
        else:
            end = address_at(text, start)
            if end == start:
                self._parts.append(match[0])
                return match.end()
            address = resolved(text[start:end].replace("\\", "\\\\"))
            element = link(address if address[:4].lower() != "www." else "http://" + address, "", address)
        self._parts.append(element)
        return end

    # -- 6.3 Links, 6.4 Images

    def _open_bracket(self, start: int) -> int:
        image = self._text[start] == "!"
        after = start + 1 + image
        if image and self._text[start + 1 : after] != "[":
            return self._plain(start)
        if self._brackets:
            self._brackets[-1].nested = True
        self._brackets.append(Bracket(len(self._parts), after, image))
        self._parts.append(self._text[start:after])
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
        inner = self._parts[bracket.part + 1 :]
        del self._parts[bracket.part :]
        element = link(target.address, target.title)
        pair([part for part in inner if isinstance(part, Mark)])
        build(inner, element, for_serializer)
        unlinked(element, bracket.image)
        if not bracket.image:
            self._inactive = len(self._brackets)
        self._parts.append(element)
        return end

    def _unclosed_link(self, bracket: Bracket, closing: int) -> int:  # noqa: ARG002 (`growing` needs it)
        """The bracket at ``closing`` ends no link."""
        return self._plain(closing)

    def _target(self, bracket: Bracket, closing: int) -> tuple[Target, int] | None:
        """What the link text that ends at ``closing`` points to, and where the whole link ends."""
        text = self._text
        if text.startswith("(", closing + 1) and (found := target_at(text, closing + 2)):
            return found
        if not self._definitions:
            return None
        label = label_at(text, closing + 1)
        if label is not None and label[0].strip():
            target = self._definitions.get(normalised(label[0]))
            return (target, label[1]) if target else None
        if bracket.nested or closing - bracket.start > 999:
            return None
        target = self._definitions.get(normalised(text[bracket.start : closing]))
        empty = text.startswith("[]", closing + 1)
        return (target, closing + (3 if empty else 1)) if target else None


_Handler = Callable[[Inline, int], int]
_HANDLERS: dict[str, _Handler] = {
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
