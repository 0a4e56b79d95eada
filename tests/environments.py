"""Other installations than the tests' own, made for real: modules that cannot be imported, an older kernel."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

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


def prepared(variable: str, what: str) -> str:
    """What the environment variable ``variable`` names, which `.ci/run` prepares and CONTRIBUTING.md describes.

    Without it the test is skipped; in CI it fails.
    """
    found = os.environ.get(variable, "")
    if not found and os.environ.get("CI") == "true":
        pytest.fail(f"{variable} does not name {what}")
    if not found:
        pytest.skip(f"{variable} does not name {what}: see CONTRIBUTING.md")
    return found
