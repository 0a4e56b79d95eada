"""Close what is open at the end of a Markdown text, so that it does not swallow text that is added below it."""

from __future__ import annotations

from itertools import takewhile

from . import torn
from .blocks import read

# These end by themselves at a line that is not indented or not marked.
_ENDS_ITSELF = ("quote", "list")


def ending(text: str) -> str:
    """Return the lines that close what is open at the end of ``text``: code, a formula, sections that fold."""
    parser = read(text)
    around = [node.kind for node in parser.containers]
    outer = list(takewhile(lambda kind: kind not in _ENDS_ITSELF, around))
    made, leaf = "", parser.leaf
    if leaf is not None and leaf.kind == "fence" and outer == around:
        made = f"{'' if text.endswith(chr(10)) else chr(10)}{leaf.marker}"
    elif leaf is not None and leaf.formula:
        made = "\n" * (torn.MOST + 2)
    return made + "\n\n</details>" * outer.count("details")
