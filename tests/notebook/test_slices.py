"""Slices of whole notebooks against the right ones, which running the cells proves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from deepseek_magic.notebook.slice.walk import cells_behind
from tests.notebook.slices import session
from tests.sizes import part_of

pytestmark = pytest.mark.filterwarnings("ignore")
transform = TransformerManager().transform_cell
SETS = ("development", "held_out")  # nothing was tuned to the second one
EVERY = [one for name in SETS for one in session.read(name)]


@pytest.fixture(autouse=True)
def standins() -> Iterator[None]:
    with session.libraries():
        yield


def taken(one: session.Slice) -> set[int]:
    with session.run(one) as run:
        cells, _ = cells_behind(run.executed, one.names, transform, run.shell.user_ns)
    return {cell.count for cell in cells}


@pytest.mark.thorough
@pytest.mark.parametrize("name", SETS)
def test_slices_are_nearly_always_exact(name):
    pairs = [(one, taken(one)) for one in session.read(name)]
    recall = sum(len(found & one.right) / len(one.right) for one, found in pairs) / len(pairs)
    precision = sum(len(found & one.right) / max(1, len(found)) for one, found in pairs) / len(pairs)
    exact = sum(found == one.right for one, found in pairs) / len(pairs)
    wrong = {one.title: sorted(found ^ one.right) for one, found in pairs if found != one.right}
    assert len(pairs) >= 40
    assert (recall >= 0.95, precision >= 0.92, exact >= 0.9) == (True, True, True), (recall, precision, exact, wrong)


@pytest.mark.slow
@pytest.mark.parametrize("one", part_of(EVERY), ids=lambda one: one.title)
def test_the_right_cells_are_enough_and_each_is_needed(one):
    assert session.wrong(one) == ""


def test_none_of_the_users_code_runs():
    ran = []

    class Meta(type):
        def __getattribute__(cls, name):
            ran.append(name)
            return super().__getattribute__(name)

    class Guarded(metaclass=Meta):
        def __getattribute__(self, name):
            ran.append(name)
            return object.__getattribute__(self, name)

        def __repr__(self):
            ran.append("repr")
            return ""

        def __eq__(self, other):
            ran.append("eq")
            return True

        __hash__ = None

    value = Guarded()
    ran.clear()
    cells = [
        session.ExecutedCell(1, "a = Guarded()"),
        session.ExecutedCell(2, "b = a"),
        session.ExecutedCell(3, "a.append(1)\nb.items.append(2)\nc = [a, *b]\na += b\nd = f(a, b=b)"),
    ]
    cells_behind(cells, ["a", "b", "c", "d", "_"], transform, {"a": value, "b": value, "c": [value], "f": Guarded})
    assert ran == []


@pytest.mark.parametrize(
    "source",
    [
        "x = " + "+".join(["1"] * 5_000),
        "x" + ".a" * 5_000,
        "x" + "()" * 3_000,
        "class A(A): pass\nx = A()\nx.m()",
        "class A(B):\n    def m(self): self.m()\nclass B(A): pass\nx = A()\nx.n()",
        "def f(*a, **k): return f(*a, **k)\nx = f(x, y=x)",
        "x = x\ny = x\nx = y\nx, y = y, x\nx[y] = x",
        "for x.a in y: pass\nfor x[0], (y, *z) in zip(x): x.append(y)",
        "exec()\nexec(x, y)\nglobals().update(*x, **y)\nglobals()[x] = 1\nOut[x]\nOut['a']\n_99",
        "%%bash --out\n",
        "%%writefile\nx",
        "f = lambda: 0; (lambda x: x)(x)\nx = lambda *a, **k: a",
        "x: list[int]\nwith x as (y, z), y as x.a: pass\nmatch x:\n    case {'a': y, **z}: x.pop()\n",
    ],
    ids=range(13),
)
def test_whatever_a_cell_holds_nothing_is_raised(source):
    cells = [
        session.ExecutedCell(1, "x = y = []"),
        session.ExecutedCell(2, source),
        session.ExecutedCell(3, "x.append(_)"),
    ]
    found, _ = cells_behind(cells, ["x", "y", "z", "_", "Out", "A"], transform, {"x": [], "_oh": {1: 1}})
    assert found


def test_a_name_with_hundreds_of_aliases():
    sources = ["x = []", *(f"x{n} = x\nx{n}.append({n})" for n in range(300))]
    cells = [session.ExecutedCell(n, source) for n, source in enumerate(sources, 1)]
    assert len(cells_behind(cells, ["x"], transform)[0]) > 40
