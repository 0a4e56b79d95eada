"""The class notebook: run anywhere with its file of answers, without a key, and its exercises can be solved."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from deepseek_magic.guard import Guard
from tests.demo.shipped import ANSWERS, CLASS, EXAMPLES, run
from tests.demo.test_examples import PATHS, outputs, replies, told
from tests.kernel import environment

pytestmark = pytest.mark.kernel

#: What a student puts into the cells of the exercises, by their ids.
SOLUTIONS = {
    "larger": 'larger_number, later_version = "9.9", "9.11"',
    "share": """import random

def share_within_two_sigma(n, repeats):
    averages = [sum(random.expovariate(1) for _ in range(n)) / n for _ in range(repeats)]
    return sum(abs(average - 1) < 2 / n**0.5 for average in averages) / repeats""",
    "moons-task": """found = moons["items"]
seen_by_galilei = sum(moon["discovered"] == 1610 for moon in found)
others = [moon["diameter_km"] for moon in found if moon["moon"] != "Moon"]
(ours,) = [moon["diameter_km"] for moon in found if moon["moon"] == "Moon"]
larger_than_ours = round(sum(others) / len(others) / ours, 2)""",
}
EXERCISES = ("1a", "1b", "2", "3a", "3b")


def assert_answered_from_the_file(notebook: Any) -> None:
    """Every question but the one that nobody answered has its reply, kept in the record."""
    found = replies(notebook)
    assert len(found) == 5, "run python -m tests.demo.shipped"
    kept = [reply.data["text/html"] for reply in found]
    assert [html.count(", in the record") for html in kept] == [2, 1, 1, 1, 1]
    assert [output for _, output in outputs(notebook) if output.output_type == "error"] == []
    refused = next(cell for cell in notebook.cells if cell.id == "refused")
    assert printed(refused).startswith("NotKept: not asked (--replay only): no answer to this question is kept")


def printed(cell: Any) -> str:
    """What ``cell`` says; a kernel that is busy may send one ``print`` in pieces, and nbclient does not join them."""
    return "".join(told(output) for output in cell.get("outputs", ()))


def said(notebook: Any) -> str:
    return "\n".join(printed(cell) for cell in notebook.cells)


def test_its_exercises_can_be_solved() -> None:
    """By nbclient."""
    notebook = nbformat.read(CLASS, as_version=4)
    for cell in notebook.cells:
        cell.source = SOLUTIONS.get(cell.id, cell.source)
    ran = run(notebook, CLASS)
    assert_answered_from_the_file(ran)
    assert [line for line in said(ran).splitlines() if line.startswith("Exercise")] == [
        f"Exercise {name}: right" for name in EXERCISES
    ]


@pytest.mark.parametrize("tool", ["nbconvert", "papermill"])
def test_it_runs_as_it_is_handed_out(tmp_path: Path, tool: str) -> None:
    shutil.copy(CLASS, tmp_path)
    shutil.copytree(EXAMPLES / "data", tmp_path / "data")
    words = {
        "nbconvert": ("nbconvert", "--execute", "--to", "notebook", "--output", "out", CLASS.name),
        "papermill": (CLASS.name, "out.ipynb"),
    }
    command = [sys.executable, "-m", "papermill" if tool == "papermill" else "jupyter", *words[tool]]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment(tmp_path), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    notebook = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    assert_answered_from_the_file(notebook)
    for name in EXERCISES:
        assert f"Exercise {name}: not answered yet" in said(notebook)


def test_it_is_stored_without_outputs_secrets_or_paths() -> None:
    """Nor does the file of answers hold what does not belong into it: one readable line a reply."""
    notebook = nbformat.read(CLASS, as_version=4)
    nbformat.validate(notebook)
    assert outputs(notebook) == []
    guard = Guard("mask", {})
    for cell in notebook.cells:
        assert not PATHS.search(cell.source)
        assert guard.clean(cell.source, "a cell").findings == ()
    lines = (EXAMPLES / ANSWERS).read_text(encoding="utf-8").splitlines()
    assert len(lines) == 5
    for line in lines:
        assert not PATHS.search(line)
        assert guard.clean(line, "a line").findings == ()
        assert {"question", "text", "model", "answered"} <= json.loads(line).keys()


def test_it_begins_with_what_a_reader_must_know() -> None:
    first = nbformat.read(CLASS, as_version=4).cells[0].source
    for words in ("# A class", "DEEPSEEK_API_KEY", "**not a model**", ANSWERS):
        assert words in first
