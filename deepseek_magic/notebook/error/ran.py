"""Which cell holds code that ran: the number in the name under which IPython compiled it does not always say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import CodeType
from typing import Any

from deepseek_magic.notebook.cells import ExecutedCell

#: Magics that compile the body of their cell with the body's own line numbers, by the names that they give it.
_MAGICS: Mapping[str, tuple[str, ...]] = {
    "<timed exec>": ("time",),
    "<timed eval>": ("time",),
    "<magic-timeit>": ("timeit",),
    "<string>": ("prun",),
}
BODIES = frozenset(_MAGICS)
_SIGNS = {"pinfo": "?", "pinfo2": "?", "psearch": "?", "sx": "!", "system": "!"}
_PROMPT = re.compile(r"(?:>>>|\.\.\.|In \[\d+\]:|\.{3,}:) ?")
_MAGIC = re.compile(r"run_(line|cell)_magic\(['\"]([\w.]+)")


def cell_of_code(cells: Iterable[ExecutedCell], count: int, ran: Sequence[str]) -> ExecutedCell | None:
    """Return the cell of ``cells`` whose code ``ran``; ``None`` if none of them holds it.

    IPython 9 numbers what runs inside of a cell (``%%capture``, ``run_cell``) as if it were the next cell.

    Args:
        cells: those that may hold it, the likeliest first.
        count: the execution count in the name of the code.
        ran: its lines as IPython compiled them.
    """
    for cell in cells:
        typed = cell.source.split("\n")
        if not _holds(typed, ran):
            continue
        # the cell itself ran as a whole; else a part of it, which only a cell magic runs
        if bool(magic_of(typed)) or (cell.count == count and _is_whole(typed, ran)):
            return cell
    return None


def cell_of_body(cells: Mapping[int, ExecutedCell], failing: int, code: CodeType) -> ExecutedCell | None:
    """Return the cell whose magic (``%%time``, ``%%timeit``, ``%%prun``) compiled ``code``; ``None``: it is not known.

    What stands outside of any function was running, so it is of the failing cell; a function may be of any.
    """
    names = _MAGICS.get(code.co_filename, ())
    outside = code.co_name in ("<module>", "inner")
    counts = [failing] if outside else [failing, *sorted(cells, reverse=True)]
    for count in counts:
        cell = cells.get(count)
        if cell is None or magic_of(cell.source.split("\n")) not in names:
            continue
        if outside or any(_alike(one, code) for one in _codes(cell.source)):
            return cell
    return None


def above_body(source: str) -> int:
    """Return how many lines of a cell ``source`` that begins with a cell magic are above its body."""
    return next((at for at, line in enumerate(source.split("\n"), 1) if line.strip()), 0)


def magic_of(typed: Sequence[str]) -> str:
    """Return the name of the cell magic with which ``typed`` begins; "" for none."""
    first = next((line for line in typed if line.strip()), "")
    found = re.match(r"%%([\w.]+)", first)
    return found[1] if found else ""


def _said(lines: Iterable[str]) -> list[str]:
    return [text for line in lines if (text := _PROMPT.sub("", line.strip(), count=1).strip())]


def _holds(typed: Sequence[str], ran: Sequence[str]) -> bool:
    """Return whether each line that ``ran`` is one of ``typed``, or what IPython makes of a magic in it."""
    said, whole = set(_said(typed)), "\n".join(typed)
    lines = _said(ran)
    return bool(lines) and all(line in said or _is_made_of(line, whole) for line in lines)


def _is_whole(typed: Sequence[str], ran: Sequence[str]) -> bool:
    """Return whether ``ran`` is all that was ``typed``; a magic may go over more lines than what is made of it."""
    return len(_said(typed)) <= len(_said(ran)) or any("get_ipython()" in line for line in ran)


def _is_made_of(line: str, typed: str) -> bool:
    if "get_ipython()" not in line:
        return False
    magics = _MAGIC.findall(line)
    if not magics:
        return "!" in typed
    return all(
        f"{'%%' if kind == 'cell' else ''}{name}" in typed or (name in _SIGNS and _SIGNS[name] in typed)
        for kind, name in magics
    )


def _codes(source: str) -> Iterator[CodeType]:
    """Yield what Python makes of the body of a cell: its code, and that of everything in it."""
    body = "\n".join(source.split("\n")[above_body(source) :])
    try:
        left: list[Any] = [compile(body, "<body>", "exec", dont_inherit=True)]
    except (SyntaxError, ValueError):  # with magics in it
        return
    while left:
        code = left.pop()
        yield code
        left += [one for one in code.co_consts if isinstance(one, CodeType)]


def _alike(one: CodeType, other: CodeType) -> bool:
    """Return whether both are of the same lines; names of globals count not: in ``%%timeit`` they are of a function."""

    def said(code: CodeType) -> object:
        consts = [repr(const) for const in code.co_consts if not isinstance(const, CodeType)]
        return code.co_name, code.co_firstlineno, code.co_argcount, code.co_varnames, consts

    return said(one) == said(other)
