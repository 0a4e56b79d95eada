"""Which names share something with a name, and from where to where."""

from __future__ import annotations

import pytest

from deepseek_magic.notebook.cells import ExecutedCell
from deepseek_magic.notebook.slice.cell_effects import CellEffects
from deepseek_magic.notebook.slice.sharing import Sharing


@pytest.mark.parametrize(
    ("sources", "found"),
    [
        (["a = []", "b = a"], {("b", "", 1, 2)}),
        (["a = []", "b = a", "a = []"], {("b", "", 1, 2)}),
        (["a = []", "b = [a]"], {("b", "up", 1, 2)}),
        (["b = []", "a = [b]"], {("b", "down", 1, 2)}),
        (["a = {}", "b = a['k']"], {("b", "down", 1, 2)}),
        (["b = {}", "a = b['k']", "c = b['l']"], {("b", "part", 1, 3)}),
        (["a = 1", "b = a + 1"], set()),
    ],
)
def test_the_names_that_share_something(sources, found):
    cells = [ExecutedCell(count, source) for count, source in enumerate(sources, 1)]
    related = Sharing(CellEffects(cells, None, {})).related("a")
    every = {(one.name, one.stands, one.first, one.last) for ones in related.values() for one in ones}
    assert every == found
