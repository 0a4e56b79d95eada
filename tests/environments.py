"""Other installations than the tests' own, made for real: modules that cannot be imported, an older kernel."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Python runs a module of this name at its start. The finder is the usual one, and finds all but these modules.
_WITHOUT = """
import sys
from importlib.machinery import PathFinder

class Finder(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in {modules!r} else super().find_spec(name, path, target)

sys.meta_path[:] = [Finder if finder is PathFinder else finder for finder in sys.meta_path]
"""


def without(folder: Path, *modules: str) -> dict[str, str]:
    """The environment of a Python in which ``modules`` are not installed; ``folder`` is made for it."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(_WITHOUT.format(modules=modules))
    return {"PYTHONPATH": os.pathsep.join([str(folder), *os.environ.get("PYTHONPATH", "").split(os.pathsep)])}


def python_with(folder: Path, *requirements: str) -> Path:
    """The interpreter of a new virtual environment in ``folder``, with ``requirements`` and this project."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*pip, *requirements, str(ROOT)], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return python
