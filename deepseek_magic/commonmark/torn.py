r"""Display formulas that a blank line tears apart: models write them, and TeX does not allow them.

To CommonMark a blank line ends the paragraph, and the rest of the formula is another, or a list. Here the lines after
it are held until it is clear what they are: those of the formula, if its end comes before anything that reads like
prose or is another block; else what CommonMark says. A few lines at most are held, so the work stays linear.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from . import folds
from .leaves import FENCE, HEADING
from .lines import Cursor
from .maths import open_formula, without_words_of_tex

MOST = 24
"""Lines that are held at most."""

# Two words side by side, or one alone: letters of a formula stand between signs.
_PROSE = re.compile(r"[^\W\d_]{2,}[,;:]? +[^\W\d_]{2,}|\W{0,3}[^\W\d_]{3,}[.,:;!?]?$|(?:.{0,40}[^\W\d_]{2,}[.!?] )")


class HeldLine(NamedTuple):
    """A line that is held: where it starts in the source, and its text with its ending."""

    start: int
    text: str


def fits(cursor: Cursor, formula: str) -> bool:
    """Return whether the line at ``cursor`` may be one of a formula that ``formula`` would end."""
    if cursor.blank:
        return True
    if cursor.indent < 4 and any(cursor.match(start) for start in (FENCE, HEADING, folds.EDGE)):
        return False
    text = cursor.words().strip()
    if formula == "$$" and text.startswith("$$") and text != "$$":
        return False  # it starts another
    return not _PROSE.search(without_words_of_tex(text.partition(formula)[0]))


def ends(cursor: Cursor, formula: str) -> bool:
    """Return whether ``formula``, which is open before this line, is not after it."""
    return not cursor.blank and not open_formula(cursor.words(), formula)
