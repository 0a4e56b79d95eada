"""The code blocks of a reply, by CommonMark's rules (0.31.2, sections 4.4 and 4.5)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from .blocks import read
from .links import resolved

#: The languages of blocks that are cells.
PYTHON = ("python", "python3", "py", "py3", "ipython", "ipython3")
# An info string may hold more than a language: {python}, {code-cell} ipython3, python:main.py.
_LANGUAGE = re.compile(r"[\s{.]*(?:code-cell\}?\s+|language-)?([\w+#-]*)")
# Blocks in these languages are documents, whose own code blocks count. The depth is bounded.
_DOCUMENTS = ("markdown", "md")
_DEPTH = 4


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """One block of code.

    Attributes:
        source: its lines, without the markers of lists and quotes around it, and without a line end after the last.
        language: the language that its fence names; "" if there is none.
        indented: whether it is indented and not fenced: much of that is prose that was not meant as code.
        name: the bare language in lower case: ``python`` for ``{python}`` and for ``python:main.py``.
    """

    source: str
    language: str
    indented: bool = field(default=False, compare=False)
    name: str = field(default="", compare=False)


def code_blocks(markdown: str, depth: int = 0) -> tuple[CodeBlock, ...]:
    """Return the fenced and indented code of ``markdown`` in order, also in lists and quotes; the last may be open.

    A block that is itself Markdown is replaced by the fenced code in it, if there is any.
    """
    parser = read(markdown)
    parser.finish()
    blocks: list[CodeBlock] = []
    for leaf in parser.document.leaves():
        if leaf.kind in {"fence", "code"}:
            found = _LANGUAGE.match(resolved(leaf.info))
            name = found[1].lower() if found and leaf.kind == "fence" else ""
            inside = code_blocks(leaf.text, depth + 1) if name in _DOCUMENTS and depth < _DEPTH else ()
            own = CodeBlock(leaf.text, leaf.language, indented=leaf.kind == "code", name=name)
            blocks += [block for block in inside if not block.indented] or [own]
    return tuple(blocks)


def python_places(blocks: Sequence[CodeBlock]) -> list[int]:
    """Return the indices of the ``blocks`` in Python; if none is marked as Python, of those without a language.

    Beside Python blocks, a block without a language usually shows output. Blank blocks are left out.
    """
    filled = [place for place, block in enumerate(blocks) if block.source.strip()]
    named = [place for place in filled if blocks[place].name in PYTHON]
    return named or [place for place in filled if not blocks[place].name]


def ends_in_fence(markdown: str) -> bool:
    """Return whether ``markdown`` ends inside a code fence."""
    leaf = read(markdown).leaf
    return leaf is not None and leaf.kind == "fence"
