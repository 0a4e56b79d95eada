"""Where an exception passed through: whose code each frame is, its lines as they were typed, and the values there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deepseek_magic.guard import Guard, Redactor
from deepseek_magic.notebook.error.frames import RanCode, excerpt, marked, places, typed_line, values
from deepseek_magic.settings.keys import Secret
from tests.notebook.test_report import Notebook


def way(notebook: Notebook, **more):
    """The frames of the last error of ``notebook``."""
    cells = {cell.count: cell for cell in notebook.cells}
    session = RanCode(cells, notebook.failure.count, notebook.cell_of, notebook.folder, **more)
    return places(notebook.failure.error.__traceback__, session)


def test_frames_are_the_cells_the_users_files_and_libraries(tmp_path, monkeypatch):
    (tmp_path / "mine_for_frames.py").write_text("import json\n\n\ndef load(text):\n    return json.loads(text)\n")
    monkeypatch.syspath_prepend(tmp_path)
    found = way(Notebook(tmp_path).run("import mine_for_frames as m\n\nm.load('{')"))
    assert [(place.kind, place.where) for place in found[:2]] == [
        ("cell", "cell [1], line 3"),
        ("file", "mine_for_frames.py, line 5, in load"),
    ]
    assert {place.kind for place in found[2:]} == {"library"}
    assert all(place.source == () and list(values(place)) == [] for place in found[2:])
    assert found[2].title == "/".join(Path(json.__file__).parts[-3:])
    assert found[1].code == "return json.loads(text)"


def test_a_function_is_shown_with_its_line_and_a_long_one_in_part():
    short = way(Notebook().run("def f(a):\n    b = a\n    return 1 / b\n\n\nf(0)"))
    assert excerpt(short[1]) == "     1 def f(a):\n     2     b = a\n->   3     return 1 / b"
    lines = "".join(f"    x{number} = {number}\n" for number in range(60))
    long = way(Notebook().run(f"def f():\n{lines}    1 / 0\n{lines}f()"))
    assert excerpt(long[1]).count("\n") == 8
    assert "->  62     1 / 0" in excerpt(long[1])


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("a = 1\nb = [0]\nb[a]", ["b", "a"]),
        ("a = 'b'\nc = 1\n'a c' + a[9]", ["a"]),
        ("import os\na = 0\nos.nothing(a)", ["a"]),
        ("def f(a, b=2):\n    c = 3\n    return c / a\nf(0)", ["c", "a", "b"]),
        ("a = {}\nx = a['k']", ["a"]),
        ("class A: pass\nA().b", []),
    ],
)
def test_values_are_those_of_the_line_first_and_never_modules_or_classes(source, names):
    assert [name for name, _ in values(way(Notebook().run(source))[-1])] == names


def test_a_cell_that_is_never_sent_has_neither_source_nor_values():
    notebook = Notebook().run("# deepseek: ignore\ndef f(a):\n    return 1 / a").run("f(0)")
    inside = way(notebook)[-1]
    assert (inside.hidden, inside.source, inside.code, excerpt(inside)) == (True, (), "", "")
    assert list(values(inside)) == []


def test_secrets_in_the_source_are_masked_and_a_secret_of_several_lines_takes_it_all():
    redactor = Redactor(Guard("mask", {}, [Secret("SECRET-0123456789")]))
    (place,) = way(Notebook().run("a = 'SECRET-0123456789'\n1 / 0"), redactor=redactor)
    assert "SECRET" not in excerpt(place)
    assert place.code == "1 / 0"


def test_numbers_and_the_arrow_stand_in_their_columns():
    assert marked(["a", "", "c"], 10, 9) == "     9 a\n->  10\n    11 c"
    assert marked([], 1) == ""


@pytest.mark.parametrize(
    ("typed", "ran", "line", "wanted"),
    [
        ("a\nb", "a\nb\n", 2, 2),
        ("\n\na\nb", "a\nb\n", 2, 4),
        ("%time a\nb", "get_ipython().run_line_magic('time', 'a')\nb\n", 1, 1),
        ("%%capture\na\nb", "a\nb\n", 2, 3),
        ("\n%%time\na\nb", "get_ipython().run_cell_magic('time', '', 'a\\nb')\n", 1, 2),
        ("x = !ls \\\n  -l\nb\nc", "x = get_ipython().getoutput('ls   -l')\nb\nc\n", 2, 3),
        ("x = !ls \\\n  -l\nb\nc", "x = get_ipython().getoutput('ls   -l')\nb\nc\n", 1, 0),
        ("a", "a\n", 7, 0),
    ],
)
def test_lines_as_they_were_typed(typed, ran, line, wanted):
    assert typed_line(typed.split("\n"), ran.split("\n"), line) == wanted
