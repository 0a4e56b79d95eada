"""The code blocks of a reply, by CommonMark's rules (0.31.2, sections 4.4 and 4.5)."""

from __future__ import annotations

from dataclasses import dataclass, field

from .blocks import read


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """One block of code: its lines, taken out of what it stands in, and the language its fence names ("" if none).

    ``source`` has no line end after its last line. ``indented`` says that no fence is around it, only blanks before
    it: much of that is prose whose author did not mean it as code.
    """

    source: str
    language: str
    indented: bool = field(default=False, compare=False)


def code_blocks(markdown: str) -> tuple[CodeBlock, ...]:
    """Return the fenced and indented code of ``markdown`` in order, also in lists and quotes; the last may be open."""
    parser = read(markdown)
    parser.finish()
    return tuple(
        CodeBlock(leaf.text, leaf.language, indented=leaf.kind == "code")
        for leaf in parser.document.leaves()
        if leaf.kind in {"fence", "code"}
    )


def ends_in_fence(markdown: str) -> bool:
    """Whether ``markdown`` ends inside a code fence."""
    leaf = read(markdown).leaf
    return leaf is not None and leaf.kind == "fence"
