"""Inline text that is still growing: unfinished markup already looks like what it will be.

Open bold, italics and strikethrough end where the text ends; an open code span is code; an open link shows its text
and not yet its address; an open formula shows its source as code, because MathJax shows an error for half a formula.
The first half of a closing delimiter is not shown.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from .brackets import Bracket
from .emphasis import Delimiter, fill
from .inline import Inline
from .maths import looks_like_maths
from .spans import code_span

# Brackets that are more often a footnote, a citation, a task or an index than a link.
_NO_LINK = re.compile(r"\^|[0-9, ]*$|[xX]?\]?$")
_HALF_TARGET = re.compile(r"\((?:<[^<>\n]*|[^\s<]*(?:[ \t\n]+(?:[\"'(][^\n]*)?)?)$")
# It is looked for in the last characters only: text of nothing but half links would else be read to its end for each.
_LONGEST_TARGET = 2_000
_LONGEST_LINK = 300
# After a dollar, these do not start a formula: an amount of money, a blank, a shell variable.
_NO_FORMULA = re.compile(r"[ \n0-9]|\{[A-Za-z_]|$")
_HALF_TAG = re.compile(r"</?(?:s|su|sub|sup|k|kb|kbd|b|br|i)?/?$", re.IGNORECASE)


class GrowingInline(Inline):
    """`Inline` for the unfinished end of a reply."""

    def into(self, parent: Element) -> None:
        """Fill ``parent``."""
        text = self.text
        half = _HALF_TAG.search(text, max(0, len(text) - 6))
        if half:
            self.text = text[: half.start()]
        elif text.endswith("\\") and not text.endswith("\\\\"):
            self.text = text[:-1]
        super().into(parent)

    def _finish(self, parent: Element) -> None:
        self._hide_last_delimiter()
        if len(self._brackets) > self._inactive and self._may_be_link(self._brackets[-1], len(self.text)):
            self._pending_link(self._brackets[-1])
        fill(parent, self._parts, open_end=True)

    def _hide_last_delimiter(self) -> None:
        """Hide a delimiter run at the very end, whose meaning is not clear yet, unless it closes open markup."""
        last = self._parts[-1] if self._parts else None
        if not isinstance(last, Delimiter) or last.character not in {"*", "_", "~"}:
            return
        opener = any(
            isinstance(part, Delimiter) and part is not last and part.opens and part.character == last.character
            for part in self._parts
        )
        alone = last.character == "_" and last.count == 1
        if not (last.closes and opener) and not (alone and self.text[-2:-1].strip()):
            last.left = 0
            last.closes = False

    def _may_be_link(self, bracket: Bracket, end: int) -> bool:
        """Return whether the text from ``bracket`` to ``end`` looks like the text of a link."""
        text = self.text[bracket.start : end]
        before = self.text[bracket.start - 2 - bracket.image : bracket.start - 1 - bracket.image]
        return len(text) <= _LONGEST_LINK and not _NO_LINK.match(text) and not before.isalnum()

    def _pending_link(self, bracket: Bracket) -> None:
        """Show the text after ``bracket`` as the beginning of a link's text."""
        element = Element("span", {"class": "link"})
        self._enclose(bracket, element, open_end=True)
        for image in element.iter("img"):
            image.tag = "span"
            image.attrib.clear()

    def _unclosed_code(self, start: int, after: int) -> int:
        # A single backtick far back is more likely a character than the start of a code span.
        rest = self.text[after:]
        count = after - start
        half = len(rest) - len(rest.rstrip("`"))
        code = rest[: len(rest) - half] if half < count else rest
        if len(code) > 500:
            return super()._unclosed_code(start, after)
        if code:
            self._parts.append(code_span(code))
        return len(self.text)

    def _unclosed_formula(self, start: int) -> int:
        text = self.text
        environment = text.startswith("\\begin{", start)
        if text.startswith("\\b", start) and not environment:
            return 0
        wide = not text.startswith("$", start) or text.startswith("$$", start)
        rest = text[start + (0 if environment else 2 if wide else 1) :]
        if not wide and (_NO_FORMULA.match(rest) or "$" in rest or "`" in rest or not looks_like_maths(rest)):
            return 0
        source = rest[:-1] if rest.endswith(("$", "\\")) else rest
        if source.strip():
            element = Element("code")
            element.text = source.strip()
            self._parts.append(element)
        return len(text)

    def _unclosed_link(self, bracket: Bracket, closing: int) -> int:
        if not (self._may_be_link(bracket, closing) if closing + 1 == len(self.text) else self._half_target(closing)):
            return self._plain(closing)
        self._pending_link(bracket)
        return len(self.text)

    def _half_target(self, closing: int) -> bool:
        """Return whether the text ends in the target of the link whose text ends at ``closing``."""
        near = len(self.text) - closing <= _LONGEST_TARGET
        return near and _HALF_TARGET.match(self.text, closing + 1) is not None
