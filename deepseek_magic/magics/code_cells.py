"""``%deepseek_code``: code blocks of the last reply into the next cell; nothing is ever run."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from deepseek_magic.errors import OptionError, QuestionError, one_line

if TYPE_CHECKING:
    from deepseek_magic.render.code import CodeBlock

    from .session import Session

#: The languages of blocks that are cells; one without a language is taken for Python too.
PYTHON = ("", "python", "python3", "py", "ipython", "ipython3")


def insert(session: Session, shell: Any, line: str) -> str:
    """Put code of the last reply into the next cell; return what to tell the user.

    Args:
        session: holds the last reply of the current conversation.
        shell: the shell whose next cell it is.
        line: the number of a block, from 1, or nothing: all blocks, joined; only those in Python if there are any.

    Raises:
        QuestionError: there is no reply, or no code in it.
        OptionError: there is no block of that number.
    """
    # the parser of blocks is not needed before
    from deepseek_magic.render.code import code_blocks

    ending = session.conversation().last_ending
    blocks = () if ending is None else code_blocks(ending.text)
    if not blocks:
        msg = f"the last reply of conversation {session.current} holds no code block: ask for code first"
        raise QuestionError(msg)
    chosen = _chosen(blocks, line.strip())
    source = "\n\n".join(blocks[number].source.rstrip("\n") for number in chosen)
    note = ""
    if all(blocks[number].language.lower() in PYTHON for number in chosen):
        note = compile_note(shell, source)
    shell.set_next_input(f"# Note: {note}\n{source}" if note else source, replace=False)
    return _summary(blocks, chosen, note)


def _chosen(blocks: Sequence[CodeBlock], word: str) -> list[int]:
    """Return the places in ``blocks`` that ``word`` asks for."""
    if not word:
        python = [place for place, block in enumerate(blocks) if block.language.lower() in PYTHON]
        return python or list(range(len(blocks)))
    if not word.isascii() or not word.isdigit() or not 1 <= int(word) <= len(blocks):
        most = f"a number from 1 to {len(blocks)}" if len(blocks) > 1 else "1"
        msg = f"%deepseek_code: expected {most} (the code blocks of the last reply), found {one_line(word, 40)!r}"
        raise OptionError(msg)
    return [int(word) - 1]


def offer(shell: Any, source: str) -> str:
    """Put ``source`` into the next cell, below a note where it does not compile; return the note."""
    note = compile_note(shell, source)
    if source.strip():
        shell.set_next_input(f"# Note: {note}\n{source}" if note else source, replace=False)
    return note


def compile_note(shell: Any, source: str) -> str:
    """Return "" if ``source`` is a cell that compiles, IPython's syntax included; else what is wrong, on one line."""
    try:
        compile(
            shell.transform_cell(source), "<reply>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True
        )
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        place = f" in line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        return f"this does not compile ({one_line(getattr(error, 'msg', None) or str(error), 80)}{place})"
    return ""


def _summary(blocks: Sequence[CodeBlock], chosen: Sequence[int], note: str) -> str:
    names = ", ".join(str(place + 1) for place in chosen)
    said = f"Code block {names} of {len(blocks)} is in the next cell; look at it before you run it."
    left = [f"{place + 1} ({one_line(block.language or 'no language', 20)})" for place, block in enumerate(blocks)]
    rest = [name for place, name in enumerate(left) if place not in chosen]
    if rest:
        said += f" Not taken: {', '.join(rest)}."
    return f"{said} Note: {note}." if note else said
