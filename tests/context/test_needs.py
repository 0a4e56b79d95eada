"""The cells that names come from, and those of them that are kept back."""

from __future__ import annotations

from deepseek_magic.context.sources.needs import hidden, needs
from deepseek_magic.notebook.cells import ExecutedCell


def test_a_cell_that_a_name_comes_from_and_that_is_kept_back_is_known():
    executed = [
        ExecutedCell(1, "path = 'a'"),
        ExecutedCell(2, "# deepseek: ignore\nkey = path", ignored=True),
        ExecutedCell(3, "other = 1  # deepseek: ignore", ignored=True),
        ExecutedCell(4, "table = load(key)"),
    ]
    assert [item.title for item in needs(executed, ["table"])] == ["cell [4]"]
    assert [cell.count for cell in hidden(executed, ["table"])] == [2]
    assert [cell.count for cell in hidden(executed, ["table"], before=2)] == []
    assert [cell.count for cell in hidden(executed, ["path"])] == []
