"""Choose the code blocks of a reply for the next cell, and check that they compile, without running them."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from deepseek_magic.notebook.kernel import Kernel
from deepseek_magic.text import one_line

from . import next_cell

if TYPE_CHECKING:
    from deepseek_magic.commonmark.code_blocks import CodeBlock

    from .session import Session

#: The comment above code that was cut.
CUT = "the code was cut; %deepseek_continue goes on with it"
# IPython takes these for a wish for help or a call; they are the signs of a question and of a list, too.
_SENTENCE = re.compile(r"\?[ \t\r]*$|^[ \t]*(?:[?,;/]|%+\s)", re.MULTILINE)
# The wish for help on one name, which is code; of a longer line that ends so IPython reads the last word.
_HELP = re.compile(r"(?:>>> |In \[\d+\]: )?\?{0,2}%{0,2}[\w.*]+(?:\[-?\d+\])*\?{0,2}")


def blocks_of(shell: Any, text: str) -> tuple[CodeBlock, ...]:
    """Return the code blocks of the reply ``text``; without fences, only the indented text that is clearly code."""
    # the parser of blocks is not needed before
    from deepseek_magic.commonmark.code_blocks import code_blocks

    blocks = code_blocks(text)
    fenced = tuple(block for block in blocks if not block.indented)
    return fenced or tuple(block for block in blocks if _is_code(shell, block.source))


def source_of(shell: Any, text: str) -> str:
    """Return the source in ``text``, an answer in code: its `main_places`, or the text where it is bare code."""
    return _answer(shell, text)[0]


def problem_of(shell: Any, text: str) -> str:
    """Return why the source in ``text``, an answer in code, does not compile; "" if it does, or is not Python."""
    source, language = _answer(shell, text)
    return "" if language else compile_problem(shell, source)


def offer(session: Session, kernel: Kernel, text: str, *, cut: bool) -> tuple[str, ...]:
    """Put the source in ``text``, an answer in code that was ``cut`` or not, into the next cell; return what to say."""
    source, language = _answer(kernel.shell, text)
    note = f"this is {language}, not Python" if language else compile_note(kernel.shell, source)
    return next_cell.offer(session, kernel, source, CUT if cut else note)


def _answer(shell: Any, text: str) -> tuple[str, str]:
    """Return the source in ``text``, an answer in code, and its language if that is not Python.

    A question of the model's is none, also where it stands in the fence that was begun for it.
    """
    from deepseek_magic.commonmark.code_blocks import PYTHON  # the parser of blocks is not needed before

    blocks = blocks_of(shell, text)
    if not any(block.source.strip() for block in blocks):
        bare = text.strip()
        return (bare if _is_code(shell, bare) else ""), ""
    chosen = [blocks[place] for place in main_places(blocks)]
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
    """Return ``source`` with IPython's syntax replaced, if there is a shell."""
    return source if shell is None else str(shell.transform_cell(source))


def _does(node: ast.AST, lines: Sequence[str]) -> bool:
    """Return whether ``node`` occurs in code but not in prose."""
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


def main_places(blocks: Sequence[CodeBlock]) -> list[int]:
    """Return the places in ``blocks`` of those that are the code: those in Python, else all that hold anything."""
    from deepseek_magic.commonmark.code_blocks import python_places  # as above

    return python_places(blocks) or [place for place, block in enumerate(blocks) if block.source.strip()]


def compile_note(shell: Any, source: str) -> str:
    """Return a note of why ``source`` is not a cell that compiles; "" if it is."""
    problem = compile_problem(shell, source)
    return f"this does not compile ({problem})" if problem else ""


def compile_problem(shell: Any, source: str) -> str:
    """Return why ``source`` is not a cell that compiles, in a few words; "" if it is, IPython's syntax included."""
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
