r"""Display formulas with a blank line in them, which models write although TeX does not allow it.

In CommonMark a blank line ends the paragraph, and the rest of the formula is another paragraph or a list. Here the
lines after it are held until it is clear what they are: part of the formula, if it ends before anything that looks like
prose or another block; otherwise what CommonMark says. Only a few lines are held, so the work stays linear.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from . import folds
from .leaves import FENCE, HEADING
from .lines import Cursor
from .maths import open_formula, without_words_of_tex

MOST = 24
"""The most lines that are held."""

# Two words side by side, or one alone on its line: letters in a formula have signs between them.
_PROSE = re.compile(r"[^\W\d_]{2,}[,;:]? +[^\W\d_]{2,}|\W{0,3}[^\W\d_]{3,}[.,:;!?]?$|(?:.{0,40}[^\W\d_]{2,}[.!?] )")


class HeldLine(NamedTuple):
    """A held line: the index of its start in the source, and its text with its ending."""

    start: int
    text: str


def fits(cursor: Cursor, formula: str) -> bool:
    """Return whether the line at ``cursor`` may be part of a formula that the delimiter ``formula`` would close."""
    if cursor.blank:
        return True
    if cursor.indent < 4 and any(cursor.match(start) for start in (FENCE, HEADING, folds.EDGE)):
        return False
    text = cursor.words().strip()
    if formula == "$$" and text.startswith("$$") and text != "$$":
        return False  # it starts another formula
    return not _PROSE.search(without_words_of_tex(text.partition(formula)[0]))


def ends(cursor: Cursor, formula: str) -> bool:
    """Return whether this line closes the formula that the delimiter ``formula`` would close."""
    return not cursor.blank and not open_formula(cursor.words(), formula)
