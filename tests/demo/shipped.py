"""Write the example that ships with its answers again, where what is asked has changed:

python -m tests.demo.shipped
"""

from __future__ import annotations

import copy
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from tests.kernel import environment

EXAMPLE = Path(__file__).parents[2] / "examples" / "replay.ipynb"


def run(notebook: Any, **environ: str) -> Any:
    """Return ``notebook`` run in a new kernel, whose file is known to it as a front end's is."""
    notebook = copy.deepcopy(notebook)
    with tempfile.TemporaryDirectory() as home:
        work = Path(home) / EXAMPLE.name
        nbformat.write(notebook, work)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        client = NotebookClient(notebook, timeout=120, allow_errors=True, resources={"metadata": {"path": home}})
        client.execute(env=environment(Path(home), JPY_SESSION_NAME=str(work), **environ))
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


if __name__ == "__main__":
    ship()
