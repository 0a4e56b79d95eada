"""The code blocks of a reply, by CommonMark's rules (0.31.2, sections 4.4 and 4.5)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from .blocks import read
from .links import resolved

#: The languages of blocks that are cells.
PYTHON = ("python", "python3", "py", "py3", "ipython", "ipython3")
# What follows a fence carries more than a language at times: {python}, {code-cell} ipython3, python:main.py.
_LANGUAGE = re.compile(r"[\s{.]*(?:code-cell\}?\s+|language-)?([\w+#-]*)")
# Such a block is a document, and its code that of the blocks in it. Depth is bounded: each level has longer fences.
_DOCUMENTS = ("markdown", "md")
_DEPTH = 4


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """One block of code: its lines, taken out of what it stands in, and the language its fence names ("" if none).

    ``source`` has no line end after its last line; ``name`` is the language without what surrounds it, in lower case:
    ``python`` for ``{python}`` and for ``python:main.py``. ``indented`` says that no fence is around it, only blanks
    before it: much of that is prose whose author did not mean it as code.
    """

    source: str
    language: str
    indented: bool = field(default=False, compare=False)
    name: str = field(default="", compare=False)


def code_blocks(markdown: str, depth: int = 0) -> tuple[CodeBlock, ...]:
    """Return the fenced and indented code of ``markdown`` in order, also in lists and quotes; the last may be open.

    Of a block that is markdown itself it is the code of the fences in it, if it has any.
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
    """Return the places of the ``blocks`` in Python; if none is said to be, of those without a language.

    Beside Python, a block without a language mostly shows what the code prints. A blank block is none of them.
    """
    filled = [place for place, block in enumerate(blocks) if block.source.strip()]
    named = [place for place in filled if blocks[place].name in PYTHON]
    return named or [place for place in filled if not blocks[place].name]


def ends_in_fence(markdown: str) -> bool:
    """Return whether ``markdown`` ends inside a code fence."""
    leaf = read(markdown).leaf
    return leaf is not None and leaf.kind == "fence"
