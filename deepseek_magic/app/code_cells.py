"""The code of a reply, as the next cell: ``%deepseek_code``, and an answer in code; nothing is ever run."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from deepseek_magic.errors import OptionError, QuestionError
from deepseek_magic.notebook.kernel import Kernel
from deepseek_magic.text import one_line

from . import next_cell
from .commands import Call, Result

if TYPE_CHECKING:
    from deepseek_magic.commonmark.code_blocks import CodeBlock

    from .session import Session

#: What asks for the code that ran.
RAN = "--ran"
#: Stands above code that was cut.
CUT = "the code was cut; %deepseek_continue goes on with it"
# IPython takes these for a wish for help or a call; they are the signs of a question and of a list, too.
_SENTENCE = re.compile(r"\?[ \t\r]*$|^[ \t]*(?:[?,;/]|%+\s)", re.MULTILINE)
# The wish for help on one name, which is code; of a longer line that ends so IPython reads the last word.
_HELP = re.compile(r"(?:>>> |In \[\d+\]: )?\?{0,2}%{0,2}[\w.*]+(?:\[-?\d+\])*\?{0,2}")


def command(call: Call) -> Result:
    """Put code of the last reply, in the conversation that was asked last, into the next cell.

    The line holds `RAN`, for all the code that ran, the number of a block, from 1, or nothing: the blocks in Python,
    joined; where none is said to be, those without a language (beside Python, such a block mostly shows what the code
    prints); else all.

    Raises:
        QuestionError: there is no reply, or no code in it.
        OptionError: there is no block of that number.
    """
    from deepseek_magic.commonmark.code_blocks import PYTHON  # the parser of blocks is not needed before

    if call.line.strip() == RAN:
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


def blocks_of(shell: Any, text: str) -> tuple[CodeBlock, ...]:
    """Return the code blocks of the reply ``text``; of indented text only what is plainly code, where no fence is."""
    # the parser of blocks is not needed before
    from deepseek_magic.commonmark.code_blocks import code_blocks

    blocks = code_blocks(text)
    fenced = tuple(block for block in blocks if not block.indented)
    return fenced or tuple(block for block in blocks if _is_code(shell, block.source))


def source_of(shell: Any, text: str) -> str:
    """Return the source in ``text``, an answer in code: chosen as `command` does, or the text where it is bare code."""
    return _answer(shell, text)[0]


def problem_of(shell: Any, text: str) -> str:
    """Return why the source in ``text``, an answer in code, does not compile; "" where it does, or is not Python."""
    source, language = _answer(shell, text)
    return "" if language else compile_problem(shell, source)


def offer(session: Session, kernel: Kernel, text: str, *, cut: bool) -> tuple[str, ...]:
    """Put the source in ``text``, an answer in code that was ``cut`` or not, into the next cell; return what to say."""
    source, language = _answer(kernel.shell, text)
    note = f"this is {language}, not Python" if language else compile_note(kernel.shell, source)
    return next_cell.offer(session, kernel, source, CUT if cut else note)


def _answer(shell: Any, text: str) -> tuple[str, str]:
    """Return the source in ``text``, an answer in code, and its language where that is not Python.

    A question of the model's is none, also where it stands in the fence that was begun for it.
    """
    from deepseek_magic.commonmark.code_blocks import PYTHON  # the parser of blocks is not needed before

    blocks = blocks_of(shell, text)
    if not any(block.source.strip() for block in blocks):
        bare = text.strip()
        return (bare if _is_code(shell, bare) else ""), ""
    chosen = [blocks[place] for place in _chosen(blocks, "")]
    source = "\n\n".join(block.source.rstrip("\n") for block in chosen)
    language = next((block.name for block in chosen if block.name not in ("", *PYTHON)), "")
    if not language and all(line.rstrip().endswith("?") for line in source.split("\n") if line.strip()):
        return "", ""
    return source, language


def _is_code(shell: Any, source: str) -> bool:
    """Return whether ``source`` compiles and does something.

    Prose compiles more often than one thinks: "yes or no", "Note: careful", "if so: go", "as said (below)".
    """
    if compile_problem(shell, source) or _SENTENCE.search(source):
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
        several = f"a number from 1 to {len(blocks)} (the code blocks of the last reply)"
        most = several if len(blocks) > 1 else "1, as the last reply holds one code block"
        msg = f"%deepseek_code: expected {most}; found {one_line(word, 40)!r}"
        raise OptionError(msg)
    if not blocks[int(word) - 1].source.strip():
        msg = f"%deepseek_code {word}: block {word} of the last reply is empty"
        raise OptionError(msg)
    return [int(word) - 1]


def compile_note(shell: Any, source: str) -> str:
    """Return a note of why ``source`` is not a cell that compiles; "" where it is."""
    problem = compile_problem(shell, source)
    return f"this does not compile ({problem})" if problem else ""


def compile_problem(shell: Any, source: str) -> str:
    """Return why ``source`` is not a cell that compiles, in a few words; "" where it is, IPython's syntax included."""
    transformed = _as_python(shell, source)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an unusual escape is not a reason to print into the cell
            flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
            compile(transformed, "<reply>", "exec", flags=flags, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        place = f" in line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        return f"{one_line(getattr(error, 'msg', None) or str(error), 80)}{place}"
    kept = {*transformed.split("\n")}
    for number, line in enumerate(source.split("\n"), 1):
        if line not in kept and _SENTENCE.search(line) and not _HELP.fullmatch(line.strip()):
            return f"not code in line {number}"  # IPython made something of it all the same
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
