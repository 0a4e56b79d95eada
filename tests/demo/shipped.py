"""Write the examples that ship with their answers again, where what is asked has changed:

python -m tests.demo.shipped
"""

from __future__ import annotations

import copy
import shutil
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from tests.kernel import environment

EXAMPLES = Path(__file__).parents[2] / "examples"
EXAMPLE = EXAMPLES / "replay.ipynb"
CLASS = EXAMPLES / "class.ipynb"
#: The answers of the class, below the examples.
ANSWERS = "data/class.jsonl"


def run(notebook: Any, example: Path = EXAMPLE, keep: Path | None = None, **environ: str) -> Any:
    """Return ``notebook`` run in a new kernel, whose file is known to it as a front end's is.

    Args:
        notebook: what to run.
        example: gives the file its name.
        keep: takes the answers of the class, where they are written.
        environ: more variables of the kernel.
    """
    notebook = copy.deepcopy(notebook)
    with tempfile.TemporaryDirectory() as home:
        work = Path(home) / example.name
        shutil.copytree(EXAMPLES / "data", work.parent / "data")
        nbformat.write(notebook, work)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        client = NotebookClient(notebook, timeout=120, allow_errors=True, resources={"metadata": {"path": home}})
        client.execute(env=environment(Path(home), JPY_SESSION_NAME=str(work), **environ))
        if keep is not None:
            shutil.copy(work.parent / ANSWERS, keep)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    return notebook


def ship() -> None:
    """Ask everything of the embedded endpoint, and keep the notebook as a second run shows it."""
    notebook = nbformat.read(EXAMPLE, as_version=4)
    asking = copy.deepcopy(notebook)
    for cell in asking.cells:
        cell.source = cell.source.replace("replay = 'only'", "replay = 'off'")
    answered = run(asking)
    for cell, before in zip(answered.cells, notebook.cells, strict=True):
        cell.source = before.source
        if "raises-exception" in cell.metadata.get("tags", ()):
            cell.outputs = []  # its question has no kept answer
    shown = run(answered)
    shown.metadata = notebook.metadata
    nbformat.write(shown, EXAMPLE)


def ship_class() -> None:
    """Ask everything of the class of the embedded endpoint, as its last part says, and keep the file of answers."""
    asking = nbformat.read(CLASS, as_version=4)
    asking.cells = [cell for cell in asking.cells if "NotKept" not in cell.source]  # its question has no kept answer
    for cell in asking.cells:
        cell.source = cell.source.replace("replay = 'only'", "replay = 'off'").replace(f"'{ANSWERS}'", "'class.db'")
    asking.cells.append(nbformat.v4.new_code_cell(f"%deepseek_record export {ANSWERS}"))
    run(asking, CLASS, EXAMPLES / ANSWERS)


if __name__ == "__main__":
    ship()
    ship_class()
