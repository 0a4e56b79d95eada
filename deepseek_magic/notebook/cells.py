"""`ExecutedCell`: one execution of one cell; and which cells are ours, and which are never sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# A comment that begins so, wherever it stands and whatever follows; in cell magics comments have other signs. A mark
# that is misread keeps a cell back; one that is overlooked sends a secret.
_MARK = r"deepseek[ \t]{0,9}[:\uff1a=_-]?[ \t]{0,9}ignor"
_IGNORE = re.compile(rf"(?:#|//|--|/\*|<!|;|%[ \t])[-#:|!/*(\[ \t]{{0,20}}{_MARK}", re.IGNORECASE)
_IGNORE_TAG = re.compile(_MARK, re.IGNORECASE)
_NAMED = 10
_OURS = re.compile(r"%%?deepseek(?:_[a-z]+)?(?![\w?.])")


@dataclass(frozen=True, slots=True)
class ExecutedCell:
    """One execution of one cell.

    Attributes:
        count: its execution count, the number in ``In [3]``.
        source: the code exactly as typed, magics and all, without line ends at its end.
        output: what it printed and showed, as plain text; replies of ours are left out.
        cell_id: the front end's name for the cell; "" if it gave none.
        failed: whether it ended in an error.
        ignored: whether its author marked it never to be sent.
        question: whether it is a question of ours and nothing else; those live in the conversation.
        ended: when it ended, in seconds since the epoch; 0 if that is not known.
        remarks: what is not known about it, each one line for the user.
    """

    count: int
    source: str
    output: str = ""
    cell_id: str = ""
    failed: bool = False
    ignored: bool = False
    question: bool = False
    ended: float = 0.0
    remarks: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Its name for the model and in the receipt."""
        return title_of(self.count)


def title_of(count: int) -> str:
    """Return the name of the cell with the execution count ``count``; a negative one is that of a model's piece."""
    return f"cell [{count}]" if count >= 0 else f"piece {-count}"


def asks_to_be_ignored(source: str, tags: Iterable[object] = ()) -> bool:
    """Return whether a cell is marked never to be sent: by a comment that begins ``deepseek: ignore``, or by a tag.

    A mark in a string counts, too.
    """
    return _IGNORE.search(source) is not None or any(_IGNORE_TAG.match(str(tag).strip()) for tag in tags)


def kept_back(cells: Iterable[ExecutedCell]) -> str:
    """Return a remark that names the ``cells`` that are marked never to be sent; "" if none is."""
    marked = [f"[{cell.count}]" for cell in cells if cell.ignored]
    more = f" and {len(marked) - _NAMED} more" if len(marked) > _NAMED else ""
    return f"kept back, marked `deepseek: ignore`: {', '.join(marked[:_NAMED])}{more}" if marked else ""


def is_question(source: str) -> bool:
    """Return whether a cell consists only of our magics: one of our cell magics, or only our line magics."""
    lines = [line.strip() for line in source.splitlines()]
    said = [line for line in lines if line and not line.startswith("#")]
    if said and said[0].startswith("%%"):
        return _OURS.match(said[0]) is not None
    return bool(said) and all(_OURS.match(line) for line in said)


def holds_a_question(source: str) -> bool:
    """Return whether one of our magics is called anywhere in ``source``."""
    return _OURS.search(source) is not None


def run_again(executed: Sequence[ExecutedCell]) -> dict[int, int]:
    """Return, for each execution whose cell ran again, the count of that cell's newest execution."""
    newest = {cell.cell_id: cell.count for cell in executed if cell.cell_id}
    return {
        cell.count: newest[cell.cell_id] for cell in executed if cell.cell_id and newest[cell.cell_id] != cell.count
    }
