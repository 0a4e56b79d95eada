"""What the statements of executed cells change, decided with the types of what is alive."""

from __future__ import annotations

import pandas as pd
import pytest

from deepseek_magic.notebook.cells import ExecutedCell
from deepseek_magic.notebook.slice.cell_effects import CellEffects


def changed(source: str, before: str = "", **namespace) -> set[str]:
    cells = CellEffects([ExecutedCell(1, before or "pass"), ExecutedCell(2, source)], None, namespace)
    return {change.name for effects in cells.of(1) for change in cells.changes(effects)}


@pytest.mark.parametrize(
    ("source", "before", "namespace", "found"),
    [
        ("x.rename_all()", "", {}, {"x"}),
        ("x.rename_all()", "", {"x": pd.DataFrame()}, set()),
        ("x.append(1)", "", {"x": "text"}, set()),
        ("x.append(1)", "", {"x": []}, {"x"}),
        ("f(y, b=x)", "def f(a, b):\n    b.sort()", {}, {"x"}),
        ("f(x)", "def g(a): a.pop()\ndef f(a): g(a)", {}, {"x"}),
        ("f(x)", "def f(a):\n    a = a.copy()\n    a['k'] = 1", {}, set()),
        ("f()", "def f():\n    global n\n    n = 1", {}, {"n"}),
        ("sorted(y, key=f)", "def f(v): x.append(v)", {}, {"x"}),
        ("list(map(f, x))", "def f(v): v.sort()", {}, {"x"}),
        ("o.m()", "class A:\n    def m(self): return self.n\no = A()", {}, set()),
        ("o.m()", "class A:\n    def m(self): self.n = 1\no = A()", {}, {"o"}),
        ("np.add(a, b, out=c)", "import numpy as np", {}, {"c"}),
    ],
)
def test_what_a_statement_changes(source, before, namespace, found):
    assert changed(source, before, **namespace) == found


def test_a_cell_that_does_not_read_is_noted():
    cells = CellEffects([ExecutedCell(1, "no code"), ExecutedCell(2, "x = 1")], None, {})
    assert (cells.of(0), cells.unread, cells.bound("x")) == ([], {1}, [1])
