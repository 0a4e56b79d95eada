"""Just the cells that some names come from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from deepseek_magic.context.items import Item
from deepseek_magic.notebook.cells import ExecutedCell, run_again
from deepseek_magic.notebook.slice.walk import cells_behind

from .cells import cell_item

#: Most characters of one cell's output: the code matters here.
OUTPUT_LIMIT = 1_000


def needs(
    executed: Sequence[ExecutedCell],
    names: Iterable[str],
    *,
    before: int | None = None,
    transform: Callable[[str], str] | None = None,
    mask: Callable[[str], str] = str,
) -> list[Item]:
    """Return the executed cells that ``names`` come from, as items in the order of execution.

    Args:
        executed: all executed cells, oldest first, without the running one.
        names: where to start.
        before: only what ran before this execution count, the failing cell's for example.
        transform: turns IPython's own syntax into Python.
        mask: hides secrets in a text.
    """
    able = [
        cell for cell in executed if (before is None or cell.count < before) and not (cell.question or cell.ignored)
    ]
    cells, unread = cells_behind(able, names, transform)
    replaced = run_again(able)
    items = []
    for cell in cells:
        again = replaced.get(cell.count)
        notes = [f"run again since: [{again}] replaces [{cell.count}]"] if again else []
        items.append(cell_item(cell, notes, output_limit=OUTPUT_LIMIT, mask=mask))
    if items and unread:
        note = f"not searched, for they do not read as Python: {', '.join(f'[{count}]' for count in unread)}"
        items[0] = replace(items[0], notes=(*items[0].notes, note))
    return items
