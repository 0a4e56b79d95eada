"""``-c notebook``: the saved notebook, including Markdown cells, in the order of the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from deepseek_magic.context.items import Item
from deepseek_magic.context.source import Kind, Source
from deepseek_magic.guard import NOTHING_MASKED, Redactor
from deepseek_magic.notebook.cells import ExecutedCell, is_question, run_again
from deepseek_magic.notebook.outputs import cut_middle
from deepseek_magic.text import counted

if TYPE_CHECKING:
    from deepseek_magic.context.reader import Reader
    from deepseek_magic.notebook.saved_file import SavedNotebook

#: The most characters of one cell's output.
OUTPUT_LIMIT = 2_000


def notebook_items(
    saved: SavedNotebook,
    executed: Sequence[ExecutedCell] = (),
    *,
    output_limit: int = OUTPUT_LIMIT,
    redactor: Redactor = NOTHING_MASKED,
) -> list[Item]:
    """Return the notebook as one item, without our own questions and cells that are marked to be ignored.

    ``executed`` are the cells of this session: a note lists those whose text is not in the file, because the file is
    older. ``redactor`` masks secrets before anything is cut.
    """
    parts = list(_parts(saved, output_limit, redactor))
    if not parts:
        return []
    again = run_again(executed)
    on_the_page = {cell.source.strip() for cell in saved.cells}
    unsaved = [
        f"[{cell.count}]"
        for cell in executed
        if not (cell.question or cell.ignored or cell.count in again or cell.source.strip() in on_the_page)
    ]
    notes: tuple[str, ...] = ()
    if unsaved:
        shown = ", ".join(unsaved[:10]) + (" and others" if len(unsaved) > 10 else "")
        notes = (f"the file is older than the session: it does not have {shown} as executed; save the notebook",)
    if kept := sum(cell.ignored for cell in saved.cells):
        notes += (f"kept back, marked `deepseek: ignore`: {counted(kept, 'cell')}",)
    return [Item("notebook", f"notebook {saved.path.name}", "\n\n".join(parts), notes)]


def _parts(saved: SavedNotebook, output_limit: int, redactor: Redactor) -> Iterator[str]:
    for number, cell in enumerate(saved.cells, 1):
        if cell.ignored or not cell.source.strip() or (cell.kind == "code" and is_question(cell.source)):
            continue
        count = f" [{cell.count}]" if cell.count is not None else ""
        text = f"--- {number}. {cell.kind}{count} ---\n{redactor.text(cell.source).strip()}"
        output = redactor.text(cell.output).strip("\n")
        yield f"{text}\nOutput:\n{cut_middle(output, output_limit)}" if output else text


def read(reader: Reader, _argument: object) -> list[Item] | str:
    """Return the saved notebook.

    Raises:
        QuestionError: its file is not known, or cannot be read.
    """
    items = notebook_items(reader.notebook.page(), reader.executed, redactor=reader.redactor)
    return items or "No notebook was sent: the saved file has nothing in it that may be sent."


NOTEBOOK = Kind("notebook", changes=20, worth=20, explained=True)
SOURCE = Source("notebook", NOTEBOOK, {"notebook": "the saved notebook, Markdown cells included"}, read)
