"""Which cells some names come from: sessions as lists of cells, and the exact cells that are taken."""

from __future__ import annotations

import gc
import sys

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from deepseek_magic.context.sources.needs import needs
from deepseek_magic.notebook.cells import ExecutedCell
from deepseek_magic.notebook.saved_file import SavedCell, SavedNotebook
from deepseek_magic.notebook.slice import walk
from deepseek_magic.notebook.slice.walk import cells_behind, names_in_text

transform = TransformerManager().transform_cell
LOAD = "import pandas as pd\ndf = pd.read_csv('a.csv')"

#: What was executed, cell by cell, the names to start from, and the counts of the cells that are taken.
SESSIONS = {
    "one definition": (["x = 1", "y = 2"], "x", [1]),
    "a chain": (["a = 1", "b = a + 1", "c = b * 2", "z = 0"], "c", [1, 2, 3]),
    "the newest definition counts": (["x = 1", "x = 2", "y = x"], "y", [2, 3]),
    "one that reads itself keeps the older": (["x = 1", "x = x + 1"], "x", [1, 2]),
    "read before it was bound anew": (["x = 1", "y = x", "x = 5"], "y", [1, 2]),
    "an augmented assignment": (["n = 0", "n += 1", "m = 3"], "n", [1, 2]),
    "an import": ([LOAD, "s = df['a'].sum()", "import os"], "s", [1, 2]),
    "an import under another name": (["import numpy as np", "import os", "v = np.ones(3)"], "v", [1, 3]),
    "a module's methods do not change it": (["import numpy as np", "np.random.seed(0)", "v = np.ones(3)"], "v", [1, 3]),
    "a dotted import": (["import os.path", "p = os.path.sep"], "p", [1, 2]),
    "from an import": (["from math import sqrt, pi", "r = sqrt(2)"], "r", [1, 2]),
    "from a star import": (["from math import *", "x = 1", "r = sqrt(2)"], "r", [1, 3]),
    "a star import is not for what has a name": (["from math import *", "x = 1"], "x", [2]),
    "builtins come from nowhere": (["from math import *", "n = len('abc')"], "n", [2]),
    "a shadowed builtin": (["list = [1]", "n = list"], "n", [1, 2]),
    "a column is set": ([LOAD, "df['b'] = 1", "print(df)"], "df", [1, 2]),
    "an attribute is set": (["class A: pass\na = A()", "a.size = 3", "b = 1"], "a", [1, 2]),
    "looking at it changes nothing": ([LOAD, "df.head()", "df.describe()", "df.groupby('a').mean()"], "df", [1]),
    "in place": ([LOAD, "df.dropna(inplace=True)", "df.dropna(inplace=False)"], "df", [1, 2]),
    "an element is appended": (["xs = []", "xs.append(1)", "xs.index(1)"], "xs", [1, 2]),
    "a model is fitted": (["m = Model()", "X = 1", "h = m.fit(X)", "p = m.predict(X)"], "m", [1, 2, 3]),
    "a slot of an element": (["d = {}", "d['a'] = []", "d['a'].append(1)", "d.get('a')"], "d", [1, 2, 3]),
    "a column is deleted": ([LOAD, "del df['b']"], "df", [1, 2]),
    "a name is deleted": (["x = 1", "del x"], "x", [2]),
    "the values that are needed for a change": (["xs = []", "v = 3", "xs.append(v)"], "xs", [1, 2, 3]),
    "a function's free names": (["k = 2", "def f(v):\n    return v * k", "u = 9", "y = f(1)"], "y", [1, 2, 4]),
    "a function that is defined before what it calls": (
        ["def f():\n    return g()", "def g():\n    return 1", "y = f()"],
        "y",
        [1, 2, 3],
    ),
    "a free name is read when the function is called": (
        ["k = 1", "def f():\n    return k", "k = 2", "y = f()", "k = 3"],
        "y",
        [2, 3, 4],
    ),
    "a parameter is not a free name": (["k = 2", "def f(k):\n    return k", "y = f(1)"], "y", [2, 3]),
    "a local name is not a free name": (["k = 2", "def f():\n    k = 1\n    return k"], "f", [2]),
    "a default is read at once": (["k = 2", "def f(v=k):\n    return v", "k = 3", "y = f()"], "y", [1, 2, 4]),
    "a decorator": (["import functools", "@functools.cache\ndef f():\n    return 1"], "f", [1, 2]),
    "nested functions": (
        ["k = 1", "j = 2", "def f():\n    j = 3\n    def g():\n        return j + k\n    return g"],
        "f",
        [1, 3],
    ),
    "nonlocal stays inside": (
        ["n = 1", "def f():\n    n = 0\n    def g():\n        nonlocal n\n        n += 1\n    g()", "f()"],
        "n",
        [1],
    ),
    "a function that changes a global": (
        ["items = []", "def add(x):\n    items.append(x)", "add(3)", "print(items)"],
        "items",
        [1, 2, 3],
    ),
    "a function that rebinds a global": (
        ["n = 0", "def up():\n    global n\n    n += 1", "up()", "m = 1"],
        "n",
        [1, 2, 3],
    ),
    "through another function": (
        ["xs = []", "def a():\n    xs.append(1)", "def b():\n    a()", "b()"],
        "xs",
        [1, 2, 3, 4],
    ),
    "a function that changes what it is given": (
        [LOAD, "def clean(t):\n    t.dropna(inplace=True)", "def show(t):\n    print(t)", "clean(df)", "show(df)"],
        "df",
        [1, 2, 4],
    ),
    "a shuffled list": (["import random", "deck = [1, 2]", "random.shuffle(deck)"], "deck", [1, 2, 3]),
    "a lambda": (["k = 2", "f = lambda v: v * k", "y = f(1)"], "y", [1, 2, 3]),
    "a lambda that runs at once": (["k = 1", "y = sorted([1], key=lambda v: v * k)", "k = 2"], "y", [1, 2]),
    "a comprehension's names are its own": (["v = 1", "xs = [v for v in range(3)]"], "xs", [2]),
    "a comprehension's first iterable": (["v = [1]", "xs = [v for v in v]"], "xs", [1, 2]),
    "a walrus in a comprehension": (["ys = [(z := i) for i in [1]]", "w = z"], "w", [1, 2]),
    "a class body": (
        ["base = 1", "k = 2", "class A:\n    k = base\n    def m(self):\n        return k"],
        "A",
        [1, 2, 3],
    ),
    "base classes": (["class A: pass", "class B(A): pass", "b = B()"], "b", [1, 2, 3]),
    "a branch may not run": (["x = 1", "ok = True", "if ok:\n    x = 2"], "x", [1, 2, 3]),
    "one of two branches runs": (["x = 1", "ok = True", "if ok:\n    x = 2\nelse:\n    x = 3"], "x", [2, 3]),
    "a loop may not run": (["x = 0", "for i in []:\n    x = i"], "x", [1, 2]),
    "a loop that sums": (["t = 0", "xs = [1]", "for x in xs:\n    t += x"], "t", [1, 2, 3]),
    "an import with a way out": (
        ["json = 1", "try:\n    import simplejson as json\nexcept ImportError:\n    import json", "x = json"],
        "x",
        [2, 3],
    ),
    "try may fail": (["x = 1", "try:\n    x = f()\nexcept E as e:\n    pass"], "x", [1, 2]),
    "with binds": (["p = 'f'", "with open(p) as h:\n    text = h.read()", "n = len(text)"], "n", [1, 2, 3]),
    "match binds": (["q = (1, 2)", "match q:\n    case (a, *b):\n        pass", "c = b"], "c", [1, 2, 3]),
    "unpacking": (["a, (b, *c) = 1, (2, 3)", "d = c"], "d", [1, 2]),
    "only the statement that counts": (["p = 1", "q = 2", "a = p\nb = q", "r = b"], "r", [2, 3, 4]),
    "bound before in its own cell": (["t = 1", "t = 2\nu = t", "v = u"], "v", [2, 3]),
    "top-level await": (["async def get():\n    return 1", "r = await get()", "s = r"], "s", [1, 2, 3]),
    "an annotated name": (["x: int = 1", "x: int", "y = x"], "y", [1, 3]),
    "a string's expressions": (["n = 1", "s = f'{n:>{w}}'", "w = 3"], "s", [1, 2]),
    "a timed cell": (["n = 3", "%%time\nx = n", "y = x"], "y", [1, 2, 3]),
    "a timed line": (["n = 3", "%time x = n", "y = x"], "y", [1, 2, 3]),
    "timeit binds nothing": (["x = 1", "%%timeit -n 1\nx = 2", "y = x"], "y", [1, 3]),
    "a captured cell": (["%%capture out\nx = 1", "t = out.stdout"], "t", [1, 2]),
    "a shell line": (["name = 'f'", "files = !ls {name} $other", "other = 1"], "files", [1, 2]),
    "a magic beside code": (["%matplotlib inline\nx = 1", "!pip list", "y = x"], "y", [1, 3]),
    "a script that was run": (["%run setup.py", "x = 1", "y = helper(x)"], "y", [1, 2, 3]),
    "another magic's cell is no Python": (["%%writefile a.py\nx = 1", "x = 2", "y = x"], "y", [2, 3]),
    "questions are no cells": (["x = 1", "%%deepseek\nx = 2", "%deepseek x", "# why\n%deepseek x"], "x", [1]),
    "a marked cell is never taken": (["x = 1", "# deepseek: ignore\nx = 2", "y = x"], "y", [1, 3]),
    "several names": (["a = 1", "b = 2", "c = 3"], "c a", [1, 3]),
    "nothing of that name": (["a = 1"], "b", []),
    "names of the language's own": (["π = 3", "área = π * 2"], "área", [1, 2]),
    "a cell in no language": (["this is no code", "x = 1"], "x", [2]),
}  # fmt: skip


def cells(*sources: str, failed: tuple[int, ...] = (), ids: tuple[str, ...] = ()) -> list[ExecutedCell]:
    return [
        ExecutedCell(
            count,
            source,
            cell_id=ids[count - 1] if ids else "",
            failed=count in failed,
            ignored="deepseek: ignore" in source,
            question=source.startswith(("%deepseek", "%%deepseek", "# why")),
        )
        for count, source in enumerate(sources, 1)
    ]


def taken(executed: list[ExecutedCell], *names: str, before: int | None = None) -> list[int]:
    items = needs(executed, names, before=before, transform=transform)
    return [int(item.title.removeprefix("cell [").removesuffix("]")) for item in items]


@pytest.mark.parametrize(("sources", "names", "wanted"), SESSIONS.values(), ids=list(SESSIONS))
def test_just_the_cells_that_count(sources, names, wanted):
    assert taken(cells(*sources), *names.split()) == wanted


def test_a_failed_cell_may_have_bound_its_names():
    assert taken(cells("x = 1", "x = 2\n1 / 0", "y = x", failed=(2,)), "y") == [1, 2, 3]
    assert taken(cells("x = 1", "x = = 2", "y = x", failed=(2,)), "y") == [1, 3]


def test_an_execution_that_was_replaced_counts_only_where_nothing_else_binds_the_name():
    executed = cells("x = 1", "y = x", "x = 2", ids=("a", "b", "a"))
    assert taken(executed, "x") == [3]
    assert taken(executed, "y") == [1, 2]
    assert needs(executed, ["y"])[0].notes == ("run again since: [3] replaces [1]",)
    assert taken(cells("x = 1", "z = 2", "y = x", ids=("a", "a", "b")), "y") == [1, 3]
    assert taken(cells("n = 0", "n += 1", "n += 1", ids=("a", "b", "b")), "n") == [1, 3]
    assert taken(cells("x = 1", "x = 1\n1 / 0", "y = x", failed=(2,), ids=("a", "a", "b")), "y") == [1, 2, 3]


def test_only_what_ran_before_the_failing_cell():
    executed = cells("x = 1", "1 / x", "x = 5", failed=(2,))
    assert taken(executed, "x", before=2) == [1]


def test_a_cell_that_ran_and_does_not_read_is_said():
    items = needs(cells("no code here", "x = 1"), ["x"])
    assert items[0].notes == ()  # its text does not even have the name
    items = needs(cells("no code with x", "x = 1"), ["x"])
    assert [item.title for item in items] == ["cell [2]"]
    assert items[0].notes == ("not searched, for they do not read as Python: [1]",)


def test_tags_that_only_the_file_knows_are_kept(tmp_path):
    saved = SavedNotebook(tmp_path / "a.ipynb", (SavedCell("code", "x = 'private'", ignored=True),), 0)
    assert needs(saved.mark_ignored(cells("x = 'private'", "y = x")), ["y"])[0].title == "cell [2]"


def test_source_and_a_short_output_are_told():
    cell = ExecutedCell(7, "x = 1\nx", "a" * 5_000)
    (item,) = needs([cell], ["x"])
    assert item.text == f"x = 1\nx\nOutput:\n{'a' * 500}\n[… 4,000 characters left out …]\n{'a' * 500}"


def test_a_long_session_is_searched_where_the_names_stand():
    executed = cells(*(f"v{number} = v{number - 1} + 1" for number in range(1, 2_001)))
    assert len(taken(executed, "v2000")) == 2_000
    assert taken(cells(*["x = 1"] * 2_000), "x") == [2_000]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("why is df empty", "df"),
        ("what is a good plot of `a`?", "plot a"),
        ("it is in the list, isn't it", ""),
        ("sort `df.groupby('size')` by total", "df size total"),
        ("the df.total of it's own", "df"),
        ("x, then df and x again", "x df"),
        ("```python\nmodel.fit(x)\n```", "model x"),
        ("Straße und größe", "größe"),
    ],
)
def test_names_that_a_question_speaks_of(text, names):
    known = {"df", "a", "x", "it", "t", "s", "is", "size", "total", "plot", "model", "größe", "in"}
    assert names_in_text(text, known) == tuple(names.split())


@pytest.mark.parametrize(
    "loop",
    [
        "for one in (a, b):",
        "for one in [a, b]:",
        "for i, one in enumerate([a, b]):",
        "for n, one in zip('xy', (a, b)):",
        "for n, one in {'a': a, 'b': b}.items():",
        "for one in {'a': a, 'b': b}.values():",
        "for one in both:",
    ],
)
@pytest.mark.parametrize(("name", "wanted"), [("a", {2, 4}), ("b", {2, 3})])
def test_a_loop_over_several_values_changes_each_of_them(loop, name, wanted):
    """At the end the loop's name is the last of them, which says nothing of the others."""
    frame = type("DataFrame", (), {"__module__": "pandas", "drop": lambda self, inplace: None})
    namespace = {"frame": frame}
    sources = ["a, b = frame(), frame(); both = [a, b]", f"{loop}\n    one.drop(inplace=True)", "b.y = 0", "a.y = 1"]
    for source in sources:
        exec(source, namespace)
    executed = [ExecutedCell(count, source) for count, source in enumerate(sources, 1)]
    cells, _ = cells_behind(executed, [name], None, namespace)
    assert {cell.count for cell in cells} == {1} | wanted


def test_what_is_taken_out_of_a_container_is_the_object_itself():
    frame = type("DataFrame", (), {"__module__": "pandas", "drop": lambda self, inplace: None})
    namespace = {"frame": frame}
    sources = ["a = frame()", "every = {'a': a}", "one = every['a']", "one.drop(inplace=True)", "c = 1"]
    for source in sources:
        exec(source, namespace)
    executed = [ExecutedCell(count, source) for count, source in enumerate(sources, 1)]
    assert {cell.count for cell in cells_behind(executed, ["a"], None, namespace)[0]} == {1, 2, 3, 4}


def test_a_stop_before_the_walk_begins_leaves_the_collector_of_garbage_on():
    """At whichever line of the pause: a stop comes between any two."""
    code, stopped_at, began = walk._uncollected.__wrapped__.__code__, [], []

    def trace(frame, event, _):
        if frame.f_code is not code:
            return None
        if event == "line" and not began and frame.f_lineno not in stopped_at:
            stopped_at.append(frame.f_lineno)
            raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    while not began:
        sys.settrace(trace)
        try:
            with walk._uncollected():
                began.append(gc.isenabled())
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(before)
        assert gc.isenabled()
    assert (began, len(stopped_at) > 3) == ([False], True)


@pytest.mark.parametrize("collects", [True, False])
def test_the_collector_of_garbage_is_left_as_it_was(collects):
    """Also where the walk ends by an error, such as a stop of the user."""

    def stopped(_source):
        raise KeyboardInterrupt

    before = gc.isenabled()
    (gc.enable if collects else gc.disable)()
    try:
        assert [cell.count for cell in cells_behind([ExecutedCell(1, "x = 1")], ["x"])[0]] == [1]
        assert gc.isenabled() is collects
        with pytest.raises(KeyboardInterrupt):
            cells_behind([ExecutedCell(1, "x = !ls")], ["x"], stopped)
        assert gc.isenabled() is collects
    finally:
        (gc.enable if before else gc.disable)()
