"""``%deepseek_code``: code blocks of the last reply into the next cell; nothing is ever run."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from deepseek_magic.errors import OptionError, QuestionError
from deepseek_magic.notebook.kernel import Kernel
from deepseek_magic.text import one_line, visible

from .commands import Call, Result

if TYPE_CHECKING:
    from deepseek_magic.commonmark.code_blocks import CodeBlock

# IPython takes these for a wish for help or a call; they are the signs of a question and of a list, too.
_SENTENCE = re.compile(r"\?[ \t]*$|^[ \t]*[?,;/]", re.MULTILINE)


def command(call: Call) -> Result:
    """Put code of the last reply, in the conversation that was asked last, into the next cell.

    The line holds the number of a block, from 1, or nothing: the blocks in Python, joined; where none is said to be,
    those without a language (beside Python, such a block mostly shows what the code prints); else all.

    Raises:
        QuestionError: there is no reply, or no code in it.
        OptionError: there is no block of that number.
    """
    from deepseek_magic.commonmark.code_blocks import PYTHON  # the parser of blocks is not needed before

    conversation, shell = call.session.conversations.latest, call.kernel.shell
    ending = conversation.last_ending
    blocks = () if ending is None else blocks_of(shell, ending.text)
    if not any(block.source.strip() for block in blocks):
        msg = f"the last reply of conversation {conversation.name} holds no code block: ask for code first"
        raise QuestionError(msg)
    chosen = _chosen(blocks, call.line.strip())
    source = "\n\n".join(blocks[number].source.rstrip("\n") for number in chosen)
    python = all(blocks[number].name in ("", *PYTHON) for number in chosen)
    note = put(call.kernel, source, compile_note(shell, source) if python else "")
    return Result(show=(_summary(blocks, chosen, note),))


def blocks_of(shell: Any, text: str) -> tuple[CodeBlock, ...]:
    """Return the code blocks of the reply ``text``; of indented text only what is plainly code, where no fence is."""
    # the parser of blocks is not needed before
    from deepseek_magic.commonmark.code_blocks import code_blocks

    blocks = code_blocks(text)
    fenced = tuple(block for block in blocks if not block.indented)
    return fenced or tuple(block for block in blocks if _is_code(shell, block.source))


def source_of(shell: Any, text: str) -> str:
    """Return the source in ``text``, an answer in code: chosen as `command` does, or the text where it is bare code."""
    blocks = blocks_of(shell, text)
    if any(block.source.strip() for block in blocks):
        return "\n\n".join(blocks[place].source.rstrip("\n") for place in _chosen(blocks, ""))
    return text.strip() if _is_code(shell, text.strip()) else ""


def _is_code(shell: Any, source: str) -> bool:
    """Return whether ``source`` compiles and does something.

    Prose compiles more often than one thinks: "yes or no", "Note: careful", "if so: go", "as said (below)".
    """
    if compile_note(shell, source) or _SENTENCE.search(source):
        return False
    transformed = _as_python(shell, source)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(transformed)
    return any(_does(node, transformed.split("\n")) for node in ast.walk(tree))


def _as_python(shell: Any, source: str) -> str:
    """Return ``source`` with IPython's syntax replaced, where there is a shell."""
    return source if shell is None else str(shell.transform_cell(source))


def _does(node: ast.AST, lines: Sequence[str]) -> bool:
    """Return whether ``node`` is what code has and prose has not."""
    match node:
        case ast.Assign() | ast.AugAssign() | ast.Import() | ast.ImportFrom():
            return True
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return True
        case ast.ClassDef(body=[first, *_]):
            return first.lineno > node.lineno
        case ast.AnnAssign(value=value):
            return value is not None
        case ast.Call(func=ast.expr(end_lineno=int(line), end_col_offset=int(column))):
            return lines[line - 1].encode()[column : column + 1] == b"("  # before which prose has a space
    return False


def _chosen(blocks: Sequence[CodeBlock], word: str) -> list[int]:
    """Return the places in ``blocks`` that ``word`` asks for."""
    from deepseek_magic.commonmark.code_blocks import python_places  # as above

    if not word:
        return python_places(blocks) or [place for place, block in enumerate(blocks) if block.source.strip()]
    if not word.isascii() or not word.isdigit() or not 1 <= int(word) <= len(blocks):
        most = f"a number from 1 to {len(blocks)}" if len(blocks) > 1 else "1"
        msg = f"%deepseek_code: expected {most} (the code blocks of the last reply), found {one_line(word, 40)!r}"
        raise OptionError(msg)
    if not blocks[int(word) - 1].source.strip():
        msg = f"%deepseek_code {word}: block {word} of the last reply is empty"
        raise OptionError(msg)
    return [int(word) - 1]


def offer(kernel: Kernel, source: str, *, cut: bool = False) -> str:
    """Put ``source`` into the next cell, below a note where it does not compile or was ``cut``; return the note."""
    note = "the code was cut; %deepseek_continue goes on with it" if cut else ""
    return put(kernel, source, note or compile_note(kernel.shell, source)) if source.strip() else ""


def put(kernel: Kernel, source: str, note: str) -> str:
    """Put ``source`` into the next cell below its notes; return them on one line.

    A cell magic must stand first: there the note is only returned.
    """
    note = "; ".join(part for part in (note, _hidden(source)) if part)
    noted = note and not source.lstrip().startswith("%%")
    kernel.set_next_cell(f"# Note: {note}\n{source}" if noted else source)
    return note


def _hidden(source: str) -> str:
    """Return "" or a warning of characters that make code look like other code (CVE-2021-42574)."""
    for number, line in enumerate(source.split("\n"), 1):
        for character in line:
            if visible(character) != character and character != "\r":
                return (
                    f"this holds characters that cannot be seen (the first is U+{ord(character):04X} in line {number})"
                )
    return ""


def compile_note(shell: Any, source: str) -> str:
    """Return "" if ``source`` is a cell that compiles, IPython's syntax included; else what is wrong, on one line."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an unusual escape is not a reason to print into the cell
            flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
            compile(_as_python(shell, source), "<reply>", "exec", flags=flags, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        place = f" in line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        return f"this does not compile ({one_line(getattr(error, 'msg', None) or str(error), 80)}{place})"
    return ""


def _summary(blocks: Sequence[CodeBlock], chosen: Sequence[int], note: str) -> str:
    names = ", ".join(str(place + 1) for place in chosen)
    block, verb = ("block", "is") if len(chosen) == 1 else ("blocks", "are")
    said = f"Code {block} {names} of {len(blocks)} {verb} in the next cell; look at the code before you run it."
    left = [f"{place + 1} ({one_line(block.language or 'no language', 20)})" for place, block in enumerate(blocks)]
    rest = [name for place, name in enumerate(left) if place not in chosen]
    if rest:
        said += f" Not taken: {', '.join(rest)}."
    return f"{said} Note: {note}." if note else said
