"""Read the question of a cell from its source in a notebook's file, without running it."""

from __future__ import annotations

import re
from itertools import islice

from deepseek_magic.context.sentences import FIX
from deepseek_magic.errors import OptionError

from . import options
from .options import FIX_OPTIONS, OPTIONS, HelpAsked

_CELL = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*[ \t]*%%deepseek(?:[ \t]([^\n]*))?(?:\n|\Z)")
_LINE = re.compile(r"^(?:[^#'\"\n]*=)?[ \t]*%(deepseek|deepseek_fix)(?:[ \t]([^\n]*))?$", re.MULTILINE)


def question_in(source: str, place: int) -> str:
    """Return question number ``place`` (from 1) of a cell with this ``source``; "" if it cannot be determined.

    Expressions in braces stay as typed.
    """
    if cell := _CELL.match(source):
        body = source[cell.end() :].removesuffix("\n")
        return _question("deepseek", cell[1] or "", body) if place == 1 else ""
    asked = (question for found in _LINE.finditer(source) if (question := _question(found[1], found[2] or "")))
    return next(islice(asked, place - 1, None), "")


def _question(magic: str, line: str, body: str = "") -> str:
    try:
        parsed = options.parse(line, OPTIONS if magic == "deepseek" else FIX_OPTIONS)
    except (OptionError, HelpAsked):
        return ""
    if parsed.values.get("dry_run"):
        return ""
    text = "\n\n".join(part for part in (parsed.text, body) if part)
    if magic == "deepseek_fix":
        return f"{FIX}\n\n{text}" if text.strip() else FIX
    return text if text.strip() else ""
