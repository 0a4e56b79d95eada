"""``%deepseek_code``: put code of the last reply into the next cell, without running it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from deepseek_magic.app import next_cell
from deepseek_magic.app.code_cells import blocks_of, compile_note, main_places
from deepseek_magic.errors import OptionError, QuestionError
from deepseek_magic.settings.misspelt import word_hint
from deepseek_magic.text import one_line

from .call import Call, Result

if TYPE_CHECKING:
    from deepseek_magic.commonmark.code_blocks import CodeBlock

#: What asks for the code that ran.
RAN = "--ran"


def command(call: Call) -> Result:
    """Put code of the last reply, in the conversation that was asked last, into the next cell.

    The line holds `RAN`, for all code that ran; or the number of a block, from 1; or nothing, for the Python blocks,
    joined. If no block is marked as Python, those without a language are taken (beside Python blocks, they usually show
    output), or else all.

    Raises:
        QuestionError: there is no reply, or no code in it.
        OptionError: there is no block with that number.
    """
    from deepseek_magic.commonmark.code_blocks import PYTHON  # the parser of blocks is not needed before

    line = call.line.strip()
    if line.startswith("-") and line != RAN and not line[1:].isdigit():
        msg = f"%deepseek_code: expected the number of a block, {RAN}, or nothing; found {one_line(call.line, 40)!r}"
        raise OptionError(msg + word_hint(call.line, [RAN]))
    if line == RAN:
        from .ran_code import put  # most sessions run none

        return Result(show=(put(call),))
    conversation, shell = call.session.conversations.latest, call.kernel.shell
    ending = conversation.last_ending
    blocks = () if ending is None else blocks_of(shell, ending.text)
    if not any(block.source.strip() for block in blocks):
        msg = f"the last reply of conversation {conversation.name} has no code block: ask for code first"
        raise QuestionError(msg)
    chosen = _chosen(blocks, call.line.strip())
    source = "\n\n".join(blocks[number].source.rstrip("\n") for number in chosen)
    python = all(blocks[number].name in ("", *PYTHON) for number in chosen)
    cell, note = next_cell.noted(source, compile_note(shell, source) if python else "")
    call.kernel.set_next_cell(cell)
    return Result(show=(_summary(blocks, chosen, note),))


def _chosen(blocks: Sequence[CodeBlock], word: str) -> list[int]:
    """Return the indices in ``blocks`` that ``word`` selects."""
    if not word:
        return main_places(blocks)
    if not word.isascii() or not word.isdigit() or not 1 <= int(word) <= len(blocks):
        several = f"a number from 1 to {len(blocks)} (the code blocks of the last reply)"
        most = several if len(blocks) > 1 else "1, as the last reply holds one code block"
        msg = f"%deepseek_code: expected {most}; found {one_line(word, 40)!r}"
        raise OptionError(msg)
    if not blocks[int(word) - 1].source.strip():
        msg = f"%deepseek_code {word}: block {word} of the last reply is empty"
        raise OptionError(msg)
    return [int(word) - 1]


def _summary(blocks: Sequence[CodeBlock], chosen: Sequence[int], note: str) -> str:
    names = ", ".join(str(place + 1) for place in chosen)
    block, verb = ("block", "is") if len(chosen) == 1 else ("blocks", "are")
    said = f"Code {block} {names} of {len(blocks)} {verb} in the next cell; look at the code before you run it."
    left = [f"{place + 1} ({one_line(block.language or 'no language', 20)})" for place, block in enumerate(blocks)]
    rest = [name for place, name in enumerate(left) if place not in chosen]
    if rest:
        said += f" Not taken: {', '.join(rest)}."
    return f"{said} Note: {note}." if note else said
