"""``-c needs``: only the cells that define the names in the question, and the cells that these depend on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from deepseek_magic.context.source import Source
from deepseek_magic.guard import NOTHING_MASKED, Redactor
from deepseek_magic.notebook.cells import ExecutedCell, kept_back, run_again

from .cells import CELL, cell_item, noted

if TYPE_CHECKING:
    from deepseek_magic.context.items import Item
    from deepseek_magic.context.reader import Reader

#: The most characters of one cell's output: here the code matters.
OUTPUT_LIMIT = 1_000


def needs(
    executed: Sequence[ExecutedCell],
    names: Iterable[str],
    *,
    before: int | None = None,
    transform: Callable[[str], str] | None = None,
    namespace: Mapping[str, Any] | None = None,
    redactor: Redactor = NOTHING_MASKED,
) -> list[Item]:
    """Return the executed cells that ``names`` come from, as items in the order of execution.

    Args:
        executed: all executed cells, oldest first, without the running one.
        names: the names to trace back.
        before: only consider cells before this execution count, such as that of the failing cell.
        transform: converts IPython syntax to Python.
        namespace: the user's names and values, of which only the types are used.
        redactor: masks secrets.
    """
    from deepseek_magic.notebook.slice.walk import cells_behind  # slow to import, and most questions do not need it

    able = [
        cell for cell in executed if (before is None or cell.count < before) and not (cell.question or cell.ignored)
    ]
    cells, unread = cells_behind(able, names, transform, namespace)
    replaced = run_again(able)
    items = []
    for cell in cells:
        again = replaced.get(cell.count)
        notes = [f"run again since: [{again}] replaces [{cell.count}]"] if again else []
        items.append(cell_item(cell, notes, output_limit=OUTPUT_LIMIT, redactor=redactor))
    if items and unread:
        return noted(items, f"not searched, for they do not read as Python: {', '.join(f'[{one}]' for one in unread)}")
    return items


def hidden(
    executed: Sequence[ExecutedCell],
    names: Iterable[str],
    *,
    before: int | None = None,
    transform: Callable[[str], str] | None = None,
    namespace: Mapping[str, Any] | None = None,
) -> Iterator[ExecutedCell]:
    """Yield the cells that ``names`` come from and that are marked never to be sent; arguments as for `needs`."""
    if not any(cell.ignored for cell in executed):
        return
    from deepseek_magic.notebook.slice.walk import cells_behind  # as above

    able = [cell for cell in executed if (before is None or cell.count < before) and not cell.question]
    yield from (cell for cell in cells_behind(able, names, transform, namespace)[0] if cell.ignored)


def read(reader: Reader, _argument: object) -> list[Item] | str:
    """Return the cells that the names in the question come from; with ``-c error`` also those of the failed cell."""
    from deepseek_magic.notebook.slice.walk import names_in_text  # as above

    notebook, for_error = reader.notebook, any(selector.source == "error" for selector in reader.selected)
    transform, failed = notebook.transform, notebook.failure if for_error else None
    asked = names_in_text(reader.words, notebook.names | reader.names.keys())
    starts: list[tuple[Sequence[str], int | None]] = [(asked, None)]
    if failed is not None:
        starts.append((failed.names(transform), failed.count or None))
    found: dict[str, Item] = {}
    marked: dict[int, ExecutedCell] = {}
    for names, before in starts:
        for item in needs(
            reader.executed,
            names,
            before=before,
            transform=transform,
            namespace=notebook.namespace,
            redactor=reader.redactor,
        ):
            found[item.title] = item
        for cell in hidden(reader.executed, names, before=before, transform=transform, namespace=notebook.namespace):
            marked[cell.count] = cell
    if failed is not None:  # the failed cell itself is sent with the error
        found.pop(f"cell [{failed.count}]", None)
    if not found and not for_error:  # an error need not depend on other cells
        if marked:
            return f"No cell was sent: {kept_back(marked.values())}."
        return "No cell was sent: the question names nothing that a cell defined. Name variables in `backticks`."
    if marked:
        reader.notices.append(f"Of what this needs, cells were {kept_back(marked.values())}.")
    order = {cell.title: place for place, cell in enumerate(reader.executed)}
    return sorted(found.values(), key=lambda item: order.get(item.title, 0))


SOURCE = Source("needs", CELL, {"needs": "just the cells that the names in the question come from"}, read)
