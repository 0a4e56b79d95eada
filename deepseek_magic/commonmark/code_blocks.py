"""The code blocks of a reply, by CommonMark's rules (0.31.2, sections 4.4 and 4.5)."""

from __future__ import annotations

from dataclasses import dataclass, field

from .blocks import Node, Structure
from .lines import split_lines
from .links import resolved


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """One block of code: its lines, taken out of what it stands in, and the language its fence names ("" if none).

    ``source`` has no line end after its last line. ``indented`` tells that no fence is around it, only blanks before
    it: much of that is prose whose author did not mean it as code.
    """

    source: str
    language: str
    indented: bool = field(default=False, compare=False)


def code_blocks(markdown: str) -> tuple[CodeBlock, ...]:
    """The fenced and indented code of ``markdown`` in order, also in lists and quotes; the last may be unclosed."""
    structure = Structure()
    for line in split_lines(markdown):
        structure.read(line.rstrip("\r\n"))
    structure.finish()
    return tuple(_found(structure.document))


def _found(node: Node) -> list[CodeBlock]:
    blocks: list[CodeBlock] = []
    for child in node.children:
        if child.kind == "fence":
            words = resolved(child.info).split(maxsplit=1)
            blocks.append(CodeBlock("\n".join(child.lines), words[0] if words else ""))
        elif child.kind == "code":
            lines = child.lines
            while lines and not lines[-1].strip(" \t"):
                lines.pop()
            blocks.append(CodeBlock("\n".join(lines), "", indented=True))
        else:
            blocks.extend(_found(child))
    return blocks
